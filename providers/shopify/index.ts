/**
 * `tidemark/shopify`: what is in Shopify shops. Each is a scope, `"example.myshopify.com"`.
 *
 * Webhooks say which objects to read, and many are read at once. Filtered lists say what webhooks did not, the shop's own
 * events what was deleted. What Shopify does not show, it may only hide: an order that is too old is not believed gone.
 * @module
 */
import { type Hint, type Provider, type Resource, RetryLater, type WebhookRequest } from "tidemark";
import { currentSecrets } from "tidemark/verify";
import { type Fields, idOf, timeOf } from "./definition.ts";
import { endpointOf } from "./endpoint.ts";
import { deletionsFeed } from "./events.ts";
import { updatedFeeds } from "./feed.ts";
import { type Ask, createAsk } from "./graphql.ts";
import { listPage, probeType } from "./list.ts";
import { checkOptions, type ShopifyOptions } from "./options.ts";
import { privacyOf } from "./privacy.ts";
import { fetchMany, mostOf } from "./read.ts";
import { scopesOf } from "./shops.ts";
import type { ShopifyTypes } from "./states.ts";
import { definitions, type ShopifyType } from "./types.ts";
import { hintsOf, readDelivery, shopOf, verifySignature } from "./webhook.ts";

export type { Token } from "./graphql.ts";
export type { ShopifyOptions } from "./options.ts";
export type { PrivacyRequest } from "./privacy.ts";
export type { Shops } from "./shops.ts";
export type * as Shopify from "./states.ts";
export type { ShopifyTypes } from "./states.ts";
export type { ShopifyType } from "./types.ts";

/** The version of the Admin API whose published schema the queries are checked against. */
const VERSION = "2026-10";
/** A product with 2,048 variants, or an order with hundreds of lines, makes a large payload. */
const BODY_LIMIT = 10 * 1_048_576;
/**
 * Points per second, for an app in one shop: 100 on the smallest plan. On the others the answers say how many more come
 * back (shopify.dev/docs/api/usage/limits), and what each query took.
 */
const RATE = 100;
/** Milliseconds. Shopify promises nothing of a read right after a write; filtered lists come from an index. */
const READ_LAG = { fetch: 5_000, list: 60_000 };

/**
 * A provider for Shopify shops.
 * @throws TypeError for an option that is wrong, with what to write instead
 */
export function shopify<const T extends ShopifyType = ShopifyType>(
  options: ShopifyOptions<T>,
): Provider<Pick<ShopifyTypes, T>> {
  checkOptions(options);
  const { shops, token, types = Object.keys(definitions) as T[], apiVersion = VERSION, pollEvery, fetch } = options;
  const ask = createAsk({ token, apiVersion, fetch });
  const resources = types.map((type) => [type, resourceOf(ask, type, options)]);
  const deletions = deletionsFeed(ask, types, pollEvery);
  return {
    resources: Object.fromEntries(resources),
    limits: { rate: RATE },
    bodyLimit: BODY_LIMIT,
    scopes: () => scopesOf(shops),
    webhook: receiver(options, new Set(types)),
    feeds: { ...updatedFeeds(ask, types, pollEvery), ...(deletions && { deletions }) },
    probe: (type, context) => probeType(ask, definitions[type], context),
    endpoint: endpointOf(ask, types),
  };
}

function receiver<T extends ShopifyType>({ webhookSecret, onPrivacy }: ShopifyOptions<T>, types: ReadonlySet<T>) {
  const secretsOf = currentSecrets(webhookSecret, "shopify({ webhookSecret })");
  return async (request: WebhookRequest): Promise<Hint<T>[]> => {
    const shop = shopOf(request);
    verifySignature(request, await secretsOf(shop));
    const delivery = readDelivery(request, shop);
    const privacy = privacyOf(delivery);
    if (privacy === undefined) return hintsOf(delivery, types);
    try {
      await onPrivacy?.(privacy);
    } catch (cause) {
      throw new RetryLater(60_000, "shopify({ onPrivacy }) failed: Shopify is to ask again", { cause });
    }
    return [];
  };
}

function resourceOf<T extends ShopifyType>(
  ask: Ask,
  type: T,
  { backfill = "all", fields = {} }: ShopifyOptions<T>,
): Resource<object, T> {
  const definition = definitions[type];
  const since = backfill instanceof Date ? backfill.getTime() : undefined;
  const more = (fields as Readonly<Record<string, string>>)[type] ?? "";
  const source = { ask, type, definition, more, taken: new Map<string, number>() };
  return {
    async fetch(id, context) {
      const [state = null] = await fetchMany(source, [id], context);
      if (state instanceof Error) throw state;
      return state;
    },
    fetchMany: (ids, context) => fetchMany(source, ids, context),
    batch: mostOf(definition),
    ...(backfill !== "none" && { list: (page, context) => listPage(ask, definition, page, since, context) }),
    id: (state) => idOf(definition, state as Fields),
    ...(!definition.unversioned && { version: (state) => timeOf((state as Fields)["updatedAt"]) }),
    readLag: READ_LAG,
  };
}
