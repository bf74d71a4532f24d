/**
 * Transactions: their settings, their ticks, their end.
 *
 * A tick is issued by a statement of its own, committed at once, so that processes that write different rows do not wait for
 * each other. It takes no trip of its own to the server.
 * @module
 */
import { StoreError } from "../../errors.ts";
import type { Tick, Time } from "../../time.ts";
import { type Answer, ask, askAll, type PostgresClient, withClient } from "./client.ts";
import type { Place } from "./place.ts";

/** Milliseconds: for a statement, for a lock, and for our silence in a transaction. A process that stops lets go then. */
const LIMITS = { statement_timeout: 30_000, lock_timeout: 10_000, idle_in_transaction_session_timeout: 30_000 };

// A plan that was made while a table was small reads all of it when it has grown.
const BY_INDEX = ["enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"];

/** All that a statement needs that is short but for who it waits for. */
const LOCK_LIMIT = `set local lock_timeout = ${LIMITS.lock_timeout}`;

const limits = [
  ...Object.entries(LIMITS).map(([name, ms]) => `set local ${name} = ${ms}`),
  ...BY_INDEX.map((name) => `set local ${name} = off`),
];

/** Whatever the role, the database or the pool has set by default. */
const BEGIN = "begin isolation level read committed read write";

/** What a transaction begins with. */
export interface Begun {
  /** The first of its ticks; the others follow it one by one. */
  tick: Tick;
  /** Hints wait in the inbox. */
  waiting: boolean;
}

/** Issues `count` ticks and begins a transaction. `lazy`: a power cut may undo it. */
export async function begin(client: PostgresClient, place: Place, count: number, lazy: boolean): Promise<Begun> {
  const answers = await askAll(client, [
    ...[BEGIN, "set local synchronous_commit = off", LOCK_LIMIT, issue(place, count), "commit"],
    ...[BEGIN, `set local synchronous_commit = ${lazy ? "off" : place.durable}`, ...limits],
    `select exists (select from ${place.schema}.inbox) as waiting`,
  ]);
  const issued = answers[3];
  return { tick: firstOf(issued, count), waiting: answers.at(-1)?.rows[0]?.["waiting"] === "t" };
}

/** Takes back what is set for our own statements only; `then` follows in the same trip. */
export const planFreely = (client: PostgresClient, then: string): Promise<Answer[]> =>
  askAll(client, [...BY_INDEX.map((name) => `set local ${name} to default`), then]);

/** Issues them again, inside the transaction: who wants ticks waits until it ends. */
export async function reissue(client: PostgresClient, place: Place, count: number): Promise<Tick> {
  return firstOf(await ask(client, issue(place, count)), count);
}

const issue = ({ schema, clock }: Place, count: number): string =>
  `update ${schema}.tick set at = greatest(at + ${count} + ${lost}, ${clock()}), started = pg_postmaster_start_time()
   returning at`;

/**
 * Ticks are not waited for on the disk, so a server that broke down, or the one after it, has forgotten the latest. A read
 * that began at one of them still goes on: were it given out again, as by a clock that is behind, a hint that came after the
 * read would be met by it. What a server forgets is no older than three times its `wal_writer_delay`.
 */
const lost = `case when started is not distinct from pg_postmaster_start_time() then 0
  else (select 4000 * setting::bigint from pg_settings where name = 'wal_writer_delay') end`;

function firstOf(issued: Answer | undefined, count: number): Tick {
  const at = issued?.rows[0]?.["at"];
  if (at === undefined) throw new StoreError("the table of ticks is empty: restore the database from a backup");
  return Number(at) - count + 1;
}

/** Microseconds since 1970 by the server's clock, or by one that is given. */
export const clockOf = (time: Time | undefined): (() => string) =>
  time
    ? () => String(Math.floor(time.now() * 1_000))
    : () => "(extract(epoch from clock_timestamp()) * 1000000)::bigint";

/** Runs a transaction on a client of its own. What throws undoes it. */
export const transact = <T>(place: Place, run: (client: PostgresClient) => Promise<T>): Promise<T> =>
  withClient(place.pool, place.time, async (client) => {
    try {
      return await run(client);
    } catch (error) {
      // The first error tells why. A connection that cannot even undo is closed, and the server undoes it then.
      await ask(client, "rollback").catch(() => {});
      throw error;
    }
  });

/**
 * Whether a commit can be made to last, and how.
 *
 * @throws StoreError for a replica, and where `synchronous_commit` cannot be set
 */
export async function checkServer(client: PostgresClient): Promise<"on" | "remote_apply"> {
  const answers = await askAll(client, [
    "select pg_is_in_recovery() as replica, current_setting('synchronous_commit') as usual",
    "begin",
    "set local synchronous_commit = on",
    "select current_setting('synchronous_commit') as set",
    "rollback",
  ]);
  const { replica, usual } = answers[0]?.rows[0] ?? {};
  if (replica === "t") {
    throw new StoreError("postgres: the server is a read replica: give the pool the address of the primary");
  }
  if (answers[3]?.rows[0]?.["set"] !== "on") {
    const help = "let synchronous_commit be set, or use another server";
    throw new StoreError(
      `postgres: the server keeps synchronous_commit off, so that a crash loses what was saved: ${help}`,
    );
  }
  return usual === "remote_apply" ? usual : "on";
}
