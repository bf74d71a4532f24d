/** The budget's pure parts: what comes in and goes out of a bucket, what a refusal teaches, what a provider says is left. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { limitOf } from "tidemark/client";
import { createRandom } from "tidemark/testing";
import { type Ask, askPurse } from "../src/budget/ask.ts";
import { isGoing, type Lesson, refused, unlearned, unrefused } from "../src/budget/lesson.ts";
import { draw, fill, fullPot, isFull, levelOf, roomOf, setLevel, waitFor } from "../src/budget/pot.ts";
import { freshPurse, isForgettable, type Purse } from "../src/budget/purse.ts";
import { waitOf } from "../src/budget/room.ts";
import { purseOf } from "../src/budget/state.ts";
import type { Terms } from "../src/budget/terms.ts";
import { classes } from "../src/row.ts";
import { ticks } from "../src/time.ts";

const SECOND = ticks(1_000);
const BEGIN = 1_800_000_000_000_000;
const LIVE = [1, 0, 0, 0, 0];
const SWEEP = [0, 0, 0, 0, 1];
const terms: Terms = { rate: 10, quota: undefined, reserve: 0 };
const question: Ask = {
  ...{ owner: "a", number: 1, wants: [0, 0, 0, 0, 0], spent: 0, said: undefined, refused: undefined, elapsed: 0 },
};
const times = (wants: readonly number[], by: number) => wants.map((want) => want * by);

test("of what comes in each class has a tenth, and who asks alone has all of it", () => {
  for (const alone of classes) {
    let pot = fullPot(10);
    let drawn = 0;
    for (let i = 0; i < 4_000; i++) {
      pot = fill(pot, 0.5, 10);
      if (roomOf(pot, 10, alone) <= 0) continue;
      pot = draw(pot, 10, alone, 1);
      drawn++;
    }
    assert.ok(drawn >= 1_990 && drawn <= 2_012, `${alone}: ${drawn} of the 2,000 that came in`);
  }
  // Everybody draws whenever they may: the urgent have more, nobody less than a tenth.
  let pot = fullPot(10);
  const drawn = new Map(classes.map((cls) => [cls, 0]));
  for (let i = 0; i < 20_000; i++) {
    pot = fill(pot, 0.5, 10);
    for (const cls of classes) {
      if (roomOf(pot, 10, cls) <= 0) continue;
      pot = draw(pot, 10, cls, 1);
      drawn.set(cls, (drawn.get(cls) ?? 0) + 1);
    }
  }
  const counts = [...drawn.values()];
  const total = counts.reduce((sum, one) => sum + one, 0);
  assert.ok(Math.abs(total - 10_000) < 20, `${total} of the 10,000 that came in`);
  for (const count of counts) assert.ok(count >= 980, `${counts}: each a tenth at least`);
  assert.ok((counts[0] ?? 0) > 5_000, `${counts}: the urgent have the rest`);
});

test("a bucket never holds more than its size, and whoever waits as long as it says may draw", () => {
  const { next, pick, range } = dice(2);
  let pot = fullPot(20);
  for (let i = 0; i < 5_000; i++) {
    const cls = pick(classes);
    const wait = waitFor(pot, 20, cls, 0.01);
    if (wait > 0) assert.ok(roomOf(fill(pot, wait * 0.01, 20), 20, cls) > 0, `${JSON.stringify(pot)} ${cls} ${wait}`);
    else pot = draw(pot, 20, cls, range(1, 5));
    pot = fill(pot, next() * 3, 20);
    assert.ok(levelOf(pot) <= 20 + 1e-9);
  }
  assert.equal(isFull(fill(pot, 1_000, 20), 20), true);
  assert.equal(levelOf(setLevel(fullPot(20), 20, 5)), 5);
});

test("a refusal teaches what was really answered, with the rest that was asked for", () => {
  const busy = (calls: number): Lesson => ({ ...unlearned(BEGIN), calls });
  // 60 in three seconds, and 57 to wait: one a second, less a margin.
  const { lesson, rest } = refused(busy(60), 20, 57_000, BEGIN + 3 * SECOND);
  assert.deepEqual([rest, Math.round((lesson.rate ?? 0) * 100) / 100], [57_000, 0.9]);
  assert.equal(refused(busy(2), 20, 1_000, BEGIN + SECOND).lesson.rate, 10, "few calls measure nothing");
  let again = lesson;
  const rests = Array.from({ length: 8 }, (_, i) => {
    const next = refused(again, 20, 10_000, BEGIN + i * 600 * SECOND);
    again = next.lesson;
    return next.rest;
  });
  assert.deepEqual(
    rests,
    [10, 20, 40, 80, 160, 300, 300, 300].map((one) => one * 1_000),
  );
  assert.ok((again.rate ?? 0) >= 1 / 60);
  assert.notEqual(again.stuck, null);
  const going = unrefused(again, 20, 0, 4, false, BEGIN);
  assert.deepEqual([isGoing(going), going.strikes, going.stuck], [true, 0, null]);
  const rested = unrefused({ ...going, calls: 900 }, 20, 0, 1, true, BEGIN + 900 * SECOND);
  assert.deepEqual([rested.calls, rested.since], [1, BEGIN + 900 * SECOND], "a pause is no time in which it was busy");
});

test("what was learned comes back quickly to what was good, and from there on slowly, up to what is declared", () => {
  const low: Lesson = { ...unlearned(BEGIN), rate: 1, good: 4 };
  const after = (ms: number) => unrefused(low, 8, ms, 0, false, BEGIN).rate;
  assert.deepEqual([after(30_000), after(60_000)], [2, 4]);
  assert.ok((after(360_000) ?? 0) < 5, `${after(360_000)}: slowly`);
  assert.equal(after(2 * 3_600_000), null, "as declared");
});

test("a question that is asked twice is answered from the same purse; who asks too late waits", () => {
  let purse: Purse = freshPurse(terms, BEGIN);
  const first = askPurse(purse, terms, { ...question, wants: times(SWEEP, 100) }, BEGIN);
  purse = first.purse;
  const [sweep = 0] = first.given.calls.slice(-1);
  assert.ok(sweep > 5 && sweep <= 15, `${sweep}: what the others may need stays`);
  const live = askPurse(purse, terms, { ...question, number: 2, owner: "b", wants: times(LIVE, 100) }, BEGIN);
  assert.ok((live.given.calls[0] ?? 0) >= 20, `${live.given.calls}`);
  assert.equal(live.given.members, 2);
  assert.ok(waitOf(live.purse, terms, "sweep", BEGIN) > 0);
  assert.equal(purseOf({ value: "{}" }, terms, BEGIN).at, BEGIN, "what nobody here wrote is a fresh one");
  assert.deepEqual(purseOf({ value: JSON.stringify(live.purse) }, terms, BEGIN), live.purse);
  assert.equal(isForgettable(live.purse, terms, BEGIN + SECOND), false);
  assert.equal(isForgettable(live.purse, terms, BEGIN + 60 * SECOND), true);
});

test("after a refusal one call a second tries, whoever asks, until some were answered", () => {
  const told = askPurse(freshPurse(terms, BEGIN), terms, { ...question, refused: 5_000 }, BEGIN);
  let { purse } = told;
  assert.deepEqual([told.given.until, told.given.rate < 10], [BEGIN + 5 * SECOND, true]);
  let given = 0;
  for (let i = 0; i < 40; i++) {
    const owner = `p${i % 4}`;
    const now = BEGIN + 4 * SECOND + i * (SECOND / 10);
    const answer = askPurse(purse, terms, { ...question, owner, number: i, wants: times(LIVE, 5) }, now);
    purse = answer.purse;
    given += answer.given.calls[0] ?? 0;
  }
  assert.equal(given, 3, "in the three seconds after the rest");
  const late = askPurse(purse, terms, { ...question, refused: 1_000 }, BEGIN + 4 * SECOND);
  assert.equal(late.purse.lesson.strikes, purse.lesson.strikes, "one that was under way with the first is no news");
});

test("what the provider says is left is not passed, less the application's part; older answers are no news", () => {
  const ours: Terms = { rate: 100, quota: undefined, reserve: 0.2 };
  const said = { left: 30, of: 100, resets: 60_000, restores: null, age: 0 };
  const wants = times(LIVE, 50);
  const first = askPurse(freshPurse(ours, BEGIN), ours, { ...question, said, wants }, BEGIN);
  assert.ok((first.given.calls[0] ?? 0) <= 10, `${first.given.calls}: 20 are the application's`);
  const more = askPurse(
    first.purse,
    ours,
    { ...question, number: 2, said: { ...said, left: 90 }, wants },
    BEGIN + SECOND,
  );
  assert.ok((more.purse.told?.left ?? 99) <= 30, "answers overtake each other");
  let { purse } = more;
  let total = (first.given.calls[0] ?? 0) + (more.given.calls[0] ?? 0);
  for (let i = 2; i < 58; i++) {
    const answer = askPurse(purse, ours, { ...question, number: i + 1, wants }, BEGIN + i * SECOND);
    purse = answer.purse;
    total += answer.given.calls[0] ?? 0;
  }
  assert.ok(total <= 11, `${total} until all of it is there again`);
  const reset = askPurse(more.purse, ours, { ...question, number: 3, wants }, BEGIN + 61 * SECOND);
  assert.ok((reset.given.calls[0] ?? 0) >= 50, "it is all there again");
});

test("a process that is behind a clock that stands goes by its own", () => {
  const spent = askPurse(freshPurse(terms, BEGIN), terms, { ...question, wants: times(LIVE, 1_000) }, BEGIN).purse;
  const still = askPurse(spent, terms, { ...question, number: 2, wants: times(LIVE, 10) }, BEGIN + 1);
  assert.ok((still.given.calls[0] ?? 0) <= 1);
  const own = askPurse(spent, terms, { ...question, number: 2, wants: times(LIVE, 10), elapsed: 20_000 }, BEGIN + 1);
  assert.ok((own.given.calls[0] ?? 0) > 1, `${own.given.calls}`);
});

test("headers: what is left and when, in each of the ways in which services say it", () => {
  const now = 1_800_000_000_000;
  const of = (headers: Record<string, string>) => limitOf(new Headers(headers), now);
  const expected = { left: 5, of: 60, resets: now + 30_000 };
  assert.deepEqual(of({ "ratelimit-remaining": "5", "ratelimit-limit": "60", "ratelimit-reset": "30" }), expected);
  const absolute = String(now / 1_000 + 30);
  const x = { "x-ratelimit-remaining": "5", "x-ratelimit-limit": "60", "x-ratelimit-reset": absolute };
  assert.deepEqual(of(x), expected);
  assert.deepEqual(of({ ratelimit: "limit=60, remaining=5, reset=30" }), expected);
  assert.deepEqual(of({ ratelimit: '"default";r=5;t=30', "ratelimit-policy": '"default";q=60;w=60' }), expected);
  assert.deepEqual(of({ ratelimit: '"day";r=900;t=3000, "minute";r=5;t=30' }), { left: 5, resets: now + 30_000 });
  assert.deepEqual(of({ "ratelimit-remaining": "5" }), {}, "nobody knows until when");
  assert.deepEqual(of({ ...x, "x-ratelimit-reset": "soon" }), {});
  assert.deepEqual(of({ ...x, "x-ratelimit-reset": String(now) }), {}, "milliseconds: not understood");
  assert.deepEqual(of({}), {});
});

function dice(seed: number) {
  const { next } = createRandom(seed);
  const range = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return { next, range, pick: <T>(all: readonly T[]): T => all[range(0, all.length - 1)] as T };
}
