/** The app's webhook subscriptions: whether they are right, making and mending them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isEnumType } from "graphql";
import type { ShopifyType } from "tidemark/shopify";
import * as queries from "../../providers/shopify/endpoint.ts";
import { topicsFor } from "../../providers/shopify/subscriptions.ts";
import { looksOf } from "../../providers/shopify/topics.ts";
import { definitions } from "../../providers/shopify/types.ts";
import { OTHER_URL, testEndpoint, URL_OF_HOOK } from "./endpoint.kit.ts";
import { type Shop, TOKEN } from "./shopify.emulator.ts";
import { open, SECRET } from "./shopify.kit.ts";
import { check as checkQuery, schema } from "./shopify.schema.ts";

/** A shop in which the app has a subscription for another URL. */
function make(types: readonly ShopifyType[] = ["product", "collection"]) {
  const world = open({ types });
  const { endpoint } = world.provider;
  assert.ok(endpoint);
  add(world.shop, { topic: "PRODUCTS_CREATE", uri: OTHER_URL, filter: "id:1" });
  const ours = () => world.shop.hooks.filter(({ uri }) => uri === URL_OF_HOOK);
  return {
    ...{ endpoint, ours, shop: world.shop, asked: world.asked, context: world.context },
    ...{ hooks: () => world.shop.hooks, access: world.emulator.access, secrets: [SECRET, TOKEN] },
  };
}

function add(shop: Shop, more: object): void {
  const [id, at] = [`gid://shopify/WebhookSubscription/${shop.hooks.length + 1}`, "2026-11-21T12:00:00Z"];
  const hook = { __typename: "WebhookSubscription", id, createdAt: at, updatedAt: at };
  shop.hooks.push({ ...hook, format: "JSON", filter: null, includeFields: [], ...more });
}

/** A type with one topic: what is done to its subscription is done to all there are. */
const one = () => make(["shop"]);

testEndpoint("Shopify", one, {
  deleted: { fault: "elsewhere", problem: /no webhook subscription has this URL/, cause: ({ hooks }) => hooks().pop() },
  "at another URL": {
    fault: "elsewhere",
    problem: /others: 2/,
    cause: ({ ours }) => Object.assign(ours()[0] ?? {}, { uri: `${URL_OF_HOOK}/` }),
  },
  "of another topic": {
    fault: "events",
    problem: /no webhook subscription for SHOP_UPDATE$/,
    cause: ({ ours }) => Object.assign(ours()[0] ?? {}, { topic: "THEMES_UPDATE" }),
  },
  filtered: {
    fault: "form",
    problem: /SHOP_UPDATE$/,
    cause: ({ ours }) => Object.assign(ours()[0] ?? {}, { filter: "id:1" }),
  },
  "in XML": {
    fault: "form",
    problem: /format/,
    cause: ({ ours }) => Object.assign(ours()[0] ?? {}, { format: "XML" }),
  },
  "short of fields": {
    fault: "form",
    problem: /includeFields/,
    cause: ({ ours }) => Object.assign(ours()[0] ?? {}, { includeFields: ["title"] }),
  },
});

test("a topic that Shopify gave up is subscribed to again, and no other one is touched", async () => {
  const { endpoint, context, shop, ours } = make();
  await endpoint.ensure(URL_OF_HOOK, context);
  const topics = ["PRODUCTS", "COLLECTIONS"].flatMap((one) =>
    ["CREATE", "UPDATE", "DELETE"].map((what) => `${one}_${what}`),
  );
  assert.deepEqual(
    ours().map(({ topic }) => topic),
    topics,
  );
  add(shop, { topic: "THEMES_UPDATE", uri: URL_OF_HOOK, filter: "id:1" });
  shop.hooks = shop.hooks.filter(({ topic }) => topic !== "PRODUCTS_DELETE" && topic !== "COLLECTIONS_UPDATE");
  const before = structuredClone(shop.hooks);
  const answer = await endpoint.check(URL_OF_HOOK, context);
  assert.match(answer.ok ? "" : answer.problem, /PRODUCTS_DELETE, COLLECTIONS_UPDATE$/);
  await endpoint.ensure(URL_OF_HOOK, context);
  assert.deepEqual(shop.hooks.slice(0, before.length), before);
  assert.deepEqual(await endpoint.check(URL_OF_HOOK, context), { ok: true });
});

test("a shop in which the app has none is told so; a type without topics needs none", async () => {
  const { endpoint, context, shop } = make();
  shop.hooks = [];
  const answer = await endpoint.check(URL_OF_HOOK, context);
  assert.equal(!answer.ok && answer.fault, "missing");
  const metaobjects = make(["metaobject"]);
  assert.deepEqual(await metaobjects.endpoint.check(URL_OF_HOOK, context), { ok: true });
});

test("subscriptions are looked for on every page", async () => {
  const { endpoint, context, shop, asked } = make(["shop"]);
  for (let i = 0; i < 250; i++) add(shop, { topic: "THEMES_UPDATE", uri: `${OTHER_URL}/${i}` });
  add(shop, { topic: "SHOP_UPDATE", uri: URL_OF_HOOK });
  assert.deepEqual(await endpoint.check(URL_OF_HOOK, context), { ok: true });
  assert.equal(asked.length, 2);
});

test("what Shopify refuses is an error that names the topic, and not the URL", async () => {
  const { endpoint, context } = make(["theme"]);
  await assert.rejects(endpoint.ensure(URL_OF_HOOK, context), (error) => {
    assert.match(String(error), /THEMES_CREATE: has the app the access scope/);
    return !String(error).includes(URL_OF_HOOK);
  });
});

test("each topic is one of the schema's, and its webhook says to look at the type", () => {
  const topic = schema().getType("WebhookSubscriptionTopic");
  assert.ok(isEnumType(topic));
  const known = new Set(topic.getValues().map(({ name }) => name));
  assert.ok(known.size > 200);
  for (const type of Object.keys(definitions) as ShopifyType[]) {
    const topics = topicsFor([type]);
    assert.ok(topics.length > 0 || type === "metaobject", type);
    for (const topic of topics) {
      assert.ok(known.has(topic), topic);
      // The resource is all but some words at the end.
      const words = topic.toLowerCase().split("_");
      const looks = words.flatMap((_, n) => looksOf(words.slice(0, n + 1).join("_")));
      assert.ok(
        looks.some(([look]) => look === type),
        `${topic} tells of ${type}`,
      );
    }
  }
  for (const query of [queries.LIST, queries.CREATE, queries.UPDATE]) assert.deepEqual(checkQuery(query).errors, []);
});
