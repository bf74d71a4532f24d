/** What comes while something else is under way: hints during polls and reads, reads beside others, a provider that hangs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, Hidden, RetryLater } from "tidemark";
import { createDesk, type Desk, handClock, memory, take, webhookOf } from "./desk.ts";

const turns = async () => {
  for (let i = 0; i < 300; i++) await new Promise<void>((resolve) => setImmediate(resolve));
};

function setUp(t: { after(run: () => unknown): void }, desk: Desk = createDesk({ feed: false })) {
  const time = handClock();
  const sync = createSync({ providers: { desk: desk.provider }, store: memory(time), time });
  t.after(() => sync.stop());
  const hear = (...hints: unknown[]) => sync.webhook("desk", webhookOf(hints));
  const texts = async () =>
    (await take(sync.changes({ follow: false }))).map(({ id, after }) => `${id} ${after?.text}`);
  return { time, desk, sync, hear, texts };
}

/** Something that is under way until a test lets it go on. */
function gate() {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  let passed = false;
  const pass = async (): Promise<boolean> => {
    if (passed) return false;
    passed = true;
    arrive();
    await opened;
    return true;
  };
  return { arrived, open, pass };
}

test("a subscription from now on gets what comes after it began", async (t) => {
  const { desk, sync, hear } = setUp(t);
  desk.put("1", "old");
  await sync.drain();
  const heard: string[] = [];
  sync.subscribe("new", { from: "now" }, ({ id }) => heard.push(id));
  await sync.drain();
  await hear(desk.put("2", "new"));
  await sync.drain();
  assert.deepEqual(heard, ["2"]);
});

test("a provider whose scopes hang holds up neither another one, nor its own webhooks, nor stop", async () => {
  const time = handClock();
  const [good, bad] = [createDesk({ feed: false }), createDesk({ feed: false })];
  const sync = createSync({ providers: { bad: bad.provider, good: good.provider }, store: memory(time), time });
  assert.equal((await sync.webhook("bad", webhookOf([bad.put("1", "a")]))).status, 202);
  bad.provider.scopes = () => new Promise<string[]>(() => {});
  time.advance(600_000);
  let status = 0;
  void sync.webhook("bad", webhookOf([bad.put("2", "a")])).then((response) => {
    status = response.status;
  });
  await turns();
  assert.equal(status, 202);
  await sync.start();
  await turns();
  assert.equal(good.count("list"), 1);
  assert.equal(bad.count("list"), 1, "what is known of its scopes serves");
  let stopped = false;
  void sync.stop().then(() => {
    stopped = true;
  });
  await turns();
  assert.equal(stopped, true);
});

test("a scope that was told to wait rests for `get`, too", async (t) => {
  const { desk, sync } = setUp(t);
  await sync.drain();
  desk.before = (call) => {
    if (call.startsWith("fetch")) throw new RetryLater(60_000, "limit");
  };
  for (const id of ["1", "2", "3"]) {
    await assert.rejects(sync.get("desk.note", id, { maxAge: 0, timeout: 0 }), { name: "TimeoutError" });
  }
  assert.equal(desk.count("fetch"), 1);
});

test("a hint without an id that comes during a poll has the feed asked again", async (t) => {
  const { desk, sync, hear, texts } = setUp(t, createDesk());
  await sync.drain();
  await hear({ type: "note" });
  const poll = desk.provider.feeds?.["events"] ?? assert.fail();
  const { arrived, open, pass } = gate();
  const ask = poll.poll;
  poll.poll = async (cursor, context) => {
    const answer = await ask(cursor, context);
    await pass();
    return answer;
  };
  const drained = sync.drain();
  await arrived;
  desk.events.push(desk.put("1", "a"));
  assert.equal((await hear({ type: "note" })).status, 202);
  open();
  await drained;
  await sync.drain();
  assert.deepEqual(await texts(), ["1 a"]);
});

test("one of a batch is hidden, or cannot be read: the others are recorded", async (t) => {
  for (const error of [new Hidden("not for us"), new Error("500")]) {
    const desk = createDesk({ feed: false });
    const { note } = desk.provider.resources;
    const { fetch } = note;
    note.fetch = async (id, context) => {
      if (id === "2") throw error;
      return fetch(id, context);
    };
    note.fetchMany = (ids, context) => Promise.all(ids.map((id) => note.fetch(id, context)));
    const { time, sync, hear, texts } = setUp(t, desk);
    await sync.drain();
    await hear(...["1", "2", "3"].map((id) => desk.put(id, "a")));
    await sync.drain();
    // In a smaller batch first, then alone.
    for (const ms of [2_000, 4_000]) {
      time.advance(ms);
      await sync.drain();
    }
    assert.deepEqual((await texts()).sort(), ["1 a", "3 a"]);
  }
});

test("a hint during a fetch that ends hidden causes another fetch", async (t) => {
  const { desk, sync, hear, texts } = setUp(t);
  await sync.drain();
  const { arrived, open, pass } = gate();
  desk.before = async (call) => {
    if (call.startsWith("fetch") && (await pass())) throw new Hidden("not for us");
  };
  await hear(desk.put("1", "a"));
  const drained = sync.drain();
  await arrived;
  await hear(desk.put("1", "b"));
  open();
  await drained;
  await sync.drain();
  assert.deepEqual(await texts(), ["1 b"]);
});

test("what one of a batch says of another of it is looked at", async (t) => {
  const desk = createDesk({ feed: false });
  const { note } = desk.provider.resources;
  const { fetch } = note;
  note.related = ({ id }) => (id === "1" ? [{ type: "note", id: "2" }] : []);
  let race = true;
  note.fetchMany = async (ids, context) => {
    const states = new Map<string, Awaited<ReturnType<typeof fetch>>>();
    for (const id of [...ids].sort().reverse()) {
      states.set(id, await fetch(id, context));
      if (!race || id !== "2") continue;
      race = false;
      for (const both of ["2", "1"]) desk.put(both, "b");
    }
    return ids.map((id) => states.get(id) ?? null);
  };
  const { sync, hear, texts } = setUp(t, desk);
  await sync.drain();
  await hear(desk.put("1", "a"), desk.put("2", "a"));
  await sync.drain();
  assert.equal((await texts()).at(-1), "2 b");
});

test("a read that is repeated bypasses validators", async (t) => {
  const { desk, time, sync, hear } = setUp(t);
  await sync.drain();
  const { note } = desk.provider.resources;
  const { fetch } = note;
  const fresh: boolean[] = [];
  note.fetch = (id, context) => {
    fresh.push(context.fresh);
    return fetch(id, context);
  };
  // The hint names a version that the first read does not show.
  await hear({ ...desk.put("1", "a"), version: 99 });
  await sync.drain();
  time.advance(60_000);
  await sync.drain();
  assert.deepEqual(fresh.slice(0, 2), [false, true]);
});
