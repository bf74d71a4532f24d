/**
 * How long it is to the next poll of a feed, or the next sweep of a type, by what the last ones showed. Pure.
 *
 *   poll    a webhook was lost ──► the shortest
 *           it named something ──► a quarter longer, up to a quarter of the longest
 *           it named nothing ────► a quarter longer, up to the longest
 *   sweep   it found what nobody had hinted ──► the shortest
 *           it found nothing ───────────────► twice as long, up to the longest
 *
 * A webhook that is lost is found by the next poll, so its change waits anything from nothing to the whole interval T. Of
 * all changes, with a part p lost, `p × (1 − F/T)` wait longer than F. With F the shortest interval, that part is all that
 * slower polls cost, and it is kept below {@link LATER} where things change.
 * @module
 */
import type { Tick } from "../time.ts";

/** The shortest and the longest interval, in ms. */
export interface Bounds {
  min: number;
  max: number;
}

/** A fixed interval, or what it may be between; in ms. */
export type Every = number | { min?: number | undefined; max?: number | undefined };

/** What an application that says nothing gets, where webhooks prove themselves. */
export const POLL = { max: 3_600_000 } as const;
export const SWEEP: Bounds = { min: 21_600_000, max: 86_400_000 };

/** Of all changes, the part that may come later than polls at the shortest interval would bring them. */
const LATER = 0.004;
/** The part of the longest interval that is the longest where things change: more changes wait there. */
const BUSY = 0.25;
/** How much longer an interval is than the one before it. */
const GROWTH = 1.25;
/** A sweep comes again after so many times what the last one took at the earliest: it leaves the budget to others. */
const REST = 20;

/** What a poll or a sweep remembers of its tempo. `every`: ms to the next; null: nothing was decided yet. */
export interface Paced {
  every: number | null;
}

/** What a sweep remembers. `took`: how long the last complete one did, in ms. */
export interface Swept extends Paced {
  took: number;
  begun: Tick | null;
  completed: Tick | null;
}

/** Why polls of a feed may be slow, or not. */
export interface Ground {
  /** Webhooks prove themselves; null: the provider has none, so the bounds are the application's own. */
  trusted: boolean | null;
  /** Of the changes of the last day, the part of which no webhook told. */
  missed: number;
}

/**
 * @param every what the provider bears: never less than that
 * @param horizon what the feed remembers: half of it at the most
 */
export function pollBounds(every: number, horizon: number | undefined, webhooks: boolean, given?: Every): Bounds {
  const { min = 0, max = webhooks ? POLL.max : 0 } =
    typeof given === "number" ? { min: given, max: given } : (given ?? {});
  const least = Math.max(every, min);
  return { min: least, max: Math.max(least, Math.min(max, (horizon ?? Number.POSITIVE_INFINITY) / 2)) };
}

export function sweepBounds(given?: Every): Bounds {
  if (typeof given === "number") return { min: given, max: given };
  const { max = Math.max(SWEEP.max, given?.min ?? 0), min = Math.min(SWEEP.min, max) } = given ?? {};
  return { min, max };
}

const clamp = (ms: number, { min, max }: Bounds): number => Math.min(max, Math.max(min, ms));

/** Ms to the next poll. While webhooks do not prove themselves what it had become does not count. */
export const pollInterval = ({ every }: Paced, bounds: Bounds, { trusted }: Pick<Ground, "trusted">): number =>
  trusted === false ? bounds.min : clamp(every ?? bounds.min, bounds);

/** The interval after a poll. `busy`: it named something. */
export function afterPoll({ every }: Paced, bounds: Bounds, busy: boolean, { trusted, missed }: Ground): number {
  if (trusted === false || (trusted === null && busy)) return bounds.min;
  const longer = GROWTH * clamp(every ?? bounds.min, bounds);
  return clamp(busy ? Math.min(longer, BUSY * bounds.max, slowest(bounds.min, missed)) : longer, bounds);
}

/** The longest interval with which no more than {@link LATER} of all changes come later than with the shortest. */
const slowest = (min: number, missed: number): number =>
  missed <= LATER ? Number.POSITIVE_INFINITY : min / (1 - LATER / missed);

/** Ms from the beginning of the last sweep to the next one's. */
export const sweepInterval = ({ every }: Paced, { max }: Bounds): number => Math.min(max, every ?? max);

/** The interval after a sweep that found what nobody had hinted: as short as the bounds, and what it took, allow. */
export const shortestSweep = ({ took }: Pick<Swept, "took">, bounds: Bounds): number => clamp(REST * took, bounds);

/**
 * The interval after a sweep that is complete. The one after the first is drawn from all up to the longest: what was
 * imported at one time is not swept at one time for ever.
 *
 * @param covered a feed finds changes of the type: its sweeps only repair
 * @param draw from 0 to 1
 */
export function afterSweep(
  { every, completed, begun }: Swept,
  bounds: Bounds,
  { covered, now, draw }: { covered: boolean; now: Tick; draw: number },
): Pick<Swept, "every" | "took"> {
  const took = Math.max(0, now - (begun ?? now)) / 1_000;
  if (completed === null) return { took, every: Math.min(bounds.max, Math.max(REST * took, bounds.max * draw)) };
  if (covered) return { took, every: bounds.max };
  return { took, every: clamp(Math.max(REST * took, 2 * (every ?? bounds.max)), bounds) };
}
