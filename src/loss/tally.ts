/**
 * What is counted of the webhooks of a type, and how counts and times are added up. Pure, but for the counting itself.
 * @module
 */

/**
 * What is counted. An event counts once for each resource that it is about.
 *
 * - `webhook`, `poll`, `sweep`: changes, by what found them first
 * - `came`: events whose webhook was the first to tell of them
 * - `named`: events that a feed named first, though a webhook should have brought them
 * - `late`: webhooks that came after a feed had named their event; `mended`: those that `named` counts
 * - `repeats`: webhooks of events that a webhook had brought before
 * - `unsure`: events that a feed named, of resources with so many that nobody remembers whether a webhook brought this one
 * - `heard`: hints that webhooks brought, whatever became of them
 * - `missed`: changes that a poll or a sweep found, and of which no webhook had told a minute later either
 */
export const counters = [
  "webhook",
  "poll",
  "sweep",
  "came",
  "named",
  "late",
  "mended",
  "repeats",
  "unsure",
  "heard",
  "missed",
] as const;
export type Counter = (typeof counters)[number];
export type Counts = { [name in Counter]?: number };

/** How many times fell into each bucket; those in which none did are not there. */
export type Histogram = Record<string, number>;

/** Counts, and the times of which there are quantiles, in ms. */
export interface Tally {
  counts: Counts;
  /** From the provider's own time of an event to the log. */
  lag: Histogram;
  /** From the poll that named an event to its webhook. */
  lateness: Histogram;
}

export const nothing = (): Tally => ({ counts: {}, lag: {}, lateness: {} });

/** One more, or less, of something. Changes what it is given: it is called for each webhook. */
export function count(into: Record<string, number>, name: string, by = 1): void {
  into[name] = (into[name] ?? 0) + by;
}

/** Sums of what has the same name. */
export function sum<T extends Counts | Histogram>(...all: readonly T[]): T {
  const total: Record<string, number> = {};
  // Without a pair for each name: `health()` adds up a million of them where a thousand scopes lost something in a week.
  for (const one of all as readonly Record<string, number>[]) for (const name in one) count(total, name, one[name]);
  return total as T;
}

export const sumTallies = (all: readonly Tally[]): Tally => ({
  counts: sum(...all.map(({ counts }) => counts)),
  lag: sum(...all.map(({ lag }) => lag)),
  lateness: sum(...all.map(({ lateness }) => lateness)),
});

/** Buckets for each doubling: a quantile is at most a fifth too long, and a week is in bucket 118. */
const PER_DOUBLING = 4;
/** The last bucket holds all that is longer than a month. */
const LAST = 126;

/** The bucket of a time in ms; what is below 1 ms, or negative because clocks differ, is in the first. */
export const bucketOf = (ms: number): number =>
  ms < 1 ? 0 : Math.min(LAST, 1 + Math.floor(PER_DOUBLING * Math.log2(ms)));

/** The end of a bucket, in ms. */
const endOf = (bucket: number): number => Math.ceil(2 ** (bucket / PER_DOUBLING));

/** The time in ms that a part of all, from 0 to 1, did not exceed; null of nothing. */
export function quantile(times: Histogram, part: number): number | null {
  const buckets = Object.entries(times).sort(([a], [b]) => Number(a) - Number(b));
  const rank = part * buckets.reduce((all, [, n]) => all + n, 0);
  let below = 0;
  for (const [bucket, n] of buckets) {
    below += n;
    if (n > 0 && below >= rank) return endOf(Number(bucket));
  }
  return null;
}
