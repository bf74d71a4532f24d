/**
 * What is committed reaches the disk before anyone is told of it, and a slow disk does not hold up the event loop.
 *
 * SQLite commits with `synchronous = normal`: it writes the write-ahead log and leaves it to the system. The log is then
 * synced here, and whoever waits for that commit is answered after it. On a disk that answers within a millisecond that
 * happens at once; on a slower one in a thread of Node's pool, while other webhooks are verified (measured: at once costs
 * a third less CPU for each webhook, and in a thread 2 ms more for each sync cost no webhook its place). The log is one
 * sequence, so a sync covers all before it, of other processes too (sqlite.org/wal.html).
 * @module
 */
import { closeSync, fdatasync, fdatasyncSync, openSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { StoreError } from "../errors.ts";
import { stopwatch } from "../time.ts";

export interface Disk {
  /**
   * What this connection committed is on the disk when it resolves. `aside`: the event loop has better to do than to wait.
   *
   * @throws StoreError for ever, once it has failed
   */
  flush(aside?: boolean): Promise<void>;
  /** What this connection could read until now is on the disk when it resolves. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Writes what the system still keeps of a file to the disk. */
export interface Sync {
  /** In a thread. */
  run(): Promise<void>;
  /** At once. */
  runNow(): void;
  close(): Promise<void>;
}

/** A database in memory: there is nothing to wait for. */
export const noDisk: Disk = { flush: async () => {}, settle: async () => {}, close: async () => {} };

/** Milliseconds up to which a disk is quick. */
const QUICK = 1;
/** How much the latest sync counts in the average. */
const WEIGHT = 0.2;

export function createDisk(db: DatabaseSync, path: string, sync: Sync = syncFile(`${path}-wal`)): Disk {
  // Changes with each commit of another connection (sqlite.org/pragma.html#pragma_data_version).
  const othersNow = db.prepare("pragma data_version");
  const versionNow = () => Number(othersNow.get()?.["data_version"]);
  let others = versionNow();
  let flushing: Promise<void> | undefined;
  let failed: StoreError | undefined;
  let average = 0;

  const sink = async (aside: boolean) => {
    const elapsed = stopwatch();
    const isQuick = average <= QUICK;
    try {
      if (isQuick && !aside) sync.runNow();
      else await sync.run();
    } catch (cause) {
      // What the system could not write it may forget, and call the next attempt a success.
      const help = "what was saved last may be lost. Check the disk, then start the process again";
      failed = new StoreError(`"${path}" could not be brought to the disk: ${help}`, { cause });
      throw failed;
    }
    // In a thread it is also waited for: that says nothing against a quick disk.
    if (!(isQuick && aside)) average += WEIGHT * (elapsed() - average);
  };
  const flush = async (aside = false) => {
    if (failed) throw failed;
    const seen = versionNow();
    const mine = sink(aside);
    flushing = mine;
    try {
      await mine;
      others = seen;
    } finally {
      if (flushing === mine) flushing = undefined;
    }
  };
  return {
    flush,
    async settle() {
      if (flushing) await flushing;
      if (versionNow() !== others) await flush();
      if (failed) throw failed;
    },
    close: () => sync.close(),
  };
}

const syncInThread = promisify(fdatasync);

/** The file is opened when it is needed first: SQLite creates it with the first transaction. */
function syncFile(path: string): Sync {
  let file: number | undefined;
  const open = () => {
    file ??= openSync(path, "r+");
    return file;
  };
  return {
    run: async () => syncInThread(open()),
    runNow: () => fdatasyncSync(open()),
    async close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
