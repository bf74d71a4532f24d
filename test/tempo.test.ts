/** How quick polls and sweeps are: the rules, as functions. What the engine makes of them is in schedule.test.ts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync } from "tidemark";
import { feedOf, pollDue, sweepDue, sweepOf } from "../src/reconcile/plan.ts";
import {
  afterPoll,
  afterSweep,
  type Ground,
  pollBounds,
  pollInterval,
  shortestSweep,
  sweepBounds,
  sweepInterval,
} from "../src/reconcile/tempo.ts";
import { createDesk, memory } from "./desk.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TRUSTED: Ground = { trusted: true, missed: 0 };

/** The intervals that so many polls leave, one after another. */
function polls(count: number, busy: boolean, ground: Ground, bounds = { min: MINUTE, max: HOUR }): number[] {
  let every: number | null = null;
  return Array.from({ length: count }, () => {
    every = afterPoll({ every }, bounds, busy, ground);
    return every;
  });
}

test("polls come from what the provider bears to an hour, where it takes webhooks; as fixed, where that is said", () => {
  const five = 5 * MINUTE;
  assert.deepEqual(pollBounds(five, undefined, true), { min: five, max: HOUR });
  assert.deepEqual(pollBounds(five, undefined, false), { min: five, max: five });
  assert.deepEqual(pollBounds(five, undefined, true, 2 * five), { min: 2 * five, max: 2 * five });
  assert.deepEqual(pollBounds(five, undefined, true, MINUTE), { min: five, max: five }, "never below what it bears");
  assert.deepEqual(pollBounds(five, undefined, true, { min: MINUTE, max: 2 * HOUR }), { min: five, max: 2 * HOUR });
  assert.deepEqual(pollBounds(five, undefined, false, { max: HOUR }), { min: five, max: HOUR });
  assert.deepEqual(pollBounds(2 * HOUR, undefined, true), { min: 2 * HOUR, max: 2 * HOUR });
  assert.deepEqual(pollBounds(five, HOUR, true), { min: five, max: HOUR / 2 }, "nothing leaves the feed unseen");
});

test("sweeps come from six hours to a day; as fixed, where that is said", () => {
  assert.deepEqual(sweepBounds(), { min: 6 * HOUR, max: DAY });
  assert.deepEqual(sweepBounds(HOUR), { min: HOUR, max: HOUR });
  assert.deepEqual(sweepBounds({ max: HOUR }), { min: HOUR, max: HOUR });
  assert.deepEqual(sweepBounds({ min: 2 * DAY }), { min: 2 * DAY, max: 2 * DAY });
  assert.deepEqual(sweepBounds({ max: 7 * DAY }), { min: 6 * HOUR, max: 7 * DAY });
});

test("polls that name nothing grow to the longest interval, those that name something to a quarter of it", () => {
  assert.deepEqual(polls(3, false, TRUSTED).map(Math.round), [75_000, 93_750, 117_188]);
  assert.equal(polls(40, false, TRUSTED).at(-1), HOUR);
  assert.equal(polls(40, true, TRUSTED).at(-1), HOUR / 4);
  assert.equal(afterPoll({ every: HOUR }, { min: MINUTE, max: HOUR }, true, TRUSTED), HOUR / 4);
});

test("without webhooks that prove themselves nothing grows, and what had grown does not count", () => {
  const doubted = { trusted: false, missed: 0 };
  const bounds = { min: MINUTE, max: HOUR };
  assert.equal(polls(40, false, doubted).at(-1), MINUTE);
  assert.equal(afterPoll({ every: HOUR }, bounds, false, doubted), MINUTE);
  assert.equal(pollInterval({ every: HOUR }, bounds, doubted), MINUTE);
  assert.equal(pollInterval({ every: HOUR }, bounds, TRUSTED), HOUR);
  assert.equal(pollInterval({ every: null }, bounds, TRUSTED), MINUTE);
  assert.equal(pollInterval({ every: 10 * HOUR }, bounds, TRUSTED), HOUR, "the application may change its mind");
});

test("where a provider has no webhooks, within an application's bounds, what names something is asked soon again", () => {
  const none = { trusted: null, missed: 0 };
  assert.equal(polls(40, false, none).at(-1), HOUR);
  assert.equal(afterPoll({ every: HOUR }, { min: MINUTE, max: HOUR }, true, none), MINUTE);
});

test("of all changes no more than 1 in 250 comes later than polls at the shortest interval would bring it", () => {
  for (const missed of [0.001, 0.004, 0.006, 0.01, 0.02, 0.1, 0.5, 1]) {
    const every = polls(60, true, { trusted: true, missed }).at(-1) ?? 0;
    assert.ok(missed * (1 - MINUTE / every) <= 0.004 + 1e-9, `${missed}: ${every}`);
    // A feed that a quarter of the longest is too long for is not asked more than it needs.
    assert.ok(every === HOUR / 4 || missed * (1 - MINUTE / every) > 0.0039, `${missed}: ${every}`);
  }
});

test("the sweep after the first is drawn from the whole period; later ones come twice as late, each time that they find nothing", () => {
  const bounds = { min: 6 * HOUR, max: DAY };
  const at = (state: object) => ({ every: null, took: 0, begun: 0, completed: null, ...state });
  const how = { covered: false, now: 0, draw: 0.1 };
  assert.deepEqual(afterSweep(at({}), bounds, how), { every: DAY / 10, took: 0 });
  assert.deepEqual(afterSweep(at({}), bounds, { ...how, draw: 0.99 }), { every: 0.99 * DAY, took: 0 });
  const later = (every: number | null, now = 0) =>
    afterSweep(at({ every, completed: 1 }), bounds, { ...how, now }).every;
  assert.deepEqual([later(6 * HOUR), later(12 * HOUR), later(DAY)], [12 * HOUR, DAY, DAY]);
  assert.deepEqual([later(HOUR), later(null)], [6 * HOUR, DAY]);
  const covered = afterSweep(at({ every: HOUR, completed: 1 }), bounds, { ...how, covered: true });
  assert.equal(covered.every, DAY, "polls find what it would");
  const hour = HOUR * 1_000;
  assert.deepEqual(afterSweep(at({ every: 6 * HOUR, completed: 1 }), bounds, { ...how, now: hour }), {
    ...{ every: 20 * HOUR, took: HOUR },
  });
  assert.equal(afterSweep(at({}), bounds, { ...how, now: hour }).every, 20 * HOUR, "nor may the second come at once");
  assert.equal(later(6 * HOUR, 10 * hour), DAY, "but a period is a period");
  assert.equal(sweepInterval({ every: HOUR }, bounds), HOUR, "what was drawn counts");
  assert.equal(sweepInterval({ every: 2 * DAY }, bounds), DAY);
  assert.deepEqual([shortestSweep({ took: 0 }, bounds), shortestSweep({ took: HOUR }, bounds)], [6 * HOUR, 20 * HOUR]);
});

test("checkpoints of before the tempo are read: polls as often, and sweeps as seldom, as may be", () => {
  const poll = feedOf({ value: JSON.stringify({ cursor: "7", polled: 5, wanted: null }) });
  assert.deepEqual([poll.cursor, poll.every], ["7", null]);
  assert.equal(pollDue(poll, MINUTE, 1), 5 + MINUTE * 1_000);
  const old = { begun: 5, phase: "done", page: null, pages: 1, mark: null, after: "", suspects: 0, completed: 5 };
  const sweep = sweepOf({ value: JSON.stringify({ ...old, wanted: null }) });
  assert.deepEqual([sweep.completed, sweep.every, sweep.took], [5, null, 0]);
  assert.equal(sweepDue(sweep, sweepInterval(sweep, sweepBounds()), 1), 5 + DAY * 1_000);
});

test("intervals that are none are refused, with what to write instead", async () => {
  const desk = createDesk();
  const create = (options: object) => createSync({ providers: { desk: desk.provider }, store: memory(), ...options });
  for (const options of [
    ...[{ pollEvery: 0 }, { pollEvery: "1h" }, { pollEvery: { min: 2, max: 1 } }, { pollEvery: { every: 5 } }],
    ...[{ sweepEvery: 999 }, { sweepEvery: { max: 1 } }],
  ]) {
    assert.throws(() => create(options), /createSync: (poll|sweep)Every must be milliseconds, .* or \{ min, max \}/);
  }
  await create({ pollEvery: { min: 5 }, sweepEvery: { min: 1_000, max: 1_000 } }).stop();
});
