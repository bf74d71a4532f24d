/**
 * What is different between two states, field by field. Pure.
 * @module
 */

/** A field: where it is, and what it was and is. `undefined`: it was, or is, not there. */
export interface Field {
  readonly path: readonly (string | number)[];
  readonly before: unknown;
  readonly after: unknown;
}

/** Fields that are told at most: a person reads no more of one change. */
export const MOST = 500;

/** The fields in which two states differ, in the order of the newer one; those that are gone come last. */
export function differences(before: unknown, after: unknown): Field[] {
  const found: Field[] = [];
  compare([], before, after, found);
  return found;
}

function compare(path: readonly (string | number)[], before: unknown, after: unknown, found: Field[]): void {
  if (found.length >= MOST || Object.is(before, after)) return;
  const [was, is] = [partsOf(before), partsOf(after)];
  // All of a list that became empty, or another kind of value, is one difference and not one for each item.
  if (!was || !is || Array.isArray(before) !== Array.isArray(after) || (was.size === 0) !== (is.size === 0)) {
    found.push({ path, before, after });
    return;
  }
  for (const key of new Set([...is.keys(), ...was.keys()])) compare([...path, key], was.get(key), is.get(key), found);
}

function partsOf(value: unknown): Map<string | number, unknown> | undefined {
  if (Array.isArray(value)) return new Map(value.entries());
  if (typeof value === "object" && value !== null) return new Map(Object.entries(value));
  return undefined;
}

/** A path as people write it: `lines[0].amount`; a key that is no plain word is quoted. */
export const pathText = (path: readonly (string | number)[]): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(part)) return `${text}[${JSON.stringify(part)}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");

/** The top-level fields that differ: a change in a few words. What changes with everything else comes last. */
export function changedFields(before: unknown, after: unknown): string[] {
  const names = new Set(differences(before, after).map(({ path }) => pathText(path.slice(0, 1))));
  return [...names].filter(Boolean).sort((a, b) => Number(isStamp(a)) - Number(isStamp(b)));
}

const isStamp = (name: string): boolean => /^(updated|modified|etag|revision|version)/i.test(name);
