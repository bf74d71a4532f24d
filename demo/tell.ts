/**
 * A change, told in one line. Pure.
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { Change } from "tidemark";

type AnyChange = Pick<Change<string, object>, "before" | "after" | "initial" | "via">;

/** What happened to the resource, as a sign: it is new, gone, or different. */
export const signOf = ({ before, after }: AnyChange): "+" | "-" | "~" =>
  before === null ? "+" : after === null ? "-" : "~";

/** What found it, for people. */
export const foundBy = ({ initial, via }: AnyChange): string => (initial ? "first look" : via);

/** Fields that name a resource for people, the best first; and such that change with everything. */
const NAMES = ["title", "name", "body", "amount", "unit_amount"];
const DULL = new Set(["updated_at", "closed_at", "closed_by", "state_reason"]);

/** What it is, or what is different about it. */
export function whatOf({ before, after }: AnyChange): string {
  if (before === null || after === null) return nameOf(after ?? before ?? {});
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...fields].filter((field) => !isDeepStrictEqual(at(before, field), at(after, field)));
  const telling = changed.filter((field) => !DULL.has(field));
  return (telling.length > 0 ? telling : changed).map((field) => differenceOf(field, before, after)).join(", ");
}

function nameOf(state: object): string {
  const field = NAMES.find((name) => at(state, name) !== undefined && at(state, name) !== null);
  return field === undefined ? "" : short(at(state, field));
}

function differenceOf(field: string, before: object, after: object): string {
  const [was, is] = [short(at(before, field)), short(at(after, field))];
  if (was === is) return `${field} changed inside`;
  return is.length > 12 || was.length > 12 ? `${field} → ${is}` : `${field} ${was} → ${is}`;
}

const at = (state: object, field: string): unknown => (state as Record<string, unknown>)[field];

/** A value in a few characters. */
function short(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((one) => short(one)).join(" ")}]`;
  if (typeof value === "object" && value !== null) return nameOf(value) || "…";
  return value === null || value === undefined ? "none" : String(value);
}

/** At most so many characters, and exactly as many if it is shorter. */
export const fit = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
