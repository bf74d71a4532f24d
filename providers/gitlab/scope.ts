/**
 * The parts of a GitLab: a project is `"278964"`, a group `"group/9970"`, the instance itself `"instance"`.
 * @module
 */
import type { Awaitable } from "tidemark";

/** What a scope can be. */
export type Place = "project" | "group" | "instance";

/** Numbers as text; or a function that knows the current ones. */
export type Names = readonly string[] | (() => Awaitable<Iterable<string> | AsyncIterable<string>>);

export const INSTANCE = "instance";

/** What a scope is. */
export const placeOf = (scope: string): Place =>
  scope === INSTANCE ? "instance" : scope.startsWith("group/") ? "group" : "project";

/** The number of a project or group; empty for the instance. */
export const numberOf = (scope: string): string => (scope === INSTANCE ? "" : scope.replace(/^group\//, ""));

/** The scope of a project or group. */
export const scopeOf = (place: Exclude<Place, "instance">, number: string): string =>
  place === "group" ? `group/${number}` : number;

/** The scopes that the application names. */
export interface Named {
  projects: Names;
  groups: Names;
  instance: boolean;
}

const WRONG = {
  project: 'gitlab({ projects }) must list the numbers of projects as text, "278964", or be a function that gives them',
  group: 'gitlab({ groups }) must list the numbers of groups as text, "9970", or be a function that gives them',
};

/**
 * Checks the options once, and what a function gives each time. A name would be another project's after a move; the
 * number stays.
 *
 * @returns `scopes`, and `only`: the only scope of a kind, where there is but one and it is listed
 * @throws TypeError for what is no list of numbers
 */
export function scopesOf({ projects, groups, instance }: Named) {
  const kinds = [
    { place: "project", names: projects },
    { place: "group", names: groups },
  ] as const;
  const check = (place: "project" | "group", name: unknown): string => {
    if (typeof name === "string" && /^[1-9]\d*$/.test(name)) return scopeOf(place, name);
    throw new TypeError(WRONG[place]);
  };
  for (const { place, names } of kinds) {
    if (typeof names === "function") continue;
    if (!Array.isArray(names)) throw new TypeError(WRONG[place]);
    for (const name of names) check(place, name);
  }
  if (!instance && kinds.every(({ names }) => names.length === 0 && typeof names !== "function")) {
    throw new TypeError(`${WRONG.project}; or name groups, or the instance`);
  }
  async function scopes(): Promise<string[]> {
    const found: string[] = instance ? [INSTANCE] : [];
    for (const { place, names } of kinds) {
      for await (const name of typeof names === "function" ? await names() : names) found.push(check(place, name));
    }
    return found;
  }
  const only = (place: Place): string | undefined => {
    if (place === "instance") return instance ? INSTANCE : undefined;
    const { names } = kinds[place === "project" ? 0 : 1];
    const [first, ...others] = typeof names === "function" ? [] : names;
    return first !== undefined && others.length === 0 ? scopeOf(place, first) : undefined;
  };
  return { scopes, only };
}
