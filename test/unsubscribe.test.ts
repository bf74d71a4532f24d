/** `unsubscribe` and `newest`: what an application needs whose subscribers come and go. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync } from "tidemark";
import { createVirtualTime } from "tidemark/testing";
import { createDesk, memory } from "./desk.ts";

function setUp(t: { after(run: () => unknown): void }, scopes = [""]) {
  const desk = createDesk({ feed: false, scopes });
  const sync = createSync({ providers: { desk: desk.provider }, store: memory() });
  t.after(() => sync.stop());
  const write = async (id: string, text: string, scope = "") => {
    desk.put(id, text, scope);
    await sync.hint("desk.note", id, { scope });
    await sync.drain();
  };
  const put = async (ids: readonly string[]) => {
    for (const id of ids) desk.put(id, "a");
    await Promise.all(ids.map((id) => sync.hint("desk.note", id)));
    await sync.drain();
  };
  const names = async () => (await sync.health()).subscriptions.map(({ name }) => name);
  return { sync, write, put, names };
}

test("unsubscribe: nothing comes any more, nothing is remembered, and the name is free", async (t) => {
  const { sync, write, names } = setUp(t);
  const heard: string[] = [];
  sync.subscribe("out", ({ id }) => void heard.push(id));
  sync.subscribe("other", ({ id }) => void heard.push(`other ${id}`));
  await write("1", "a");
  await sync.unsubscribe("out");
  await write("2", "a");
  assert.deepEqual([heard, await names()], [["1", "other 1", "other 2"], ["other"]]);
  sync.subscribe("out", ({ id }) => void heard.push(`again ${id}`));
  await sync.drain();
  assert.deepEqual(heard.slice(3), ["again 1", "again 2"]);
  await sync.unsubscribe("never");
});

test("unsubscribe in the midst of a page: what is under way ends, and no later page begins", async (t) => {
  const { sync, write, names } = setUp(t);
  await write("1", "a");
  await write("2", "a");
  const heard: string[] = [];
  let over: Promise<void> | undefined;
  sync.subscribe("out", { partitions: 2 }, ({ id }) => {
    heard.push(id);
    over ??= sync.unsubscribe("out");
  });
  await sync.drain();
  await over;
  assert.ok(heard.length > 0);
  assert.deepEqual(await names(), []);
  await write("3", "a");
  assert.ok(!heard.includes("3"));
});

test("unsubscribe in a backlog: the page that it is at ends, and no other begins", async (t) => {
  const { sync, put } = setUp(t);
  await put(Array.from({ length: 250 }, (_, i) => `${i}`));
  let heard = 0;
  let over: Promise<void> | undefined;
  sync.subscribe("out", () => {
    heard++;
    over ??= sync.unsubscribe("out");
  });
  await sync.drain();
  await over;
  assert.equal(heard, 200);
});

test("unsubscribe while it runs in the background", async () => {
  const desk = createDesk({ feed: false });
  const time = createVirtualTime();
  const sync = createSync({ providers: { desk: desk.provider }, store: memory(time), time });
  const heard: string[] = [];
  sync.subscribe("out", ({ id }) => void heard.push(id));
  const settle = (asked: Promise<unknown>) => Promise.all([asked, time.run(time.now() + 3_000)]);
  await settle(sync.start());
  desk.put("1", "a");
  await settle(sync.hint("desk.note", "1"));
  await settle(sync.unsubscribe("out"));
  desk.put("2", "a");
  await settle(sync.hint("desk.note", "2"));
  assert.deepEqual(heard, ["1"]);
  const health = sync.health();
  await settle(health);
  assert.deepEqual((await health).subscriptions, []);
  await settle(sync.stop());
});

test("newest: the last changes first, by type and scope, and no more than asked for", async (t) => {
  const { sync, write } = setUp(t, ["a", "b"]);
  for (const [id, scope] of [
    ["1", "a"],
    ["2", "b"],
    ["3", "a"],
  ] as const) {
    await write(id, "x", scope);
  }
  const ids = async (options?: Parameters<typeof sync.newest>[0]) => (await sync.newest(options)).map(({ id }) => id);
  assert.deepEqual(await ids(), ["3", "2", "1"]);
  assert.deepEqual(await ids({ scope: "a", types: ["desk.note"] }), ["3", "1"]);
  assert.deepEqual(await ids({ limit: 1 }), ["3"]);
  for (const wrong of [{ limit: 0 }, { limit: 1_001 }, { types: ["desk.none"] }]) {
    await assert.rejects(sync.newest(wrong as never), TypeError);
  }
});
