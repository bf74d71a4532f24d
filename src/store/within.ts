/**
 * The application's own work in a transaction of the SQLite store.
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { HandlerError } from "../errors.ts";
import { HalfDone } from "./transaction.ts";

/** Is there as long as the transaction in which it was set, whatever savepoints the application sets in it. */
const MARK = "tidemark_within";

/**
 * Runs `work` in the transaction that is open.
 *
 * @throws HalfDone with what `work` threw, or with a HandlerError for what it must not do
 */
export function runWithin<T>(db: DatabaseSync, work: (db: DatabaseSync) => T | Promise<T>): T {
  db.exec(`savepoint ${MARK}`);
  const value = attempt(() => work(db));
  if (isPromise(value)) {
    // What it does from now on is outside, and is not waited for.
    value.then(ignore, ignore);
    const help = "write it without await, or use a store whose transactions may wait, such as postgres";
    throw refused(`a handler with transaction: true returned a promise, and SQLite's cannot wait: ${help}`);
  }
  attempt(() => db.exec(`release ${MARK}`), ended);
  return value;
}

function attempt<T>(run: () => T, explain = (error: unknown): unknown => error): T {
  try {
    return run();
  } catch (error) {
    throw new HalfDone("the work of a transaction", { cause: explain(error) });
  }
}

const ended = (cause: unknown) => {
  const help = "take its commit and rollback out, and throw to undo what it did";
  return new HandlerError(
    `a handler with transaction: true ended the transaction itself, or SQLite did for an error that it caught: ${help}`,
    { cause },
  );
};

const refused = (message: string) => new HalfDone("the work of a transaction", { cause: new HandlerError(message) });

const isPromise = <T>(value: T | Promise<T>): value is Promise<T> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";

const ignore = (): void => {};
