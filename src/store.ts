/**
 * The store interface. The store decides nothing: it runs pure steps inside a transaction.
 *
 * What every store must provide, and `testStore` of `tidemark/testing` checks:
 *
 * 1. An update is atomic: rows, entries and the checkpoint together, or nothing.
 * 2. No two updates of one row or checkpoint overlap.
 * 3. Positions have no gaps and become visible in order: once a reader saw position n, nothing at or below n appears.
 * 4. What a resolved promise wrote survives `kill -9` and a power cut.
 * 5. Ticks keep one order for all processes, also when a clock steps back.
 * @module
 */
import type { Checkpoint } from "./checkpoint.ts";
import type { Class, Note, Ref, Row, Told, Via } from "./row.ts";
import type { Tick } from "./time.ts";

export type { Checkpoint } from "./checkpoint.ts";
export type { Class, Note, NotedEvent, Ref, Row, Told, Via } from "./row.ts";
export type { Tick } from "./time.ts";

/**
 * Where rows, the log and checkpoints live.
 *
 * @typeParam Handle what an application writes to the same database with: a `DatabaseSync`, a client of `pg`
 */
export interface Store<Handle = unknown> {
  /**
   * Idempotent. Creates or upgrades the tables; many processes may call it at once. The other members call it themselves.
   *
   * @param fold how a note is put to its row. Default: `put` of row.ts, due at once
   */
  open(fold?: Fold): Promise<void>;
  /**
   * Keeps hints, durably, without a look at their rows: the quickest write there is. `also` moves a checkpoint in the same
   * transaction. Resolves to their tick.
   *
   * Whoever then selects, lists, counts, compacts or erases rows finds each of them put to its row, through `fold` and
   * with that tick, in the order in which they were kept.
   */
  post(notes: readonly Note[], also?: Move): Promise<Tick>;
  /**
   * Locks the selected rows, puts each through `step`, saves what it returns, appends its drafts to the end of the log;
   * `also` moves a checkpoint in the same transaction. Resolves to the saved rows and the transaction's tick.
   *
   * `step` is pure, must not await, may run again, and run on its own result it changes nothing: that is how a COMMIT
   * whose answer was lost is repeated. Concurrent calls are committed in groups; one that throws fails alone.
   */
  update(
    select: Selection,
    step: (row: Row, tick: Tick) => Step | undefined,
    also?: Move,
    how?: Durability,
  ): Promise<{ rows: Row[]; tick: Tick }>;
  /** Moves one checkpoint. Resolves to it as it is then. One that is left with neither value nor holder is forgotten. */
  checkpoint(move: Move, how?: Durability): Promise<{ at: Checkpoint; tick: Tick }>;
  /**
   * Runs `work` in a transaction of its own, with the database's own handle, and moves a checkpoint in the same
   * transaction after it. When `work` or the move throws nothing is saved, and it rejects with that error; nor is
   * anything when the move leaves the checkpoint as it is. `work` is not repeated: nobody but the application knows
   * whether it may be. Left out: an application cannot write to where this store keeps its data.
   *
   * @throws HandlerError if `work` did with the handle what it must not; nothing of it is saved but what it committed
   *   itself. StoreError also when the answer to the commit was lost: the checkpoint tells whether it was saved
   */
  transaction?<T>(work: (handle: Handle) => T | Promise<T>, move: Move): Promise<Within<T>>;
  /** Checkpoints whose names begin with `prefix` and come after `after`, in the order of their names. */
  checkpoints(prefix: string, after: string, limit: number): Promise<Checkpoint[]>;
  /** Rows in the order of their refs, from the one after `after`. */
  rows(query: RowQuery): Promise<Row[]>;
  /** Entries after a position, in order; with `newest` the last ones first. */
  entries(query: EntryQuery): Promise<Entry[]>;
  /** How much there is and is owed, per type and scope. May be some seconds old. */
  survey(): Promise<Survey[]>;
  /** The log's identity and end. */
  head(): Promise<Head>;
  /**
   * Forgets history: below position `below` only the newest live entry of each resource stays; tombstones there and
   * rows of gone resources older than `forget` go. A cursor below it is lost.
   */
  compact(below: number, forget: Tick): Promise<void>;
  /** Removes every state of a resource, or of a whole provider and scope, for good. */
  erase(select: { ref: Ref } | { provider: string; scope: string }): Promise<void>;
  /**
   * Calls `heard` soon after another process has saved entries or hints, and whenever that may have been missed. Only a
   * wake-up, never needed: a store that cannot tell leaves it out. Must not throw.
   *
   * @returns stops it
   */
  listen?(heard: () => void): () => void;
  /** Waits for what is under way and lets go of the database. */
  close(): Promise<void>;
}

/** What became of a transaction. */
export interface Within<T> {
  /** What `work` answered. */
  value: T;
  /** The checkpoint as it is then. */
  at: Checkpoint;
  tick: Tick;
}

/** How long what is saved must last. */
export interface Durability {
  /**
   * A power cut may undo it, until something is saved after it that is not lazy; a crash of the process does not. For
   * leases and holds: they only save calls.
   */
  lazy?: boolean;
}

/** Puts a note to its row; `tick` is that of its `post`. May run again, as a step may. */
export type Fold = (row: Row, note: Note, tick: Tick) => Row;

/** Which rows an update locks. */
export type Selection =
  /** These, sorted by key before they are locked; one that is not there comes blank. */
  | { refs: readonly Ref[] }
  /** Due now and not leased, the earliest `due` first. */
  | { class: Class; providers: readonly string[]; limit: number }
  /**
   * Live, clean, not seen since the tick `unseen`, with an id above `after` (and below `before`), in the order of their
   * ids. Fewer than `limit`: there are no more.
   */
  | { unseen: Tick; type: string; scope: string; after: string; before?: string; limit: number };

/** What a step makes of a row. `append` are the next entries of the log, in order. */
export interface Step {
  row: Row;
  append?: readonly Draft[];
}

/** An entry that has no place in the log yet. */
export interface Draft {
  /** The state as JSON; null is a tombstone. */
  state: string | null;
  /** The state is at least this fresh: the start of the read less its lag. */
  at: Tick;
  via: Via;
  causes: readonly Told[];
}

/** An entry of the log. */
export interface Entry extends Ref, Draft {
  position: number;
  tick: Tick;
  /** The state of the entry before this one of the same resource; null if there is none, or it is a tombstone. */
  before: string | null;
}

/** Moves the checkpoint `name`. */
export interface Move {
  name: string;
  /** Pure; `undefined` leaves it as it is. */
  step(at: Checkpoint, tick: Tick): Checkpoint | undefined;
}

/** Which rows: those that fit all of it, in the order of their refs. */
export interface RowQuery {
  type?: string;
  scope?: string;
  /** `dirty`: something is owed; `failing`: its last read failed; `live`: recorded and not a tombstone. */
  state?: "dirty" | "failing" | "live";
  after?: Ref;
  limit: number;
}

/** Which entries: those that fit all of it, in the order of the log. */
export interface EntryQuery {
  /** Entries above this position; with `newest`, 0 for all. */
  after: number;
  limit: number;
  types?: readonly string[];
  scope?: string;
  ref?: Ref;
  /** The last ones first. */
  newest?: boolean;
}

/** How many rows a type has in a scope, and how many of them wait. */
export interface Survey {
  type: string;
  scope: string;
  /** Recorded and not tombstones. */
  live: number;
  dirty: number;
  /** Their last read failed. */
  failing: number;
  /** The earliest `due`; null when nothing is owed. */
  oldest: Tick | null;
}

/** The end of the log. */
export interface Head {
  /** The identity of this log: another one begins when a store is created, or rolled back. */
  log: string;
  /** The position of the last entry; 0 when there is none. */
  position: number;
  /** Below and at this position history was forgotten. */
  compacted: number;
  /** The latest tick issued. */
  tick: Tick;
}
