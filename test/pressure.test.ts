/** Several things at once, much of something, and logs at their edge: nothing spins, starves, overlaps or comes twice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, type Provider, RetryLater, type Store, type SyncOptions } from "tidemark";
import { createVirtualTime } from "tidemark/testing";
import { createDesk, type Desk, handClock, memory, take, webhookOf } from "./desk.ts";

const DAY = 86_400_000;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const turns = async (count = 300) => {
  for (let i = 0; i < count; i++) await turn();
};

function setUp(
  t: { after(run: () => unknown): void },
  desk: Desk = createDesk({ feed: false }),
  options: Partial<SyncOptions> = {},
) {
  const time = handClock();
  const store = memory(time);
  const sync = createSync({ providers: { desk: desk.provider }, store, time, ...options });
  t.after(() => sync.stop());
  const write = async (id: string, text: string) => {
    desk.put(id, text);
    await sync.get("desk.note", id, { maxAge: 0 });
    time.advance(1);
  };
  return { desk, sync, time, store, write };
}

test("overlapping drains handle one change after another", async (t) => {
  const { sync, write } = setUp(t);
  for (let i = 0; i < 6; i++) await write("1", String(i));
  const heard: string[] = [];
  let at = 0;
  let most = 0;
  sync.subscribe("mail", async ({ after }) => {
    most = Math.max(most, ++at);
    await turns(5);
    at--;
    heard.push(`${after?.text}`);
  });
  await Promise.all([sync.drain(), turns(3).then(() => sync.drain()), turns(9).then(() => sync.drain())]);
  await sync.drain();
  assert.equal(most, 1);
  assert.deepEqual(heard, ["0", "1", "2", "3", "4", "5"]);
});

test("sweeps that are asked for at once each end", async (t) => {
  const { desk, sync } = setUp(t);
  for (let i = 0; i < 10; i++) desk.put(`${i}`, "x");
  desk.before = () => turns(3);
  const reports = await Promise.all([sync.sweep(), sync.sweep(), sync.sweep()]);
  assert.equal(reports.length, 3);
});

test("scopes that fail do not keep a drain from the others", async (t) => {
  const scopes = Array.from({ length: 40 }, (_, i) => `s${i}`);
  const desk = createDesk({ scopes });
  desk.before = (call) => {
    if (Number(call.split(/[ /]/)[1]?.slice(1)) < 36) throw new Error("down");
  };
  const { sync } = setUp(t, desk);
  await sync.drain();
  for (const scope of scopes) assert.ok(desk.calls.includes(`poll ${scope}`), `${scope} was polled`);
});

test("a drain reads all of many hints at once, and all pages of a feed", async (t) => {
  const desk = createDesk();
  let polls = 0;
  const feed = desk.provider.feeds?.["events"] ?? assert.fail();
  feed.poll = async (cursor) => {
    polls++;
    const page = Number(cursor ?? 0);
    return { hints: page < 250 ? [{ type: "note", id: "1" }] : [], cursor: String(Math.min(250, page + 1)) };
  };
  const { sync } = setUp(t, desk);
  assert.equal(await sync.drain(), true);
  assert.equal(polls, 251);
  for (let i = 0; i < 500; i++) desk.put(`n${i}`, "x");
  await sync.webhook("desk", webhookOf([...(desk.notes.get("")?.keys() ?? [])].map((id) => ({ type: "note", id }))));
  await sync.drain();
  assert.equal((await take(sync.changes({ follow: false }))).length, 500);
});

for (const how of ["is paused", "rests", "has spent its budget"]) {
  test(`hints of a scope that ${how} hide no other scope's, however many they are`, async (t) => {
    const { desk, sync, time } = setUp(t, createDesk({ scopes: ["a", "b"], feed: false }));
    if (how === "has spent its budget") desk.provider.limits = { rate: 1_000_000, quota: { calls: 100, per: DAY } };
    desk.before = (call) => {
      if (how === "rests" && call.startsWith("fetch a")) throw new RetryLater(3_600_000);
    };
    await sync.drain();
    if (how === "is paused") await sync.pause("desk", { scope: "a" });
    for (let i = 0; i < 300; i++) await sync.hint("desk.note", `${i}`, { scope: "a" });
    desk.put("x", "new", "b");
    await sync.hint("desk.note", "x", { scope: "b" });
    time.advance(10);
    await sync.drain();
    assert.equal(desk.count("fetch b"), 1);
  });
}

test("a drain ends though another process is at a poll that is wanted", async (t) => {
  for (const wanted of ["by a webhook", "for the rest of it"]) {
    const [desk, time] = [createDesk(), handClock()];
    const store = memory(time);
    const shared = { ...store, close: async () => {} };
    const [one, other] = [1, 2].map(() => createSync({ providers: { desk: desk.provider }, store: shared, time }));
    assert.ok(one && other);
    t.after(() => Promise.all([one.stop(), other.stop()]).then(() => store.close()));
    await one.drain();
    time.advance(60_000);
    const [at, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const last = desk.count("poll") + (wanted === "by a webhook" ? 1 : 2);
    desk.before = async (call) => {
      if (!call.startsWith("poll") || desk.count("poll") < last) return;
      at.resolve();
      await gate.promise;
    };
    if (wanted === "by a webhook") await one.webhook("desk", webhookOf([{ type: "note" }]));
    else for (let i = 0; i < 5; i++) desk.events.push(desk.put(`${i}`, "new"));
    const working = one.drain();
    await at.promise;
    let ended = false;
    const drained = other.drain().then(() => {
      ended = true;
    });
    await turns();
    const inTime = ended;
    gate.resolve();
    await Promise.all([working, drained]);
    assert.ok(inTime, `wanted ${wanted}: it waits for the other one`);
  }
});

test("a drain ends though the budget has no room for a poll", async (t) => {
  const desk = createDesk();
  desk.provider.limits = { rate: 1_000, quota: { calls: 10, per: DAY } };
  const { sync, time } = setUp(t, desk);
  for (let minute = 0; minute < 5; minute++) {
    let ended = false;
    const drained = sync.drain().then(() => {
      ended = true;
    });
    await turns();
    const inTime = ended;
    if (!inTime) await sync.stop();
    await drained;
    assert.ok(inTime, `after ${minute} minutes`);
    time.advance(60_000);
  }
  assert.ok(desk.calls.length < 5, "what is left is spread over the day");
});

test("a retry while parked ones are tried delivers nothing again", async (t) => {
  const { sync, time, write } = setUp(t);
  const heard: string[] = [];
  let broken = true;
  let asked = false;
  sync.subscribe("mail", async ({ id, after }) => {
    if (broken) throw new Error("not now");
    heard.push(`${id} ${after?.text}`);
    if (asked) return;
    asked = true;
    await sync.retry("mail");
  });
  for (const text of ["a", "b"]) for (const id of ["1", "2", "3"]) await write(id, text);
  await sync.drain();
  broken = false;
  time.advance(3_600_000);
  await sync.drain();
  await sync.drain();
  assert.deepEqual(heard, ["1 a", "1 b", "2 a", "2 b", "3 a", "3 b"]);
});

async function endsWithForgottenTombstone(t: { after(run: () => unknown): void }) {
  const { desk, sync, time, write, store } = setUp(t, createDesk({ feed: false }), { retention: DAY });
  for (const id of ["1", "2"]) await write(id, "a");
  desk.remove("1");
  await sync.hint("desk.note", "1");
  await sync.drain();
  time.advance(3 * DAY);
  await sync.drain();
  assert.deepEqual(await store.entries({ after: 2, limit: 9 }), [], "the last entry was forgotten");
  return { desk, sync, time, write };
}

test("a log whose last entry was forgotten has its end there: changes come once, and from now on is from there", async (t) => {
  const { sync, write } = await endsWithForgottenTombstone(t);
  const heard: string[] = [];
  sync.subscribe("old", ({ id }) => void heard.push(`old ${id}`));
  sync.subscribe("new", { from: "now" }, ({ id }) => void heard.push(`new ${id}`));
  await sync.drain();
  assert.deepEqual(heard, ["old 2"]);
  const controller = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const { id } of sync.changes({ signal: controller.signal })) seen.push(id);
  })();
  await turns();
  await write("3", "a");
  await turns();
  controller.abort();
  await following;
  assert.deepEqual(seen, ["2", "3"]);
  await sync.drain();
  assert.deepEqual(heard.slice(1).sort(), ["new 3", "old 3"]);
});

test("scopes that cannot be asked for do not make the reconciler spin", async (t) => {
  const { desk, sync, time, store } = setUp(t);
  let fails = false;
  desk.provider.scopes = () => {
    if (fails) throw new Error("500");
    return [""];
  };
  await sync.start();
  await turns();
  fails = true;
  time.advance(360_000);
  let looks = 0;
  const { checkpoints } = store;
  store.checkpoints = (prefix, after, limit) => {
    if (prefix === "sweep|") looks++;
    return checkpoints(prefix, after, limit);
  };
  await sync.webhook("desk", webhookOf([{ type: "note" }]));
  await turns(2_000);
  assert.ok(looks < 20, `looked ${looks} times`);
});

test("what is paused is not looked at again and again", async (t) => {
  const { sync, store } = setUp(t);
  await sync.pause("desk");
  await sync.start();
  let looks = 0;
  const { checkpoints } = store;
  store.checkpoints = (prefix, after, limit) => {
    if (prefix === "sweep|") looks++;
    return checkpoints(prefix, after, limit);
  };
  await turns(2_000);
  assert.ok(looks < 20, `looked ${looks} times`);
});

test("a sweep that another process has made meanwhile is not made again", async (t) => {
  const { desk, sync, time, store } = setUp(t);
  await sync.drain();
  // A process that looked before the other's sweep.
  const stale: Store = {
    ...store,
    close: async () => {},
    async checkpoints(prefix, after, limit) {
      return prefix.startsWith("sweep|") ? [] : store.checkpoints(prefix, after, limit);
    },
  };
  const other = createSync({ providers: { desk: desk.provider }, store: stale, time });
  desk.calls.length = 0;
  await other.drain();
  assert.deepEqual(desk.calls, []);
  await other.stop();
});

test("backfills that never end hold up no poll", async (t) => {
  const endless = {
    scopes: () => Array.from({ length: 20 }, (_, i) => `s${i}`),
    resources: {
      row: {
        fetch: async (id: string) => ({ id }),
        list: () => new Promise<never>(() => {}),
        id: ({ id }: { id: string }) => id,
        readLag: { fetch: 0, list: 0 },
      },
    },
  } as unknown as Provider;
  const desk = createDesk();
  const time = handClock();
  const sync = createSync({ providers: { endless, desk: desk.provider }, store: memory(time), time });
  t.after(() => sync.stop());
  await sync.start();
  await turns();
  const first = desk.count("poll");
  assert.ok(first > 0);
  time.advance(120_000);
  await sync.webhook("desk", webhookOf([{ type: "note" }]));
  await turns();
  assert.ok(desk.count("poll") > first);
});

test("a pause stops a sweep between two pages", async (t) => {
  const { desk, sync } = setUp(t);
  for (let i = 0; i < 100; i++) desk.put(`${i}`, "x");
  let pages = 0;
  desk.before = async (call) => {
    if (call.startsWith("list") && ++pages === 5) await sync.pause("desk");
  };
  await sync.drain();
  assert.equal(pages, 5);
});

test("a sweep whose reads take longer than its period comes to its end", async () => {
  const time = createVirtualTime();
  const all = Array.from({ length: 2_000 }, (_, i) => `r${String(i).padStart(4, "0")}`);
  let begun = 0;
  const big: Provider<{ row: { id: string } }> = {
    limits: { rate: 2 },
    resources: {
      row: {
        fetch: async (id) => ({ id }),
        async list(page) {
          if (page === null) begun++;
          const from = Number(page ?? 0);
          const refs = all.slice(from, from + 100).map((id) => ({ id }));
          return { refs, next: from + 100 < all.length ? String(from + 100) : null };
        },
        id: ({ id }) => id,
        readLag: { fetch: 0, list: 0 },
      },
    },
  };
  const sync = createSync({ providers: { big }, store: memory(time), time, sweepEvery: 300_000 });
  await sync.start();
  await time.run(time.now() + 1_200_000);
  const asked = sync.health();
  await time.run(time.now() + 1);
  const { types } = await asked;
  assert.notEqual(types[0]?.lastSweep, null, `begun ${begun} times`);
  const stopped = sync.stop();
  await time.run(time.now() + 1_000);
  await stopped;
});

test("started twice is started once, and stopped for good", async () => {
  const { desk, sync, time } = setUp({ after: () => {} });
  void sync.start();
  await sync.start();
  await turns();
  const lists = desk.count("list");
  assert.equal(lists, 1);
  await sync.stop();
  await sync.start();
  time.advance(2 * DAY);
  await turns();
  assert.equal(desk.count("list"), lists);
  const never = setUp({ after: () => {} });
  let opened = 0;
  const { open } = never.store;
  never.store.open = async (...given) => {
    opened++;
    await open(...given);
  };
  await never.sync.stop();
  await never.sync.start();
  await turns();
  assert.equal(never.desk.count("list"), 0);
  assert.equal(opened, 0, "what is stopped would never close its store again");
});

test("a sweep that is asked for ends though webhooks keep coming", async (t) => {
  const { desk, sync } = setUp(t);
  for (let i = 0; i < 5; i++) desk.put(`${i}`, "x");
  let more = true;
  desk.before = async (call) => {
    if (!more || !call.startsWith("fetch")) return;
    // For each read one more is wanted.
    await sync.hint("desk.note", `n${desk.calls.length}`);
    await turns(3);
  };
  await sync.hint("desk.note", "0");
  const reports = await sync.sweep();
  more = false;
  assert.equal(reports.length, 1);
});

test("while what a read brought is being saved another one is made, but not without end", async (t) => {
  const desk = createDesk({ feed: false });
  // A sweep that is saved would have the queue looked at.
  delete desk.provider.resources.note.list;
  const time = handClock();
  const inner = memory(time);
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const update: Store["update"] = async (select, step, ...rest) => {
    // What was read is saved by its ref; claims go by class.
    if ("refs" in select) await opened;
    return inner.update(select, step, ...rest);
  };
  const store: Store = { ...inner, update };
  const sync = createSync({ providers: { desk: desk.provider }, store, time, concurrency: 64 });
  t.after(async () => {
    open();
    await sync.stop();
  });
  const ids = Array.from({ length: 300 }, (_, i) => `${i}`);
  await sync.start();
  for (const id of ids) desk.put(id, "x");
  await Promise.all(ids.map((id) => sync.hint("desk.note", id)));
  let most = 0;
  let at = 0;
  desk.before = async (call) => {
    if (!call.startsWith("fetch")) return;
    most = Math.max(most, ++at);
    await turn();
    at--;
  };
  const read = () => desk.count("fetch");
  for (let before = -1; before !== read() || before === 0; ) {
    before = read();
    await turns(200);
  }
  assert.deepEqual([read(), most], [256, 64]);
  open();
  while (read() < ids.length) await turns(20);
  assert.equal(read(), ids.length);
});
