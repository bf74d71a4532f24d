/** What a hint is worth: a version that is recorded already asks for nothing, and nothing is missed for it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createSync } from "tidemark";
import { createVirtualTime } from "tidemark/testing";
import { accept, blank, type Note, type Observation, PATIENCE, put, type Row, type Rules, settle } from "../src/row.ts";
import { isTold, keepCause, worthReading } from "../src/work/news.ts";
import { createDesk, type Desk, memory, take, webhookOf } from "./desk.ts";

const NOW = 1_800_000_000_000_000;
const strict: Rules = { versions: "strict", grain: 2_000, lag: 0 };
const coarse: Rules = { versions: "coarse", grain: 2_000, lag: 0 };
const none: Rules = { versions: "none", grain: 2_000, lag: 5_000_000 };
const ref = { type: "desk.note", scope: "", id: "1" };

/** Recorded a second ago, as version 7,000. */
const recorded: Row = {
  ...blank(ref),
  ...{ position: 1, present: true, print: "a", raw: "a", version: 7_000 },
  ...{ first: NOW - 1_000_000, last: NOW - 1_000_000, seen: NOW - 1_100_000 },
};
const noteOf = (version: number | null, at: number | null = null, id = "e9"): Note => ({
  ...ref,
  ...{ version, event: { id, name: "x", at }, class: "live", via: "webhook" },
});

test("the recorded version tells nothing where every change raises it; else two states may share it", () => {
  assert.equal(isTold(recorded, noteOf(7_000), strict, NOW), true);
  assert.equal(isTold(recorded, noteOf(7_000), coarse, NOW), false);
  assert.equal(isTold(recorded, noteOf(7_001), strict, NOW), false);
  assert.equal(isTold(recorded, noteOf(null), strict, NOW), false, "a deletion names none");
  assert.equal(isTold({ ...recorded, present: false }, noteOf(7_000), strict, NOW), false, "it is gone");
  assert.equal(isTold(blank(ref), noteOf(1), strict, NOW), false);
});

test("a version that is certainly lower is late, unless the provider may have gone back", () => {
  assert.equal(isTold(recorded, noteOf(6_999), strict, NOW), true);
  assert.equal(isTold(recorded, noteOf(5_000), coarse, NOW), true);
  assert.equal(isTold(recorded, noteOf(5_001), coarse, NOW), false, "within the grain nobody knows");
  const later = NOW + PATIENCE;
  assert.equal(isTold(recorded, noteOf(6_999), strict, later), false, "long after the read");
  const before = (NOW - 1_500_000) / 1_000;
  assert.equal(isTold(recorded, noteOf(6_999, before), strict, later), true, "but it happened before that");
  assert.equal(isTold(recorded, noteOf(6_999, NOW / 1_000), strict, later), false, "or after it");
  for (const doubt of [{ epoch: 1 }, { regressions: 1 }, { incarnation: 5 }]) {
    for (const version of [6_999, 7_000])
      assert.equal(isTold({ ...recorded, ...doubt }, noteOf(version), strict, NOW), false, JSON.stringify(doubt));
  }
});

test("what is told is remembered: its repeat is none, a resend after an hour is looked at", () => {
  const told = keepCause(recorded, noteOf(7_000), NOW);
  assert.deepEqual({ ...told, causes: [] }, recorded, "nothing is owed");
  assert.deepEqual(
    told.causes.map(({ id, used }) => [id, used]),
    [["e9", true]],
  );
  assert.equal(isTold(told, noteOf(7_000), strict, NOW + 1), false);
  assert.equal(put(told, noteOf(7_000), NOW + 1, NOW + 1), told, "a repeat changes nothing");
  const hour = NOW + 3_600_000_000;
  assert.equal(put(told, noteOf(7_000), hour, hour).due, hour);
  assert.equal(keepCause(recorded, { ...noteOf(7_000), event: null }, NOW), recorded);
});

test("what may be told waits for the read that decides it; what is news does not", () => {
  const decided = NOW + 1_000_000 + 1;
  assert.equal(worthReading(recorded, noteOf(7_000), coarse, NOW), decided, "the grain after it was first seen");
  assert.equal(worthReading(recorded, noteOf(6_000), coarse, NOW), decided);
  assert.equal(worthReading(recorded, noteOf(7_000), { ...coarse, lag: 5_000_000 }, NOW), NOW + 5_000_001);
  assert.equal(worthReading(recorded, noteOf(0), none, NOW), NOW - 1_000_000 + 5_000_001, "a lag after the last read");
  assert.equal(worthReading(recorded, noteOf(0), { ...none, lag: 0 }, NOW), 0);
  for (const version of [7_001, null]) assert.equal(worthReading(recorded, noteOf(version), coarse, NOW), 0);
  assert.equal(worthReading(recorded, noteOf(7_000), strict, NOW), 0);
  assert.equal(worthReading(recorded, { ...noteOf(7_000), via: "app" }, coarse, NOW), 0, "somebody waits for it");
  assert.equal(worthReading({ ...recorded, present: false }, noteOf(7_000), coarse, NOW), 0);
});

/** A resource, its webhooks in any order, and reads as they come due. Ticks are small numbers. */
interface World {
  rules: Rules;
  incarnations: boolean;
  /** Notes that asked for nothing. */
  told: number;
  now: number;
  states: { at: number; print: string | null; version: number; incarnation: number }[];
  sent: (number | null)[];
  row: Row;
}

const truthOf = ({ states }: World) => states.at(-1) ?? assert.fail();

function write(world: World, draw: number): void {
  const { rules, now, incarnations } = world;
  const { print, version, incarnation } = truthOf(world);
  if (print !== null && draw % 5 === 0) world.states.push({ at: now, print: null, version, incarnation });
  else {
    const anew = print === null;
    const next = anew && incarnations ? 1 : version + 1;
    const raised = rules.versions === "strict" ? next : Math.floor(now / 4);
    const state = { at: now, print: `p${now}`, version: raised, incarnation: anew ? now : incarnation };
    world.states.push(state);
  }
  const latest = truthOf(world);
  world.sent.push(latest.print === null ? null : latest.version);
}

function deliver(world: World, draw: number): void {
  const [version = null] = world.sent.splice(draw % world.sent.length, 1);
  const note: Note = { ...noteOf(version), event: null };
  const { row, rules, now } = world;
  if (isTold(row, note, rules, now)) world.told++;
  else world.row = put(row, note, now, Math.max(now, worthReading(row, note, rules, now)));
}

function read(world: World, start: number, draw: number): void {
  const from = start - world.rules.lag;
  const instant = from + Math.floor((draw / 1_000) * (world.now - from));
  const state = world.states.findLast(({ at }) => at <= instant) ?? assert.fail();
  const present = state.print !== null;
  const o: Observation = {
    ...{ present, print: state.print, raw: state.print, start, from, to: world.now, certain: true },
    version: present ? state.version : null,
    incarnation: present && world.incarnations ? state.incarnation : null,
  };
  const { row, relation, changes } = accept(world.row, o, world.rules);
  const placed = changes.length > 0 ? { ...row, position: world.now } : row;
  world.row = settle(placed, { o, relation }, world.rules, draw / 1_000);
}

const histories = fc.record({
  rules: fc.record({
    versions: fc.constantFrom("strict" as const, "coarse" as const),
    grain: fc.constant(1),
    lag: fc.constantFrom(0, 0, 7),
  }),
  incarnations: fc.boolean(),
  steps: fc.array(fc.tuple(fc.nat(9), fc.nat(999), fc.nat(4)), { minLength: 60, maxLength: 60, size: "max" }),
});

test("when every webhook came, in whatever order, the last state is recorded: 6,000 random histories", () => {
  let told = 0;
  const property = fc.property(histories, ({ rules, incarnations, steps }) => {
    const first = { at: 0, print: "p0", version: 0, incarnation: 0 };
    const world: World = {
      ...{ rules, incarnations, told: 0, now: 1_000 },
      ...{ states: [first], sent: [0], row: blank(ref) },
    };
    for (const [kind, draw, pace] of steps) {
      world.now += 1 + pace;
      const { due } = world.row;
      if (kind < 3) write(world, draw);
      else if (kind < 7 && world.sent.length > 0) deliver(world, draw);
      else if (due !== null && due <= world.now) {
        const start = world.now;
        world.now += 1 + pace;
        if (draw % 3 === 0) write(world, draw);
        if (draw % 2 === 0 && world.sent.length > 0) deliver(world, draw);
        read(world, start, draw);
      }
    }
    while (world.sent.length > 0) {
      world.now += 2;
      deliver(world, 0);
    }
    for (let fetches = 0; world.row.due !== null; fetches++) {
      assert.ok(fetches < 12, "fetches without an end");
      const start = Math.max(world.now, world.row.due) + 1;
      world.now = start + 3;
      read(world, start, 999);
    }
    assert.equal(world.row.print, truthOf(world).print, "the record is the truth");
    told += world.told;
  });
  fc.assert(property, { numRuns: 6_000, seed: Number(process.env["SEED"] ?? 1) });
  assert.ok(told > 5_000, `${told} were told`);
});

async function open(desk: Desk) {
  const time = createVirtualTime();
  const sync = createSync({ providers: { desk: desk.provider }, store: memory(time), time, sweepEvery: 86_400_000 });
  const run = (ms: number) => time.run(time.now() + ms);
  const started = sync.start();
  await run(10_000);
  await started;
  desk.calls.length = 0;
  const hear = async (...hints: unknown[]) => {
    const answered = sync.webhook("desk", webhookOf(hints));
    await run(100);
    return answered;
  };
  const end = async () => {
    const stopped = sync.stop();
    await run(1_000);
    await stopped;
  };
  return { time, sync, run, hear, end };
}

test("five events of one action cost one read, and a deletion among late ones is seen", async () => {
  const desk = createDesk({ feed: false });
  const { sync, run, hear, end } = await open(desk);
  const hint = desk.put("1", "a");
  const version = desk.notes.get("")?.get("1")?.rev;
  for (let i = 0; i < 5; i++) {
    await hear({ ...hint, version, event: { ...hint.event, id: `evt_x${i}` } });
    await run(300);
  }
  assert.deepEqual(desk.calls, ["fetch /1"]);
  desk.put("1", "b");
  await hear({ ...hint, version: desk.notes.get("")?.get("1")?.rev });
  desk.remove("1");
  await hear({ type: "note", id: "1" }, { ...hint, version, event: { id: "evt_late", name: "x" } });
  await run(5_000);
  const told = take(sync.changes({ follow: false }));
  await run(1);
  assert.deepEqual(
    (await told).map(({ after }) => after?.text),
    ["a", "b", undefined],
  );
  await end();
});

/** Versions of a second's precision. */
function createCoarse(): Desk {
  const desk = createDesk({ feed: false });
  Object.assign(desk.provider.resources.note, { versionKind: "coarse", grain: 1_000, version: () => 5_000 });
  return desk;
}

test("events that name the recorded version share one read after the grain, and it finds what shares that version", async () => {
  const desk = createCoarse();
  const { sync, run, hear, end } = await open(desk);
  const hint = (id: string) => ({ type: "note", id: "1", version: 5_000, event: { id, name: "x" } });
  desk.put("1", "a");
  await hear(hint("e1"));
  desk.put("1", "b");
  for (const id of ["e2", "e3", "e4"]) await hear(hint(id));
  assert.deepEqual(desk.calls, ["fetch /1"]);
  await run(1_000);
  assert.deepEqual(desk.calls, ["fetch /1", "fetch /1"]);
  const known = sync.get("desk.note", "1");
  await run(1);
  assert.equal((await known)?.state?.text, "b");
  await end();
});

test("a drain waits for nothing: where no loop comes back, what is hinted is read now", async () => {
  const desk = createCoarse();
  const time = createVirtualTime();
  const sync = createSync({ providers: { desk: desk.provider }, store: memory(time), time });
  const drain = async () => {
    const drained = sync.drain();
    await time.run(time.now() + 100);
    await drained;
  };
  await drain();
  for (const text of ["a", "b"]) {
    desk.put("1", text);
    const answered = sync.webhook("desk", webhookOf([{ type: "note", id: "1", version: 5_000 }]));
    await time.run(time.now() + 1);
    await answered;
    await drain();
  }
  const known = sync.get("desk.note", "1");
  await time.run(time.now() + 1);
  assert.equal((await known)?.state?.text, "b");
  const stopped = sync.stop();
  await time.run(time.now() + 100);
  await stopped;
});
