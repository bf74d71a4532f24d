/**
 * Changes and values as people read them.
 * @module
 */
import type { Change } from "tidemark";
import { type Io, paint } from "./io.ts";

const time = (at: Date): string => at.toISOString().slice(11, 19);

/** A change in a line: when, what, how it was found, which fields. */
export function changeLine(io: Io, change: Change): string {
  const { type, scope, id, via, initial, before, after, at } = change;
  const what =
    after === null ? paint(io, "red", "gone   ") : before === null ? paint(io, "green", "new    ") : "changed";
  const where = scope === "" ? "" : ` ${paint(io, "dim", `in ${plain(scope)}`)}`;
  const fields =
    before === null || after === null ? "" : ` ${paint(io, "dim", plain(fieldsOf(before, after).join(" ")))}`;
  const how = paint(io, "dim", initial ? "was there" : via);
  return `${paint(io, "dim", time(at))} ${what} ${paint(io, "cyan", type)} ${plain(id)}${where} ${how}${fields}\n`;
}

/** The names of the fields that differ, at most some. */
function fieldsOf(before: unknown, after: unknown): string[] {
  if (typeof before !== "object" || typeof after !== "object" || before === null || after === null) return [];
  const [old, now] = [before, after] as [Record<string, unknown>, Record<string, unknown>];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const changed = names.filter((name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]));
  return changed.length > FIELDS ? [...changed.slice(0, FIELDS), `and ${changed.length - FIELDS} more`] : changed;
}
const FIELDS = 6;

/** How long ago, roughly. */
export function ago(at: Date | string | null, now: number): string {
  if (at === null) return "never";
  const seconds = Math.max(0, Math.round((now - new Date(at).getTime()) / 1_000));
  if (seconds < 90) return `${seconds} s ago`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h ago` : `${Math.round(seconds / 86_400)} days ago`;
}

/** Control characters of what a service sent would be the terminal's own, and signs that turn the line around hide what it says. */
export const plain = (text: string): string => text.replace(NOT_PLAIN, "\ufffd");

/** JSON that a terminal may be shown, too: the same value, but what JSON leaves as it is and a terminal does not, is escaped. */
export const jsonOf = (value: unknown, indent?: number): string =>
  JSON.stringify(value, undefined, indent).replace(
    NOT_JSON,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** A line of JSON for each thing. */
export const jsonLines = (things: readonly unknown[]): string => things.map((one) => `${jsonOf(one)}\n`).join("");

/** DEL, C1, the ends of lines and paragraphs, and what turns text around. */
const HIDDEN = "\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069";
const NOT_PLAIN = new RegExp(`[\\u0000-\\u001f${HIDDEN}]`, "g");
const NOT_JSON = new RegExp(`[${HIDDEN}]`, "g");
