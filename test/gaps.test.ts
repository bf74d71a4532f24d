/** Gaps are said aloud, survive, and are closed by proof alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CursorLost, createSync, type EngineEvent, type Provider, type Store } from "tidemark";
import type { Checkpoint } from "../src/checkpoint.ts";
import { compileKinds } from "../src/kind.ts";
import { type Bounds, gapOf, isMet, isSeen, joinGap } from "../src/reconcile/gap.ts";
import { openGap, tendGap } from "../src/reconcile/gaps.ts";
import { sweepName, sweepOf } from "../src/reconcile/plan.ts";
import { ticks } from "../src/time.ts";
import { createDesk, type Desk, handClock, memory, take } from "./desk.ts";
import { createShelf, settle, startAt } from "./shelf.ts";

const HOUR = 3_600_000;
const FEED = "gap|desk||feed events";

type GapEvent = Extract<EngineEvent, { kind: "gap" }>;

function setUp(desk: Desk = createDesk(), store?: Store) {
  const time = handClock();
  const own = store ?? memory(time);
  const gaps: string[] = [];
  const open = () =>
    createSync({
      ...{ providers: { desk: desk.provider }, store: { ...own, close: async () => {} }, time },
      observe: (event) => void (event.kind === "gap" && gaps.push(line(event))),
    });
  return { desk, time, store: own, gaps, open, sync: open() };
}
const line = ({ state, what, scope }: GapEvent) => [state, what, scope].filter(Boolean).join(" ");

/** The sweeps of this desk fail: nothing is listed. */
const unlisted = (desk: Desk) => {
  desk.before = (call) => {
    if (call.startsWith("list")) throw new Error("500");
  };
};

test("a feed beyond its horizon is a gap with its bounds, in health until the sweep of its types is complete", async () => {
  const { desk, time, sync, gaps } = setUp();
  await sync.drain();
  const polled = time.now();
  time.advance(5 * HOUR);
  unlisted(desk);
  desk.put("1", "lost");
  await sync.drain();
  const { ok, gaps: known, alarms } = await sync.health();
  const [gap] = known;
  assert.equal(ok, false);
  assert.deepEqual(
    {
      ...gap,
      from: Math.round((gap?.from?.getTime() ?? 0) / 1_000),
      to: Math.round((gap?.to?.getTime() ?? 0) / 1_000),
    },
    {
      ...{ provider: "desk", scope: "", what: "feed events", types: ["desk.note"], since: gap?.since },
      // What it can still tell, it told.
      ...{ from: Math.round(polled / 1_000), to: Math.round((time.now() - HOUR) / 1_000) },
    },
  );
  assert.match(
    alarms.join("\n"),
    /^gap of desk feed events: what changed from \S+Z to \S+Z may be missing .*desk\.note$/m,
  );
  desk.before = () => {};
  time.advance(HOUR / 2);
  await sync.drain();
  assert.deepEqual((await sync.health()).gaps, []);
  assert.deepEqual((await sync.health()).alarms, []);
  assert.deepEqual(gaps, ["open feed events", "closed feed events"]);
  const log = await take(sync.changes({ follow: false }));
  assert.deepEqual(
    log.map(({ id, via }) => [id, via]),
    [["1", "sweep"]],
  );
  await sync.stop();
});

test("a feed that says its cursor is no longer valid is a gap; at its first poll it has nothing to miss", async () => {
  const desk = createDesk();
  const feed = desk.provider.feeds?.["events"] ?? assert.fail();
  let lost = true;
  const { poll } = feed;
  feed.poll = async (...asked) => ({ ...(await poll(...asked)), gap: lost });
  const { time, sync, gaps } = setUp(desk);
  await sync.drain();
  assert.deepEqual(gaps, []);
  const lists = desk.count("list");
  time.advance(60_000);
  await sync.drain();
  assert.deepEqual(gaps, ["open feed events", "closed feed events"]);
  assert.equal(desk.count("list"), lists + 1, "one sweep");
  assert.deepEqual((await sync.health()).alarms, []);
  lost = false;
  time.advance(60_000);
  await sync.drain();
  assert.equal(gaps.length, 2);
  await sync.stop();
});

test("a feed that had to let its cursor go is a gap from then on, when it has one again; one that never had any is none", async () => {
  const desk = createDesk();
  const feed = desk.provider.feeds?.["events"] ?? assert.fail();
  let blind = true;
  const { poll } = feed;
  feed.poll = async (...asked) => (blind ? { hints: [], cursor: null } : poll(...asked));
  const { time, sync, gaps } = setUp(desk);
  const later = async (minutes: number) => {
    time.advance(minutes * 60_000);
    await sync.drain();
  };
  await later(0);
  await later(5);
  blind = false;
  await later(5);
  assert.deepEqual(gaps, [], "it begins");
  const seen = time.now();
  blind = true;
  for (let i = 0; i < 3; i++) await later(5);
  assert.deepEqual(gaps, []);
  blind = false;
  unlisted(desk);
  await later(5);
  assert.deepEqual(gaps, ["open feed events"]);
  const [gap] = (await sync.health()).gaps;
  const seconds = (date: Date | null | undefined) => Math.round((date?.getTime() ?? 0) / 1_000);
  assert.deepEqual([seconds(gap?.from), seconds(gap?.to)], [Math.round(seen / 1_000), Math.round(time.now() / 1_000)]);
  desk.before = () => {};
  await later(30);
  await later(30);
  assert.deepEqual(gaps, ["open feed events", "closed feed events"]);
  await sync.stop();
});

test("a feed that fails opens no gap before it answers, and sweeps no more than ever", async () => {
  const { desk, time, sync, gaps } = setUp();
  await sync.drain();
  const lists = desk.count("list");
  desk.before = (call) => {
    if (call.startsWith("poll")) throw new Error("502");
  };
  for (let hour = 0; hour < 10; hour++) {
    time.advance(HOUR);
    await sync.drain();
  }
  assert.deepEqual(gaps, []);
  assert.ok(desk.count("list") - lists <= 1, "the sweep of the day may come meanwhile");
  desk.before = () => {};
  time.advance(HOUR);
  await sync.drain();
  assert.deepEqual(gaps, ["open feed events", "closed feed events"]);
  await sync.stop();
});

test("a gap survives the process, and the next one closes it", async () => {
  const { desk, time, sync, open, gaps } = setUp();
  await sync.drain();
  time.advance(5 * HOUR);
  unlisted(desk);
  await sync.drain();
  await sync.stop();
  desk.before = () => {};
  const next = open();
  assert.equal((await next.health()).gaps.length, 1);
  time.advance(HOUR / 2);
  await next.drain();
  assert.deepEqual((await next.health()).gaps, []);
  assert.deepEqual(gaps, ["open feed events", "closed feed events"]);
  await next.stop();
});

test("killed after the gap was saved, before the cursor was: it is found once more, and opened once", async () => {
  const { desk, time, store, open, gaps, sync } = setUp();
  await sync.drain();
  time.advance(5 * HOUR);
  unlisted(desk);
  const broken = createSync({
    ...{ providers: { desk: desk.provider }, time },
    store: { ...store, close: async () => {}, post: () => Promise.reject(new Error("killed")), update: refuse(store) },
    observe: (event) => void (event.kind === "gap" && gaps.push(line(event))),
  });
  await broken.drain().catch(() => {});
  assert.deepEqual(gaps, ["open feed events"]);
  const [before] = await store.checkpoints(FEED, "", 1);
  const next = open();
  time.advance(60_000);
  await next.drain();
  const [after] = await store.checkpoints(FEED, "", 1);
  assert.equal(gapOf(after ?? assert.fail())?.since, gapOf(before ?? assert.fail())?.since);
  assert.deepEqual(gaps, ["open feed events"]);
  for (const one of [sync, broken, next]) await one.stop();
});

/** What takes a cursor with it is refused; the rest is done. */
const refuse =
  (store: Store): Store["update"] =>
  (select, step, also, how) =>
    also?.name.startsWith("poll|") ? Promise.reject(new Error("killed")) : store.update(select, step, also, how);

test("a sweep that was under way when the gap was found proves nothing of it", async () => {
  const { desk, time, sync, gaps } = setUp();
  for (const id of ["1", "2", "3"]) desk.put(id, "x");
  await sync.drain();
  time.advance(30 * HOUR);
  // The second page of the daily sweep does not come.
  desk.before = (call) => {
    if (call === "list  2") throw new Error("500");
    if (call.startsWith("poll")) throw new Error("500");
  };
  await sync.drain();
  desk.put("0", "in the gap, before the page that is left");
  desk.before = (call) => {
    if (call === "list  2") throw new Error("500");
  };
  time.advance(HOUR / 2);
  await sync.drain();
  assert.deepEqual(gaps, ["open feed events"]);
  const lists = desk.count("list");
  desk.before = () => {};
  time.advance(HOUR / 2);
  await sync.drain();
  assert.ok(desk.count("list") - lists >= 3, "the one under way, and a whole one after it");
  assert.deepEqual(gaps, ["open feed events", "closed feed events"]);
  const ids = (await take(sync.changes({ follow: false }))).map(({ id }) => id);
  assert.ok(ids.includes("0"));
  await sync.stop();
});

test("a cursor of the log that is lost is a gap of each scope, until everything is swept", async () => {
  const { sync, gaps } = setUp(createDesk({ scopes: ["a", "b"] }));
  await sync.drain();
  await assert.rejects(take(sync.changes({ after: "nonsense", follow: false })), CursorLost);
  assert.deepEqual((await sync.health()).gaps, [], "what is no cursor says nothing of the log");
  const other = `${"0".repeat(16)}.1.1`;
  for (let readers = 0; readers < 3; readers++) {
    await assert.rejects(take(sync.changes({ after: other, follow: false })), CursorLost);
  }
  const { gaps: known, alarms } = await sync.health();
  assert.deepEqual(
    known.map(({ scope, what, from, types }) => [scope, what, from, types]),
    [
      ["a", "log", null, ["desk.note"]],
      ["b", "log", null, ["desk.note"]],
    ],
  );
  assert.match(alarms[0] ?? "", /^gap of desk log a: what changed to \S+ may be missing .*; and 1 more scopes$/);
  await sync.drain();
  assert.deepEqual((await sync.health()).alarms, []);
  assert.deepEqual(gaps.sort(), ["closed log a", "closed log b", "open log a", "open log b"]);
  await sync.stop();
});

test("a scope that has left has no gap in health; after a week it is forgotten", async () => {
  const desk = createDesk({ scopes: ["a", "b"] });
  const { time, store, sync } = setUp(desk);
  await sync.drain();
  unlisted(desk);
  time.advance(5 * HOUR);
  await sync.drain();
  assert.equal((await sync.health()).gaps.length, 2);
  desk.notes.delete("a");
  time.advance(HOUR);
  await sync.drain();
  assert.deepEqual(
    (await sync.health()).gaps.map(({ scope }) => scope),
    ["b"],
  );
  assert.equal((await store.checkpoints("gap|desk|a|", "", 9)).length, 1, "it may come back");
  for (let day = 0; day < 9; day++) {
    time.advance(24 * HOUR);
    await sync.drain();
  }
  assert.deepEqual(await store.checkpoints("gap|desk|a|", "", 9), []);
  assert.equal((await store.checkpoints("gap|desk|b|", "", 9)).length, 1, "what is there stays open until it is swept");
  await sync.stop();
});

/** After five hours in which nobody looked a process begins, and is killed at a call of the store. Answers whether it was. */
async function killedAt(call: number): Promise<boolean> {
  const shelf = createShelf(6);
  const { time } = shelf;
  const options = { feedEvery: 60_000, horizon: HOUR };
  const first = shelf.open(options);
  const stop = await startAt(shelf, first);
  await time.run(time.now() + 1_000);
  await stop();
  shelf.put("n01", "new");
  shelf.remove("n02");
  await time.run(time.now() + 5 * HOUR);
  let calls = 0;
  const victim = shelf.open({
    ...options,
    at(instant) {
      if (instant.endsWith("saved") && calls++ === call) victim.kill();
    },
  });
  await startAt(shelf, victim);
  await time.run(time.now() + 300);
  const gaps: string[] = [];
  const heir = shelf.open({ ...options, observe: (event) => void (event.kind === "gap" && gaps.push(event.state)) });
  if (victim.dead) {
    const end = await startAt(shelf, heir);
    // A row that the victim had leased is free after three minutes.
    await time.run(time.now() + 200_000);
    const log = await settle(shelf, take(heir.sync.changes({ follow: false })));
    const last = new Map(log.map(({ id, after }) => [id, after]));
    assert.deepEqual([last.get("n01")?.text, last.get("n02")], ["new", null], `killed after call ${call}`);
    assert.deepEqual((await settle(shelf, heir.sync.health())).gaps, [], `killed after call ${call}: ${gaps}`);
    await end();
  }
  await settle(shelf, shelf.store.close());
  return victim.dead;
}

test("killed between every two calls of the store while a gap is opened, swept and closed: it is closed, and nothing is missing", async (t) => {
  let kills = 0;
  while (await killedAt(kills)) kills++;
  t.diagnostic(`${kills} kills`);
  assert.ok(kills > 25);
});

/** What the parts that open gaps need of an engine. */
function parts(types: readonly string[] = ["note"]) {
  const time = handClock();
  const store = memory(time);
  const { note } = createDesk().provider.resources;
  const lagging = { ...note, readLag: { fetch: 0, list: 60_000 } };
  const resources = Object.fromEntries(types.map((type) => [type, type === "lagging" ? lagging : note]));
  const provider: Provider = { resources };
  const wanted: string[] = [];
  const told: GapEvent[] = [];
  const emit = (event: EngineEvent) => void (event.kind === "gap" && told.push(event));
  const reconcileDue = (name?: string) => void wanted.push(name ?? "");
  const engine = { store, time, kinds: compileKinds({ desk: provider }), emit, reconcileDue };
  const sweepDone = async (type: string) => {
    const name = sweepName(`desk.${type}`, "");
    await store.checkpoint({
      name,
      step: (at, tick) => ({
        ...at,
        value: JSON.stringify({ ...sweepOf(at), begun: tick, completed: tick, phase: "done", wanted: null }),
      }),
    });
  };
  const tend = async () => {
    for (const at of await store.checkpoints("gap|", "", 9)) await tendGap(engine, at);
  };
  const known = async () => (await store.checkpoints("gap|", "", 9)).flatMap((at) => gapOf(at) ?? []);
  const find = (bounds: Omit<Bounds, "types">, of = types.map((type) => `desk.${type}`)) =>
    openGap(engine, { provider: "desk", scope: "", what: "hook", ...bounds, types: of });
  const tendOne = (at: Checkpoint) => tendGap(engine, at);
  return { time, store, wanted, told, sweepDone, tend, tendOne, known, find };
}

test("a gap that goes on is closed only after a call that says when it ended, and a sweep that began then", async () => {
  const { time, wanted, told, sweepDone, tend, known, find } = parts();
  const from = new Date(time.now() - HOUR);
  await find({ from, to: null });
  await find({ from, to: null });
  assert.deepEqual([wanted.length, told.length], [1, 1], "what is known already changes nothing");
  await sweepDone("note");
  await tend();
  assert.equal((await known()).length, 1, "it goes on");
  assert.equal(wanted.length, 1, "and has been swept once");
  time.advance(HOUR);
  await find({ from, to: new Date(time.now()) });
  assert.deepEqual([wanted.length, told.map(({ state }) => state)], [2, ["open", "open"]]);
  await tend();
  assert.equal((await known()).length, 1, "the sweep of an hour ago proves nothing");
  await sweepDone("note");
  await tend();
  assert.deepEqual([await known(), told.at(-1)?.state], [[], "closed"]);
});

test("each type is taken out by its own sweep, the last one closes it; a list that lags must begin later", async () => {
  const { time, wanted, sweepDone, tend, known, find, told } = parts(["note", "lagging"]);
  await find({ from: null, to: new Date(time.now()) });
  time.advance(1_000);
  await sweepDone("note");
  await sweepDone("lagging");
  wanted.length = 0;
  await tend();
  assert.deepEqual(
    (await known()).map(({ types }) => types),
    [["desk.lagging"]],
  );
  assert.deepEqual(wanted, [], "one that begins now would prove nothing: it is not swept again and again");
  time.advance(61_000);
  await tend();
  assert.deepEqual(wanted, [sweepName("desk.lagging", "")], "it is wanted once more");
  await sweepDone("lagging");
  await tend();
  assert.deepEqual([await known(), told.map(({ state }) => state)], [[], ["open", "closed"]]);
});

test("after a crash between a gap and its sweep the patrol wants the sweep", async () => {
  const { store, wanted, tend, known, find, time } = parts();
  await find({ from: null, to: new Date(time.now()) });
  await store.checkpoint({ name: sweepName("desk.note", ""), step: (at) => ({ ...at, value: null }) });
  wanted.length = 0;
  await tend();
  await tend();
  assert.deepEqual(wanted, [sweepName("desk.note", "")], "once");
  assert.equal((await known()).length, 1);
});

test("the engine itself comes back to a gap that a crash left without a sweep, and to one without an end", async () => {
  const { time, store, sync, gaps } = setUp();
  await sync.drain();
  const since = (await store.head()).tick;
  const value = JSON.stringify({ from: null, to: time.now(), since, types: ["desk.note"] });
  await store.checkpoint({ name: FEED, step: (at) => ({ ...at, value }) });
  time.advance(120_000);
  await sync.drain();
  await sync.drain();
  assert.deepEqual(gaps, ["closed feed events"], "it was swept");
  const [swept] = await store.checkpoints("sweep|", "", 1);
  const done = { from: null, to: time.now() - 1_000_000, since: (sweepOf(swept ?? assert.fail()).completed ?? 0) - 1 };
  await store.checkpoint({
    name: FEED,
    step: (at) => ({ ...at, value: JSON.stringify({ ...done, types: ["desk.note"] }) }),
  });
  time.advance(120_000);
  await sync.drain();
  assert.equal(gaps.length, 2, "what proves it was complete already");
  await sync.stop();
});

test("of very many gaps some are looked at in each round, not all", async () => {
  const { time, store, sync } = setUp();
  await sync.drain();
  const value = JSON.stringify({ from: null, to: time.now(), since: (await store.head()).tick, types: ["desk.note"] });
  const names = Array.from({ length: 800 }, (_, i) => `gap|desk||feed ${i}`);
  await Promise.all(names.map((name) => store.checkpoint({ name, step: (at) => ({ ...at, value }) })));
  let looks = 0;
  const counted: Store = {
    ...store,
    close: async () => {},
    checkpoints(prefix, after, limit) {
      if (prefix.startsWith("sweep|desk.note|") && limit === 1) looks++;
      return store.checkpoints(prefix, after, limit);
    },
  };
  const desk = createDesk();
  unlisted(desk);
  const other = createSync({ providers: { desk: desk.provider }, store: counted, time });
  time.advance(120_000);
  await other.drain();
  assert.ok(looks > 30 && looks < 250, `${looks} looks`);
  for (const one of [sync, other]) await one.stop();
});

test("a gap that becomes longer while its proof is looked at stays open", async () => {
  const { store, time, sweepDone, known, find, tendOne } = parts();
  await find({ from: null, to: new Date(time.now()) });
  const [at] = await store.checkpoints("gap|", "", 1);
  await sweepDone("note");
  time.advance(HOUR);
  await find({ from: null, to: new Date(time.now()) });
  // As it was read before: the sweep proves that, and not what it is by now.
  await tendOne(at ?? assert.fail());
  assert.equal((await known()).length, 1);
});

test("a type that nobody knows any more keeps a gap open for a week", async () => {
  const { time, tend, known, find } = parts();
  await find({ from: null, to: new Date(time.now()) }, ["desk.unknown"]);
  time.advance(6 * 24 * HOUR);
  await tend();
  assert.equal((await known()).length, 1, "another process may know it");
  time.advance(25 * HOUR);
  await tend();
  assert.deepEqual(await known(), []);
});

test("what is no gap is read as none", () => {
  for (const value of [null, "", "{", "[]", '{"from":1}']) assert.equal(gapOf({ value }), undefined);
});

test("joinGap: found twice is found once; whatever is found, it never becomes shorter, and its proof never older", () => {
  const at = fc.option(fc.integer({ min: 0, max: 50 }), { nil: null });
  const bounds = fc.record({ from: at, to: at, types: fc.subarray(["a", "b", "c"]) });
  // What nobody can know yet is not found.
  const dated = (
    { from, to, types }: { from: number | null; to: number | null; types: string[] },
    now: number,
  ): Bounds => ({
    ...{
      from: from === null ? null : new Date(from),
      to: to === null ? null : new Date(Math.min(to, now / 1_000)),
      types,
    },
  });
  const property = fc.property(fc.array(bounds, { minLength: 1, maxLength: 6 }), (found) => {
    let gap = joinGap(undefined, dated(found[0] ?? assert.fail(), 10_000), 10_000);
    found.slice(1).forEach((drawn, i) => {
      const now = 10_000 * (i + 2);
      const one = dated(drawn, now);
      const next = joinGap(gap, one, now);
      assert.deepEqual(joinGap(next, one, now + 1), next, "found twice");
      const [from, to] = [one.from?.getTime() ?? null, one.to?.getTime() ?? null];
      const [begin, end] = [Math.min(from ?? 0, gap.from ?? 0), Math.max(to ?? 0, gap.to ?? 0)];
      assert.equal(next.from, from === null || gap.from === null ? null : begin);
      assert.equal(next.to, to === null ? null : gap.to === null ? to : end);
      assert.ok(next.since >= gap.since && [...gap.types, ...one.types].every((type) => next.types.includes(type)));
      // What a sweep proved that had begun before this was found, it proves of the longer one only if it covers that.
      if (isMet(next, now - 1, 0)) assert.ok(to !== null && ticks(to) < now - 1);
      gap = next;
    });
    assert.equal(isSeen(gap, gap.since, 0), false, "only what began later");
    assert.equal(isMet({ ...gap, to: null }, Number.MAX_SAFE_INTEGER, 0), false, "one that goes on");
  });
  fc.assert(property, { numRuns: 300, seed: 1 });
});
