/**
 * What is committed reaches the disk before anyone is told of it, without the event loop waiting for the disk.
 *
 * With `synchronous = full` SQLite calls fsync within the commit, and the whole process stands still meanwhile. Here it
 * commits with `normal`, which writes the write-ahead log and leaves it to the system, and the log is then synced in a
 * thread of Node's pool: whoever waits for that commit is answered after it. The log is one sequence, so that a sync
 * covers all before it, of other processes too (sqlite.org/pragma.html#pragma_synchronous, sqlite.org/wal.html).
 * @module
 */
import { type FileHandle, open } from "node:fs/promises";
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../errors.ts";

export interface Disk {
  /** What this connection committed is on the disk when it resolves. @throws StoreError for ever, once it has failed */
  flush(): Promise<void>;
  /** What this connection could read until now is on the disk when it resolves. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** A database in memory: there is nothing to wait for. */
export const noDisk: Disk = { flush: async () => {}, settle: async () => {}, close: async () => {} };

/** @param sync writes what the system still keeps of a file to the disk; tests give one that they can hold back */
export function createDisk(db: DatabaseSync, path: string, sync = syncFile(`${path}-wal`)): Disk {
  // Changes with each commit of another connection (sqlite.org/pragma.html#pragma_data_version).
  const othersNow = db.prepare("pragma data_version");
  const versionNow = () => Number(othersNow.get()?.["data_version"]);
  let others = versionNow();
  let flushing: Promise<void> | undefined;
  let failed: StoreError | undefined;

  const flush = async () => {
    if (failed) throw failed;
    const seen = versionNow();
    const mine = sync.run().catch((cause: unknown) => {
      // What the system could not write it may forget, and call the next attempt a success.
      const help = "what was saved last may be lost. Check the disk, then start the process again";
      failed = new StoreError(`"${path}" could not be brought to the disk: ${help}`, { cause });
      throw failed;
    });
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

/** The file is opened when it is needed first: SQLite creates it with the first transaction. */
function syncFile(path: string): { run(): Promise<void>; close(): Promise<void> } {
  let file: Promise<FileHandle> | undefined;
  return {
    async run() {
      file ??= open(path, "r+");
      await (await file).datasync();
    },
    async close() {
      await (await file?.catch(() => undefined))?.close();
    },
  };
}
