/**
 * `tidemark/sqlite`: the embedded store, one file, on `node:sqlite`. Nothing is compiled.
 *
 * Write-ahead log, synced before a promise resolves: as durable as `synchronous = full`. Several processes of one
 * machine may share a file; two stores on one file in one process share the connection.
 *
 *   sqlite        the store: which job does what, in a group or at once
 *   connection    one per file and process: opened, checked, migrated, shared
 *   presence      whether anybody else has the file open; if not, what the dead held is free soon
 *   group         jobs of one turn of the event loop, in one transaction
 *   disk          what is committed reaches the disk before anyone is told of it
 *   transaction   begin, run each job, commit; what an error asks for
 *   within        the application's own work in a transaction
 *   inbox         hints that wait to be put to their rows
 *   rows, log, checkpoints, erase    the statements, each with what it is for
 *   schema        the tables, and what a row of them is in memory
 *
 * The database is in the engine's own thread: steps are functions of the engine and of plugins, and run inside the
 * transaction; to send rows to another thread and back costs 4 µs each in groups and 26 µs alone, where finding and
 * saving one takes 7 µs. States are not compressed: to deflate one of 2.4 KB takes 17 µs and to inflate it 11, where
 * parsing takes 3.5. Both measured; more in docs/performance.md.
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../errors.ts";
import { put, type Ref } from "../row.ts";
import type { Durability, Fold, Store, Survey } from "../store.ts";
import { systemTime, type Time } from "../time.ts";
import { moveCheckpoint, selectCheckpoints } from "./checkpoints.ts";
import { type Connection, connect } from "./connection.ts";
import { eraseOne, eraseSlice, foldLog } from "./erase.ts";
import { fold, post, SLICE, waiting } from "./inbox.ts";
import { compactSlice, selectEntries } from "./log.ts";
import { checkRef } from "./notes.ts";
import { selectRows, survey, update } from "./rows.ts";
import { headOf, nextTick, type Statements, type Writing } from "./statements.ts";
import { troubleWith } from "./transaction.ts";
import { runWithin } from "./within.ts";

/** The options of `sqlite`. */
export interface SqliteOptions {
  /** Clock for ticks, and what ends a turn of the event loop. Tests give a virtual one. */
  time?: Time;
  /** How large the file may grow, in bytes; beyond it writes fail as on a full disk. Default: no limit. */
  maxBytes?: number;
}

/**
 * A store in a SQLite file. Its `transaction` gives the file's `DatabaseSync`; what works with it must be synchronous.
 *
 * @param path of the file, created if it is not there; `":memory:"` for one that ends with the process
 * @throws TypeError at once for a path that cannot be one. At first use: `StoreError` if the directory cannot be
 *   written, the file is damaged, or the runtime has no `node:sqlite`
 */
export function sqlite(path: string, { time = systemTime, maxBytes }: SqliteOptions = {}): Store<DatabaseSync> {
  if (typeof path !== "string" || path.trim() === "" || path.includes("\0") || /^file:/i.test(path)) {
    throw new TypeError('sqlite: give the path of a file, such as "tidemark.db", or ":memory:"; no file: URI');
  }
  let opened: Promise<Connection> | undefined;
  let closed = false;
  let into: Fold = dueAtOnce;
  let slicing: Promise<void> | undefined;
  let surveyed: { at: number; surveys: Survey[] } | undefined;

  const connection = (): Promise<Connection> => {
    if (closed) return Promise.reject(new StoreError(`sqlite("${path}") is closed: open it again before use`));
    opened ??= connect(path, time, maxBytes).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  const queue = <T>(
    { group }: Connection,
    job: (db: Statements, writing: Writing) => T,
    how?: Durability,
  ): Promise<T> =>
    group(({ statements, writing }) => {
      const value = job(statements, writing);
      if (!how?.lazy) writing.lasting++;
      return value;
    }, how?.lazy);
  const write = async <T>(job: (db: Statements, writing: Writing) => T, how?: Durability): Promise<T> =>
    queue(await connection(), job, how);
  const foldSlices = async (at: Connection) => {
    while (waiting(at.statements, SLICE)) await queue(at, (db, writing) => fold(db, writing, into, SLICE));
  };
  /** A job that looks at rows: it meets the hints that were posted before it. */
  const look = async <T>(job: (db: Statements, writing: Writing) => T, how?: Durability): Promise<T> => {
    const at = await connection();
    if (slicing || waiting(at.statements, SLICE)) {
      slicing ??= foldSlices(at).finally(() => {
        slicing = undefined;
      });
      await slicing;
    }
    const met = (db: Statements, writing: Writing) => {
      fold(db, writing, into);
      return job(db, writing);
    };
    return queue(at, met, how);
  };
  const read = async <T>(job: (db: Statements) => T): Promise<T> => {
    const { statements, disk } = await connection();
    try {
      return job(statements);
    } catch (cause) {
      throw troubleWith(path, "read", cause);
    } finally {
      // What is delivered, and then gone after a power cut, would be a change that never was.
      await disk.settle();
    }
  };

  /** As {@link read}, of rows. */
  const readRows = async <T>(job: (db: Statements) => T): Promise<T> => {
    const { statements } = await connection();
    if (waiting(statements, 0)) await look(() => {});
    return read(job);
  };

  return {
    async open(given) {
      closed = false;
      into = given ?? into;
      await connection();
    },
    post: (notes, also) => write((db, writing) => post(db, writing, notes, also, time)),
    async update(select, step, also, how) {
      // What SQLite makes other text of would not be what was written, and the log look damaged.
      if ("refs" in select) select.refs.forEach(checkRef);
      return look((db, writing) => update(db, writing, select, step, also, time), how);
    },
    checkpoint: (move, how) =>
      write((db, writing) => {
        const tick = nextTick(writing, time);
        return { at: moveCheckpoint(db, writing, move, tick), tick };
      }, how),
    async transaction(work, move) {
      const { own } = await connection();
      return own(({ db, statements, writing }) => {
        const value = runWithin(db, work);
        const tick = nextTick(writing, time);
        writing.lasting++;
        return { value, at: moveCheckpoint(statements, writing, move, tick), tick };
      });
    },
    checkpoints: (prefix, after, limit) => read((db) => selectCheckpoints(db, prefix, after, limit)),
    rows: (query) => readRows((db) => selectRows(db, query)),
    entries: (query) => read((db) => selectEntries(db, query)),
    async survey() {
      if (surveyed && Math.abs(time.now() - surveyed.at) < SURVEY_AGE) return surveyed.surveys;
      const surveys = await readRows(survey);
      surveyed = { at: time.now(), surveys };
      return surveys;
    },
    head: () => read(headOf),
    async compact(below, forget) {
      while (!(await look((db, writing) => compactSlice(db, writing, below, forget, time))));
    },
    async erase(select) {
      if ("ref" in select) await look((db, writing) => eraseOne(db, writing, select.ref, time));
      else {
        const next = (after?: Ref) => look((db, writing) => eraseSlice(db, writing, select, after, time));
        for (let last = await next(); last; last = await next(last));
      }
      await read(foldLog);
    },
    async close() {
      closed = true;
      const mine = opened;
      opened = undefined;
      // Who began it is told of its failure. The file is let go of all the same.
      await slicing?.catch(() => {});
      await (await mine?.catch(() => undefined))?.release();
    },
  };
}

const dueAtOnce: Fold = (row, note, tick) => put(row, note, tick, tick);

/** Milliseconds for which a survey may be repeated. */
const SURVEY_AGE = 2_000;
