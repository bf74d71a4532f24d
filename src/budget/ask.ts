/**
 * How a process asks a purse: for calls a block at a time. It says what it has spent without asking, and what it has
 * learned. Pure.
 * @module
 */
import { classes } from "../row.ts";
import { type Tick, ticks } from "../time.ts";
import { paceFlow } from "./flow.ts";
import { isGoing } from "./lesson.ts";
import { hear, type Purse, purseAt, refuse, spend } from "./purse.ts";
import { roomOfPurse, waitOf } from "./room.ts";
import type { Terms } from "./terms.ts";
import type { Said } from "./told.ts";

/** What a process asks for, and what it says. */
export interface Question {
  /** Calls or points, by class. */
  wants: readonly number[];
  /** Spent since the last time without asking; below 0: given back. */
  spent: number;
  /** What the provider said since the last time. */
  said: Said | undefined;
  /** It was refused, and is to wait for so many ms. */
  refused: number | undefined;
  /** Milliseconds since it asked last, by its own clock. */
  elapsed: number;
}

/** The same as the purse is asked: `elapsed` is 0 where the store's clock tells. */
export interface Ask extends Question {
  owner: string;
  /** Its own number: the same again changes nothing. */
  number: number;
}

/** What it gets. */
export interface Given {
  /** By class. */
  calls: readonly number[];
  /** Milliseconds until it is worth asking again; 0 where something was given. */
  waits: readonly number[];
  /** Rests until then. */
  until: Tick;
  /** Calls a second for now, and how many processes share them. */
  rate: number;
  members: number;
}

/** So many processes are known. */
const MEMBERS = 64;
/** From one trial to the next, while it is not known whether a limit is over. */
const TRIAL = ticks(1_000);

/** Answers a process. */
export function askPurse(before: Purse, terms: Terms, ask: Ask, now: Tick): { purse: Purse; given: Given } {
  const members = Object.keys({ ...before.members, [ask.owner]: 0 }).length;
  let purse = purseAt(before, terms, now, ask.elapsed / members);
  purse = spend(purse, terms, undefined, ask.spent, now);
  if (ask.said) purse = hear(purse, terms, ask.said, now);
  if (ask.refused !== undefined) purse = refuse(purse, terms, ask.refused, now);
  const calls: number[] = [];
  const waits: number[] = [];
  classes.forEach((cls, i) => {
    const wanted = ask.wants[i] ?? 0;
    const wait = waitOf(purse, terms, cls, now);
    const { pace, quota } = roomOfPurse(purse, terms, cls);
    const most = purse.trial === null ? Math.max(1, Math.min(pace, quota ?? pace)) : 1;
    const some = wanted > 0 && wait === 0 ? Math.min(wanted, most) : 0;
    if (some > 0) purse = tried(spend(purse, terms, cls, some, now), now);
    calls.push(some);
    waits.push(some > 0 ? 0 : wait);
  });
  const { until, told, lesson } = purse;
  const rate = paceFlow(terms, lesson.rate, told).perMs * 1_000;
  return { purse: withMember(purse, ask, now), given: { calls, waits, until, rate, members } };
}

/** One call at a time tries whether a limit is over, whatever process makes it. */
const tried = (purse: Purse, now: Tick): Purse =>
  purse.trial === null ? purse : { ...purse, trial: isGoing(purse.lesson) ? null : now + TRIAL };

/** With who asked; the others that asked latest stay. */
function withMember(purse: Purse, { owner, number }: Ask, now: Tick): Purse {
  const others = Object.entries(purse.members).filter(([other]) => other !== owner);
  const latest = others.sort(([, [a]], [, [b]]) => b - a).slice(0, MEMBERS - 1);
  return { ...purse, members: { ...Object.fromEntries(latest), [owner]: [now, number] } };
}
