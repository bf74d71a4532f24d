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

/** What became of a group: how each of its jobs ended, one that threw undone and failed alone. */
export interface Committed {
  results: readonly PromiseSettledResult<unknown>[];
  /** Resolves when what was saved lasts: whoever asked for that is told then. Left out: it does. */
  lasting?: Promise<void>;
  /** The next group does not wait for that. */
  ahead?: boolean;
}

/** Runs jobs in one transaction. Throws, or rejects, if nothing of the group was saved. */
export type Commit<Tx> = (jobs: readonly Job<Tx>[]) => Committed | Promise<Committed>;

/** Runs a job in the next group. Resolves to its result when that lasts; `lazy`: when the group is committed. */
export type Group<Tx> = {
  <T>(job: (tx: Tx) => T | Promise<T>, lazy?: boolean): Promise<T>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
};

/** Jobs in one transaction at most: between two groups the event loop has its turn. */
const MOST = 1_000;

interface Queued<Tx> {
  job: Job<Tx>;
  lazy: boolean;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

export function createGroup<Tx>(commit: Commit<Tx>, time: Time): Group<Tx> {
  const queue: Queued<Tx>[] = [];
  const behind = new Set<Promise<void>>();
  let running: Promise<void> | undefined;

  async function runAll(): Promise<void> {
    while (queue.length > 0) {
      await new Promise<void>((resolve) => time.after(0, resolve, true));
      const { told, ahead } = await runGroup(commit, queue.splice(0, MOST));
      if (!ahead) await told;
      else {
        behind.add(told);
        void told.then(() => behind.delete(told));
      }
    }
    running = undefined;
  }

  const run = <T>(job: (tx: Tx) => T | Promise<T>, lazy = false): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      queue.push({ job, lazy, resolve: (value) => resolve(value as T), reject });
      running ??= runAll();
    });
  const idle = async () => {
    while (running || behind.size > 0) await Promise.all([running, ...behind]);
  };
  return Object.assign(run, { idle });
}

/** `told`: all jobs of the group know how they ended. Neither rejects. */
async function runGroup<Tx>(
  commit: Commit<Tx>,
  group: readonly Queued<Tx>[],
): Promise<{ told: Promise<void>; ahead: boolean }> {
  try {
    const { results, lasting, ahead = false } = await commit(group.map(({ job }) => job));
    const tell = (when: boolean) =>
      group.forEach(({ lazy, resolve, reject }, i) => {
        const result = results[i];
        if (lasting && lazy !== when) return;
        if (result?.status === "fulfilled") resolve(result.value);
        else reject(result?.reason);
      });
    tell(true);
    if (!lasting) return { told: Promise.resolve(), ahead };
    const failed = (error: unknown) => fail(group, error);
    return { told: lasting.then(() => tell(false), failed), ahead };
  } catch (error) {
    fail(group, error);
    return { told: Promise.resolve(), ahead: false };
  }
}

function fail<Tx>(group: readonly Queued<Tx>[], error: unknown): void {
  for (const { reject } of group) reject(error);
}
