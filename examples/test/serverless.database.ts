/** A database of a test's own, whose clock is as fast as it wants. */
import pg from "pg";
import { createServerClock } from "../../test/postgres/clock.ts";
import { findServer } from "../../test/postgres.ts";

interface Context {
  after(run: () => unknown): void;
}

/** @param rate seconds of its clock in one of the server's own */
export async function openDatabase(t: Context, rate: number) {
  const { url } = await findServer();
  const name = `tidemark_serverless_${process.pid}`;
  const admin = new pg.Pool({ connectionString: url, max: 1 });
  await admin.query(`create database ${name}`);
  const own = new URL(url);
  own.pathname = name;
  const raw = new pg.Pool({ connectionString: own.href, max: 1 });
  const clock = await createServerClock(raw, { url: own.href, schema: "fast", rate });
  await raw.end();
  const pool = new pg.Pool({ connectionString: clock.url, max: 2, application_name: "the test" });
  t.after(async () => {
    await pool.end();
    await admin.query(`drop database ${name} with (force)`);
    await admin.end();
  });
  return { url: clock.url, pool };
}
