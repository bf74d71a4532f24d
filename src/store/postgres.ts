/**
 * `tidemark/postgres`: the store for many processes, over a pool of `pg` that the application brings.
 *
 *   postgres      the store: which job does what, in a group or at once
 *   client        what is needed of `pg`, by shape
 *   place         what all parts know: pool, schema, clock
 *   schema, migrate    the tables, and how they become so
 *   session       transactions: their settings, their ticks, their end
 *   batch         what the jobs of a group ask for
 *   lock, unseen, steps, save    a group: its rows locked, its steps run in memory, its results saved
 *   write         a group in one transaction, repeated when that may help
 *   within        the application's own transaction, which moves a checkpoint with it
 *   inbox, fold   hints that wait, and are put to their rows
 *   read          what needs no lock
 *   history, erase    forgetting, in slices
 *   listen        wakes other processes
 *   retry, trouble    what an error asks for
 * @module
 */
import { StoreError } from "../errors.ts";
import { put } from "../row.ts";
import type { Fold, Move, Store, Survey, Within } from "../store.ts";
import { randomName, systemTime, type Time } from "../time.ts";
import { createGroup } from "./group.ts";
import { checkNotes, checkRef } from "./notes.ts";
import type { Batch } from "./postgres/batch.ts";
import { attend, ignore, type PostgresClient, type PostgresPool, withClient } from "./postgres/client.ts";
import { erase } from "./postgres/erase.ts";
import { foldAll, foldWaiting } from "./postgres/fold.ts";
import { compact } from "./postgres/history.ts";
import { createNotifier, listen, SPARE } from "./postgres/listen.ts";
import { migrate } from "./postgres/migrate.ts";
import type { Place } from "./postgres/place.ts";
import { selectCheckpoints, selectEntries, selectHead, selectRows, survey } from "./postgres/read.ts";
import { persist } from "./postgres/retry.ts";
import { checkServer, clockOf } from "./postgres/session.ts";
import { troubleWith } from "./postgres/trouble.ts";
import { runWithin } from "./postgres/within.ts";
import { commitOf } from "./postgres/write.ts";

export type { PostgresClient, PostgresPool } from "./postgres/client.ts";

/** The options of `postgres`. */
export interface PostgresOptions {
  /** A `Pool` of `pg`. It stays the application's: closing the store does not end it. At least 3 clients, 5 are plenty. */
  pool: PostgresPool;
  /** Where the tables are; created if it is not there. Lower-case letters, digits and `_`. Default `"tidemark"`. */
  schema?: string;
  /** Clock, timers and randomness. Default: the server's clock for ticks, the machine's timers. Tests give a virtual one. */
  time?: Time;
}

/** A store in Postgres. */
export interface PostgresStore extends Store<PostgresClient> {
  /**
   * Runs `work` in a transaction on a client of the pool, and moves a checkpoint with its last statement: what the
   * application writes there and how far it has read are saved together, or neither is. When `work` throws nothing is saved;
   * that is thrown on. It must be short: 30 seconds without a statement end it, and a minute in all.
   *
   * @throws HandlerError if `work` ended the transaction itself. StoreError also when the answer to the commit was lost:
   *   the checkpoint tells whether it was saved
   */
  transaction<T>(work: (client: PostgresClient) => T | Promise<T>, move: Move): Promise<Within<T>>;
}

/**
 * A store in a schema of a Postgres database, 13 or later, for as many processes as there are.
 *
 * @throws TypeError at once for a pool or a schema that cannot be one. At first use: `StoreError` if the server cannot be
 *   reached, is a replica, or does not let commits be made durable
 */
export function postgres({ pool, schema = "tidemark", time }: PostgresOptions): PostgresStore {
  if (typeof pool?.connect !== "function") {
    throw new TypeError("postgres: give a pool of pg: postgres({ pool: new Pool({ connectionString }) })");
  }
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw new TypeError('postgres: a schema is named with lower-case letters, digits and "_", such as "tidemark"');
  }
  const timers = time ?? systemTime;
  const place: Place = {
    ...{ pool, name: schema, schema: `"${schema}"`, time: timers },
    ...{ clock: clockOf(time), durable: "on" },
  };
  const own = randomName(timers);
  const notifier = createNotifier(place, own);
  const stops = new Set<() => Promise<void>>();
  let into: Fold = dueAtOnce;
  let opened: Promise<void> | undefined;
  let closed = false;
  let surveyed: { at: number; surveys: Survey[] } | undefined;

  const prepare = async (client: PostgresClient) => {
    place.durable = await checkServer(client);
    await migrate(client, place.schema, timers);
  };
  const ready = (): Promise<void> => {
    if (closed)
      return Promise.reject(new StoreError(`postgres (schema "${schema}") is closed: open it again before use`));
    opened ??= persist(timers, () => withClient(pool, timers, prepare)).catch((cause: unknown) => {
      opened = undefined;
      throw troubleWith(schema, "opened", cause);
    });
    return opened;
  };
  const fold: Fold = (row, note, tick) => into(row, note, tick);
  const writer = { place, fold, foldAll: () => foldAll(place, fold), grown: notifier.ring };
  const commit = commitOf(writer);
  // Webhooks are answered when their hints are kept, and do not wait for a group that records reads; nor does a delivery.
  const posts = createGroup<Batch>(commit, timers);
  const works = createGroup<Batch>(commit, timers);
  const moves = createGroup<Batch>(commit, timers);

  let posting: Promise<unknown> | undefined;
  /** Resolves when what was posted until now is kept: who looks at rows then finds it put to them. */
  const settled = async () => {
    await ready();
    await posting;
  };
  const attempt = async <T>(done: "read" | "written", run: () => Promise<T>): Promise<T> => {
    await ready();
    try {
      return await run();
    } catch (cause) {
      throw troubleWith(schema, done, cause);
    }
  };
  const read = <T>(run: (client: PostgresClient) => Promise<T>): Promise<T> =>
    attempt("read", () => persist(timers, () => withClient(pool, timers, run)));
  const foldKept = async () => {
    await settled();
    await attempt("written", () => foldWaiting(place, fold));
  };
  /** As {@link read}, of rows: the hints that were posted before are put to them first. */
  const readRows = async <T>(run: (client: PostgresClient) => Promise<T>): Promise<T> => {
    await foldKept();
    return read(run);
  };

  if (!heard.has(pool)) attend(pool);
  heard.add(pool);
  return {
    async open(given) {
      closed = false;
      into = given ?? into;
      await ready();
    },
    async post(notes, also) {
      checkNotes(notes);
      await ready();
      const posted = (also ? works : posts)((batch) => batch.post(notes, also));
      posting = posted.catch(ignore);
      const { tick } = await posted;
      return tick;
    },
    async update(select, step, also, how) {
      if ("refs" in select) select.refs.forEach(checkRef);
      await settled();
      const { rows, tick } = await works((batch) => batch.update(select, step, also, how));
      return { rows, tick };
    },
    async checkpoint(move, how) {
      await ready();
      const { at, tick } = await moves((batch) => batch.move(move, how));
      if (at === undefined) throw new StoreError(`postgres (schema "${schema}"): a checkpoint was not moved`);
      return { at, tick };
    },
    checkpoints: (prefix, after, limit) =>
      read((client) => selectCheckpoints(client, place.schema, prefix, after, limit)),
    rows: (query) => readRows((client) => selectRows(client, place.schema, query)),
    entries: (query) => read((client) => selectEntries(client, place.schema, query)),
    async survey() {
      if (surveyed && Math.abs(timers.now() - surveyed.at) < SURVEY_AGE) return surveyed.surveys;
      const surveys = await readRows((client) => survey(client, place.schema));
      surveyed = { at: timers.now(), surveys };
      return surveys;
    },
    head: () => read((client) => selectHead(client, place.schema)),
    async compact(below, forget) {
      await foldKept();
      await attempt("written", () => compact(place, below, forget));
    },
    async erase(select) {
      await foldKept();
      await attempt("written", () => erase(place, select));
      notifier.ring();
    },
    async transaction(work, move) {
      await ready();
      return runWithin(place, work, move);
    },
    listen(heard) {
      if ((pool.options?.max ?? SPARE) < SPARE) return () => {};
      const stop = listen(place, own, heard);
      stops.add(stop);
      return () => {
        void stop().finally(() => stops.delete(stop));
      };
    },
    async close() {
      closed = true;
      await opened?.catch(() => undefined);
      opened = undefined;
      await Promise.all([posts.idle(), works.idle(), moves.idle(), ...[...stops].map((stop) => stop())]);
      await notifier.idle();
      stops.clear();
    },
  };
}

const dueAtOnce: Fold = (row, note, tick) => put(row, note, tick, tick);

/** Pools whose connections may break while nobody uses them: without a listener that ends the process, with many it warns. */
const heard = new WeakSet<PostgresPool>();

/** Milliseconds for which a survey may be repeated. */
const SURVEY_AGE = 2_000;
