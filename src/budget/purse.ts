/**
 * What a credential may still spend, as all processes of a store share it. Pure; budget checkpoints carry it.
 *
 *   pace    calls a second, with some seconds' worth for a burst
 *   quota   calls in a long time, where the provider counts so: spread over that time, with a fifth of it for bursts
 *   told    what the provider itself says is left: it knows of the application's calls, too
 *   until   it was told to wait
 *
 * Each function here is something that happens to it; `room.ts` has what it lets one do, `ask.ts` how a process asks.
 * @module
 */
import type { Class } from "../row.ts";
import { type Tick, ticks } from "../time.ts";
import { paceFlow, quotaFlow } from "./flow.ts";
import { isUnlearned, type Lesson, refused, unlearned, unrefused } from "./lesson.ts";
import { correct, draw, emptied, fill, fullPot, isFull, levelOf, type Pot, setLevel } from "./pot.ts";
import type { Terms } from "./terms.ts";
import { type Said, type Told, tell, toldAt, usable } from "./told.ts";

/** What a credential may still spend. */
export interface Purse {
  at: Tick;
  pace: Pot;
  quota: Pot | null;
  lesson: Lesson;
  /** Rests until then. */
  until: Tick;
  /** After a refusal: when the next call may try whether it is over. Null: it is. */
  trial: Tick | null;
  told: Told | null;
  /** Who asked lately: when, and its number of that. */
  members: Readonly<Record<string, readonly [tick: Tick, number: number]>>;
}

/** How long a process counts as one after it asked. */
const MEMBER = ticks(60_000);
/** No more than this passes at once, in ms. */
const LONGEST = 86_400_000;

/** Of a credential that nobody has used: full. */
export function freshPurse(terms: Terms, now: Tick): Purse {
  const slow = quotaFlow(terms, null);
  return {
    at: now,
    pace: fullPot(paceFlow(terms, null, null).size),
    quota: slow && fullPot(slow.size),
    lesson: unlearned(now),
    until: 0,
    trial: null,
    told: null,
    members: {},
  };
}

/** After the time since it was looked at last. `elapsed`: ms that passed though the store's clock stood. */
export function purseAt(purse: Purse, terms: Terms, now: Tick, elapsed = 0): Purse {
  const ms = Math.min(LONGEST, Math.max(0, (now - purse.at) / 1_000, now > purse.until ? elapsed : 0));
  const told = toldAt(purse.told, ms, now);
  const idle = isFull(purse.pace, paceFlow(terms, purse.lesson.rate, told).size);
  const lesson = ms > 0 ? unrefused(purse.lesson, terms.rate, ms, 0, idle, now) : purse.lesson;
  const flow = paceFlow(terms, lesson.rate, told);
  const slow = quotaFlow(terms, told);
  return {
    ...purse,
    ...{ at: Math.max(now, purse.at), lesson, told },
    pace: fill(purse.pace, ms * flow.perMs, flow.size),
    quota: slow && fill(purse.quota ?? fullPot(slow.size), ms * slow.perMs, slow.size),
    members: Object.fromEntries(Object.entries(purse.members).filter(([, [tick]]) => now - tick < MEMBER)),
  };
}

/** After calls of a class, or such as were made without asking. */
export function spend(purse: Purse, terms: Terms, cls: Class | undefined, cost: number, now: Tick): Purse {
  if (cost === 0) return purse;
  const { pace, quota, told, lesson } = purse;
  const off = (pot: Pot, size: number) => (cls ? draw(pot, size, cls, cost) : correct(pot, size, cost));
  const { size } = paceFlow(terms, lesson.rate, told);
  const slow = quotaFlow(terms, told);
  return {
    ...purse,
    pace: off(pace, size),
    quota: quota && slow ? off(quota, slow.size) : quota,
    told: told && { ...told, left: Math.min(told.of, told.left - cost) },
    lesson: unrefused(lesson, terms.rate, 0, cost, isFull(pace, size), now),
  };
}

/** With what the provider said: the buckets hold what its own number says that they should. */
export function hear(purse: Purse, terms: Terms, said: Said, now: Tick): Purse {
  const told = tell(purse.told, said, now);
  if (told === purse.told) return purse;
  const next = { ...purse, told };
  const ours = usable(told, terms);
  if (told.restores !== null) {
    return { ...next, pace: setLevel(purse.pace, paceFlow(terms, purse.lesson.rate, told).size, ours) };
  }
  const slow = quotaFlow(terms, told);
  if (!slow) return next;
  const quota = purse.quota ?? fullPot(slow.size);
  if (told.slides) return { ...next, quota: setLevel(quota, slow.size, Math.min(ours, levelOf(quota))) };
  const due = slow.perMs * Math.min(terms.quota?.per ?? told.per, (told.resets - now) / 1_000);
  return { ...next, quota: setLevel(quota, slow.size, ours - due) };
}

/** It was refused: rests, and begins with nothing at hand. */
export function refuse(purse: Purse, terms: Terms, ms: number, now: Tick): Purse {
  // Those that were under way with the first one are no news.
  if (now < purse.until) return { ...purse, until: Math.max(purse.until, now + ticks(ms)) };
  const known = purse.told !== null && usable(purse.told, terms) <= 0;
  const { lesson, rest } = known ? { lesson: purse.lesson, rest: ms } : refused(purse.lesson, terms.rate, ms, now);
  const until = now + ticks(rest);
  return { ...purse, lesson, until, trial: until, at: until, pace: emptied(purse.pace) };
}

/** Whether it says no more than a fresh one: it may be forgotten. */
export function isForgettable(before: Purse, terms: Terms, now: Tick): boolean {
  const purse = purseAt(before, terms, now);
  const slow = quotaFlow(terms, purse.told);
  const full = isFull(purse.pace, paceFlow(terms, purse.lesson.rate, purse.told).size);
  const whole = !purse.quota || !slow || isFull(purse.quota, slow.size);
  return now >= purse.until && purse.told === null && isUnlearned(purse.lesson) && full && whole;
}
