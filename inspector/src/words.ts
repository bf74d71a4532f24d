/**
 * Numbers and times as people read them. Pure.
 * @module
 */
import type { Cause } from "./wire.ts";

const counts = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** `12,345`. */
export const count = (n: number): string => counts.format(n);
/** `12K`: where there is no room. */
export const short = (n: number): string => (n < 10_000 ? count(n) : compact.format(n));
/** `3 changes`, `1 change`. */
export const many = (n: number, one: string, more = `${one}s`): string => `${count(n)} ${n === 1 ? one : more}`;

/** A part of a whole, 0 to 1: `0.04 %`. Two digits that say something, never more than is there. */
export function percent(part: number): string {
  if (part === 0 || part === 1) return `${part * 100} %`;
  const hundred = part * 100;
  if (hundred < 0.01) return "< 0.01 %";
  return `${Number(hundred.toPrecision(hundred >= 10 && hundred < 99.5 ? 2 : 3)).toString()} %`;
}

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** Milliseconds in the largest unit that fits: `340 ms`, `4.2 s`, `12 min`, `3 d`. */
export function span(ms: number): string {
  const size = Math.abs(ms);
  const [unit, length] = UNITS.find(([, least]) => size >= least) ?? ["ms", 1];
  const value = size / length;
  return `${value < 10 && length > 1 ? Number(value.toFixed(1)) : Math.round(value)} ${unit}`;
}

/** `12 s ago`, `in 3 min`. */
export function away(at: string | null, now: number): string {
  if (at === null) return "never";
  const ms = now - Date.parse(at);
  if (Math.abs(ms) < 1_000) return "now";
  return ms > 0 ? `${span(ms)} ago` : `in ${span(ms)}`;
}

/** When something is due: `now`, `in 3 min`, `12 s over`. */
export function due(at: string | null, now: number): string {
  if (at === null) return "when somebody says so";
  const ms = now - Date.parse(at);
  return ms < -999 ? `in ${span(ms)}` : ms < 1_000 ? "now" : `${span(ms)} over`;
}

/** The time of the day, or the day and the time if it was another one. In the reader's own zone. */
export function clock(at: string, now: number): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString("en-GB");
  if (date.toDateString() === new Date(now).toDateString()) return time;
  return `${date.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${time}`;
}

/**
 * Milliseconds from the latest of the provider's events to the read that showed the change; undefined: no event says when. An
 * earlier one may have been about nothing.
 */
export function lateness({ at, causes }: { at: string; causes: readonly Cause[] }): number | undefined {
  const times = causes.flatMap(({ at }) => (at === undefined ? [] : [Date.parse(at)]));
  return times.length === 0 ? undefined : Math.max(0, Date.parse(at) - Math.max(...times));
}

/** The provider of a full type, and the rest of it. */
export function splitType(type: string): [provider: string, name: string] {
  const dot = type.indexOf(".");
  return dot < 0 ? [type, ""] : [type.slice(0, dot), type.slice(dot + 1)];
}
