/**
 * One connection per file and process: opened, checked, migrated, shared, and closed when the last lets go.
 * @module
 */
import { closeSync, existsSync, openSync, realpathSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../errors.ts";
import { randomName, type Time, ticks } from "../time.ts";
import { createDisk, type Disk, noDisk } from "./disk.ts";
import { createGroup, type Group } from "./group.ts";
import { enter, type Presence } from "./presence.ts";
import { migrations } from "./schema.ts";
import { Statements } from "./statements.ts";
import { joined, type Tx, transactionsOf, troubleWith } from "./transaction.ts";

interface Open {
  statements: Statements;
  group: Group<Tx>;
  /** As `group`, but each job has a transaction of its own; they share a sync. */
  own: Group<Tx>;
  disk: Disk;
}

export interface Connection extends Open {
  /** Waits for what is under way and lets go; the last one closes the file. */
  release(): Promise<void>;
}

interface Opened extends Open {
  close(): Promise<void>;
}

/** A file that is open in this process. */
interface Shared {
  users: number;
  opening: Promise<Opened>;
}

/** By real path. */
const files = new Map<string, Shared>();

/** Milliseconds to wait for another process's transaction. */
const BUSY = 5_000;
/**
 * With so few that wait for the disk it writes in a thread, and the next group goes on: a webhook's resource is read while
 * its hint is being written. With more of them each costs less when all wait at once.
 */
const FEW = 2;
/** Older ones may corrupt a file when a checkpoint and a write of two connections meet (sqlite.org/wal.html, WAL-reset bug). */
const SAFE_TO_SHARE = [3, 51, 3] as const;

export async function connect(path: string, time: Time, maxBytes?: number): Promise<Connection> {
  const key = path === ":memory:" ? undefined : createFile(path);
  const known = key === undefined ? undefined : files.get(key);
  const file = known ?? { users: 0, opening: open(key ?? path, time, maxBytes) };
  if (key !== undefined) files.set(key, file);
  file.users++;
  const leave = () => {
    if (--file.users === 0 && key !== undefined) files.delete(key);
    return file.users === 0;
  };
  try {
    const { close, ...opened } = await file.opening;
    const release = async () => {
      await Promise.all([opened.group.idle(), opened.own.idle()]);
      if (leave()) await close();
    };
    return { ...opened, release };
  } catch (error) {
    leave();
    throw error;
  }
}

/** Creates the file, readable by its owner only, and answers its real path. */
function createFile(path: string): string {
  try {
    if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
    return realpathSync(path);
  } catch (cause) {
    const directory = dirname(resolve(path));
    const help = `create the directory, or give the path of one that can be written`;
    throw new StoreError(`"${path}" cannot be created in ${directory}: ${help}`, { cause });
  }
}

async function open(path: string, time: Time, maxBytes: number | undefined): Promise<Opened> {
  const { DatabaseSync } = await import("node:sqlite").catch((cause: unknown) => {
    throw new StoreError("this runtime has no node:sqlite: use Node.js 22.19 or later, or give another store", {
      cause,
    });
  });
  const unclean = path !== ":memory:" && existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0;
  let db: DatabaseSync | undefined;
  let presence: Presence | undefined;
  try {
    const opening = new DatabaseSync(path, { timeout: BUSY });
    db = opening;
    prepare(db, path, unclean, time);
    if (path !== ":memory:") presence = enter(DatabaseSync, opening, path, ticks(time.now()));
    if (maxBytes !== undefined) limitSize(db, maxBytes);
    return work(db, path, time, presence);
  } catch (cause) {
    presence?.leave();
    db?.close();
    throw troubleWith(path, "opened", cause);
  }
}

function work(db: DatabaseSync, path: string, time: Time, presence: Presence | undefined): Opened {
  const statements = new Statements(db);
  const disk = path === ":memory:" ? noDisk : createDisk(db, path);
  const { together, alone } = transactionsOf(db, statements, path);
  const groupOf = (run: typeof together) =>
    createGroup<Tx>((jobs) => {
      const { results, lasting } = run(jobs);
      const ahead = lasting <= FEW;
      return lasting === 0 ? { results } : { results, lasting: disk.flush(ahead), ahead };
    }, time);
  const group = groupOf(together);
  const own = groupOf((jobs) => joined(jobs.map(alone)));
  const close = async () => {
    await disk.close();
    db.close();
    presence?.leave();
  };
  return { statements, group, own, disk, close };
}

function prepare(db: DatabaseSync, path: string, unclean: boolean, time: Time): void {
  const version = String(db.prepare("select sqlite_version() as v").get()?.["v"]).split(".").map(Number);
  if (path !== ":memory:" && isOlder(version, SAFE_TO_SHARE)) db.exec("pragma locking_mode = exclusive");
  db.exec("pragma journal_mode = wal; pragma synchronous = normal; pragma secure_delete = on");
  // Pages that are written again and again go to the file once for all: with the default of 1,000 pages a burst of
  // webhooks copied the same ones every few commits. 32 MB at most in the write-ahead log.
  db.exec("pragma wal_autocheckpoint = 8000; pragma cache_size = -16384");
  if (unclean && db.prepare("pragma quick_check(1)").get()?.["quick_check"] !== "ok") {
    const help = "move it away: a new one is filled from the providers";
    throw new StoreError(`"${path}" is damaged. Restore it from a backup, or ${help}`);
  }
  migrate(db, path, time);
}

function limitSize(db: DatabaseSync, maxBytes: number): void {
  const page = Number(db.prepare("pragma page_size").get()?.["page_size"]);
  db.exec(`pragma max_page_count = ${Math.max(1, Math.floor(maxBytes / page))}`);
}

const isOlder = (version: readonly number[], than: readonly number[]): boolean => {
  const at = than.findIndex((part, i) => part !== version[i]);
  return at >= 0 && (version[at] ?? 0) < (than[at] ?? 0);
};

function migrate(db: DatabaseSync, path: string, time: Time): void {
  db.exec("begin immediate");
  try {
    const from = Number(db.prepare("pragma user_version").get()?.["user_version"]);
    if (from > migrations.length) {
      throw new StoreError(`"${path}" was written by a newer version of Tidemark: update this one`);
    }
    for (const sql of migrations.slice(from)) db.exec(sql);
    db.exec(`pragma user_version = ${migrations.length}`);
    const insert = "insert or ignore into head (one, log, position, compacted, tick) values (1, :log, 0, 0, 0)";
    db.prepare(insert).run({ log: randomName(time) });
    db.exec("commit");
  } catch (error) {
    db.exec("rollback");
    throw error;
  }
}
