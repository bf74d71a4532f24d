/**
 * What a consumer makes of the stream: the last state of everything, and whether every change fits the one before it.
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { Change } from "tidemark";

/** The name of a resource: type, scope and id. */
export const keyOf = ({ type, scope, id }: Pick<Change, "type" | "scope" | "id">): string =>
  [type, scope, id].filter(Boolean).join(" ");

/** The states of all resources that are not gone, as the stream tells them. */
export class Fold {
  readonly states = new Map<string, object>();
  /** The cursor of the last change. */
  cursor: string | null = null;
  /** Changes whose `before` was not the state known until then: lost, doubled or out of order. */
  misfits = 0;

  add(change: Change<string, object>): void {
    const key = keyOf(change);
    if (!isDeepStrictEqual(this.states.get(key) ?? null, change.before)) this.misfits++;
    if (change.after === null) this.states.delete(key);
    else this.states.set(key, change.after);
    this.cursor = change.cursor;
  }
}

/** The resources in which two worlds differ. `without` names fields of a type that are left out. */
export function differences(
  told: ReadonlyMap<string, object>,
  truth: ReadonlyMap<string, object>,
  without: Readonly<Record<string, readonly string[]>> = {},
): string[] {
  const keys = new Set([...told.keys(), ...truth.keys()]);
  return [...keys].filter((key) => {
    const [type = ""] = key.split(" ");
    const seen = (state: object | undefined) => state && omit(state, without[type] ?? []);
    return !isDeepStrictEqual(seen(told.get(key)), seen(truth.get(key)));
  });
}

const omit = (state: object, names: readonly string[]): object =>
  Object.fromEntries(Object.entries(state).filter(([name]) => !names.includes(name)));
