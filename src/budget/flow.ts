/**
 * What fills the buckets of a purse, by what is declared, what was learned, and what the provider itself says. Pure.
 * @module
 */
import type { Terms } from "./terms.ts";
import type { Told } from "./told.ts";

/** What fills a bucket. */
export interface Flow {
  /** Calls that come in a millisecond. */
  perMs: number;
  /** Calls in a full bucket. */
  size: number;
}

/** A full bucket, in ms of its rate, or as a part of a quota. */
const BURST = 5_000;
const AHEAD = 0.2;

/**
 * What fills the bucket of the pace.
 * @param learned calls a second; null: as declared
 */
export function paceFlow({ rate, reserve }: Terms, learned: number | null, told: Told | null): Flow {
  const restored = told?.restores ? told.restores * (1 - reserve) : rate;
  const perMs = Math.min(learned ?? Number.POSITIVE_INFINITY, restored) / 1_000;
  return { perMs, size: perMs * BURST };
}

/**
 * What fills the bucket of a quota: with what a burst may take ahead never more than the whole in any such time. Null:
 * none is known.
 */
export function quotaFlow({ quota, reserve }: Terms, told: Told | null): Flow | null {
  const calls = told && told.restores === null ? told.of * (1 - reserve) : quota?.calls;
  const per = quota?.per ?? told?.per;
  if (calls === undefined || per === undefined) return null;
  return { perMs: (calls * (1 - AHEAD)) / per, size: calls * AHEAD };
}
