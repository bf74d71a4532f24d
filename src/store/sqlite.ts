/**
 * `tidemark/sqlite`: the embedded store, one file, on `node:sqlite`. Nothing is compiled.
 *
 * Write-ahead log, synced before a promise resolves: as durable as `synchronous = full`. Several processes of one
 * machine may share a file; two stores on one file in one process share the connection.
 *
 *   sqlite        the store: which job does what, in a group or at once
 *   connection    one per file and process: opened, checked, migrated, shared
 *   group         jobs of one turn of the event loop, in one transaction
 *   disk          what is committed reaches the disk before anyone is told of it
 *   transaction   begin, run each job, commit; what an error asks for
 *   rows, log, checkpoints, erase    the statements, each with what it is for
 *   schema        the tables, and what a row of them is in memory
 *
 * The database is in the engine's own thread: steps are functions of the engine and of plugins, and run inside the
 * transaction; to send rows to another thread and back costs 4 µs each in groups and 26 µs alone, where finding and
 * saving one takes 7 µs. States are not compressed: to deflate one of 2.4 KB takes 17 µs and to inflate it 11, where
 * parsing takes 3.5. Both measured; more in docs/performance.md.
 * @module
 */
import { StoreError } from "../errors.ts";
import type { Ref } from "../row.ts";
import type { Durability, Store, Survey } from "../store.ts";
import { systemTime, type Time } from "../time.ts";
import { moveCheckpoint, selectCheckpoints } from "./checkpoints.ts";
import { type Connection, connect } from "./connection.ts";
import { eraseOne, eraseSlice, foldLog } from "./erase.ts";
import { compactSlice, selectEntries } from "./log.ts";
import { selectRows, survey, update } from "./rows.ts";
import { headOf, type Statements, type Writing } from "./statements.ts";
import { nextTick, troubleWith } from "./transaction.ts";

/** The options of `sqlite`. */
export interface SqliteOptions {
  /** Clock for ticks, and what ends a turn of the event loop. Tests give a virtual one. */
  time?: Time;
  /** How large the file may grow, in bytes; beyond it writes fail as on a full disk. Default: no limit. */
  maxBytes?: number;
}

/**
 * A store in a SQLite file.
 *
 * @param path of the file, created if it is not there; `":memory:"` for one that ends with the process
 * @throws TypeError at once for a path that cannot be one. At first use: {@link StoreError} if the directory cannot be
 *   written, the file is damaged, or the runtime has no `node:sqlite`
 */
export function sqlite(path: string, { time = systemTime, maxBytes }: SqliteOptions = {}): Store {
  if (typeof path !== "string" || path.trim() === "" || path.includes("\0") || /^file:/i.test(path)) {
    throw new TypeError('sqlite: give the path of a file, such as "tidemark.db", or ":memory:"; no file: URI');
  }
  let opened: Promise<Connection> | undefined;
  let closed = false;
  let surveyed: { at: number; surveys: Survey[] } | undefined;

  const connection = (): Promise<Connection> => {
    if (closed) return Promise.reject(new StoreError(`sqlite("${path}") is closed: open it again before use`));
    opened ??= connect(path, time, maxBytes).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  const write = async <T>(
    job: (db: Statements, writing: Writing) => T,
    { lazy = false }: Durability = {},
  ): Promise<T> => {
    const { group } = await connection();
    return group(({ statements, writing }) => {
      const value = job(statements, writing);
      if (!lazy) writing.sync = true;
      return value;
    });
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

  return {
    async open() {
      closed = false;
      await connection();
    },
    update: (select, step, also, how) => write((db, writing) => update(db, writing, select, step, also, time), how),
    checkpoint: (move, how) =>
      write((db, writing) => {
        const tick = nextTick(writing, time);
        return { at: moveCheckpoint(db, writing, move, tick), tick };
      }, how),
    checkpoints: (prefix, after, limit) => read((db) => selectCheckpoints(db, prefix, after, limit)),
    rows: (query) => read((db) => selectRows(db, query)),
    entries: (query) => read((db) => selectEntries(db, query)),
    async survey() {
      if (surveyed && Math.abs(time.now() - surveyed.at) < SURVEY_AGE) return surveyed.surveys;
      const surveys = await read(survey);
      surveyed = { at: time.now(), surveys };
      return surveys;
    },
    head: () => read(headOf),
    async compact(below, forget) {
      while (!(await write((db, writing) => compactSlice(db, writing, below, forget, time))));
    },
    async erase(select) {
      if ("ref" in select) await write((db, writing) => eraseOne(db, writing, select.ref, time));
      else {
        const next = (after?: Ref) => write((db, writing) => eraseSlice(db, writing, select, after, time));
        for (let last = await next(); last; last = await next(last));
      }
      await read(foldLog);
    },
    async close() {
      closed = true;
      const mine = opened;
      opened = undefined;
      await (await mine?.catch(() => undefined))?.release();
    },
  };
}

/** Milliseconds for which a survey may be repeated. */
const SURVEY_AGE = 2_000;
