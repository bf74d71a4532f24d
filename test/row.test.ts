/** What can happen to a resource, rule by rule. Ticks are small numbers around 0; T is far from any FORGET. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  accept,
  BACKOFF,
  blank,
  CAUSES,
  type Class,
  classes,
  clean,
  explains,
  FORGET,
  hint,
  lease,
  type Observation,
  PATIENCE,
  REPEAT,
  type Row,
  type Rules,
  relate,
  settle,
  sight,
  suspect,
} from "../src/row.ts";

const T = 10 * FORGET;
const strict: Rules = { versions: "strict", grain: 0, lag: 0 };
const coarse: Rules = { versions: "coarse", grain: 10, lag: 0 };
const none: Rules = { versions: "none", grain: 0, lag: 0 };

/** Recorded at T: state "p", version 50, incarnation 1; first seen by a read that ended at T, last at T + 100. */
const known = (over: Partial<Row> = {}): Row => ({
  ...blank({ type: "a.b", scope: "", id: "x" }),
  ...{ position: 1, present: true, print: "p", raw: "P", version: 50, incarnation: 1, first: T, last: T + 100 },
  ...over,
});
const gone = (over: Partial<Row> = {}) => known({ present: false, print: null, raw: null, ...over });
const unknown = blank({ type: "a.b", scope: "", id: "x" });

/** A fetch from T + `from` to T + `to`. */
const read = (from: number, to: number, over: Partial<Observation> = {}): Observation => ({
  ...{ present: true, print: "q", raw: "Q", version: 50, incarnation: 1, certain: true },
  ...{ start: T + from, from: T + from, to: T + to, ...over },
});
const absent = (from: number, to: number, over: Partial<Observation> = {}) =>
  read(from, to, { present: false, print: null, raw: null, version: null, incarnation: null, ...over });
const how = (tick: number, cls: Class = "live") => ({ tick, class: cls, via: "webhook", due: tick }) as const;
const done = (o: Observation, relation: ReturnType<typeof relate> = "same") => ({ o, relation });

test("relate: what no rule of versions decides is placed by disjoint intervals, or not at all", () => {
  assert.equal(relate(unknown, read(0, 1), none), "newer");
  assert.equal(relate(unknown, absent(0, 1), none), "same");
  assert.equal(relate(known(), read(50, 60, { print: "p" }), none), "same");
  assert.equal(relate(known(), read(1, 200), none), "newer", "after the earliest evidence, though before the latest");
  assert.equal(relate(known(), read(0, 200), none), "unordered", "touching is overlapping");
  assert.equal(relate(known(), absent(1, 200), strict), "newer", "an absence has no version");
  assert.equal(relate(known(), absent(0, 200), strict), "unordered");
});

test("relate: the provider's version decides, whatever the interval", () => {
  assert.equal(relate(known(), read(-9, 200, { version: 51 }), strict), "newer");
  assert.equal(relate(known(), read(50, 200, { version: 49 }), strict), "older");
  assert.equal(relate(known(), read(101, 200, { version: 49 }), strict), "regressed");
  assert.equal(relate(known(), read(-9, 200, { version: 59 }), coarse), "unordered", "within the grain");
  assert.equal(relate(known(), read(-9, 200, { version: 60 }), coarse), "newer");
  assert.equal(relate(known(), read(50, 200, { version: 40 }), coarse), "older");
  assert.equal(relate(known(), read(1, 200, { version: null }), strict), "newer");
  assert.equal(relate(known(), read(-9, 200, { version: 99 }), none), "unordered", "a type without versions has none");
});

test("relate: the incarnation decides before the version", () => {
  assert.equal(relate(known(), read(-9, 200, { incarnation: 2, version: 1 }), strict), "newer");
  assert.equal(relate(known({ incarnation: 2 }), read(50, 200, { version: 99 }), strict), "older");
  assert.equal(relate(known({ incarnation: 2 }), read(101, 200, { version: 99 }), strict), "regressed");
  assert.equal(
    relate(known(), read(-9, 200, { incarnation: 2, print: "p" }), strict),
    "newer",
    "equal content, another resource",
  );
  assert.equal(relate(known(), read(-9, 1, { incarnation: null, print: "p" }), strict), "same");
});

test("relate: versions are never compared across a tombstone", () => {
  assert.equal(relate(gone(), read(-50, 200, { version: 99 }), strict), "unordered", "a late page must not resurrect");
  assert.equal(relate(gone(), read(1, 200, { version: 1 }), strict), "newer");
  assert.equal(relate(gone(), absent(-50, 200), strict), "same");
});

test("relate: a read from before a believed regression has no version", () => {
  const row = known({ epoch: T + 100, version: 10, first: T + 100 });
  assert.equal(relate(row, read(100, 200, { version: 99 }), strict), "unordered");
  assert.equal(relate(row, read(101, 200, { version: 99 }), strict), "newer");
});

test("relate: a read so old that a tombstone may be forgotten cannot be placed", () => {
  assert.equal(relate(unknown, { ...read(0, 0), from: T - FORGET, to: T }, strict), "unordered");
  assert.equal(relate(unknown, { ...read(0, 0), from: T - FORGET + 1, to: T }, strict), "newer");
});

test("accept: a newer state is recorded with its evidence", () => {
  const { row, relation, changes } = accept(known(), read(101, 200, { version: 51 }), strict);
  assert.equal(relation, "newer");
  assert.deepEqual(changes, [{ present: true }]);
  const { print, raw, version, first, last, seen, confirm } = row;
  assert.deepEqual(
    { print, raw, version, first, last, seen, confirm },
    { print: "q", raw: "Q", version: 51, first: T + 200, last: T + 200, seen: T + 101, confirm: null },
  );
});

test("accept: a newer state that overlaps later evidence is recorded and looked at once more", () => {
  const { row, changes } = accept(known(), read(50, 90), none);
  assert.equal(changes.length, 1);
  assert.deepEqual([row.confirm, row.class, row.due], [T + 100, "confirm", T + 90]);
  const { row: later } = accept(known(), read(50, 200), none);
  assert.equal(later.confirm, T + 200);
  assert.equal(accept(known(), read(101, 200), none).row.confirm, null, "no second read without an overlap");
});

test("accept: what cannot be ordered is not recorded and is owed a read after both", () => {
  const { row, relation, changes } = accept(known(), read(-5, 200), none);
  assert.deepEqual([relation, changes, row.print, row.confirm, row.due], ["unordered", [], "p", T + 200, T + 200]);
  assert.equal(accept(known(), read(-5, 50), none).row.confirm, T + 100);
});

test("accept: an older state changes nothing but that it was seen", () => {
  const { row, relation, changes } = accept(known(), read(50, 200, { version: 49 }), strict);
  assert.deepEqual([relation, changes], ["older", []]);
  assert.deepEqual(row, known({ seen: T + 50 }));
});

test("accept: the same state moves the latest evidence, and its version may rise", () => {
  const { row, changes } = accept(
    known({ regressions: 2, regressedAt: T }),
    read(101, 200, { print: "p", raw: "P2", version: 55 }),
    strict,
  );
  assert.deepEqual(changes, []);
  const { first, last, version, raw, regressions, regressedAt } = row;
  assert.deepEqual(
    { first, last, version, raw, regressions, regressedAt },
    { first: T, last: T + 200, version: 55, raw: "P2", regressions: 0, regressedAt: null },
  );
  const old = accept(known({ epoch: T + 150 }), read(101, 200, { print: "p", version: 99 }), strict);
  assert.equal(old.row.version, 50, "a read from before the epoch does not lift the version");
});

test("accept: an absence is evidence even where nothing is recorded", () => {
  const { row } = accept(unknown, absent(0, 10), none);
  assert.deepEqual([row.first, row.last, row.position], [T + 10, T + 10, null]);
  const page = accept(row, read(5, 20, { certain: false }), none);
  assert.deepEqual([page.relation, page.row.confirm], ["newer", T + 20], "a page that overlaps it is confirmed");
});

test("accept: another incarnation is recorded after a tombstone", () => {
  const { changes, row } = accept(known(), read(101, 200, { incarnation: 2 }), strict);
  assert.deepEqual(changes, [{ present: false }, { present: true }]);
  assert.equal(row.incarnation, 2);
  assert.deepEqual(accept(gone(), read(101, 200, { incarnation: 2 }), strict).changes, [{ present: true }]);
});

test("accept: a tombstone keeps the version and the incarnation of what is gone", () => {
  const { row, changes } = accept(known(), absent(101, 200), strict);
  assert.deepEqual(changes, [{ present: false }]);
  assert.deepEqual([row.present, row.print, row.raw, row.version, row.incarnation], [false, null, null, 50, 1]);
});

test("accept: a version that fell is believed from the third fetch on, after PATIENCE, and begins an epoch", () => {
  const fallen = (at: number, over: Partial<Observation> = {}) => read(at - 5, at, { version: 40, ...over });
  let { row, relation } = accept(known(), fallen(200), strict);
  assert.deepEqual(
    [relation, row.regressions, row.regressedAt, row.confirm, row.print],
    ["regressed", 1, T + 200, T + 200, "p"],
  );
  ({ row } = accept(row, fallen(300, { certain: false }), strict));
  assert.equal(row.regressions, 1, "a page does not count");
  assert.equal(row.confirm, T + 300);
  ({ row } = accept(row, fallen(400), strict));
  ({ row, relation } = accept(row, fallen(500), strict));
  assert.deepEqual([relation, row.regressions], ["regressed", 3], "three in a row, but too soon");
  assert.equal(accept(row, fallen(199 + PATIENCE), strict).relation, "regressed", "a tick too soon");
  const believed = accept(row, fallen(200 + PATIENCE), strict);
  assert.deepEqual([believed.relation, believed.changes.length], ["newer", 1]);
  assert.deepEqual([believed.row.epoch, believed.row.version, believed.row.regressions], [T + 200 + PATIENCE, 40, 0]);
  const two = accept(known({ regressions: 1, regressedAt: T + 200 }), fallen(200 + PATIENCE), strict);
  assert.equal(two.relation, "regressed", "long enough, but only two");
});

test("hint: the row is dirty until a read that began later; the floor is the highest version, void without one", () => {
  const first = hint(known(), { version: 7 }, how(T + 300));
  assert.deepEqual(
    [first.hinted, first.floor, first.unversioned, first.class, first.due, first.via],
    [T + 300, 7, false, "live", T + 300, "webhook"],
  );
  const second = hint(first, { version: 5 }, how(T + 400));
  assert.deepEqual([second.hinted, second.floor], [T + 400, 7]);
  const third = hint(hint(second, {}, how(T + 500)), { version: 9 }, how(T + 600));
  assert.deepEqual([third.floor, third.unversioned], [9, true]);
});

test("a row never becomes less urgent, and is never read later, because it is wanted again", () => {
  for (const before of classes) {
    for (const after of classes) {
      const row = hint(known({ class: before, due: T + 5, via: "poll" }), {}, how(T + 9, after));
      const urgent = classes.indexOf(before) <= classes.indexOf(after) ? before : after;
      assert.deepEqual([row.class, row.due, row.via], [urgent, T + 5, "poll"], `${before} then ${after}`);
    }
  }
  assert.equal(hint(known({ class: "live", due: T + 9 }), {}, how(T + 5)).due, T + 5, "but sooner it is");
});

test("suspect: owed a fetch that begins later; clean rows only become dirty by it", () => {
  const row = suspect(known(), how(T + 300, "suspect"));
  assert.deepEqual([row.confirm, row.hinted, row.class, row.due], [T + 300, null, "suspect", T + 300]);
  assert.equal(settle(row, done(read(300, 310)), strict, 0).due, T + 301);
  assert.equal(settle(row, done(read(301, 310)), strict, 0).due, null);
});

test("suspect and confirm are owed the latest of their reads, and keep what made the row dirty", () => {
  const row = suspect(suspect(known(), how(T + 300, "suspect")), how(T + 200, "suspect"));
  assert.equal(row.confirm, T + 300);
  const hinted = hint(known(), {}, { ...how(T + 300, "poll"), via: "poll" });
  const { row: unordered } = accept({ ...hinted, confirm: T + 900 }, read(-5, 400), none);
  assert.deepEqual([unordered.confirm, unordered.via, unordered.class], [T + 900, "poll", "confirm"]);
  assert.equal(accept(known(), read(-5, 400), none).row.via, "sweep", "a page of a sweep that could not be ordered");
});

test("a lease only saves calls: what a forgotten worker brings late is judged like any other read", () => {
  const row = lease(hint(known(), {}, how(T + 300)), T + 900);
  assert.equal(row.lease, T + 900);
  const fresh = accept(row, read(1_000, 1_100, { version: 52 }), strict);
  const late = accept({ ...fresh.row, position: 2 }, read(310, 2_000, { version: 51, print: "r" }), strict);
  assert.deepEqual([late.relation, late.changes, late.row.print], ["older", [], "q"]);
  const unplaced = accept({ ...fresh.row, position: 2 }, read(310, 2_000, { print: "r" }), none);
  assert.deepEqual([unplaced.relation, unplaced.changes, unplaced.row.confirm], ["unordered", [], T + 2_000]);
});

test("equal content never makes the evidence for it earlier or later than it is", () => {
  // Were \`first\` moved, a read from before the state was there could pass as newer, or a later one wait for nothing.
  let row = known();
  for (const to of [500, 700, 900]) ({ row } = accept(row, read(to - 90, to, { print: "p", raw: "P" }), none));
  assert.equal(row.first, T);
  assert.equal(accept(row, read(0, 950), none).relation, "unordered");
  assert.equal(accept(row, read(1, 950), none).relation, "newer");
});

test("sight: seen, and read unless that very version is certainly recorded", () => {
  const start = T + 200;
  const sighted = (row: Row, version?: number, rules = strict) =>
    sight(row, version === undefined ? { start } : { start, version }, how(T + 300), rules);
  assert.equal(sighted(known(), 50).due, null);
  assert.equal(sighted(known(), 50).seen, start);
  assert.equal(sighted(known(), 51).due, T + 300);
  assert.equal(sighted(known(), 51).floor, 51);
  assert.equal(sighted(known()).due, T + 300);
  assert.equal(sighted(gone(), 50).due, T + 300);
  assert.equal(sighted(known({ seen: T + 900 }), 50).seen, T + 900);
});

test("sight: a version below the recorded one is read, because the provider may have gone back", () => {
  const row = sight(known(), { start: T + 200, version: 49 }, how(T + 300), strict);
  assert.deepEqual([row.due, row.floor], [T + 300, null]);
});

test("sight: a coarse version may be that of two states, until the recorded one was there long after it was first seen", () => {
  const sighted = (row: Row) => sight(row, { start: T + 200, version: 50 }, how(T + 300), coarse).due;
  assert.equal(sighted(known()), T + 300);
  assert.equal(sighted(known({ last: T + PATIENCE })), T + 300);
  assert.equal(sighted(known({ last: T + PATIENCE + 1 })), null);
});

test("settle: a hint is met by a read that began after it, and by no other", () => {
  const row = lease(hint(known(), {}, how(T + 300)), T + 900);
  const before = settle(row, done(read(300, 400)), strict, 0.5);
  assert.deepEqual(
    [before.due, before.attempts, before.lease],
    [T + 301, 0, null],
    "overtaken: again at once, no failure",
  );
  const after = settle(row, done(read(301, 400)), strict, 0.5);
  assert.deepEqual(after, known());
});

test("settle: the read that decides waits for the lag", () => {
  const lagging = { ...none, lag: 1_000 };
  const row = hint(known(), {}, how(T + 300));
  assert.equal(settle(row, done(read(-690, 400, { start: T + 310 })), lagging, 0.5).due, T + 1_301);
});

test("settle: a strict version that reached the floor meets the hint, whenever the read began", () => {
  const row = hint(known(), { version: 60 }, how(T + 300));
  const reached = done(read(200, 400, { version: 60 }), "newer");
  assert.equal(settle(row, reached, strict, 0).due, null);
  assert.equal(settle(row, reached, coarse, 0).due, T + 301, "a coarse one does not");
  assert.equal(
    settle({ ...row, unversioned: true }, reached, strict, 0).due,
    T + 301,
    "nor after a hint without a version",
  );
  assert.equal(settle({ ...row, epoch: T + 250 }, reached, strict, 0).due, T + 301, "nor a read from before the epoch");
});

test("settle: a read below the floor is repeated with backoff, but not for ever", () => {
  const row = hint(known(), { version: 60 }, how(T + 300));
  const below = settle(row, done(read(310, 400, { version: 59 }), "newer"), strict, 0.5);
  assert.deepEqual([below.attempts, below.due], [1, T + 400 + BACKOFF[0] / 2]);
  const missing = settle(row, done(absent(310, 400)), strict, 0.5);
  assert.equal(missing.attempts, 1, "an absence is below every floor");
  const late = done(read(301 + PATIENCE, 400 + PATIENCE, { version: 59 }));
  assert.equal(settle(row, late, strict, 0.5).due, null, "a version that nobody serves must not wedge");
});

test("settle: sweeps that come often do not keep a version that nobody serves from being given up", () => {
  const SWEEP = PATIENCE / 2;
  let row = hint(known(), { version: 99 }, how(T + 300));
  for (let at = 300 + SWEEP; at < 300 + 4 * SWEEP; at += SWEEP) {
    const swept = sight(row, { start: T + at }, how(T + at, "sweep"), strict);
    assert.ok((swept.due ?? Number.POSITIVE_INFINITY) <= T + at, "each has it read");
    const o = read(at, at + 5, { print: "p" });
    assert.notEqual(settle(swept, done(o), strict, 0.5).due, null, "by a request that begins later");
    const later = read(at + 1, at + 6, { print: "p" });
    row = settle(accept(swept, later, strict).row, done(later), strict, 0.5);
  }
  assert.equal(row.due, null);
});

test("settle: what was not applied proves nothing", () => {
  const row = hint(known(), { version: 10 }, how(T + 300));
  const unordered = settle({ ...row, confirm: T + 400 }, done(read(301, 400, { version: 60 }), "unordered"), strict, 0);
  assert.deepEqual([unordered.due, unordered.attempts], [T + 401, 0]);
  const contradicted = settle(
    { ...row, confirm: T + 400 },
    done(read(301, 400, { version: 60 }), "regressed"),
    strict,
    0.5,
  );
  assert.deepEqual(
    [contradicted.due, contradicted.attempts],
    [T + 400 + BACKOFF[0] / 2, 1],
    "it backs off, so that PATIENCE can pass",
  );
});

test("settle: hint and confirmation must both be met", () => {
  const row = { ...hint(known(), {}, how(T + 300)), confirm: T + 350 };
  assert.equal(settle(row, done(read(320, 400)), strict, 0).due, T + 351);
  assert.equal(settle(row, done(read(351, 400)), strict, 0).due, null);
});

test("settle: what each outcome of a read makes of each demand", () => {
  // A read from T + 350 to T + 400 that shows version 60. Hinted or confirmed "before" is T + 300, "during" is T + 360.
  const at = { before: T + 300, during: T + 360 };
  const outcomes = ["same", "newer", "older", "unordered", "regressed", "failed", "told to wait"] as const;
  const C = "clean"; // Nothing is owed.
  const A = "again"; // Read again when a read can decide; no failure.
  const B = "back off"; // A failure: attempts + 1.
  const W = "wait"; // As long as the provider says; attempts stay.
  const table: [name: string, demand: Partial<Row>, cells: string[]][] = [
    ["hinted before", { hinted: at.before }, [C, C, C, A, B, B, W]],
    ["hinted during", { hinted: at.during }, [A, A, A, A, B, B, W]],
    ["suspected before", { confirm: at.before }, [C, C, C, A, B, B, W]],
    ["suspected during", { confirm: at.during }, [A, A, A, A, B, B, W]],
    ["hinted before, suspected during", { hinted: at.before, confirm: at.during }, [A, A, A, A, B, B, W]],
    ["hinted during, suspected before", { hinted: at.during, confirm: at.before }, [A, A, A, A, B, B, W]],
    ["floor reached, hinted before", { hinted: at.before, floor: 60 }, [C, C, C, A, B, B, W]],
    ["floor reached, hinted during", { hinted: at.during, floor: 60 }, [C, C, C, A, B, B, W]],
    ["floor reached, suspected during", { hinted: at.before, floor: 60, confirm: at.during }, [A, A, A, A, B, B, W]],
    ["floor not reached, hinted before", { hinted: at.before, floor: 61 }, [B, B, B, A, B, B, W]],
    ["floor not reached, hinted during", { hinted: at.during, floor: 61 }, [A, A, A, A, B, B, W]],
    ["floor void, hinted before", { hinted: at.before, floor: 61, unversioned: true }, [C, C, C, A, B, B, W]],
    ["floor void, hinted during", { hinted: at.during, floor: 60, unversioned: true }, [A, A, A, A, B, B, W]],
  ];
  const o = read(350, 400, { version: 60 });
  for (const [name, demand, cells] of table) {
    outcomes.forEach((outcome, i) => {
      const row = known({
        class: "live",
        due: T,
        via: "webhook",
        attempts: 2,
        lease: T + 900,
        error: "502",
        ...demand,
      });
      // What could not be ordered, or contradicts, was given a confirmation by accept.
      const owed = outcome === "unordered" || outcome === "regressed" ? { ...row, confirm: o.to } : row;
      const failure = { failed: "504", at: o.to, ...(outcome === "told to wait" && { until: T + 5_000 }) };
      const after = settle(
        owed,
        outcome === "failed" || outcome === "told to wait" ? failure : { o, relation: outcome },
        strict,
        0.5,
      );
      const { due, attempts, error } = after;
      const decidable = Math.max(owed.hinted ?? 0, owed.confirm ?? 0) + 1;
      const expected = {
        [C]: { due: null, attempts: 0, error: null },
        [A]: { due: decidable, attempts: 0, error: null },
        [B]: { due: o.to + 2 * BACKOFF[0], attempts: 3, error: outcome === "failed" ? "504" : null },
        [W]: { due: T + 5_000, attempts: 2, error: "504" },
      }[cells[i] ?? ""];
      assert.deepEqual({ due, attempts, error }, expected, `${name}, ${outcome}`);
      assert.equal(after.lease, null, `${name}, ${outcome}: the lease ends with the read`);
    });
  }
});

test("settle: neither a failure nor a wait brings the next read before one that can decide", () => {
  const row = hint(known(), {}, how(T + 300));
  const lagging = { ...none, lag: 50_000_000 };
  for (const until of [{}, { until: T + 400 }]) {
    assert.equal(settle(row, { failed: "502", at: T + 390, ...until }, lagging, 0.5).due, T + 300 + lagging.lag + 1);
  }
});

test("settle: failures back off with full jitter, from a second to an hour; being told to wait is none", () => {
  const row = hint(known(), {}, how(T + 300));
  const fail = (attempts: number, random: number) =>
    settle({ ...row, attempts }, { failed: "502", at: T + 400 }, strict, random);
  assert.deepEqual([fail(0, 0).due, fail(0, 1).due], [T + 400, T + 400 + BACKOFF[0]]);
  assert.deepEqual([fail(3, 1).due, fail(3, 1).attempts, fail(3, 1).error], [T + 400 + 8 * BACKOFF[0], 4, "502"]);
  assert.equal(fail(40, 1).due, T + 400 + BACKOFF[1]);
  const waiting = settle({ ...row, attempts: 2 }, { failed: "429", at: T + 400, until: T + 9_000 }, strict, 1);
  assert.deepEqual([waiting.due, waiting.attempts], [T + 9_000, 2]);
});

test("settle: a clean row only loses its lease", () => {
  assert.deepEqual(settle(known({ lease: T }), done(read(1, 2)), strict, 0), known());
  const late = settle(known({ lease: T }), { failed: "502", at: T + 400 }, strict, 0.5);
  assert.deepEqual(late, known(), "a forgotten worker's failure makes nothing dirty");
  const owed: Row = {
    ...known({ hinted: T, floor: 9, unversioned: true, confirm: T, class: "live", due: T }),
    ...{ attempts: 3, lease: T, error: "502", via: "app" },
  };
  assert.deepEqual(clean(owed), known(), "nothing of a demand outlives it");
});

test("an event that came before changes nothing: a feed's repeat ever, a webhook's within an hour", () => {
  const event = { id: "evt_1", name: "x" };
  const row = clean(hint(known(), { event }, how(T)));
  const again = (after: number, via: "webhook" | "poll") => hint(row, { event }, { ...how(T + after), via });
  assert.equal(again(10 * REPEAT, "poll"), row);
  assert.equal(again(REPEAT - 1, "webhook"), row);
  assert.equal(again(REPEAT, "webhook").due, T + REPEAT, "later it is looked at again");
  assert.equal(again(REPEAT, "webhook").causes.length, 1);
  const at = new Date(5_000);
  const told = hint(known(), { event: { id: "evt_2", name: "y", at } }, how(T + 1)).causes;
  assert.deepEqual(told, [{ id: "evt_2", name: "y", at: 5_000, tick: T + 1, used: false }]);
});

test("causes: at most 16, and each is told once, with the change that its read could show", () => {
  let row = known();
  for (let i = 0; i < 20; i++) row = hint(row, { event: { id: `evt_${i}`, name: "x" } }, how(T + 200 + i));
  assert.deepEqual([row.causes.length, row.causes[0]?.id, row.causes.at(-1)?.id], [CAUSES, "evt_4", "evt_19"]);
  const { row: after } = accept(row, read(210, 300), none);
  assert.deepEqual(
    after.causes.filter(({ used }) => !used).map(({ id }) => id),
    ["evt_11", "evt_12", "evt_13", "evt_14", "evt_15", "evt_16", "evt_17", "evt_18", "evt_19"],
  );
});

test("causes: what was told with one change is not told with the next", () => {
  const row = hint(known(), { event: { id: "evt_1", name: "x" } }, how(T + 200));
  const first = read(210, 300);
  const told = (at: Row, o: Observation) => at.causes.filter((cause) => explains(cause, o)).map(({ id }) => id);
  assert.deepEqual(told(row, first), ["evt_1"]);
  assert.deepEqual(told(accept(row, first, none).row, read(310, 400, { print: "r" })), []);
});

test("a resource that is hinted all the time is recorded at least once a second, and never backs off", () => {
  for (const rules of [strict, { ...none, lag: 0 }]) {
    let row = known();
    let recorded = T;
    const ms = 1_000;
    let reading: { start: number; ends: number } | undefined;
    for (let now = T; now < T + 600_000 * ms; now += 100 * ms) {
      if ((now - T) % (300 * ms) === 0) row = hint(row, rules === strict ? { version: now } : {}, how(now));
      if (reading && reading.ends <= now) {
        const o = read(0, 0, {
          start: reading.start,
          from: reading.start,
          to: now,
          print: `at ${now}`,
          version: reading.start + 1,
        });
        const accepted = accept(row, o, rules);
        if (accepted.changes.length > 0) {
          assert.ok(now - recorded <= 1_000 * ms, `nothing was recorded for ${(now - recorded) / ms} ms`);
          recorded = now;
        }
        row = settle({ ...accepted.row, position: 1 }, { o, relation: accepted.relation }, rules, 1);
        assert.equal(row.attempts, 0);
        reading = undefined;
      }
      if (!reading && row.due !== null && row.due <= now) reading = { start: now, ends: now + 400 * ms };
    }
    assert.ok(recorded > T + 599_000 * ms);
  }
});
