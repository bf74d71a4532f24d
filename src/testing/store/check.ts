/**
 * What the checks of a store have in common: a promise and what shows it; refs, notes and steps to show it with.
 * @module
 */
import { hint, type Note, type Ref, type Row, type Via } from "../../row.ts";
import type { Draft, Entry, Step, Store } from "../../store.ts";

/** One test: what is promised, and what throws if it does not hold. */
export interface Check {
  promise: string;
  run(opened: Opened): Promise<void>;
}

/** What a check is given: a new, empty store. */
export interface Opened {
  store: Store;
  reopen: (() => Promise<Store>) | undefined;
  /** What the store takes the time from, if it takes it from the application. */
  clock: { now: number };
  table: Table<unknown> | undefined;
}

/** A table of an application beside the store's, for a store with `transaction`: how to work with its handle. */
export interface Table<Handle> {
  /** Creates it. */
  create(handle: Handle): unknown;
  /** Writes a row. */
  insert(handle: Handle, text: string): unknown;
  /** What all rows say, in any order. */
  texts(handle: Handle): Iterable<string> | Promise<Iterable<string>>;
  /** Ends the transaction behind the store's back, and begins another where that can be. */
  commit(handle: Handle): unknown;
}

export const ref = (id: string, scope = "", type = "a.thing"): Ref => ({ type, scope, id });

export const draft = (value: unknown, via: Via = "sweep"): Draft => ({
  state: value === null ? null : JSON.stringify(value),
  ...{ at: 1, via, causes: [] },
});

export const note = (id: string, event: string): Note => ({
  ...ref(id),
  ...{ version: null, class: "live", via: "webhook", event: { id: event, name: "changed", at: 5 } },
});

/** Records a value, as a read that found it would. */
export const record =
  (value: unknown) =>
  (row: Row): Step => ({
    row: { ...row, present: value !== null, print: value === null ? null : String(value), last: 1 },
    append: [draft(value)],
  });

export const dirty =
  (due: number, cls: "live" | "sweep" = "live") =>
  (row: Row, tick: number): Step => ({
    row: hint(row, {}, { tick, class: cls, via: "webhook", due }),
  });

/** Selects, and changes nothing: what an update resolves to are the rows that it saved, so each is saved as it is. */
export const look = (row: Row): Step => ({ row });

export const all = (store: Store): Promise<Entry[]> => store.entries({ after: 0, limit: 100_000 });

export const positions = (entries: readonly Entry[]): number[] => entries.map(({ position }) => position);

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
