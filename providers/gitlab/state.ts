/**
 * What a state of GitLab's says of itself: its id, how new it is.
 * @module
 */
import type { Definition } from "./definition.ts";

/** A state whose fields are looked at by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** The object in a field, or none. */
export const fieldsOf = (value: unknown): Fields =>
  (typeof value === "object" && value !== null ? value : {}) as Fields;

/** A number or a text as text; undefined for anything else. */
export const textOf = (value: unknown): string | undefined =>
  (typeof value === "string" && value !== "") || Number.isSafeInteger(value) ? String(value) : undefined;

/**
 * The id of a state, as text.
 * @throws TypeError if there is none: then it is no answer of GitLab's
 */
export function idOf({ key }: Definition, state: Fields): string {
  const id = textOf(typeof key === "function" ? key(state) : state[key]);
  if (id !== undefined) return id;
  throw new TypeError("GitLab's answer has no id: look at gitlab({ url })");
}

/** The latest of the version's fields, in ms; undefined if none is a time. */
export function versionOf({ versions = [] }: Definition, state: Fields): number | undefined {
  const times = versions.map((name) => timeOf(state[name])).filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** GitLab's own number, or a time in ms. */
export function incarnationOf({ incarnation }: Definition, state: Fields): number | undefined {
  if (incarnation !== "id") return timeOf(state[incarnation ?? ""]);
  const id = textOf(state["id"]);
  return id !== undefined && /^\d+$/.test(id) ? Number(id) : undefined;
}

/** ISO 8601 with a time in it, as ms. */
export function timeOf(value: unknown): number | undefined {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** As GitLab writes times. */
export const stamp = (ms: number): string => new Date(ms).toISOString();
