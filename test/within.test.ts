/** Types that are listed within a parent: found with it, changed with it, gone with it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost, type Context, createSync, gone, type Provider } from "tidemark";
import { systemTime, type Time } from "../src/time.ts";
import { handClock, memory, take } from "./desk.ts";

interface Order {
  id: string;
  total: number;
}
interface Line {
  id: string;
  what: string;
}

/** Orders with lines: a line can be fetched, but listed only per order. A change of a line changes its order's total. */
function createShop() {
  const orders = new Map<string, Order>();
  const lines = new Map<string, Line>();
  const calls: string[] = [];
  const shop = {
    orders,
    lines,
    calls,
    count: (prefix: string) => calls.filter((call) => call.startsWith(prefix)).length,
    before: (_call: string): void => {},
    provider: {
      limits: { rate: 1_000_000 },
      probe: async () => {},
      resources: {
        order: {
          fetch: async (id: string) => call(`order ${id}`, () => ({ ...orders.get(id) })),
          list: async () =>
            call("orders", () => ({ items: [...orders.values()].map((one) => ({ ...one })), next: null })),
          id: ({ id }: Order) => id,
          readLag: { fetch: 0, list: 0 },
        },
        line: {
          fetch: async (id: string) => call(`line ${id}`, () => ({ ...lines.get(id) })),
          within: {
            type: "order",
            list: async (parent: string, page: string | null) =>
              call(`lines ${parent} ${page ?? ""}`, () => {
                if (!orders.has(parent)) throw new Error("404");
                const all = [...lines.values()].filter(({ id }) => id.startsWith(`${parent}/`));
                const from = Number(page ?? 0);
                return { items: all.slice(from, from + 2), next: all.length > from + 2 ? String(from + 2) : null };
              }),
          },
          id: ({ id }: Line) => id,
          readLag: { fetch: 0, list: 0 },
        },
      },
    } as unknown as Provider<{ order: Order; line: Line }>,
  };
  function call<T extends object>(name: string, answer: () => T): T | typeof gone {
    calls.push(name);
    shop.before(name);
    const given = answer();
    return Object.keys(given).length === 0 ? gone : given;
  }
  return shop;
}

async function open(store = memory(), time: Time = systemTime) {
  const shop = createShop();
  shop.orders.set("1", { id: "1", total: 3 });
  shop.orders.set("2", { id: "2", total: 1 });
  for (const id of ["1/a", "1/b", "1/c", "2/a"]) shop.lines.set(id, { id, what: "one" });
  const sync = createSync({ providers: { shop: shop.provider }, store, time });
  const seen = async () => {
    const changes = await take(sync.changes({ types: ["shop.line"], follow: false }));
    return changes.map(({ id, after, initial }) => `${id} ${after?.what ?? "gone"}${initial ? " initial" : ""}`);
  };
  return { shop, sync, seen };
}

test("the first sweep finds what is within each parent, page by page, as initial", async () => {
  const { shop, sync, seen } = await open();
  await sync.drain();
  assert.deepEqual((await seen()).sort(), ["1/a one initial", "1/b one initial", "1/c one initial", "2/a one initial"]);
  assert.ok(shop.calls.includes("lines 1 2"), "the second page was asked for");
  assert.equal(shop.count("line "), 0, "and nothing was fetched one by one");
  await sync.stop();
});

test("a change of the parent has its children listed: new, changed and gone ones are found without a sweep", async () => {
  const { shop, sync, seen } = await open();
  await sync.drain();
  const before = (await seen()).length;
  shop.orders.set("1", { id: "1", total: 9 });
  shop.lines.set("1/a", { id: "1/a", what: "two" });
  shop.lines.set("1/d", { id: "1/d", what: "new" });
  shop.lines.delete("1/b");
  const asked = shop.count("lines 2");
  await sync.hint("shop.order", "1");
  await sync.drain();
  assert.deepEqual((await seen()).slice(before).sort(), ["1/a two", "1/b gone", "1/d new"]);
  assert.equal(shop.count("lines 2"), asked, "another parent's children are left alone");
  assert.equal(shop.count("line "), 1, "only what was not listed is fetched");
  await sync.stop();
});

test("when the parent is gone, what was within it is fetched, and gone if that says so", async () => {
  const { shop, sync, seen } = await open();
  await sync.drain();
  const before = (await seen()).length;
  shop.orders.delete("1");
  for (const id of ["1/a", "1/b"]) shop.lines.delete(id);
  await sync.hint("shop.order", "1");
  await sync.drain();
  assert.deepEqual((await seen()).slice(before).sort(), ["1/a gone", "1/b gone"], "1/c can still be fetched: it stays");
  await sync.stop();
});

test("a list that is asked for just before its parent is recorded as gone does not keep the children waiting", async () => {
  const time = handClock();
  const store = memory(time);
  const { shop, sync, seen } = await open(store, time);
  await sync.drain();
  const before = (await seen()).length;
  const { post } = store;
  let refused = false;
  store.post = async (notes, also) => {
    const tick = await post(notes, also);
    if (!refused && notes.some(({ id }) => id === "2/")) {
      refused = true;
      // Its list is refused, and it would be asked again after a while only.
      await assert.rejects(sync.get("shop.line", "2/", { maxAge: 0, timeout: 0 }), /was not read within/);
    }
    return tick;
  };
  shop.orders.delete("2");
  shop.lines.delete("2/a");
  await sync.hint("shop.order", "2");
  await sync.drain();
  assert.equal(refused, true);
  assert.deepEqual((await seen()).slice(before), ["2/a gone"]);
  await sync.stop();
});

test("a sweep of the children's type lists every parent again", async () => {
  const { shop, sync, seen } = await open();
  await sync.drain();
  const before = (await seen()).length;
  shop.lines.set("2/b", { id: "2/b", what: "silent" });
  shop.lines.delete("1/c");
  const fetched = shop.count("line ");
  const reports = await sync.sweep("shop.line");
  assert.deepEqual((await seen()).slice(before).sort(), ["1/c gone", "2/b silent"]);
  assert.equal(reports[0]?.changes, 2);
  assert.equal(shop.count("line ") - fetched, 1, "what is not listed yet is no suspect");
  await sync.stop();
});

test("a hint of `parent/` lists what is within that parent", async () => {
  const { shop, sync, seen } = await open();
  await sync.drain();
  const before = (await seen()).length;
  shop.lines.set("2/b", { id: "2/b", what: "told" });
  await sync.hint("shop.line", "2/");
  await sync.drain();
  assert.deepEqual((await seen()).slice(before), ["2/b told"]);
  assert.equal(await sync.get("shop.line", "2/"), undefined, "a collection is no resource");
  await sync.stop();
});

test("children that may not be read hold back neither their parents nor the parents' changes", async () => {
  const { shop, sync, seen } = await open();
  shop.before = (call) => {
    if (call.startsWith("line")) throw new AccessLost("403");
  };
  await sync.drain();
  const orders = await take(sync.changes({ types: ["shop.order"], follow: false }));
  assert.equal(orders.length, 2);
  assert.deepEqual(await seen(), []);
  const { types } = await sync.health();
  assert.equal(types.find(({ type }) => type === "shop.line")?.failing, 2, "health names the two collections");
  await sync.stop();
});

test("an id that does not begin with its parent's is refused", async () => {
  const { shop, sync, seen } = await open();
  shop.provider.resources.line.id = () => "elsewhere";
  await sync.drain();
  assert.deepEqual(await seen(), []);
  const { alarms } = await sync.health();
  assert.match(alarms.join(), /must begin with the parent's and a slash/);
  await sync.stop();
});

test("within a type that is not synchronized, or beside a list, is refused at once", () => {
  const within = { type: "order", list: async () => ({ items: [], next: null }) };
  const line = { fetch: async () => null, within, id: () => "", readLag: { fetch: 0, list: 0 } };
  const probe = async () => {};
  const make = (resources: object) =>
    createSync({ providers: { shop: { probe, resources } as Provider }, store: memory() });
  assert.throws(() => make({ line }), /shop\.line: it is listed within "order", which is not synchronized: add it/);
  const order = { ...line, within: undefined, list: within.list };
  assert.throws(() => make({ order, line: { ...line, list: within.list } }), /a list or a within, not both/);
});

test("a context's hints on the way are saved", async () => {
  const { shop, sync, seen } = await open();
  await sync.drain();
  const before = (await seen()).length;
  const { within } = shop.provider.resources.line;
  const { list } = within ?? assert.fail();
  shop.provider.resources.line.within = {
    type: "order",
    list: async (parent: string, page: string | null, context: Context) => {
      context.hint({ type: "line", id: "2/x" });
      return list(parent, page, context);
    },
  };
  shop.lines.set("2/x", { id: "2/x", what: "aside" });
  await sync.hint("shop.line", "1/");
  await sync.drain();
  assert.deepEqual((await seen()).slice(before), ["2/x aside"]);
  await sync.stop();
});
