/**
 * When a subscription stands still as a whole: what a handler threw concerns its target, not the one change. Pure.
 *
 *   RetryLater   the target is down, or asks to wait: everything waits, and the same change is tried again
 *   TargetGone   the target wants no more: everything waits until a person says `retry`
 */
import { describe, RetryLater, TargetGone } from "../errors.ts";
import type { Entry } from "../store.ts";
import type { Halt, SubscriptionState } from "./subscription.ts";

/** Shortest and longest pause before a handler is tried again, in milliseconds. */
const PAUSE = [1_000, 3_600_000] as const;

/** Milliseconds to wait after so many attempts that failed. `draw` is from 0 to 1. */
export const pauseAfter = (attempts: number, draw: number): number =>
  Math.min(PAUSE[1], PAUSE[0] * 2 ** attempts) * (0.5 + draw / 2);

/** Whether what a handler threw concerns all that it handles. */
export const concernsAll = (cause: unknown): cause is RetryLater | TargetGone =>
  cause instanceof RetryLater || cause instanceof TargetGone;

/** Where a subscription stands still, and until when: as long as was asked for, and no shorter than after any failure. */
export function haltAt(
  { type, scope, id, position, tick }: Entry,
  cause: RetryLater | TargetGone,
  { attempts, now, draw }: { attempts: number; now: number; draw: number },
): Halt {
  const due = cause instanceof RetryLater ? now + Math.max(cause.ms, pauseAfter(attempts, draw)) : null;
  return { type, scope, id, position, tick, attempts: attempts + 1, due, error: describe(cause) };
}

/** Of several handlers that met it at once: at the earliest change, until the latest time. */
export function firstHalt(halts: readonly Halt[]): Halt | undefined {
  const [first] = [...halts].sort((a, b) => a.position - b.position);
  const gone = halts.find(({ due }) => due === null);
  const due = Math.max(...halts.map((one) => one.due ?? 0));
  return first && { ...first, ...(gone ? { due: null, error: gone.error } : { due }) };
}

/** When a subscription goes on, in ms since 1970; 0: it does. */
export const haltedUntil = ({ halt }: Pick<SubscriptionState, "halt">): number =>
  halt === null ? 0 : (halt.due ?? Number.POSITIVE_INFINITY);

/** Whether nothing is to be delivered now. */
export const isHalted = (state: Pick<SubscriptionState, "halt">, now: number): boolean => haltedUntil(state) > now;
