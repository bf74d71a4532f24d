/**
 * A clock that leaps over what happens all the time and brings nothing: the engine looks every second, and every ten, for
 * what other processes did. Where there is no other, and every poll and sweep is minutes away, all of that is left out.
 */
import type { Store, Time } from "tidemark";
import type { VirtualTime } from "tidemark/testing";
import type { Checkpoint } from "../../src/checkpoint.ts";
import { feedOf, placeOf, sweepOf } from "../../src/reconcile/plan.ts";
import type { Move } from "../../src/store.ts";

/** Milliseconds for which the worker sleeps when it knows of nothing to do, and the other loops. */
const WORKER = 1_000;
const OTHERS = 10_000;
/** The longest leap, in ms: what is due by anything else than a checkpoint, and wakes nobody, is so late at most. */
const FAR = 120_000;

/**
 * The clock and the store for an engine that is alone.
 *
 * @param every milliseconds between the polls of a feed at the least
 */
export function createLeap(time: VirtualTime, base: Store, every: number): { time: Time; store: Store } {
  /** When each poll and sweep may be due at the earliest, in ms. */
  const due = new Map<string, number>();
  const seeing = ({ name, step }: Move): Move => ({
    name,
    step(at, tick) {
      const moved = step(at, tick);
      const earliest = earliestOf(moved ?? at, every);
      if (earliest !== undefined) due.set(name, earliest);
      return moved;
    },
  });
  return {
    time: {
      ...time,
      after(ms, run, hold) {
        // Hints wake the worker: it need not look for what is due while a poll may be.
        const leap = ms === WORKER ? FAR : ms === OTHERS ? Math.min(FAR, Math.min(...due.values()) - time.now()) : 0;
        return time.after(Math.max(ms, leap), run, hold);
      },
    },
    store: {
      ...base,
      update: (select, step, also, how) => base.update(select, step, also && seeing(also), how),
      post: (notes, also) => base.post(notes, also && seeing(also)),
      checkpoint: (move, how) => base.checkpoint(seeing(move), how),
    },
  };
}

function earliestOf(at: Checkpoint, every: number): number | undefined {
  const kind = placeOf(at.name)?.kind;
  if (kind === "poll") {
    const state = feedOf(at);
    return (state.polled ?? 0) / 1_000 + 0.9 * (state.every ?? every);
  }
  // A sweep of hours may well be minutes late.
  if (kind === "sweep") return sweepOf(at).phase === "done" ? Number.POSITIVE_INFINITY : 0;
  return undefined;
}
