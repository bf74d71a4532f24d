/**
 * `tidemark/paypal`: the resources of a PayPal REST app.
 *
 * A webhook says what to fetch; PayPal's own log of events says what webhooks did not; lists find the rest, where there are
 * lists. Orders and payments cannot be listed: of these what is recorded is read again.
 * @module
 */
import type { Provider, Resource, WebhookRequest } from "tidemark";
import { parseJson } from "tidemark/client";
import { certificates, currentSecrets } from "tidemark/verify";
import { createPayPal } from "./client.ts";
import { endpointOf } from "./endpoint.ts";
import { readEvent } from "./event.ts";
import { feedsOf } from "./feeds.ts";
import { listAll, probe } from "./list.ts";
import { checkOptions, checkWebhookId, type PayPalOptions } from "./options.ts";
import { pointsOf } from "./points.ts";
import { fetchResource, type Source } from "./read.ts";
import { allTypes, definitions, idIn, type PayPalType, type PayPalTypes, versionOf } from "./types.ts";
import { isCertificate, verifySignature } from "./webhook.ts";
import { listWithin } from "./within.ts";

export type { PayPalOptions } from "./options.ts";
export type * from "./states.ts";
export type { PayPalType, PayPalTypes } from "./types.ts";

/** Calls per second of one REST app. PayPal publishes no limit, and asks to use webhooks rather than to ask. */
const RATE = 5;
/** Milliseconds between polls of a feed: webhooks say most of it. */
const EVERY = 900_000;
/** Milliseconds. PayPal says nothing of it; reads right after an event were seen to be behind. */
const READ_LAG = { fetch: 5_000, list: 60_000 };

/**
 * A provider for a PayPal REST app.
 * @throws TypeError for an option that is wrong, with what to write instead
 */
export function paypal<const T extends PayPalType = PayPalType>(
  options: PayPalOptions<T>,
): Provider<Pick<PayPalTypes, T>> {
  checkOptions(options);
  const {
    types = allTypes as T[],
    backfill = "all",
    tolerance = Number.POSITIVE_INFINITY,
    fetch,
    pollEvery = EVERY,
  } = options;
  const { url = "https://api-m.paypal.com", clientId, clientSecret } = options;
  const api = createPayPal({ url, clientId, clientSecret, fetch });
  const webhookIdsOf = currentSecrets(options.webhookId, "paypal({ webhookId })", checkWebhookId);
  const certificatesOf = certificates({ allow: isCertificate, ...(fetch && { fetch }) });
  const selected = new Set<T>(types);
  const sourceOf = (type: PayPalType): Source => ({ paypal: api, type, definition: definitions[type] });
  const resources = types.map((type) => [type, resourceOf(sourceOf(type), selected, backfill)]);

  return {
    resources: Object.fromEntries(resources),
    limits: { credential: () => "", rate: RATE },
    async webhook(request: WebhookRequest) {
      await verifySignature(request, await webhookIdsOf(request.scope), { certificatesOf, tolerance });
      return readEvent(parseJson(request.body), selected);
    },
    feeds: feedsOf(api, types, pollEvery),
    endpoint: endpointOf({ paypal: api, types, webhookIdsOf }),
    probe: async (type, context) => probe(sourceOf(type), await webhookIdsOf(context.scope), context),
  };
}

function resourceOf(
  source: Source,
  selected: ReadonlySet<string>,
  backfill: "all" | "none" | Date,
): Resource<object, PayPalType> {
  const { type, definition } = source;
  const { list, within, times, volatile = [] } = definition;
  const since = backfill instanceof Date ? backfill.getTime() : undefined;
  return {
    fetch: (id, context) => fetchResource(source, id, context),
    ...(list && backfill !== "none" && { list: (page, context) => listAll(source, page, since, context) }),
    ...(within && {
      within: { type: within.type, list: (parent, page, context) => listWithin(source, parent, page, context) },
    }),
    id: (state) => idIn(definition, state) ?? "",
    ...(times && { version: (state) => versionOf(definition, state) }),
    readLag: READ_LAG,
    volatile: ["links", ...volatile],
    related: (state) => pointsOf(type, state).filter((ref) => selected.has(ref.type)),
  };
}
