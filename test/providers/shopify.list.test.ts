/** Lists and feeds: pages, windows, what an object holds of others, what changed since, and what was deleted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost, type Hint } from "tidemark";
import { numberOf, type Thing } from "./shopify.emulator.ts";
import { open, refusal } from "./shopify.kit.ts";

const HOUR = 3_600_000;
const refsOf = (hints: readonly Hint[]) => [...new Set(hints.map(({ type, id }) => `${type} ${numberOf(id ?? "")}`))];
const idsOf = (things: readonly Thing[]) => things.map(({ id }) => id);

/** A shop with so many products, 1 and on, that ends each list at 25,000. */
function large(count: number) {
  const it = open();
  it.answerWith(({ query, variables }) => {
    const above = Number(/^id:>(\d+)$/.exec(String(variables["query"] ?? "id:>0"))?.[1]);
    const begin = Number(variables["after"] ?? above);
    const end = Math.min(begin + 250, above + 25_000, count);
    const nodes = Array.from({ length: end - begin }, (_, i) => ({
      id: `gid://shopify/Product/${begin + i + 1}`,
      updatedAt: AT,
    }));
    const pageInfo = { hasNextPage: end < Math.min(count, above + 25_000), endCursor: String(end) };
    assert.match(query, /sortKey: ID/);
    return Response.json({ data: { shop: { myshopifyDomain: it.context.scope }, page: { nodes, pageInfo } } });
  });
  return it;
}
const AT = "2026-11-20T00:00:00Z";

test("a list goes on beyond 25,000 objects: above the last id of the window", async () => {
  const { list, asked } = large(50_260);
  const refs = await list("product");
  assert.deepEqual(
    refs.map(({ id }) => Number(numberOf(id))),
    Array.from({ length: 50_260 }, (_, i) => i + 1),
  );
  assert.equal(refs[0]?.version, Date.parse(AT));
  assert.deepEqual([...new Set(asked.map(({ variables }) => variables["query"]))], [null, "id:>25000", "id:>50000"]);
});

test("a list that ends with the window is asked whether it goes on", async () => {
  const { list, asked } = large(25_000);
  assert.equal((await list("product")).length, 25_000);
  assert.equal(asked.length, 101);
});

test("a shop that leaves the filter out does not have the list begin anew for ever", async () => {
  const { emulator, shop, context, resource, answerWith } = open();
  const { id } = emulator.create(shop, "Product");
  const place = { type: null, after: null, above: numberOf(id), count: 0, rest: [], last: false };
  const page = { nodes: [{ id, updatedAt: "2026-01-01T00:00:00Z" }], pageInfo: { hasNextPage: true, endCursor: "x" } };
  answerWith(() => Response.json({ data: { shop: { myshopifyDomain: context.scope }, page } }));
  await assert.rejects(async () => resource("product").list?.(JSON.stringify(place), context), /filter/);
});

test("a list that says that there is more, and not where, is not at its end", async () => {
  const { resource, context, answerWith } = open();
  const answer = (page: object) =>
    answerWith(() => Response.json({ data: { shop: { myshopifyDomain: context.scope }, page } }));
  const at = JSON.stringify({ type: null, after: "x", above: null, count: 0, rest: [], last: false });
  for (const endCursor of [null, "", "x"]) {
    answer({ nodes: [], pageInfo: { hasNextPage: true, endCursor } });
    await assert.rejects(async () => resource("product").list?.(at, context), /no other cursor/);
    answer({
      nodes: [{ id: "gid://shopify/Order/1", inner: { nodes: [], pageInfo: { hasNextPage: true, endCursor: null } } }],
      pageInfo: { hasNextPage: false },
    });
    await assert.rejects(async () => resource("return").list?.(null, context), /no other cursor/);
  }
  answer({ nodes: [], pageInfo: { hasNextPage: true, endCursor: "y" } });
  const page = await resource("product").list?.(at, context);
  assert.equal(JSON.parse(page?.next ?? "{}").after, "y");
});

test("objects that an object holds are listed whole: plain lists, connections, and what a page cut off", async () => {
  const { emulator, shop, list, resource, context } = open();
  const orders = Array.from({ length: 60 }, () => emulator.create(shop, "Order"));
  const refunds = orders.flatMap((order, i) =>
    Array.from({ length: i % 3 }, () => emulator.create(shop, "Refund", { order })),
  );
  assert.deepEqual((await list("refund")).map(({ id }) => id).sort(), idsOf(refunds).sort());

  // The last order holds several pages, and the first as many as its page gives.
  const counts = new Map([
    [0, 20],
    [1, 21],
    [30, 3],
    [59, 300],
  ]);
  const returns = [...counts].flatMap(([at, count]) =>
    Array.from({ length: count }, () => emulator.create(shop, "Return", { order: orders[at] })),
  );
  const listed = await list("return");
  assert.deepEqual(listed.map(({ id }) => id).sort(), idsOf(returns).sort());
  assert.ok(listed.every(({ version }) => version === undefined));

  // An order that is deleted between two pages takes what it held along.
  const first = await resource("return").list?.(null, context);
  const rest: unknown[] = JSON.parse(first?.next ?? "{}").rest;
  assert.equal(rest.length, 1);
  shop.things.delete(orders[1]?.id ?? "");
  const second = await resource("return").list?.(first?.next ?? null, context);
  assert.deepEqual(second?.refs, []);
  assert.ok(second?.next);
});

test("inventory levels are listed through their items, by item and location", async () => {
  const { emulator, shop, list } = open();
  const locations = Array.from({ length: 30 }, () => emulator.create(shop, "Location"));
  const items = Array.from({ length: 40 }, () => emulator.create(shop, "InventoryItem"));
  const levels = items.flatMap((item, i) =>
    locations
      .slice(0, i === 7 ? 30 : i % 3)
      .map((location) => emulator.create(shop, "InventoryLevel", { item, location })),
  );
  const expected = levels.map(
    (level) => `${numberOf((level["item"] as Thing).id)}/${numberOf((level["location"] as Thing).id)}`,
  );
  assert.deepEqual((await list("inventory_level")).map(({ id }) => id).sort(), expected.sort());
});

test("metaobjects are listed type by type, those of empty types, too", async () => {
  const { emulator, shop, list, poll } = open();
  emulator.create(shop, "MetaobjectDefinition", { type: "empty" });
  emulator.create(shop, "MetaobjectDefinition", { type: "last" });
  const all = ["recipe", "author", "last"].flatMap((type) =>
    Array.from({ length: 260 }, () => emulator.create(shop, "Metaobject", { type })),
  );
  assert.deepEqual(
    (await list("metaobject")).map(({ id }) => id),
    idsOf(all),
  );
  const { hints } = await poll("metaobject", null);
  assert.deepEqual(
    hints.map(({ id }) => id),
    idsOf(all),
  );
  const none = open();
  for (const thing of [...none.shop.things.values()]) none.shop.things.delete(thing.id);
  assert.deepEqual(await none.list("metaobject"), []);
  await none.provider.probe?.("metaobject", none.context);
});

test("the shop itself is the only one of its type", async () => {
  const { list, provider, context } = open();
  assert.deepEqual(
    (await list("shop")).map(({ id }) => id),
    ["gid://shopify/Shop/1"],
  );
  await provider.probe?.("shop", context);
});

test("a date for the backfill lists what was updated since, and none lists nothing", async () => {
  const { emulator, clock, resource, list, asked, shop } = open({ backfill: new Date("2026-11-21T13:00:00Z") });
  emulator.create(shop, "Product");
  emulator.create(shop, "Customer");
  clock.now += 2 * HOUR;
  const late = emulator.create(shop, "Product");
  assert.deepEqual(
    (await list("product")).map(({ id }) => id),
    [late.id],
  );
  assert.equal(asked[0]?.variables["query"], "updated_at:>='2026-11-21T13:00:00Z'");
  assert.equal((await list("customer")).length, 1, "customers are filtered by the day");
  assert.equal((await list("location")).length, 2, "locations cannot be filtered so");
  const none = open({ backfill: "none" });
  assert.equal(none.resource("product").list, undefined);
  assert.ok(resource("product").list);
});

test("a feed tells what was updated since the poll before, and a little before that, once", async () => {
  const { emulator, clock, poll, asked, shop } = open();
  const [a, b] = [emulator.create(shop, "Product"), emulator.create(shop, "Product")];
  clock.now += HOUR;
  const first = await poll("product", null);
  assert.deepEqual(first.hints, [], "what there was, the sweep finds");
  clock.now += 300_000;
  emulator.update(shop, a);
  clock.now += 120_000;
  const second = await poll("product", first.cursor);
  const event = { id: `product ${a.id} ${a.updatedAt}`, name: "updated" };
  assert.deepEqual(second.hints, [{ type: "product", id: a.id, version: Date.parse(a.updatedAt), event }]);
  assert.ok(
    asked.every(({ variables }) => /^updated_at:>='[-\dT:]+Z'$/.test(String(variables["query"]))),
    "times are quoted",
  );
  // The index was behind: it shows what happened before the poll only now.
  b.updatedAt = new Date(clock.now - 200_000).toISOString();
  const third = await poll("product", second.cursor);
  assert.deepEqual(
    refsOf(third.hints),
    refsOf([
      { type: "product", id: a.id },
      { type: "product", id: b.id },
    ]),
  );
  clock.now += 12 * HOUR;
  emulator.update(shop, b);
  clock.now += 60_001;
  const fourth = await poll("product", third.cursor);
  assert.deepEqual(
    refsOf(fourth.hints),
    refsOf([
      { type: "product", id: a.id },
      { type: "product", id: b.id },
    ]),
  );
});

test("a time that is of this minute may come to stand for another change: it is told again", async () => {
  const { emulator, clock, poll, shop } = open();
  const { cursor } = await poll("product", null);
  const product = emulator.create(shop, "Product");
  clock.now += 400;
  const first = await poll("product", cursor);
  assert.deepEqual(first.hints, [{ type: "product", id: product.id, version: Date.parse(product.updatedAt) }]);
  emulator.update(shop, product, { title: "again, within the second" });
  clock.now += 120_000;
  const second = await poll("product", first.cursor);
  assert.equal(second.hints[0]?.event?.id, `product ${product.id} ${product.updatedAt}`);
});

test("what changes behind a page that was read is in the next pass, however long this one takes", async () => {
  const { emulator, clock, provider, context, shop } = open();
  const { cursor } = (await provider.feeds?.["product"]?.poll(null, context)) ?? { cursor: null };
  clock.now += 10_000;
  const all = Array.from({ length: 2_600 }, () => emulator.create(shop, "Product"));
  clock.now += 120_000;
  const begun = await provider.feeds?.["product"]?.poll(cursor, context);
  assert.equal(begun?.hints.length, 2_500, "ten pages in a poll");
  // An hour later the pass goes on: one that was read has changed, and one behind it shows a later time.
  clock.now += 10_000;
  emulator.update(shop, all[0] as Thing);
  clock.now += HOUR;
  emulator.update(shop, all.at(-1) as Thing);
  const ended = await provider.feeds?.["product"]?.poll(begun?.cursor ?? null, context);
  assert.equal(ended?.hints.length, 100);
  const said = await provider.feeds?.["product"]?.poll(ended?.cursor ?? null, context);
  assert.deepEqual(said?.hints, [], "asked at once once more, it has nothing to add");
  const next = await provider.feeds?.["product"]?.poll(said?.cursor ?? null, context);
  assert.ok(
    next?.hints.some(({ id }) => id === all[0]?.id),
    "the one behind the page",
  );
});

/** Polls as the engine does, by a clock that goes on with each poll: how many until the feed has nothing to add. */
async function pollsOf({ provider, context, clock }: ReturnType<typeof open>, name: string, cursor: string | null) {
  for (let at = cursor, polls = 1; polls < 20; polls++, clock.now += 50) {
    const answer = await provider.feeds?.[name]?.poll(at, context);
    if (answer?.cursor === at || answer?.hints.length === 0) return { polls, cursor: answer?.cursor ?? null };
    at = answer?.cursor ?? null;
  }
  throw new Error("the feed does not come to an end");
}

test("more that changed within the overlap than one poll reads does not have the feed begin anew for ever", async () => {
  const it = open();
  const { cursor } = await pollsOf(it, "product", null);
  it.clock.now += HOUR;
  for (let n = 0; n < 2_600; n++) it.emulator.create(it.shop, "Product");
  it.clock.now += 120_000;
  const first = await pollsOf(it, "product", cursor);
  it.clock.now += 120_000;
  assert.equal((await pollsOf(it, "product", first.cursor)).polls, 3);
});

test("what says no time does not have the feed begin anew for ever", async () => {
  const it = open();
  const page = { nodes: [{ id: "gid://shopify/DiscountCodeNode/5" }], pageInfo: { hasNextPage: false } };
  it.answerWith(() => Response.json({ data: { shop: { myshopifyDomain: it.context.scope }, page } }));
  const { cursor } = await pollsOf(it, "discount", null);
  it.clock.now += HOUR;
  assert.equal((await pollsOf(it, "discount", cursor)).polls, 2);
});

test("customers are filtered by the day: those that did not change since are left out here", async () => {
  const { emulator, clock, poll, shop, asked, provider } = open();
  const [early, late] = [emulator.create(shop, "Customer"), emulator.create(shop, "Customer")];
  clock.now += HOUR;
  const { cursor } = await poll("customer", null);
  clock.now += HOUR;
  emulator.update(shop, late);
  const { hints } = await poll("customer", cursor);
  assert.deepEqual(
    hints.map(({ id }) => id),
    [late.id],
  );
  assert.notEqual(early.id, late.id);
  assert.equal(
    asked[1]?.variables["query"],
    "updated_at:>='2026-11-19T12:55:00Z'",
    "two days before, in any time zone",
  );
  assert.deepEqual([provider.feeds?.["customer"]?.every, provider.feeds?.["product"]?.every], [HOUR, 300_000]);
});

test("pages of what changed before do not put off what changed since until the next poll", async () => {
  const { emulator, clock, poll, shop } = open();
  for (let n = 0; n < 2_600; n++) emulator.create(shop, "Customer");
  clock.now += HOUR;
  const { cursor } = await poll("customer", (await poll("customer", null)).cursor);
  const late = emulator.create(shop, "Customer");
  clock.now += 120_000;
  const { hints } = await poll("customer", cursor);
  assert.deepEqual(
    hints.map(({ id }) => id),
    [late.id],
  );
});

test("discounts say no time: all that a poll finds are told, and the next one begins where this one did", async () => {
  const { clock, poll, asked, answerWith, context } = open();
  const nodes = [{ id: "gid://shopify/DiscountCodeNode/5" }];
  const page = { nodes, pageInfo: { hasNextPage: false, endCursor: "5" } };
  answerWith(() => Response.json({ data: { shop: { myshopifyDomain: context.scope }, page } }));
  const { hints, cursor } = await poll("discount", null);
  assert.deepEqual(hints, [{ type: "discount", id: "gid://shopify/DiscountNode/5" }]);
  clock.now += 10 * 24 * HOUR;
  const second = await poll("discount", cursor);
  assert.equal(second.hints.length, 1);
  clock.now += HOUR;
  asked.length = 0;
  await poll("discount", second.cursor);
  assert.equal(asked[0]?.variables["query"], "updated_at:>='2026-11-29T11:55:00Z'");
});

test("what an order holds is told when the order changed", async () => {
  const { emulator, clock, poll, shop } = open();
  const [order, other] = [emulator.create(shop, "Order"), emulator.create(shop, "Order")];
  const one = emulator.create(shop, "Return", { order });
  emulator.create(shop, "Return", { order: other });
  clock.now += HOUR;
  const { cursor } = await poll("return", null);
  clock.now += HOUR;
  emulator.update(shop, order);
  clock.now += 120_000;
  const { hints } = await poll("return", cursor);
  const event = { id: `return ${one.id} ${order.updatedAt}`, name: "updated" };
  assert.deepEqual(hints, [{ type: "return", id: one.id, event }]);
});

test("deletions are told from the shop's events, for the types that are read", async () => {
  const { emulator, clock, poll, shop, provider } = open({ types: ["product", "order", "discount", "location"] });
  const [product, order, customer] = [
    emulator.create(shop, "Product"),
    emulator.create(shop, "Order"),
    emulator.create(shop, "Customer"),
  ];
  clock.now += HOUR;
  const { cursor } = await poll("deletions", null);
  clock.now += HOUR;
  for (const thing of [product, order, customer]) emulator.remove(shop, thing);
  const more = { __typename: "BasicEvent", createdAt: product.createdAt, updatedAt: "" };
  const at = new Date(clock.now).toISOString();
  const discount = { subjectId: "gid://shopify/DiscountCodeNode/5", subjectType: "DISCOUNT_CODE_NODE" };
  shop.events.push({
    ...more,
    ...discount,
    id: "gid://shopify/BasicEvent/9999999999999999999",
    action: "destroy",
    createdAt: at,
  });
  shop.events.push({
    ...more,
    id: "gid://shopify/BasicEvent/99999999999999999999",
    action: "update",
    subjectId: order.id,
    subjectType: "ORDER",
    createdAt: at,
  });
  const { hints } = await poll("deletions", cursor);
  assert.deepEqual(
    refsOf(hints),
    refsOf([
      { type: "product", id: product.id },
      { type: "order", id: order.id },
      { type: "discount", id: "gid://shopify/DiscountNode/5" },
    ]),
  );
  assert.equal(hints[0]?.event?.id, shop.events[0]?.id);
  assert.deepEqual(provider.feeds?.["deletions"]?.types, ["product", "order", "discount"]);
  assert.equal(provider.feeds?.["deletions"]?.horizon, 364 * 24 * HOUR);
  assert.equal(open({ types: ["location"] }).provider.feeds?.["deletions"], undefined);
});

test("an event that is of no deletion says nothing, though the filter should have left it out", async () => {
  const { poll, answerWith, context } = open();
  const event = { createdAt: "2026-11-21T11:59:00Z", subjectType: "PRODUCT" };
  const nodes = ["update", "destroy", "create"].map((action, i) => ({
    ...{ ...event, action, id: `gid://shopify/BasicEvent/${i}`, subjectId: `gid://shopify/Product/${i}` },
  }));
  const others = [{ id: "gid://shopify/CommentEvent/9", createdAt: event.createdAt, action: "destroy" }];
  const page = { nodes: [...nodes, ...others], pageInfo: { hasNextPage: false } };
  answerWith(() => Response.json({ data: { shop: { myshopifyDomain: context.scope }, page } }));
  assert.deepEqual(refsOf((await poll("deletions", null)).hints), ["product 1"]);
});

test("a list that is refused is no empty one", async () => {
  const { list, provider, context, answerWith } = open();
  answerWith(() => refusal("ACCESS_DENIED", { data: { shop: { myshopifyDomain: context.scope }, page: null } }));
  for (const type of ["product", "refund", "metaobject", "shop"] as const) {
    await assert.rejects(list(type), AccessLost);
    await assert.rejects(async () => provider.probe?.(type, context), AccessLost);
  }
  answerWith(() => Response.json({ data: { shop: { myshopifyDomain: context.scope }, page: null } }));
  await assert.rejects(list("product"), Error);
});
