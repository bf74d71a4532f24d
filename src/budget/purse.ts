/**
 * What a credential may still spend, as all processes of a store share it. Pure; budget checkpoints carry it.
 *
 *   pace    calls a second, with some seconds' worth for a burst
 *   quota   calls in a long time, where the provider counts so: spread over that time, with a fifth of it for bursts
 *   told    what the provider itself says is left: it knows of the application's calls, too
 *   until   it was told to wait
 *
 * A process asks for calls a block at a time, says what it has spent without asking, and what it has learned.
 * @module
 */
import { z } from "zod";
import type { Checkpoint } from "../checkpoint.ts";
import { type Class, classes } from "../row.ts";
import { type Tick, ticks } from "../time.ts";
import { isGoing, isUnlearned, type Lesson, refused, unlearned, unrefused } from "./lesson.ts";
import { correct, draw, emptied, fill, fullPot, isFull, levelOf, type Pot, roomOf, setLevel, waitFor } from "./pot.ts";

/** What Tidemark may spend of a credential. */
export interface Terms {
  /** Calls a second, without the reserve. */
  rate: number;
  quota: { calls: number; per: number } | undefined;
  /** The part that is the application's, 0 to less than 1. It is off `rate` and `quota` already. */
  reserve: number;
}

/** What the provider said is left for everybody. Times are ticks. */
export interface Told {
  left: number;
  /** When none is left: 0 to `of`. */
  of: number;
  /** When all of it is there again, at once. */
  resets: Tick;
  /** Or calls a second that come back; null: at once. */
  restores: number | null;
  /** Milliseconds from one reset to the next, as far as was seen. */
  per: number;
  /** The window slides: each answer names a later end of it, so that it is no schedule. */
  slides: boolean;
  at: Tick;
}

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

/** What an answer said of the credential. Times are ms. */
export interface Said {
  left: number;
  /** Undefined: it did not say. */
  of: number | undefined;
  /** From now. */
  resets: number;
  restores: number | null;
  /** How long ago that was. */
  age: number;
}

/** What a process asks for. */
export interface Ask {
  owner: string;
  /** Its own number: the same again changes nothing. */
  number: number;
  /** Calls or points, by class. */
  wants: readonly number[];
  /** Spent since the last time without asking; below 0: given back. */
  spent: number;
  /** What the provider said since the last time. Its times are ms from now. */
  said: Said | undefined;
  /** It was refused, and is to wait for so many ms. */
  refused: number | undefined;
  /** Milliseconds since it asked last, where the store's clock does not tell; else undefined. */
  elapsed: number | undefined;
}

/** What it gets. */
export interface Given {
  /** By class. */
  calls: readonly number[];
  /** Milliseconds until it is worth asking again; 0 where something was given. */
  waits: readonly number[];
  /** Ticks. */
  until: Tick;
  told: Told | null;
  /** Calls a second for now, and how many processes share them. */
  rate: number;
  members: number;
}

/** A full bucket, in ms of its rate, or as a part of a quota. */
const BURST = 5_000;
const AHEAD = 0.2;
/** How long a process counts as one after it asked. */
const MEMBER = ticks(60_000);
const MEMBERS = 64;
/** Two times of a reset are the same if they are no more than this apart: servers round them. */
const SAME = ticks(2_000);
/** From one trial to the next, while it is not known whether a limit is over. */
const TRIAL = ticks(1_000);
/** No more than this passes at once, in ms. */
const LONGEST = 86_400_000;

export const freshPurse = (terms: Terms, now: Tick): Purse => ({
  at: now,
  pace: fullPot(paceOf(terms, null, null).size),
  quota: terms.quota ? fullPot(terms.quota.calls * AHEAD) : null,
  lesson: unlearned(now),
  until: 0,
  trial: null,
  told: null,
  members: {},
});

interface Flow {
  /** Calls that come in a millisecond. */
  perMs: number;
  /** Calls in a full bucket. */
  size: number;
}

const paceOf = ({ rate, reserve }: Terms, learned: number | null, told: Told | null): Flow => {
  const restored = told?.restores ? told.restores * (1 - reserve) : rate;
  const perMs = Math.min(learned ?? Number.POSITIVE_INFINITY, restored) / 1_000;
  return { perMs, size: perMs * BURST };
};

/** What fills the bucket of a quota: with what a burst may take ahead never more than the whole in any such time. */
function quotaFlow({ quota, reserve }: Terms, told: Told | null): Flow | null {
  const calls = told && told.restores === null ? told.of * (1 - reserve) : quota?.calls;
  const per = quota?.per ?? told?.per;
  if (calls === undefined || per === undefined) return null;
  return { perMs: (calls * (1 - AHEAD)) / per, size: calls * AHEAD };
}

/** What is left for us of what the provider said, without the application's part. */
export const usable = ({ left, of }: Pick<Told, "left" | "of">, { reserve }: Pick<Terms, "reserve">): number =>
  left - reserve * of;

/** After the time since it was looked at last. `elapsed`: ms that passed though the store's clock stood. */
function pass(purse: Purse, terms: Terms, now: Tick, elapsed: number): Purse {
  const ms = Math.min(LONGEST, Math.max(0, (now - purse.at) / 1_000, now > purse.until ? elapsed : 0));
  const told = passTold(purse.told, ms, now);
  const pace = paceOf(terms, purse.lesson.rate, told);
  const idle = isFull(purse.pace, pace.size);
  const lesson = ms > 0 ? unrefused(purse.lesson, terms.rate, ms, 0, idle, now) : purse.lesson;
  const filled = paceOf(terms, lesson.rate, told);
  const flow = quotaFlow(terms, told);
  return {
    ...purse,
    ...{ at: Math.max(now, purse.at), lesson, told },
    pace: fill(purse.pace, ms * filled.perMs, filled.size),
    quota: flow && fill(purse.quota ?? fullPot(flow.size), ms * flow.perMs, flow.size),
    members: Object.fromEntries(Object.entries(purse.members).filter(([, [tick]]) => now - tick < MEMBER)),
  };
}

function passTold(told: Told | null, ms: number, now: Tick): Told | null {
  if (told === null || now >= told.resets) return null;
  if (told.restores === null) return told;
  return { ...told, left: Math.min(told.of, told.left + (told.restores * ms) / 1_000) };
}

/** With what the provider said: of one time the least that it said, since answers overtake each other. */
function tell(purse: Purse, terms: Terms, said: Said, now: Tick): Purse {
  const at = now - ticks(said.age);
  const resets = now + ticks(said.resets);
  const { told } = purse;
  const same = told !== null && said.restores === null && Math.abs(told.resets - resets) <= SAME;
  if (told && !same && (at < told.at || (said.restores === null && resets < told.resets))) return purse;
  const left = same ? Math.min(told.left, said.left) : said.left;
  const of = said.of ?? Math.max(left, told?.of ?? 0);
  const until = same ? Math.max(told.resets, resets) : resets;
  const per = Math.max(told?.per ?? 0, (until - at) / 1_000);
  const later = told !== null && now < told.resets - SAME && resets > told.resets + SAME;
  const slides = told?.slides === true || (later && said.restores === null);
  const next: Told = { left, of, resets: until, restores: said.restores, per, slides, at };
  return level({ ...purse, told: next }, terms, now);
}

/** The buckets hold what the provider's own number says that they should. */
function level(purse: Purse, terms: Terms, now: Tick): Purse {
  const { told } = purse;
  if (!told) return purse;
  const ours = usable(told, terms);
  if (told.restores !== null) {
    return { ...purse, pace: setLevel(purse.pace, paceOf(terms, purse.lesson.rate, told).size, ours) };
  }
  const flow = quotaFlow(terms, told);
  if (!flow) return purse;
  const quota = purse.quota ?? fullPot(flow.size);
  if (told.slides) return { ...purse, quota: setLevel(quota, flow.size, Math.min(ours, levelOf(quota))) };
  const due = flow.perMs * Math.min(terms.quota?.per ?? told.per, (told.resets - now) / 1_000);
  return { ...purse, quota: setLevel(quota, flow.size, ours - due) };
}

/** It was refused: rests, and begins with nothing at hand. */
function refuse(purse: Purse, terms: Terms, ms: number, now: Tick): Purse {
  // Those that were under way with the first one are no news.
  if (now < purse.until) return { ...purse, until: Math.max(purse.until, now + ticks(ms)) };
  const known = purse.told !== null && usable(purse.told, terms) <= 0;
  const { lesson, rest } = known ? { lesson: purse.lesson, rest: ms } : refused(purse.lesson, terms.rate, ms, now);
  const until = now + ticks(rest);
  return { ...purse, lesson, until, trial: until, at: until, pace: emptied(purse.pace) };
}

/** Answers a process. */
export function askPurse(before: Purse, terms: Terms, ask: Ask, now: Tick): { purse: Purse; given: Given } {
  const members = Object.keys({ ...before.members, [ask.owner]: 0 }).length;
  let purse = pass(before, terms, now, (ask.elapsed ?? 0) / members);
  purse = spend(purse, terms, undefined, ask.spent, now);
  if (ask.said) purse = tell(purse, terms, ask.said, now);
  if (ask.refused !== undefined) purse = refuse(purse, terms, ask.refused, now);
  const calls: number[] = [];
  const waits: number[] = [];
  classes.forEach((cls, i) => {
    const wanted = ask.wants[i] ?? 0;
    const wait = waitOf(purse, terms, cls, now);
    const most = purse.trial === null ? Math.max(1, roomIn(purse, terms, cls)) : 1;
    const some = wanted > 0 && wait === 0 ? Math.min(wanted, most) : 0;
    if (some > 0) purse = tried(spend(purse, terms, cls, some, now), now);
    calls.push(some);
    waits.push(some > 0 ? 0 : wait);
  });
  const { until, told, lesson } = purse;
  const others = Object.entries(purse.members).filter(([owner]) => owner !== ask.owner);
  const latest = others.sort(([, [a]], [, [b]]) => b - a).slice(0, MEMBERS - 1);
  purse = { ...purse, members: { ...Object.fromEntries(latest), [ask.owner]: [now, ask.number] } };
  const rate = paceOf(terms, lesson.rate, told).perMs * 1_000;
  return { purse, given: { calls, waits, until, told, rate, members } };
}

/** One call at a time tries whether a limit is over, whatever process makes it. */
const tried = (purse: Purse, now: Tick): Purse =>
  purse.trial === null ? purse : { ...purse, trial: isGoing(purse.lesson) ? null : now + TRIAL };

/** What a class may have now, as pace, quota and provider allow. */
function roomIn(purse: Purse, terms: Terms, cls: Class): number {
  const { pace, quota } = roomOfPurse(purse, terms, cls);
  return Math.min(pace, quota ?? Number.POSITIVE_INFINITY);
}

/** What a class may have by the pace, and by the quota and what the provider says is left; null: neither is known. */
export function roomOfPurse({ pace, quota, told, lesson }: Purse, terms: Terms, cls: Class) {
  const flow = quotaFlow(terms, told);
  const slow = quota && flow ? [roomOf(quota, flow.size, cls)] : [];
  const left = told ? [Math.max(0, usable(told, terms))] : [];
  const least = Math.min(...slow, ...left);
  return {
    pace: roomOf(pace, paceOf(terms, lesson.rate, told).size, cls),
    quota: Number.isFinite(least) ? least : null,
  };
}

/** Milliseconds until a class may have something. 0: now. */
export function waitOf(
  { pace, quota, told, lesson, until, trial, at }: Purse,
  terms: Terms,
  cls: Class,
  now: Tick,
): number {
  const flow = paceOf(terms, lesson.rate, told);
  const slow = quotaFlow(terms, told);
  const waits = [
    Math.max(0, until - now) / 1_000,
    trial === null ? 0 : Math.max(0, trial - now) / 1_000,
    waitFor(pace, flow.size, cls, flow.perMs) + Math.max(0, at - now) / 1_000,
    quota && slow ? waitFor(quota, slow.size, cls, slow.perMs) : 0,
    told && usable(told, terms) <= 0 ? waitForTold(told, terms, now) : 0,
  ];
  return Math.max(...waits);
}

function waitForTold(told: Told, terms: Terms, now: Tick): number {
  if (told.restores === null) return Math.max(1, (told.resets - now) / 1_000);
  return 1 - (usable(told, terms) / told.restores) * 1_000;
}

/** `cls` undefined: spent without asking. */
function spend(purse: Purse, terms: Terms, cls: Class | undefined, cost: number, now: Tick): Purse {
  if (cost === 0) return purse;
  const { pace, quota, told, lesson } = purse;
  const off = (pot: Pot, size: number) => (cls ? draw(pot, size, cls, cost) : correct(pot, size, cost));
  const { size } = paceOf(terms, lesson.rate, told);
  const flow = quotaFlow(terms, told);
  return {
    ...purse,
    pace: off(pace, size),
    quota: quota && flow ? off(quota, flow.size) : quota,
    told: told && { ...told, left: Math.min(told.of, told.left - cost) },
    lesson: unrefused(lesson, terms.rate, 0, cost, isFull(pace, size), now),
  };
}

/** Whether it says no more than a fresh one: it may be forgotten. */
export function isForgettable(before: Purse, terms: Terms, now: Tick): boolean {
  const purse = pass(before, terms, now, 0);
  const flow = quotaFlow(terms, purse.told);
  const full = isFull(purse.pace, paceOf(terms, purse.lesson.rate, purse.told).size);
  const whole = !purse.quota || !flow || isFull(purse.quota, flow.size);
  return now >= purse.until && purse.told === null && isUnlearned(purse.lesson) && full && whole;
}

/** As it is at `now`, for people. */
export const purseAt = (purse: Purse, terms: Terms, now: Tick): Purse => pass(purse, terms, now, 0);

const pot = z.object({ common: z.number(), shares: z.array(z.number()).length(classes.length) });
const purseState = z.object({
  at: z.number(),
  pace: pot,
  quota: pot.nullable(),
  lesson: z.object({
    ...{ rate: z.number().positive().nullable(), good: z.number().positive().nullable(), since: z.number() },
    ...{ calls: z.number(), calm: z.number(), strikes: z.number(), stuck: z.number().nullable() },
  }),
  until: z.number(),
  trial: z.number().nullable(),
  told: z
    .object({
      ...{ left: z.number(), of: z.number(), resets: z.number(), restores: z.number().nullable() },
      ...{ per: z.number(), slides: z.boolean(), at: z.number() },
    })
    .nullable(),
  members: z.record(z.string(), z.tuple([z.number(), z.number()])),
});

/** What a checkpoint holds; a fresh one if it was never moved, or holds what nobody here wrote. */
export function purseOf({ value }: Pick<Checkpoint, "value">, terms: Terms, now: Tick): Purse {
  if (value === null) return freshPurse(terms, now);
  try {
    return purseState.safeParse(JSON.parse(value)).data ?? freshPurse(terms, now);
  } catch {
    return freshPurse(terms, now);
  }
}
