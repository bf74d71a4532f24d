/**
 * What stands where in JSON: places, ids, times, versions. Pure.
 * @module
 */

/** What orders two reads of a resource. */
export type Version =
  /**
   * The place of an updated-at: a text like `2026-01-31T08:00:00Z`, or seconds or milliseconds since 1970. Of several
   * places the latest counts. Two that are closer than `grain` (milliseconds, default 2,000) do not order two states.
   */
  | { time: string | readonly string[]; grain?: number }
  /** The place of a whole number that grows with every change. */
  | { revision: string };

/** All that stands at a place: one value, none, or with `*` several. Nothing is inherited. */
export function valuesAt(value: unknown, place: string): unknown[] {
  let found = [value];
  for (const key of place === "" ? [] : place.split(".")) found = found.flatMap((one) => inside(one, key));
  return found;
}

function inside(value: unknown, key: string): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  if (key === "*") return Object.values(value);
  return Object.hasOwn(value, key) ? [(value as Record<string, unknown>)[key]] : [];
}

/** The first that stands at a place. */
export const valueAt = (value: unknown, place: string): unknown => valuesAt(value, place)[0];

/** A value as an id: a text, or a whole number. Undefined for anything else. */
export function idOf(value: unknown): string | undefined {
  if (Number.isSafeInteger(value)) return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Numbers below are seconds (until the year 5138), others milliseconds (since 1973). */
const MILLISECONDS = 100_000_000_000;
const DATE = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** A time in ms since 1970. A text without a zone is UTC, so that it means the same on every machine. */
export function timeOf(value: unknown): number | undefined {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string") return undefined;
  if (/^\d{1,16}(\.\d{1,9})?$/.test(text)) {
    const number = Number(text);
    return Math.floor(number < MILLISECONDS ? number * 1_000 : number);
  }
  const [date, zone] = DATE.exec(text) ?? [];
  if (date === undefined) return undefined;
  const time = Date.parse(zone === undefined && date.length > "2026-01-31".length ? `${date}Z` : date);
  return Number.isNaN(time) ? undefined : time;
}

/** Where a version stands. */
export const versionPlaces = (version: Version): readonly string[] =>
  "revision" in version ? [version.revision] : [version.time].flat();

/** The version of a state or a row: the latest that stands at its places. */
export function versionOf(version: Version, value: unknown): number | undefined {
  const found = versionPlaces(version).map((place) => versionFrom(version, valueAt(value, place)));
  const known = found.filter((one) => one !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** A value as a version of this kind. */
export function versionFrom(version: Version, value: unknown): number | undefined {
  if (!("revision" in version)) return timeOf(value);
  const number = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? (number as number) : undefined;
}

/** How a time is written in a query: `"iso"` is `2026-01-31T08:00:00.000Z`, the others count since 1970. */
export type TimeFormat = "iso" | "s" | "ms";

/** A time in ms since 1970, as it is written in a query. */
export const written = (ms: number, format: TimeFormat = "iso"): string =>
  format === "iso" ? new Date(ms).toISOString() : String(format === "s" ? Math.floor(ms / 1_000) : ms);
