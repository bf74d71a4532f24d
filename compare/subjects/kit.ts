/**
 * What the peers have in common.
 * @module
 */
import type { IncomingMessage } from "node:http";
import { peer } from "../../bench/servers/peer.ts";

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

/** Runs one text on a connection of its own. */
export async function queryOnce(database: string, text: string): Promise<void> {
  const client = new (peer("pg").Client)({ connectionString: database });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

const WAITERS = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock'`;

/** Nobody else writes to the tables until what this answers was called: as of a server that hangs, and is restarted. */
export async function lockTables(database: string, tables: readonly string[]): Promise<() => Promise<void>> {
  const client = new (peer("pg").Client)({ connectionString: database });
  await client.connect();
  await client.query(`begin; lock table ${tables.join(", ")} in exclusive mode`);
  return async () => {
    // Or what a process that is dead asked for would be done after all.
    await client.query(WAITERS);
    await client.query("rollback");
    await client.end();
  };
}
