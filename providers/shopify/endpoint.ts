/**
 * The webhook itself: the app's subscriptions in a shop, one for each topic
 * (shopify.dev/docs/api/admin-graphql/latest/queries/webhookSubscriptions). Those of `shopify.app.toml` and those made by hand
 * in the admin are not among them. Shopify signs with the app's client secret, and sends nothing again.
 * @module
 */
import type { Context, Endpoint } from "tidemark";
import { z } from "zod";
import type { Ask } from "./graphql.ts";
import { lackingIn, oddIn, type Subscription, subscription, topicsFor, verdictOn } from "./subscriptions.ts";
import type { ShopifyType } from "./types.ts";

export const LIST =
  "query Hooks($after: String) { page: webhookSubscriptions(first: 250, after: $after) " +
  "{ nodes { id topic uri format filter includeFields } pageInfo { hasNextPage endCursor } } }";
export const CREATE =
  "mutation Create($topic: WebhookSubscriptionTopic!, $input: WebhookSubscriptionInput!) " +
  "{ done: webhookSubscriptionCreate(topic: $topic, webhookSubscription: $input) { userErrors { field } } }";
export const UPDATE =
  "mutation Update($id: ID!, $input: WebhookSubscriptionInput!) " +
  "{ done: webhookSubscriptionUpdate(id: $id, webhookSubscription: $input) { userErrors { field } } }";

const pageOf = z.looseObject({
  page: z.looseObject({
    nodes: z.array(subscription),
    pageInfo: z.looseObject({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
  }),
});
const done = z.looseObject({ done: z.looseObject({ userErrors: z.array(z.looseObject({})) }) });

/** The subscriptions of a shop. */
export function endpointOf(ask: Ask, types: readonly ShopifyType[]): Endpoint {
  const needed = topicsFor(types);
  return {
    async check(url, context) {
      const all = await subscriptions(ask, context);
      return verdictOn(
        all.filter(({ uri }) => uri === url),
        all.length,
        needed,
      );
    },
    ensure: (url, context) => ensure(ask, url, needed, context),
  };
}

async function subscriptions(ask: Ask, context: Context): Promise<Subscription[]> {
  const all: Subscription[] = [];
  let after: string | null = null;
  for (;;) {
    const { page } = pageOf.parse(await ask(LIST, { after }, context));
    all.push(...page.nodes);
    after = page.pageInfo.endCursor ?? null;
    if (!page.pageInfo.hasNextPage || after === null) return all;
  }
}

async function ensure(ask: Ask, url: string, needed: readonly string[], context: Context): Promise<object> {
  const ours = (await subscriptions(ask, context)).filter(({ uri }) => uri === url);
  const input = { uri: url, format: "JSON" };
  for (const topic of lackingIn(ours, needed)) await change(ask, CREATE, topic, { topic, input }, context);
  for (const { id, topic } of oddIn(ours, needed)) {
    await change(ask, UPDATE, topic, { id, input: { ...input, filter: null, includeFields: [] } }, context);
  }
  return {};
}

async function change(ask: Ask, mutation: string, topic: string, variables: object, context: Context): Promise<void> {
  const { userErrors } = done.parse(await ask(mutation, { ...variables }, context)).done;
  if (userErrors.length === 0) return;
  throw new Error(
    `Shopify refuses the webhook subscription for ${topic}: has the app the access scope of its type, is the URL a public one with HTTPS?`,
  );
}
