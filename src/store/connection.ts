/**
 * One connection per file and process: opened, checked, migrated, shared, and closed when the last lets go.
 * @module
 */
import { closeSync, existsSync, openSync, realpathSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../errors.ts";
import { randomName, type Time } from "../time.ts";
import { createGroup, type Group } from "./group.ts";
import { migrations } from "./schema.ts";
import { headOf, Statements, type Writing } from "./statements.ts";

/** What a job of a group works with. */
export interface Tx {
  statements: Statements;
  writing: Writing;
}

export interface Connection {
  statements: Statements;
  group: Group<Tx>;
  /** Lets go; the last one waits for what is under way and closes the file. */
  release(): Promise<void>;
}

interface Shared extends Connection {
  users: number;
}

/** By real path. */
const shared = new Map<string, Promise<Shared>>();

/** Milliseconds to wait for another process's transaction. */
const BUSY = 5_000;
/** Older ones may corrupt a file when a checkpoint and a write of two connections meet (sqlite.org/wal.html, WAL-reset bug). */
const SAFE_TO_SHARE = [3, 51, 3] as const;

export async function connect(path: string, time: Time, maxBytes?: number): Promise<Connection> {
  if (path === ":memory:") return open(path, time, maxBytes, async () => {});
  const key = createFile(path);
  const existing = shared.get(key);
  const opening = existing ?? open(key, time, maxBytes, async () => void shared.delete(key));
  if (!existing) {
    shared.set(key, opening);
    opening.catch(() => shared.delete(key));
  }
  const connection = await opening;
  if (existing) connection.users++;
  return connection;
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

async function open(
  path: string,
  time: Time,
  maxBytes: number | undefined,
  forget: () => Promise<void>,
): Promise<Shared> {
  const { DatabaseSync } = await import("node:sqlite").catch((cause: unknown) => {
    throw new StoreError("this runtime has no node:sqlite: use Node.js 22.19 or later, or give another store", {
      cause,
    });
  });
  const unclean = path !== ":memory:" && existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0;
  const db = new DatabaseSync(path, { timeout: BUSY });
  try {
    prepare(db, path, unclean, time);
    if (maxBytes !== undefined) limitSize(db, maxBytes);
  } catch (cause) {
    db.close();
    if (cause instanceof StoreError) throw cause;
    throw new StoreError(`"${path}" cannot be opened as a database of Tidemark: give another path`, { cause });
  }
  const statements = new Statements(db);
  const group = createGroup(transactionsOf(db, statements, path), time);
  const connection: Shared = {
    ...{ users: 1, statements, group },
    async release() {
      if (--connection.users > 0) return;
      await forget();
      await group.idle();
      db.close();
    },
  };
  return connection;
}

function prepare(db: DatabaseSync, path: string, unclean: boolean, time: Time): void {
  const version = String(db.prepare("select sqlite_version() as v").get()?.["v"]).split(".").map(Number);
  if (path !== ":memory:" && isOlder(version, SAFE_TO_SHARE)) db.exec("pragma locking_mode = exclusive");
  db.exec("pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on");
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

function transactionsOf(db: DatabaseSync, statements: Statements, path: string) {
  const refused = (cause: unknown): never => {
    throw new StoreError(`"${path}" could not be written: ${whatToDo(cause)}`, { cause });
  };
  return {
    begin(): Tx {
      try {
        db.exec("begin immediate");
        return { statements, writing: { head: headOf(statements), wrote: false } };
      } catch (cause) {
        return refused(cause);
      }
    },
    run<T>(tx: Tx, job: (tx: Tx) => T): T {
      const before = { ...tx.writing };
      db.exec("savepoint job");
      try {
        const value = job(tx);
        db.exec("release job");
        return value;
      } catch (error) {
        if (!db.isTransaction) return refused(error);
        db.exec("rollback to job; release job");
        Object.assign(tx.writing, before);
        throw isSqlite(error)
          ? new StoreError(`"${path}" could not be written: ${whatToDo(error)}`, { cause: error })
          : error;
      }
    },
    alive: () => db.isTransaction,
    commit({ writing: { head, wrote } }: Tx): void {
      try {
        if (!wrote) return void db.exec("rollback");
        statements.run("save head", SAVE_HEAD, { position: head.position, compacted: head.compacted, tick: head.tick });
        db.exec("commit");
      } catch (cause) {
        refused(cause);
      }
    },
    rollback(): void {
      if (db.isTransaction) db.exec("rollback");
    },
  };
}

const SAVE_HEAD = "update head set position = :position, compacted = :compacted, tick = :tick";

const isSqlite = (error: unknown): error is Error & { errcode: number } =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number";

/** What the result codes of SQLite ask for (sqlite.org/rescode.html). */
function whatToDo(error: unknown): string {
  switch (isSqlite(error) ? error.errcode & 0xff : 0) {
    case 5:
    case 6:
      return "another process holds it; it is tried again";
    case 8:
      return "it is read-only: make the file and its directory writable";
    case 10:
      return "the disk failed: check it, then the file";
    case 11:
    case 26:
      return "it is damaged: restore it from a backup, or move it away, and it is filled again from the providers";
    case 13:
      return "the disk is full: make room, and it goes on by itself";
    default:
      return "see the cause";
  }
}
