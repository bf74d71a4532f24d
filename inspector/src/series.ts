/**
 * What webhooks lost, hour by hour: what a curve is drawn from. Pure.
 * @module
 */
import type { LossHour } from "./wire.ts";
import { splitType } from "./words.ts";

/** A week. */
export const HOURS = 168;
const HOUR = 3_600_000;

export type Count = "lost" | "late" | "unsure" | "webhook" | "poll" | "sweep";

/** Counts of a provider, or of all types that are chosen, hour by hour: the oldest first, none left out. */
export interface Series {
  /** Seconds since 1970, when each hour began. */
  hours: number[];
  counts: Record<Count, number[]>;
}

/** @param wanted whether a type counts */
export function seriesOf(all: readonly LossHour[], wanted: (type: string) => boolean, now: number): Series {
  const last = Math.floor(now / HOUR);
  const hours = Array.from({ length: HOURS }, (_, index) => (last - HOURS + 1 + index) * 3_600);
  const none = () => hours.map(() => 0);
  const counts = { lost: none(), late: none(), unsure: none(), webhook: none(), poll: none(), sweep: none() };
  for (const hour of all) {
    const index = Math.floor(Date.parse(hour.hour) / HOUR) - last + HOURS - 1;
    if (index < 0 || index >= HOURS || !wanted(hour.type)) continue;
    for (const name of Object.keys(counts) as Count[]) counts[name][index] = (counts[name][index] ?? 0) + hour[name];
  }
  return { hours, counts };
}

export const isOf =
  (provider: string) =>
  (type: string): boolean =>
    splitType(type)[0] === provider;
