/**
 * The server's clock, as a test sets it: a function of the same name in a schema that is searched before the server's own.
 * It can be stepped, can run faster, and can step at the next start of the server, as at a failover to one that is behind.
 */
import type pg from "pg";

export interface ServerClock {
  /** For a pool whose connections have this clock. */
  url: string;
  /** By so many ms, from now on. */
  step(ms: number): Promise<void>;
  /** By so many ms, from the next start of the server on. */
  stepAtStart(ms: number): Promise<void>;
  clear(): Promise<void>;
}

/** @param rate seconds of this clock in one of the server's own */
export async function createServerClock(
  pool: pg.Pool,
  { url, schema, rate = 1 }: { url: string; schema: string; rate?: number },
): Promise<ServerClock> {
  const own = `${schema}_clock`;
  await pool.query(`create schema ${own};
    create table ${own}.clock as select pg_catalog.clock_timestamp() as base, interval '0' as step, interval '0' as later,
      pg_postmaster_start_time() as started;
    create function ${own}.clock_timestamp() returns timestamptz language sql volatile as $$
      select base + (pg_catalog.clock_timestamp() - base) * ${rate} + step
        + case when started = pg_postmaster_start_time() then interval '0' else later end from ${own}.clock $$`);
  const given = new URL(url);
  given.searchParams.set("options", `-c search_path=${own},pg_catalog`);
  const set = (column: string, ms: number) =>
    pool.query(`update ${own}.clock set ${column} = ${column} + $1 * interval '1 millisecond'`, [ms]);
  return {
    url: given.href,
    step: async (ms) => void (await set("step", ms)),
    stepAtStart: async (ms) => {
      await pool.query(`update ${own}.clock set step = step + later *
        (started <> pg_postmaster_start_time())::int, later = interval '0', started = pg_postmaster_start_time()`);
      await set("later", ms);
    },
    clear: async () => void (await pool.query(`drop schema ${own} cascade`)),
  };
}
