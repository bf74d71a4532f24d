/**
 * Group commit: what one turn of the event loop brought, and what arrives while a commit runs, is one transaction.
 *
 * One transaction each costs an fsync each. Grouped on the turn of the loop, a store on disk acknowledges several times
 * as many webhooks and an idle one no later; a microtask groups nothing, a timer adds its delay.
 * @module
 */
import type { Time } from "../time.ts";

/** Something to do in a transaction. */
export type Job<Tx> = (tx: Tx) => unknown;

/**
 * Runs jobs in one transaction and says how each of them ended: one that throws is undone and fails alone. Throws, or
 * rejects, if nothing of the group was saved.
 */
export type Commit<Tx> = (
  jobs: readonly Job<Tx>[],
) => readonly PromiseSettledResult<unknown>[] | Promise<readonly PromiseSettledResult<unknown>[]>;

/** Runs a job in the next group. Resolves to its result when the group is committed. */
export type Group<Tx> = {
  <T>(job: (tx: Tx) => T | Promise<T>): Promise<T>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
};

/** Jobs in one transaction at most: between two groups the event loop has its turn. */
const MOST = 1_000;

interface Queued<Tx> {
  job: Job<Tx>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

export function createGroup<Tx>(commit: Commit<Tx>, time: Time): Group<Tx> {
  const queue: Queued<Tx>[] = [];
  let running: Promise<void> | undefined;

  async function runAll(): Promise<void> {
    while (queue.length > 0) {
      await new Promise<void>((resolve) => time.after(0, resolve, true));
      await runGroup(commit, queue.splice(0, MOST));
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

async function runGroup<Tx>(commit: Commit<Tx>, group: readonly Queued<Tx>[]): Promise<void> {
  try {
    const results = await commit(group.map(({ job }) => job));
    for (const [i, { resolve, reject }] of group.entries()) {
      const result = results[i];
      if (result?.status === "fulfilled") resolve(result.value);
      else reject(result?.reason);
    }
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}
