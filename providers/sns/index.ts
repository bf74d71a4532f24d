/**
 * `tidemark/sns`: another provider whose changes are told by way of Amazon SNS, over HTTPS.
 *
 * SNS is an envelope: `inner` says how to read, SNS says that something may have changed. It keeps nothing and lists
 * nothing, so what it lost is found by the feeds and sweeps of `inner`.
 * @module
 */
import type { Provider } from "tidemark";
import { certificates, currentSecrets } from "tidemark/verify";
import { readEnvelope } from "./envelope.ts";
import { hintsOf } from "./hints.ts";
import { checkOptions, type SnsOptions } from "./options.ts";
import { isRaw, readRaw } from "./raw.ts";
import { isCertificate, verifyEnvelope } from "./signature.ts";
import { confirmSubscription, type Subscription, tell } from "./subscription.ts";
import { checkTopic } from "./topic.ts";

export type { HintsOf, SnsNotification } from "./hints.ts";
export type { SnsOptions } from "./options.ts";
export type { Subscription } from "./subscription.ts";

/** A message has at most 256 KiB; in the envelope, which is JSON, a character may take several times its place. */
const BODY_LIMIT = 2_097_152;

/**
 * A provider with the resources, feeds and sweeps of another, and webhooks that come from SNS.
 * @returns its types come from `inner` alone, also where it is an argument itself
 * @throws TypeError for an option that is wrong, with what to write instead
 */
export function sns<Types extends Record<string, object>>(options: SnsOptions<Types>): Provider<NoInfer<Types>> {
  checkOptions(options);
  const { topics, hints, versions = ["1", "2"], rawSecret, unsubscribed = () => {} } = options;
  // It would have the service send its own webhooks here, where those of SNS are taken.
  const { endpoint: _, ...inner } = options.inner;
  const { fetch = (request: Request) => globalThis.fetch(request) } = options;
  const { confirm = (one: Subscription) => confirmSubscription(one, fetch) } = options;
  const topicsOf = currentSecrets(topics, "sns({ topics })", checkTopic);
  const rawSecretsOf = rawSecret !== undefined ? currentSecrets(rawSecret, "sns({ rawSecret })") : async () => [];
  const certificatesOf = certificates({ allow: isCertificate, fetch });
  return {
    ...inner,
    bodyLimit: BODY_LIMIT,
    async webhook(request) {
      const allowed = await topicsOf(request.scope);
      if (isRaw(request)) {
        const given = readRaw(request, allowed, await rawSecretsOf(request.scope));
        return given instanceof Response ? given : hintsOf(hints, given);
      }
      const envelope = readEnvelope(request.body);
      await verifyEnvelope(envelope, { allowed, versions, certificatesOf, now: request.now });
      if (envelope.type === "Notification") return hintsOf(hints, envelope);
      await tell(envelope, envelope.type === "SubscriptionConfirmation" ? confirm : unsubscribed);
      return [];
    },
  };
}
