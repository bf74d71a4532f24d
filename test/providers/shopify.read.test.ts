/** Reads: many at once, what is not shown, what costs too much, and what each refusal means. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost, gone, Hidden, RetryLater } from "tidemark";
import { numberOf, TOKEN } from "./shopify.emulator.ts";
import { open, refusal, SHOP } from "./shopify.kit.ts";

const DAY = 86_400_000;

test("250 objects are one query, in the order of their ids; more are several", async () => {
  const { emulator, shop, resource, context, asked } = open();
  // A bare type: an object of it costs one point.
  const ids = Array.from({ length: 251 }, () => emulator.create(shop, "Segment").id).reverse();
  const missing = "gid://shopify/Segment/1";
  const states = await resource("segment").fetchMany?.([...ids.slice(0, 249), missing], context);
  assert.equal(asked.length, 1);
  assert.deepEqual(
    states?.map((state) => (state as { id: string } | null)?.id ?? null),
    [...ids.slice(0, 249), null],
  );
  const more = await resource("segment").fetchMany?.(ids, context);
  assert.deepEqual(
    more?.map((state) => (state as { id: string }).id),
    ids,
  );
  assert.equal(resource("segment").batch, 250, "what the engine gives it at once");
  assert.ok(asked.slice(1).every(({ variables }) => (variables["ids"] as []).length <= 250));
  assert.equal(asked.length, 3);
});

test("what Shopify does not let a query cost is asked for in halves, down to one", async () => {
  const { emulator, shop, resource, context, asked } = open({
    fields: { order: "lineItems(first: 100) { nodes { id quantity } }" },
  });
  const ids = Array.from({ length: 20 }, () => emulator.create(shop, "Order").id);
  const states = await resource("order").fetchMany?.(ids, context);
  assert.deepEqual(
    states?.map((state) => (state as { id: string }).id),
    ids,
  );
  const [state] = (states ?? []) as { lineItems?: unknown }[];
  assert.deepEqual(state?.lineItems, { nodes: [] });
  const sizes = asked.map(({ variables }) => (variables["ids"] as []).length);
  assert.deepEqual(sizes.slice(0, 3), [20, 10, 5]);
  assert.ok(asked.length < 12, `${asked.length}`);
  const least = Math.min(...sizes);
  asked.length = 0;
  await resource("order").fetchMany?.(ids, context);
  assert.equal(asked.length, Math.ceil(20 / least), "the next time it knows");

  const dear = open({
    fields: { order: "lineItems(first: 250) { nodes { taxLines { priceSet { shopMoney { amount } } } } }" },
  });
  await assert.rejects(async () => dear.resource("order").fetch(ids[0] ?? "", dear.context), { name: "TooCostly" });
  assert.equal(dear.asked.length, 1);
});

test("an empty bucket is waited for as long as it takes to fill; one that can never hold the query is not", async () => {
  const { shop, resource, context, emulator, clock, asked } = open();
  const { id } = emulator.create(shop, "Product");
  const answer = () => Promise.resolve(resource("product").fetch(id, context));
  shop.bucket = { points: 1, at: clock.now, size: 1_000, rate: 2 };
  const wait = await answer().then(assert.fail, (error: unknown) => error);
  assert.ok(wait instanceof RetryLater);
  clock.now += wait.ms - 600;
  await assert.rejects(answer, RetryLater);
  clock.now += 1_100;
  assert.equal(((await answer()) as { id: string }).id, id);

  shop.bucket = { points: 2, at: clock.now, size: 2, rate: 100 };
  await assert.rejects(answer, { name: "TooCostly" });
  assert.equal(asked.length, 4);
});

test("what a bucket says of itself is waited for, in ms; nothing said is a second", async () => {
  const { resource, context, answerWith } = open();
  const wait = async (extensions: object) => {
    answerWith(() => refusal("THROTTLED", { extensions }));
    const error = await Promise.resolve(resource("product").fetch("gid://shopify/Product/1", context)).catch(
      (thrown: unknown) => thrown,
    );
    return error instanceof RetryLater ? error.ms : error;
  };
  const status = (currentlyAvailable: number, restoreRate = 100) => ({
    cost: { requestedQueryCost: 500, throttleStatus: { maximumAvailable: 2_000, currentlyAvailable, restoreRate } },
  });
  assert.equal(await wait(status(250)), 2_500);
  assert.equal(await wait(status(-500)), 10_000);
  assert.equal(await wait(status(499)), 1_000);
  assert.equal(await wait(status(0, 0)), 1_000);
  assert.equal(await wait({}), 1_000);
  assert.equal(await wait({ cost: null }), 1_000);
});

test("an order that is not shown is hidden, unless the app sees all orders or an event says that it was deleted", async () => {
  const { emulator, shop, resource, context, clock, asked } = open();
  const [old, deleted] = [emulator.create(shop, "Order"), emulator.create(shop, "Order")];
  const refund = emulator.create(shop, "Refund", { order: old });
  clock.now += 61 * DAY;
  const young = emulator.create(shop, "Order");
  emulator.remove(shop, deleted);
  assert.ok(await resource("order").fetch(old.id, context));
  assert.equal(await resource("order").fetch(deleted.id, context), null, "the engine probes");

  shop.granted = ["read_orders"];
  await assert.rejects(async () => resource("order").fetch(old.id, context), Hidden);
  await assert.rejects(async () => resource("refund").fetch(refund.id, context), Hidden);
  assert.equal(await resource("order").fetch(deleted.id, context), gone);
  const [first, second] = (await resource("order").fetchMany?.([young.id, deleted.id], context)) ?? [];
  assert.deepEqual([(first as { id: string }).id, second], [young.id, gone]);
  const [shown, hidden] = (await resource("order").fetchMany?.([young.id, old.id], context)) ?? [];
  assert.equal((shown as { id: string }).id, young.id, "one that is hidden keeps no other from being read");
  assert.ok(hidden instanceof Hidden);
  assert.deepEqual(await Promise.all([resource("customer").fetch("gid://shopify/Customer/1", context)]), [null]);

  asked.length = 0;
  await resource("order").fetch(young.id, context);
  assert.equal(asked.length, 1, "the scopes are asked for only when something is missing");
});

test("events that are of no deletion, or of another type, prove nothing", async () => {
  const { emulator, shop, resource, context, clock } = open();
  const order = emulator.create(shop, "Order");
  clock.now += 61 * DAY;
  shop.granted = [];
  const event = {
    __typename: "BasicEvent",
    createdAt: "2026-12-01T00:00:00Z",
    updatedAt: "",
    subjectType: "ORDER",
    subjectId: order.id,
  };
  shop.events.push({ ...event, id: "gid://shopify/BasicEvent/1", action: "update" });
  shop.events.push({
    ...event,
    id: "gid://shopify/BasicEvent/2",
    action: "destroy",
    subjectId: "gid://shopify/Order/2",
  });
  await assert.rejects(async () => resource("order").fetch(order.id, context), Hidden);
});

test("an inventory level is found by its item and location, and is nothing where it was disconnected", async () => {
  const { emulator, shop, resource, context, asked } = open();
  const items = Array.from({ length: 60 }, () => emulator.create(shop, "InventoryItem"));
  const [location] = [...shop.things.values()].filter(({ __typename }) => __typename === "Location");
  const levels = items.map((item) => emulator.create(shop, "InventoryLevel", { item, location, quantities: [] }));
  const ids = items.map((item) => `${numberOf(item.id)}/${numberOf(location?.id ?? "")}`);
  const { fetchMany, fetch, id } = resource("inventory_level");
  const states = (await fetchMany?.(ids, context)) ?? [];
  assert.deepEqual(
    states.map((state) => id(state as object)),
    ids,
  );
  assert.equal(asked.length, 2);
  shop.things.delete(levels[0]?.id ?? "");
  assert.equal(await fetch(ids[0] ?? "", context), null);
  assert.equal(await fetch(`1/${numberOf(location?.id ?? "")}`, context), null, "no such item");
  for (const strange of ["1", "1/2/3", "/", "a/b", "1/", " 1/2"]) assert.equal(await fetch(strange, context), null);
  assert.equal(asked.length, 4, "what is no id is not asked for");
});

test("what came back is what was asked for, whole", async () => {
  const { resource, context, answerWith } = open();
  const id = "gid://shopify/Product/7";
  const node = { __typename: "Product", id, updatedAt: "2026-11-21T00:00:00Z" };
  const fetch = async (data: unknown) => {
    answerWith(() => Response.json({ data }));
    return resource("product").fetch(id, context);
  };
  assert.deepEqual(await fetch({ nodes: [node] }), node);
  for (const wrong of [
    { ...node, id: "gid://shopify/Product/8" },
    { ...node, __typename: "Order" },
    { __typename: "Product" },
  ]) {
    await assert.rejects(fetch({ nodes: [wrong] }), /not the product that was asked for/);
  }
  for (const data of [{ nodes: [] }, { nodes: [node, node] }, {}, { nodes: null }, null])
    await assert.rejects(fetch(data), Error);
  answerWith(() =>
    Response.json({ data: { nodes: [node] }, errors: [{ message: "secret text", path: ["nodes", 0, "title"] }] }),
  );
  await assert.rejects(
    async () => resource("product").fetch(id, context),
    (error: Error) => !error.message.includes("secret"),
  );
});

test("each refusal says what to do, and what was refused is neither gone nor empty", async () => {
  const { resource, context, answerWith, provider } = open();
  const all = () => [
    Promise.resolve(resource("product").fetch("gid://shopify/Product/1", context)),
    Promise.resolve(resource("product").list?.(null, context)),
    Promise.resolve(provider.probe?.("product", context)),
    Promise.resolve(provider.feeds?.["product"]?.poll(null, context)),
  ];
  for (const status of [401, 402, 403, 404, 423, 430]) {
    answerWith(() => new Response("{}", { status }));
    for (const one of all())
      await assert.rejects(one, (error) => error instanceof AccessLost && error.message.includes(String(status)));
  }
  answerWith(() => refusal("ACCESS_DENIED", { data: { nodes: [null], page: null } }));
  for (const one of all()) await assert.rejects(one, AccessLost);
  answerWith(() => refusal("INTERNAL_SERVER_ERROR"));
  for (const one of all()) await assert.rejects(one, /INTERNAL_SERVER_ERROR/);
  answerWith(() => new Response("{}", { status: 429, headers: { "retry-after": "2.0" } }));
  for (const one of all()) await assert.rejects(one, (error) => error instanceof RetryLater && error.ms === 2_000);
  answerWith(() => Response.json({ errors: "Not Found" }));
  for (const one of all()) await assert.rejects(one, Error);
});

test("a token that was refused is asked for anew, once, and sent to the shop it is of", async () => {
  const given: (string | undefined)[][] = [];
  let current = "expired";
  const { resource, context, asked, emulator, shop } = open({
    token: (name: string, refused?: string) => {
      given.push([name, refused]);
      if (refused !== undefined) current = TOKEN;
      return current;
    },
  });
  const { id } = emulator.create(shop, "Product");
  assert.ok(await resource("product").fetch(id, context));
  assert.deepEqual(given, [
    [SHOP, undefined],
    [SHOP, "expired"],
  ]);
  assert.deepEqual(
    asked.map(({ token }) => token),
    ["expired", TOKEN],
  );
  assert.ok(asked.every(({ url }) => url === `https://${SHOP}/admin/api/2026-10/graphql.json`));

  for (const token of [() => "wrong", async () => "wrong"]) {
    const other = open({ token });
    await assert.rejects(async () => other.resource("product").fetch(id, other.context), AccessLost);
    assert.equal(other.asked.length, 1, "the same token is not tried again");
  }
  let n = 0;
  const restless = open({ token: () => `wrong ${n++}` });
  await assert.rejects(async () => restless.resource("product").fetch(id, restless.context), AccessLost);
  assert.equal(restless.asked.length, 2);
  const none = open({ token: () => "" });
  await assert.rejects(async () => none.resource("product").fetch(id, none.context), AccessLost);
  assert.equal(none.asked.length, 0);
});

test("no token leaves for what is no shop", async () => {
  const { resource, context, asked } = open();
  for (const scope of [
    "",
    "evil.example",
    "a.myshopify.com.evil.example",
    "a.myshopify.com/x",
    "u@a.myshopify.com",
    "A.myshopify.com",
  ]) {
    await assert.rejects(
      async () => resource("product").fetch("gid://shopify/Product/1", { ...context, scope }),
      TypeError,
    );
  }
  assert.deepEqual(asked, []);
});

test("a shop that answers under another name is not this scope", async () => {
  const { provider, resource, context, answerWith } = open();
  const page = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };
  answerWith(() => Response.json({ data: { shop: { myshopifyDomain: "other.myshopify.com" }, page } }));
  await assert.rejects(async () => provider.probe?.("product", context), AccessLost);
  await assert.rejects(async () => resource("product").list?.(null, context), AccessLost);
});

test("a version is the time of the last change, where there is one", () => {
  const { provider } = open();
  const version = (type: string, state: object) => provider.resources[type]?.version?.(state);
  assert.equal(version("product", { updatedAt: "2026-01-02T03:04:05Z" }), Date.parse("2026-01-02T03:04:05Z"));
  assert.equal(version("product", {}), undefined);
  for (const type of ["return", "order_transaction", "discount", "market"])
    assert.equal(provider.resources[type]?.version, undefined, type);
});
