/**
 * A transaction of an application: a check that only a store with `transaction` is asked, and what it works with.
 * @module
 */
import assert from "node:assert/strict";
import type { Checkpoint } from "../../checkpoint.ts";
import type { Move, Store } from "../../store.ts";
import type { Check, Table } from "./check.ts";

/** A transaction that writes texts into the application's table, and what is saved of them. */
export interface Within {
  store: Store;
  /** Writes the texts; then `end`; the checkpoint then has `value`. */
  run(
    texts: readonly string[],
    value: string | undefined | ((value: string | null) => string),
    end?: (handle: unknown) => unknown,
  ): Promise<{ value: string; at: Checkpoint; tick: number }>;
  commit(handle: unknown): unknown;
  saved(): Promise<[string[], string | null]>;
}

/** A check of a transaction. It passes where the store has none. */
export const within = ({ promise, run }: { promise: string; run(desk: Within): Promise<void> }): Check => ({
  promise,
  async run({ store, table }) {
    assert.equal(table !== undefined, store.transaction !== undefined, "a store with `transaction` states its table");
    if (table && store.transaction) await run(await openDesk(store, table));
  },
});

async function openDesk(store: Store, table: Table<unknown>): Promise<Within> {
  const transaction = <T>(work: (handle: unknown) => T | Promise<T>, move: Move) =>
    store.transaction?.(work, move) ?? assert.fail("the store has no transaction");
  /** One after the other, without a promise where none is given. */
  const chain = (handle: unknown, steps: readonly ((handle: unknown) => unknown)[]): unknown => {
    const [step, ...rest] = steps;
    if (!step) return "done";
    const given = step(handle);
    return given instanceof Promise ? given.then(() => chain(handle, rest)) : chain(handle, rest);
  };
  const run: Within["run"] = (texts, value, end = () => {}) =>
    transaction<string>(
      (handle) => {
        const inserts = texts.map((text) => (at: unknown) => table.insert(at, text));
        return chain(handle, [...inserts, end]) as string;
      },
      {
        name: "w",
        step(at, tick) {
          const next = typeof value === "function" ? value(at.value) : value;
          return next === undefined ? undefined : { ...at, value: next, at: tick };
        },
      },
    );
  await transaction((handle) => chain(handle, [(at) => table.create(at)]), {
    name: "made",
    step: (at) => ({ ...at, value: "1" }),
  });
  return {
    ...{ store, run, commit: (handle) => table.commit(handle) },
    async saved() {
      const read = await transaction((handle) => table.texts(handle), { name: "read", step: () => undefined });
      const [known] = await store.checkpoints("w", "", 1);
      return [[...read.value], known?.value ?? null];
    },
  };
}
