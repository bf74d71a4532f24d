/**
 * Whether anybody else has the file open, as the system knows it: a lock lasts as long as its process, however that ends.
 *
 * Who finds itself alone has what the dead held, soon. Without it a process that was killed in a sweep, and started again, waited
 * 90 s for its own hold and 180 s for its own leases. Not at once: a read that kills its process would be the first of the next
 * one, too, and nothing else would ever be read. So a lease becomes a pause, twice as long after each death.
 *
 * The lock is SQLite's, on a file beside the database: shared by all who have that open, exclusive for the moment in which one
 * finds out whether it is alone. That file says nothing. It may go when no process is there; who removes or reads it while one is
 * takes the lock from it (POSIX: a process that closes a file loses its locks of it), and the next to come believes to be alone.
 * @module
 */
import { accessSync, closeSync, constants, existsSync, fchmodSync, openSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { type Tick, ticks } from "../time.ts";

export interface Presence {
  /** The lock is let go of. */
  leave(): void;
}

/** Until when what the dead held is theirs. */
const SOON = ticks(2_000);

/**
 * Takes its place among those who have the file open; who is alone there soon has what the dead held.
 *
 * @param db the database, at `path`: to write in it keeps others out while one comes in
 * @param now the time, in ticks
 */
export function enter(Database: typeof DatabaseSync, db: DatabaseSync, path: string, now: Tick): Presence {
  db.exec("begin immediate");
  let lock: DatabaseSync | undefined;
  try {
    // What cannot be locked tells nothing: what others may hold is waited for.
    lock = openLock(Database, path);
    const alone = lock !== undefined && attempt(lock, "begin exclusive; rollback");
    // From here to the end of the process a read is under way, which is what holds the shared lock.
    if (lock) attempt(lock, "begin; select count(*) from sqlite_schema");
    if (alone) free(db, now);
    db.exec("commit");
  } catch (error) {
    lock?.close();
    throw error;
  }
  return { leave: () => lock?.close() };
}

/** A file that cannot be written cannot be locked against others: SQLite would take any lock of it for granted. */
function openLock(Database: typeof DatabaseSync, path: string): DatabaseSync | undefined {
  const name = `${path}-lock`;
  try {
    if (!existsSync(name)) createFor(path, name);
    accessSync(name, constants.R_OK | constants.W_OK);
    const lock = new Database(name, { timeout: 0 });
    lock.exec("pragma journal_mode = memory");
    return lock;
  } catch {
    return undefined;
  }
}

/** For whom the database is, whatever the umask says: who may have that open and not this would be seen by nobody. */
function createFor(path: string, name: string): void {
  const made = openSync(name, "a", 0o600);
  fchmodSync(made, statSync(path).mode & 0o777);
  closeSync(made);
}

function attempt(lock: DatabaseSync, sql: string): boolean {
  try {
    lock.exec(sql);
    return true;
  } catch {
    return false;
  }
}

/** Nobody reads any more, and nobody holds anything. Each death that a row was read at counts as a failure of it. */
function free(db: DatabaseSync, now: Tick): void {
  const { tick } = db.prepare("select max(tick, :now) as tick from head").get({ now }) ?? {};
  const pause = `:tick + ${ticks(1_000)} * (1 << min(attempts, 16))`;
  db.prepare(
    `update row set lease = min(lease, ${pause}), attempts = attempts + 1 where due is not null and lease > :tick`,
  ).run({ tick: Number(tick) });
  const until = Number(tick) + SOON;
  db.prepare("update checkpoint set until = :until where holder is not null and until > :until").run({ until });
}
