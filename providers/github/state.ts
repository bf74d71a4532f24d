/**
 * What a state of GitHub's says of itself: its id, where it belongs, how new it is.
 * @module
 */
import type { Definition } from "./definition.ts";

/** A state whose fields are looked at by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** The object in a field, or none. */
export const fieldsOf = (value: unknown): Fields =>
  (typeof value === "object" && value !== null ? value : {}) as Fields;

/** The id of a state, as text; undefined if it has none. */
export function idIn({ key }: Definition, state: Fields): string | undefined {
  const id = typeof key === "function" ? key(state) : state[key];
  // A number that JSON could not hold exactly comes as text, or is none.
  if (typeof id === "number") return Number.isSafeInteger(id) ? String(id) : undefined;
  return typeof id === "string" && id !== "" ? id : undefined;
}

/**
 * The id of a state, as text.
 * @throws TypeError if there is none: then it is no answer of GitHub's
 */
export function idOf(definition: Definition, state: Fields): string {
  const id = idIn(definition, state);
  if (id !== undefined) return id;
  throw new TypeError("GitHub's answer has no id: look at the client's baseUrl");
}

/**
 * The repository a state belongs to, `owner/name`.
 * @throws TypeError if it does not say
 */
export function homeOf(state: Fields): string {
  // A branch has none of its own, but its commit has; a review that of its pull request.
  const url = state["pull_request_url"] ?? state["url"] ?? fieldsOf(state["commit"])["url"];
  const home = /\/repos\/([^/?#]+\/[^/?#]+)/.exec(String(url))?.[1];
  if (home !== undefined) return home;
  throw new TypeError("GitHub's answer names no repository: look at the client's baseUrl");
}

/** Whether two names are of one repository or organisation: GitHub ignores their case. */
export const isSameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** A scope is a repository, `owner/name`, or an organisation, `name`. */
export const isOrganization = (scope: string): boolean => !scope.includes("/");

/** The latest of the version's fields, in ms. */
export function versionOf({ versions = [] }: Definition, state: Fields): number | undefined {
  const times = versions.map((name) => timeOf(state[name])).filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** ISO 8601 or, in the payload of a push, seconds; as ms. */
export function timeOf(value: unknown): number | undefined {
  const time = typeof value === "number" ? value * 1_000 : typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isFinite(time) ? time : undefined;
}

/** To the second, as GitHub writes times. */
export const stamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
