/** The database is rolled back under a reader that follows the log: a failover to a replica that misses what was read. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { CursorLost, createSync } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { createVirtualTime } from "tidemark/testing";
import { settled } from "../src/testing/time.ts";
import { createDesk } from "./desk.ts";

async function setUp(t: { after(run: () => void): void }) {
  const directory = mkdtempSync(join(tmpdir(), "tidemark-rollback-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "t.db");
  const time = createVirtualTime();
  const store = sqlite(path, { time });
  const desk = createDesk({ feed: false });
  const sync = createSync({ providers: { desk: desk.provider }, store, time, sweepEvery: 86_400_000 });
  /** Lets time pass until it is settled: what the disk does takes real time. */
  const until = async <T>(asked: Promise<T>): Promise<T> => {
    let over = false;
    const end = () => {
      over = true;
    };
    asked.then(end, end);
    for (const end = Date.now() + 20_000; !over; ) {
      assert.ok(Date.now() < end, "nothing came of it");
      await time.run(time.now() + 100);
      await settled();
    }
    return asked;
  };
  const put = async (id: string, text: string) => {
    desk.put(id, text);
    await until(sync.get("desk.note", id, { maxAge: 0 }));
  };
  /** The first two entries are all that is left. */
  const rollBack = () => {
    const db = new DatabaseSync(path);
    db.exec(`delete from entry where position > 2; update head set position = 2;
      update row set position = null, present = 0, print = null, raw = null, version = null where position > 2`);
    db.close();
  };
  const iterator = sync.changes()[Symbol.asyncIterator]();
  for (const id of ["1", "2", "3", "4"]) await put(id, "a");
  for (let n = 0; n < 4; n++) await until(iterator.next());
  t.after(async () => {
    await until(sync.stop());
    await store.close();
  });
  return { put, rollBack, iterator, until };
}

test("a log that ends before what a reader has read is lost aloud, while it waits", async (t) => {
  const { rollBack, iterator, until } = await setUp(t);
  const next = assert.rejects(until(iterator.next()), (error) => error instanceof CursorLost && error.rolledBack);
  rollBack();
  await next;
});

test("so is one that has grown past it again before the reader looked", async (t) => {
  const { put, rollBack, iterator, until } = await setUp(t);
  rollBack();
  for (const id of ["5", "6", "7"]) await put(id, "b");
  await assert.rejects(until(iterator.next()), (error) => error instanceof CursorLost && error.rolledBack);
});
