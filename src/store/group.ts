/**
 * Group commit: what one turn of the event loop brought, and what arrives while a commit runs, is one transaction.
 *
 * One transaction each costs an fsync each. Grouped on the turn of the loop, a store on disk acknowledges several times
 * as many webhooks and an idle one no later; a microtask groups nothing, a timer adds its delay.
 * @module
 */
import type { Time } from "../time.ts";

/** How a database runs a group. */
export interface Transactions<Tx> {
  begin(): Tx | Promise<Tx>;
  /** Runs one job in a savepoint: what it throws undoes only what it did. */
  run<T>(tx: Tx, job: (tx: Tx) => T | Promise<T>): T | Promise<T>;
  /** Whether the transaction still stands: a full disk may have ended it in the middle of a job. */
  alive(tx: Tx): boolean;
  commit(tx: Tx): void | Promise<void>;
  rollback(tx: Tx): void | Promise<void>;
}

/** Runs a job in the next group. Resolves to its result when the group is committed. */
export type Group<Tx> = {
  <T>(job: (tx: Tx) => T | Promise<T>): Promise<T>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
};

/** Jobs in one transaction at most, so that one commit does not hold up the event loop for long. */
const MOST = 1_000;

interface Queued<Tx> {
  job: (tx: Tx) => unknown;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

export function createGroup<Tx>(transactions: Transactions<Tx>, time: Time): Group<Tx> {
  let queue: Queued<Tx>[] = [];
  let running: Promise<void> | undefined;

  async function runAll(): Promise<void> {
    await new Promise<void>((resolve) => time.after(0, resolve, true));
    while (queue.length > 0) {
      const group = queue.slice(0, MOST);
      queue = queue.slice(MOST);
      await runGroup(transactions, group);
    }
    running = undefined;
  }

  const run = <T>(job: (tx: Tx) => T | Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      queue.push({ job, resolve: (value) => resolve(value as T), reject });
      running ??= runAll();
    });
  return Object.assign(run, { idle: async () => running });
}

/** All of a group in one transaction. A job that throws fails alone; a commit that fails fails all. */
async function runGroup<Tx>(transactions: Transactions<Tx>, group: readonly Queued<Tx>[]): Promise<void> {
  const done: (() => void)[] = [];
  let tx: Tx | undefined;
  try {
    tx = await transactions.begin();
    for (const { job, resolve, reject } of group) {
      try {
        const value = await transactions.run(tx, job);
        done.push(() => resolve(value));
      } catch (error) {
        if (!transactions.alive(tx)) throw error;
        done.push(() => reject(error));
      }
    }
    await transactions.commit(tx);
  } catch (error) {
    if (tx !== undefined) await Promise.resolve(transactions.rollback(tx)).catch(() => {});
    for (const { reject } of group) reject(error);
    return;
  }
  for (const settle of done) settle();
}
