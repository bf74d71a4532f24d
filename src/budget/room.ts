/**
 * What a purse lets a class spend now, and how long the class waits where that is nothing. Pure.
 * @module
 */
import type { Class } from "../row.ts";
import type { Tick } from "../time.ts";
import { paceFlow, quotaFlow } from "./flow.ts";
import { roomOf, waitFor } from "./pot.ts";
import type { Purse } from "./purse.ts";
import type { Terms } from "./terms.ts";
import { usable, waitForTold } from "./told.ts";

/** What a class may have by the pace, and by the quota and what the provider says is left; null: neither is known. */
export function roomOfPurse(
  { pace, quota, told, lesson }: Purse,
  terms: Terms,
  cls: Class,
): { pace: number; quota: number | null } {
  const flow = quotaFlow(terms, told);
  const slow = quota && flow ? [roomOf(quota, flow.size, cls)] : [];
  const left = told ? [Math.max(0, usable(told, terms))] : [];
  const least = Math.min(...slow, ...left);
  return {
    pace: roomOf(pace, paceFlow(terms, lesson.rate, told).size, cls),
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
  const flow = paceFlow(terms, lesson.rate, told);
  const slow = quotaFlow(terms, told);
  const waits = [
    Math.max(0, until - now) / 1_000,
    trial === null ? 0 : Math.max(0, trial - now) / 1_000,
    waitFor(pace, flow.size, cls, flow.perMs) + Math.max(0, at - now) / 1_000,
    quota && slow ? waitFor(quota, slow.size, cls, slow.perMs) : 0,
    waitForTold(told, terms, now),
  ];
  return Math.max(...waits);
}
