/**
 * Looking into what PayPal answers and sends: field by field, because none of it is sure to be there.
 * @module
 */

/** A state whose fields are looked at by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** A field of what may be an object. */
export const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name) ? (value as Fields)[name] : undefined;

/** What is at a path of fields; `*` stands for each of a list. */
export function valuesAt(value: unknown, path: string): unknown[] {
  return path.split(".").reduce<unknown[]>(
    (found, name) => {
      if (name === "*") return found.flatMap((one) => (Array.isArray(one) ? one : []));
      return found.map((one) => fieldOf(one, name));
    },
    [value],
  );
}

/** The ids at a path. */
export const idsAt = (value: unknown, path: string): string[] => valuesAt(value, path).filter(isId);

/** What stands for one resource in a path and in a store: an id of PayPal's has letters, digits, `-`, `_` and `.`. */
export const isId = (value: unknown): value is string => typeof value === "string" && /^\w[\w.-]{0,127}$/.test(value);

/** RFC 3339 as ms since 1970. */
export function timeOf(value: unknown): number | undefined {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** The latest of the times at some paths, in ms since 1970. */
export function latestOf(value: unknown, paths: readonly string[]): number | undefined {
  const times = paths.flatMap((path) => valuesAt(value, path).map(timeOf)).filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
}
