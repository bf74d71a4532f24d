/**
 * `tidemark/outlets/webhooks`: changes as signed webhooks, by Standard Webhooks 1.0.0.
 *
 *   2xx                  taken
 *   410                  the endpoint wants no more: nothing is sent until a person says `retry`
 *   400, 409, 413, 422 … the change is refused: it is parked, and tried again; others go on
 *   all else, or none    everything waits: seconds at first, at last an hour, for as long as it takes
 *
 * Sources: github.com/standard-webhooks/standard-webhooks (spec/standard-webhooks.md), github.com/cloudevents/spec (JSON
 * event format, HTTP binding in structured mode).
 * @module
 */
import type { Change, ChangeOf, Providers, Sync, Time, TypeOf } from "tidemark";
import {
  changeId,
  checkEnvelope,
  checkTarget,
  createPost,
  type EnvelopeOptions,
  envelopeOf,
  type OutletOptions,
  openOutlet,
  type ReachOptions,
  systemTime,
} from "tidemark/outlet";
import { type Secrets, signingSecrets, signStandardWebhook } from "tidemark/verify";

/** The options of {@link webhooks}. */
export interface WebhooksOptions<T extends string = string, C = Change>
  extends OutletOptions<T, C>,
    EnvelopeOptions,
    ReachOptions {
  /** Where to: https, unless `allowHttp`. It may hold a secret: no message shows more of it than its host. */
  url: string;
  /**
   * The endpoint's secret, `"whsec_…"`, or our private key, `"whsk_…"`. Several while one is being exchanged: each gives a
   * signature. A function is asked for each webhook, and given the change's scope.
   */
  secret: Secrets;
  /** More headers, as a gateway may want them. */
  headers?: Readonly<Record<string, string>>;
  /** The clock of the signatures. Default the machine's. */
  time?: Time;
}

/**
 * Sends each change to a URL. Call it for each endpoint, each with a name of its own: one that is down holds up no other.
 *
 * ```ts
 * webhooks(sync, { name: "crm", url: "https://crm.example/hooks", secret: process.env.CRM_SECRET, types: ["stripe.customer"] });
 * ```
 * `webhook-id` is the change's id, the same each time it is sent.
 * @throws TypeError for an option that is wrong
 */
export function webhooks<P extends Providers, Handle, T extends TypeOf<P> = TypeOf<P>>(
  sync: Sync<P, Handle>,
  options: WebhooksOptions<T, ChangeOf<P, T>>,
): void {
  const { name, url, secret, headers = {}, time = systemTime } = options;
  const what = `webhooks "${name}"`;
  checkEnvelope(what, options);
  const target = checkTarget(what, url, options.allowHttp);
  const secretsOf = signingSecrets(secret, `${what}: secret`);
  const post = createPost(what, options);
  openOutlet<P, Handle, T>(sync, options, async (change, data) => {
    const { contentType, body } = envelopeOf(change, data, options);
    const secrets = await secretsOf(change.scope);
    const signed = signStandardWebhook(secrets, { id: changeId(change), at: new Date(time.now()), body });
    const sent = { "user-agent": "Tidemark", ...headers, "content-type": contentType, ...signed };
    await post(target, { headers: sent, body }, time.now());
  });
}
