/** Nobody is told of what is not on the disk: neither who wrote it nor who reads it, in this process or another. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { createDisk } from "../../src/store/disk.ts";

async function setUp(t: { after(run: () => void): void }) {
  const directory = mkdtempSync(join(tmpdir(), "tidemark-disk-"));
  const path = join(directory, "t.db");
  const connect = () => {
    const db = new DatabaseSync(path);
    db.exec("pragma journal_mode = wal; pragma synchronous = normal; create table if not exists a (b)");
    t.after(() => db.close());
    return db;
  };
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const db = connect();
  const pending: { resolve(): void; reject(error: Error): void }[] = [];
  const sync = {
    runNow() {
      // Slower than a quick disk, so that what follows is done in a thread.
      for (const begin = performance.now(); performance.now() - begin < 8; );
    },
    run: () => new Promise<void>((resolve, reject) => void pending.push({ resolve, reject })),
    close: async () => {},
  };
  const disk = createDisk(db, path, sync);
  await disk.flush();
  /** Whether a promise is settled once everything that can go on has gone on. */
  const isDone = async (promise: Promise<unknown>) => {
    let done = false;
    const end = () => {
      done = true;
    };
    promise.then(end, end);
    await new Promise((resolve) => setImmediate(resolve));
    return done;
  };
  return { path, db, disk, pending, connect, isDone };
}

test("a flush ends when the log is synced, and who reads meanwhile waits for it, too", async (t) => {
  const { disk, pending, isDone } = await setUp(t);
  assert.equal(await isDone(disk.settle()), true, "nothing was written");
  const flushed = disk.flush();
  const read = disk.settle();
  assert.deepEqual([await isDone(flushed), await isDone(read)], [false, false]);
  pending[0]?.resolve();
  assert.deepEqual([await isDone(flushed), await isDone(read)], [true, true]);
  assert.equal(pending.length, 1, "one sync serves both");
});

test("what another process committed is synced before it is given out, once", async (t) => {
  const { disk, pending, connect, isDone } = await setUp(t);
  const other = connect();
  other.exec("insert into a values (1)");
  const read = disk.settle();
  assert.equal(await isDone(read), false);
  pending[0]?.resolve();
  await read;
  assert.equal(await isDone(disk.settle()), true);
  assert.equal(pending.length, 1);
});

test("a commit of another process during a sync is not taken for synced", async (t) => {
  const { disk, pending, connect, isDone } = await setUp(t);
  const other = connect();
  const flushed = disk.flush();
  other.exec("insert into a values (1)");
  pending[0]?.resolve();
  await flushed;
  assert.equal(await isDone(disk.settle()), false);
  assert.equal(pending.length, 2);
  pending[1]?.resolve();
});

test("a quick disk is written at once, and in a thread where the event loop has better to do", async (t) => {
  const { path, db } = await setUp(t);
  const ways: string[] = [];
  const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 30));
  const run = () => slow().then(() => void ways.push("thread"));
  const disk = createDisk(db, path, { runNow: () => void ways.push("now"), run, close: async () => {} });
  await disk.flush();
  for (let i = 0; i < 3; i++) await disk.flush(true);
  await disk.flush();
  assert.deepEqual(ways, ["now", "thread", "thread", "thread", "now"]);
});

test("a disk that failed once is not believed again", async (t) => {
  const { path, disk, pending } = await setUp(t);
  const flushed = disk.flush();
  const read = disk.settle();
  pending[0]?.reject(Object.assign(new Error("i/o error"), { code: "EIO" }));
  const wanted = {
    name: "StoreError",
    message: `"${path}" could not be brought to the disk: what was saved last may be lost. Check the disk, then start the process again`,
  };
  await assert.rejects(flushed, wanted);
  await assert.rejects(read, wanted);
  await assert.rejects(disk.flush(), wanted);
  await assert.rejects(disk.settle(), wanted);
  assert.equal(pending.length, 1);
});

test("on a quick disk it is synced at once, on a slow one in a thread", async (t) => {
  const { db, path } = await setUp(t);
  const calls: string[] = [];
  const slow = { ms: 0 };
  const wait = () => {
    for (const begin = performance.now(); performance.now() - begin < slow.ms; );
  };
  const disk = createDisk(db, path, {
    runNow() {
      calls.push("now");
      wait();
    },
    run: async () => void calls.push("thread"),
    close: async () => {},
  });
  for (let i = 0; i < 3; i++) await disk.flush();
  slow.ms = 8;
  for (let i = 0; i < 2; i++) await disk.flush();
  assert.deepEqual(calls.slice(0, 5), ["now", "now", "now", "now", "thread"]);
  for (let i = 0; i < 20; i++) await disk.flush();
  assert.ok(calls.slice(5).includes("now"), "and at once again when it is quick again");
});

test("the real file is synced, and closed in the end", async (t) => {
  const { db, path } = await setUp(t);
  const disk = createDisk(db, path);
  db.exec("insert into a values (1)");
  await disk.flush();
  await disk.close();
  await assert.rejects(createDisk(db, `${path}-not-there`).flush(), { name: "StoreError" });
});
