/**
 * One group of jobs in one transaction of SQLite.
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../errors.ts";
import type { Tick } from "../time.ts";
import type { Job } from "./group.ts";
import { keep } from "./inbox.ts";
import { beginWriting, type Statements, type Writing } from "./statements.ts";

/** What a job of a group works with. */
export interface Tx {
  db: DatabaseSync;
  statements: Statements;
  writing: Writing;
}

const SAVE_HEAD = "update head set position = :position, compacted = :compacted, tick = :tick";

/**
 * Runs without a pause from `begin` to `commit`: a reader on the same connection would meet what is not saved yet, and
 * what is delivered and then not saved is a change that never was.
 */
export function transactionsOf(
  db: DatabaseSync,
  statements: Statements,
  path: string,
): { together(jobs: readonly Job<Tx>[]): Done; alone(job: Job<Tx>): Done } {
  // Transactions that save nothing have ticks too, and the file knows nothing of those.
  let latest: Tick = 0;

  function runGroup(jobs: readonly Job<Tx>[]): Done {
    db.exec("begin immediate");
    const writing = beginWriting(statements, latest);
    const results = jobs.map((job) => runJob({ db, statements, writing }, job, path));
    keep(statements, writing);
    if (writing.wrote) {
      const { position, compacted, tick } = writing.head;
      statements.run("save head", SAVE_HEAD, { position, compacted, tick });
    }
    db.exec(writing.wrote ? "commit" : "rollback");
    latest = writing.head.tick;
    return { results, lasting: writing.wrote ? writing.lasting : 0 };
  }

  /** Alone in its transaction: what it did before it threw is undone with that. */
  function runAlone(job: Job<Tx>): Done {
    try {
      return runGroup([job]);
    } catch (error) {
      rollback(db);
      const reason = error instanceof HalfDone ? error.cause : troubleWith(path, "written", error);
      return { results: [{ status: "rejected", reason }], lasting: 0 };
    }
  }

  function together(jobs: readonly Job<Tx>[]): Done {
    try {
      return runGroup(jobs);
    } catch (cause) {
      rollback(db);
      if (!(cause instanceof HalfDone)) throw troubleWith(path, "written", cause);
      const done = jobs.map(runAlone);
      return joined(done);
    }
  }

  return { together, alone: runAlone };
}

/** What became of several transactions. */
export const joined = (done: readonly Done[]): Done => ({
  results: done.flatMap(({ results }) => results),
  lasting: done.reduce((sum, { lasting }) => sum + lasting, 0),
});

/** How each job of a group ended, and how many of them are told only when it is on the disk. */
interface Done {
  results: PromiseSettledResult<unknown>[];
  lasting: number;
}

/** A job threw after it had written, or may have: only the end of the transaction can undo that. */
export class HalfDone extends Error {}

/**
 * Jobs decide before they write, so one that throws has mostly written nothing. A savepoint for each job, to undo the
 * rest, took a tenth of a hint's time: instead the whole group is undone, and each of its jobs runs alone.
 */
function runJob(tx: Tx, job: Job<Tx>, path: string): PromiseSettledResult<unknown> {
  const { writes } = tx.statements;
  const { head } = tx.writing;
  try {
    return { status: "fulfilled", value: job(tx) };
  } catch (reason) {
    if (reason instanceof HalfDone) throw reason;
    const cause = isSqlite(reason) ? troubleWith(path, "written", reason) : reason;
    if (tx.statements.writes !== writes) throw new HalfDone("a job threw in the middle", { cause });
    tx.writing.head = { ...head, tick: tx.writing.head.tick };
    return { status: "rejected", reason: cause };
  }
}

function rollback(db: DatabaseSync): void {
  try {
    if (db.isTransaction) db.exec("rollback");
  } catch {
    // The next `begin` fails and says so again; the first error is the one that tells why.
  }
}

const isSqlite = (error: unknown): error is Error & { errcode: number } =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number";

/** An error of SQLite, as one that says what to do. Our own stay as they are. */
export const troubleWith = (path: string, done: "opened" | "read" | "written", cause: unknown): StoreError =>
  cause instanceof StoreError ? cause : new StoreError(`"${path}" could not be ${done}: ${whatToDo(cause)}`, { cause });

/** What the result codes of SQLite ask for (sqlite.org/rescode.html). */
function whatToDo(error: unknown): string {
  switch (isSqlite(error) ? error.errcode & 0xff : 0) {
    case 5:
    case 6:
      return "another process holds it: try again. Before SQLite 3.51.3 only one process can have the file";
    case 8:
      return "it is read-only: make the file and its directory writable";
    case 10:
      return "the disk failed: check it, then the file";
    case 11:
      return "it is damaged: restore it from a backup, or move it away, and it is filled again from the providers";
    case 13:
      return "the disk is full: make room, and it goes on by itself";
    case 14:
      return "its directory cannot be read, or it is a directory itself: give the path of a file";
    case 26:
      return "it is not a database of Tidemark: give another path";
    default:
      return "see the cause";
  }
}
