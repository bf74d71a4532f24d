/** What a stop does to those who read the log. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync } from "tidemark";
import { all, createDesk, memory } from "./desk.ts";

test("a reader that waits when the engine stops ends, though the store is closed before it looks again; one that reads to the end fails", async () => {
  const store = memory();
  let closed = false;
  const head = () => (closed ? Promise.reject(new Error("the store is closed")) : store.head());
  const sync = createSync({ providers: { desk: createDesk().provider }, store: { ...store, head } });
  const waiting = all(sync.changes());
  const whole = sync.changes({ follow: false })[Symbol.asyncIterator]();
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  closed = true;
  const stopped = sync.stop().catch(() => {});
  assert.deepEqual(await waiting, []);
  await assert.rejects(whole.next(), /the store is closed/);
  await stopped;
});
