/** What the engine costs when nothing happens, and what it does for a resource that never rests. In virtual time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, type Store } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { createRandom, createVirtualTime } from "tidemark/testing";
import { sleep } from "../src/time.ts";
import { createDesk } from "./desk.ts";

const BEGIN = 1_800_000_000_000;

async function setUp(sweepEvery: number, desk = createDesk(), around: (store: Store) => Store = (store) => store) {
  const random = createRandom(1);
  const time = createVirtualTime({ start: BEGIN, random });
  const store = around(sqlite(":memory:", { time }));
  await store.open();
  const sync = createSync({ providers: { desk: desk.provider }, store, time, sweepEvery });
  const run = (ms: number) => time.run(time.now() + ms);
  const end = async () => {
    const stopped = sync.stop();
    await run(1_000);
    await stopped;
  };
  return { desk, sync, time, run, end };
}

test("an idle hour costs the polls and sweeps of its schedule, and nothing else", async () => {
  const { desk, sync, run, end } = await setUp(600_000);
  for (const id of ["1", "2", "3"]) desk.put(id, "a");
  const started = sync.start();
  await run(60_000);
  await started;
  desk.calls.length = 0;
  await run(60_000);
  assert.ok(
    desk.calls.length <= 2 && desk.calls.every((call) => call.startsWith("poll")),
    `an idle minute: ${desk.calls}`,
  );
  desk.calls.length = 0;
  await run(3_600_000);
  const [polls, lists] = [desk.count("poll"), desk.count("list")];
  assert.ok(polls >= 59 && polls <= 68, `${polls} polls, one a minute`);
  assert.ok(lists >= 10 && lists <= 14, `${lists} pages, of a sweep of two pages every ten minutes`);
  assert.equal(desk.calls.length, polls + lists, "no fetch, no probe");
  await end();
});

test("a drain of many in one scope waits for its reads, and does not look at the rest all the time", async () => {
  let looks = 0;
  const count = (store: Store): Store => ({
    ...store,
    update(...asked) {
      if ("class" in asked[0]) assert.ok(++looks <= 60 * 40, "it looks while it could wait");
      return store.update(...asked);
    },
  });
  const { desk, sync, time, run, end } = await setUp(86_400_000, createDesk({ feed: false }), count);
  desk.before = (call) => (call.startsWith("fetch") ? sleep(time, 200) : undefined);
  for (let i = 0; i < 60; i++) await Promise.all([sync.hint("desk.note", `${i}`), run(1)]);
  const drained = sync.drain();
  await run(10_000);
  assert.equal(await drained, true);
  assert.equal(
    desk.count("fetch"),
    60 + 4,
    "the first four twice, since it is not there: then a good probe is at hand",
  );
  await end();
});

test("a flood in one scope: a read looks at few rows that have to wait, and another scope's hint does not", async () => {
  let looked = 0;
  const count = (store: Store): Store => ({
    ...store,
    update(select, step, also, how) {
      if (!("class" in select)) return store.update(select, step, also, how);
      const counted: typeof step = (row, tick) => {
        looked++;
        return step(row, tick);
      };
      return store.update(select, counted, also, how);
    },
  });
  const desk = createDesk({ scopes: ["", "a"], feed: false });
  desk.provider.limits = { rate: 10_000 };
  const { sync, time, run, end } = await setUp(86_400_000, desk, count);
  let free: () => unknown = () => {};
  const wait = () => new Promise<void>((resolve) => time.after(5, resolve));
  desk.before = (call) => (call.startsWith("fetch") ? wait() : undefined);
  const started = sync.start();
  await run(5_000);
  await started;
  for (let i = 0; i < 6_000; i++) {
    desk.put(`${i}`, "x");
    await Promise.all([sync.hint("desk.note", `${i}`), run(0)]);
  }
  desk.put("urgent", "x", "a");
  const begun = time.now();
  const synced = sync.get("desk.note", "urgent", { scope: "a", maxAge: 0 }).then(() => free());
  let waited = Number.POSITIVE_INFINITY;
  free = () => {
    waited = time.now() - begun;
  };
  await run(1_000);
  await synced;
  assert.ok(waited < 500, `${waited} ms`);
  looked = 0;
  desk.calls.length = 0;
  await run(5_000);
  const reads = desk.count("fetch");
  assert.ok(reads > 3_000, `${reads} reads`);
  assert.ok(looked < 15 * reads, `${looked} rows for ${reads} reads`);
  await end();
});

test("a scope whose API bears less than it says does not hide another's hint, however long its line is", async () => {
  const desk = createDesk({ scopes: ["", "a"], feed: false });
  desk.provider.limits = { rate: 20 };
  const { sync, time, run, end } = await setUp(86_400_000, desk);
  const started = sync.start();
  await run(5_000);
  await started;
  desk.before = (call) =>
    call.startsWith("fetch") && !call.includes("urgent")
      ? new Promise<void>((resolve) => time.after(10_000, resolve))
      : undefined;
  for (let i = 0; i < 8_000; i++) void sync.hint("desk.note", `${i}`);
  await run(300_000);
  desk.put("urgent", "x", "a");
  void sync.hint("desk.note", "urgent", { scope: "a" });
  await run(1_000);
  const [known] = await Promise.all([sync.get("desk.note", "urgent", { scope: "a" }), run(1)]);
  assert.equal(known?.state?.text, "x");
  desk.before = () => {};
  await run(11_000);
  await end();
});

test("a resource that is hinted every 300 ms, with reads of 400 ms, is recorded at least once a second and never backs off", async () => {
  const { desk, sync, time, run, end } = await setUp(86_400_000);
  desk.before = (call) =>
    call.startsWith("fetch") ? new Promise<void>((resolve) => time.after(400, resolve)) : undefined;
  const started = sync.start();
  await run(10_000);
  await started;
  const recorded: number[] = [];
  const reading = (async () => {
    for await (const _ of sync.changes()) recorded.push(time.now());
  })();
  for (let i = 0; i < 400; i++) {
    desk.put("hot", `${i}`);
    void sync.hint("desk.note", "hot");
    await run(300);
  }
  const gaps = recorded.slice(1).map((at, i) => at - (recorded[i] ?? 0));
  assert.ok(recorded.length >= 120, `${recorded.length} records in two minutes`);
  assert.ok(Math.max(...gaps) <= 1_000, `${Math.max(...gaps)} ms without a record`);
  await end();
  await reading;
});

test("a lag that is declared costs one more read, when it has passed", async () => {
  const slow = createDesk();
  slow.provider.resources.note.readLag = { fetch: 2_000, list: 2_000 };
  const { desk, sync, run, end } = await setUp(86_400_000, slow);
  const started = sync.start();
  await run(10_000);
  await started;
  desk.calls.length = 0;
  desk.put("1", "a");
  void sync.hint("desk.note", "1");
  await run(1_900);
  assert.equal(desk.count("fetch"), 1);
  await run(8_000);
  assert.equal(desk.count("fetch"), 2);
  await end();
});
