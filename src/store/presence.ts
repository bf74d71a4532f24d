/**
 * Whether anybody else has the file open, as the system knows it: a lock lasts as long as its process, however that ends.
 *
 * Who finds itself alone has what the dead held. Without it a process that was killed in a sweep, and started again, waited 90 s
 * for its own hold and 180 s for its own leases.
 *
 * The lock is SQLite's, on a file beside the database: shared by all who have that open, exclusive for the moment in which one
 * finds out whether it is alone. That file says nothing, and may go when no process is there.
 * @module
 */
import { closeSync, existsSync, openSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

export interface Presence {
  /** The lock is let go of. */
  leave(): void;
}

/** Milliseconds to wait for who is finding out. */
const BUSY = 5_000;

/**
 * Takes its place among those who have the file open.
 *
 * @param alone is called if there is nobody else; until it is done nobody else comes in
 */
export function enter(Database: typeof DatabaseSync, path: string, alone: () => void): Presence {
  const lock = openLock(Database, `${path}-lock`);
  // What cannot be locked tells nothing: what others may hold is waited for.
  if (lock === undefined) return { leave() {} };
  if (attempt(lock, "begin exclusive")) {
    try {
      alone();
    } finally {
      lock.exec("rollback");
    }
  }
  // From here to the end of the process a read is under way, which is what holds the shared lock.
  if (attempt(lock, `pragma busy_timeout = ${BUSY}; begin`)) attempt(lock, "select count(*) from sqlite_schema");
  return { leave: () => lock.close() };
}

function openLock(Database: typeof DatabaseSync, path: string): DatabaseSync | undefined {
  try {
    if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
    return new Database(path, { timeout: 0 });
  } catch {
    return undefined;
  }
}

function attempt(lock: DatabaseSync, sql: string): boolean {
  try {
    lock.exec(sql);
    return true;
  } catch {
    return false;
  }
}

/** Nobody reads any more, and nobody holds anything: what the dead had begun is free. */
export const FREE = `
  begin immediate;
  update row set lease = null where due is not null and lease is not null;
  delete from checkpoint where holder is not null and value is null;
  update checkpoint set holder = null, until = 0 where holder is not null;
  commit;
`;
