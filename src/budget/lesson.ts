/**
 * How fast a credential may be used, learned from being refused: what a provider declares may be more than what it bears,
 * or the application may use the rest. Pure.
 *
 *   refused   down to a little less than what was really answered in the busy time before, with the rest that was asked for
 *   unrefused quickly back to what was good; from there on slowly at first, because to ask for more costs a refusal, and
 *             the quicker the longer none comes: what was refused by chance is as fast as ever within half an hour
 * @module
 */
import { type Tick, ticks } from "../time.ts";

export interface Lesson {
  /** Calls a second; null: as declared. */
  rate: number | null;
  /** What was answered a second when it was refused last; null: never. */
  good: number | null;
  /** Milliseconds at what was good, or above it, without a refusal. */
  calm: number;
  /** Since when it is busy without a pause, and the calls since then. */
  since: Tick;
  calls: number;
  /** Refusals in a row with hardly a call between them. */
  strikes: number;
  /** Since when hardly a call is answered; null: calls are. */
  stuck: Tick | null;
}

/** Of what was answered, what is believed to be borne. */
const MARGIN = 0.9;
/** With fewer calls than this nothing was measured. */
const MANY = 8;
/** No more calls than this between two refusals: it is still the same one. */
const FEW = 3;
/** The least that a refusal leaves of a rate, and of all: a call a minute. */
const LEAST_PART = 1 / 64;
const LEAST = 1 / 60;
/** Milliseconds in which a rate doubles below what was good. */
const QUICKLY = 30_000;
/**
 * Milliseconds in which it doubles above that, for the first time; after twice as many it is 16 times as high. At 60 calls a
 * minute that is a refusal every four minutes, in 200 calls. Doubled each hour instead, refusals by chance, of one call in
 * ten, brought 20 calls a second down to one for five hours.
 */
const SLOWLY = 600_000;
/** Milliseconds that a rest becomes at most by itself when it is refused again and again. */
const LONGEST = 300_000;

export const unlearned = (now: Tick): Lesson => ({
  ...{ rate: null, good: null, calm: 0, since: now, calls: 0, strikes: 0, stuck: null },
});

/** Whether nothing was learned that is worth keeping. */
export const isUnlearned = ({ rate, strikes }: Lesson): boolean => rate === null && strikes === 0;

/** Whether enough calls have been answered since the last refusal. */
export const isGoing = ({ calls }: Lesson): boolean => calls > FEW;

/**
 * After a refusal. Answers how many milliseconds to rest, too: longer than asked for when that did not help.
 * @param declared calls a second
 * @param asked milliseconds
 */
export function refused(lesson: Lesson, declared: number, asked: number, now: Tick): { lesson: Lesson; rest: number } {
  const strikes = isGoing(lesson) ? 0 : lesson.strikes + 1;
  const rest = Math.max(asked, Math.min(LONGEST, asked * 2 ** Math.max(0, strikes - 1)));
  const had = lesson.rate ?? declared;
  // Who is to wait a second has at least a call a second: what is refused by chance is so at any rate.
  const least = Math.min(declared, Math.max(LEAST, 1_000 / asked));
  const since = now + ticks(rest);
  const next = { ...lesson, since, calm: 0, calls: 0, strikes, stuck: strikes > 0 ? (lesson.stuck ?? now) : now };
  if (lesson.calls < MANY) {
    return { lesson: { ...next, rate: Math.max(least, had / 2), good: lesson.good ?? had }, rest };
  }
  const answered = lesson.calls / (ticksToSeconds(now - lesson.since) + rest / 1_000);
  const rate = Math.max(least, had * LEAST_PART, Math.min(MARGIN * had, MARGIN * answered));
  return { lesson: { ...next, rate, good: rate }, rest };
}

/** After so many milliseconds, and calls, without a refusal. `idle`: there was no pressure, so nothing is measured. */
export function unrefused(
  lesson: Lesson,
  declared: number,
  ms: number,
  calls: number,
  idle: boolean,
  now: Tick,
): Lesson {
  const used = lesson.calls + calls;
  const counted = idle ? { since: now, calls } : { since: lesson.since, calls: used };
  const going = used > FEW ? OVER : {};
  const next = { ...lesson, ...going, ...counted };
  if (lesson.rate === null) return next;
  const good = Math.min(declared, lesson.good ?? declared);
  const quick = lesson.rate < good ? Math.min(good, lesson.rate * 2 ** (ms / QUICKLY)) : lesson.rate;
  const spent = lesson.rate < good ? QUICKLY * Math.log2(quick / lesson.rate) : 0;
  const calm = lesson.calm + Math.max(0, ms - spent);
  const rate = quick * 2 ** ((calm / SLOWLY) ** 2 - (lesson.calm / SLOWLY) ** 2);
  // As fast as declared without a refusal for so long: it is over, though hardly anybody called meanwhile.
  return rate >= declared ? { ...next, ...OVER, rate: null, good: null, calm: 0 } : { ...next, rate, calm };
}

/** What was refused is refused no more. */
const OVER = { strikes: 0, stuck: null } as const;

const ticksToSeconds = (span: Tick): number => span / ticks(1_000);
