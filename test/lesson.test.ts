/** How fast a credential may be used, as it is learned from refusals and from none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Lesson, refused, unlearned, unrefused } from "../src/budget/lesson.ts";
import { ticks } from "../src/time.ts";

const MINUTE = 60_000;
const DECLARED = 20;

/** A second after another in which as many calls are made as the lesson allows; of each `bears` says whether it is answered. */
function play(lesson: Lesson, seconds: number, bears: (call: number, second: number) => boolean, from = 0) {
  let [known, calls, refusals, owed] = [lesson, 0, 0, 0];
  for (let second = from; second < from + seconds; second++) {
    const now = ticks(second * 1_000);
    owed += known.rate ?? DECLARED;
    let answered = 0;
    let rest = 0;
    for (; owed >= 1 && rest === 0; owed--) {
      if (bears(calls++, second)) answered++;
      else {
        refusals++;
        known = unrefused(known, DECLARED, 0, answered, false, now);
        ({ lesson: known, rest } = refused(known, DECLARED, 1_000, now));
      }
    }
    if (rest > 0) owed = 0;
    else known = unrefused(known, DECLARED, 1_000, answered, false, now);
  }
  return { lesson: known, calls, refusals };
}

test("what was refused by chance is as fast as declared within three quarters of an hour after the last refusal", () => {
  const bad = play(unlearned(0), 600, (call) => call % 10 !== 9);
  assert.ok((bad.lesson.rate ?? DECLARED) < DECLARED / 4, `${bad.lesson.rate}`);
  const half = play(bad.lesson, 600, () => true, 600);
  assert.notEqual(half.lesson.rate, null, "it comes back slowly at first");
  assert.equal(play(half.lesson, 45 * 60 - 600, () => true, 1_200).lesson.rate, null);
});

test("at a real limit no more than one call in a hundred is a try to get more", () => {
  let left = 60;
  let minute = 0;
  const bears = (_: number, second: number) => {
    if (Math.floor(second / 60) !== minute) [left, minute] = [60, Math.floor(second / 60)];
    return left-- > 0;
  };
  const first = play(unlearned(0), 20 * 60, bears);
  const later = play(first.lesson, 120 * 60, bears, 20 * 60);
  assert.ok(later.refusals <= later.calls / 100, `${later.refusals} of ${later.calls}`);
  assert.ok(later.calls > 0.65 * 120 * 60, `${later.calls} calls of ${120 * 60}`);
});

test("a rate that is halved by one refusal is back within a minute", () => {
  const { lesson } = refused(unlearned(0), DECLARED, 1_000, 0);
  assert.equal(lesson.rate, DECLARED / 2);
  assert.equal(unrefused(lesson, DECLARED, MINUTE, 100, false, ticks(MINUTE)).rate, null);
});
