/** What a process held that was killed: free for who comes next and is alone with the file, and nobody else's. */
import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { sqlite } from "tidemark/sqlite";
import { acquire } from "../../src/checkpoint.ts";
import { ticks } from "../../src/time.ts";

function createPlace(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-presence-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "log.db");
  /** A process that holds `held by <id>`, and reads the resource of that id. */
  const hold = async (id: string): Promise<ChildProcess> => {
    const child = fork(new URL("holder.ts", import.meta.url), [path, id]);
    t.after(() => child.kill("SIGKILL"));
    assert.deepEqual(await Promise.race([once(child, "message"), once(child, "exit")]), ["held", undefined]);
    return child;
  };
  return { path, hold };
}

const kill = async (child: ChildProcess) => {
  child.kill("SIGKILL");
  await once(child, "exit");
};

/** Whether what `id` held can be had now: its checkpoint, and its row by a claim of what is due. */
async function isFree(store: ReturnType<typeof sqlite>, id: string): Promise<[checkpoint: boolean, row: boolean]> {
  const step: Parameters<typeof store.checkpoint>[0]["step"] = (at, tick) => acquire(at, tick, "me", ticks(1_000));
  const { at } = await store.checkpoint({ name: `moved by ${id}`, step });
  const claimed = await store.update({ class: "live", providers: ["a"], limit: 10 }, (row) => ({ row }));
  return [at.holder === "me", claimed.rows.some((row) => row.id === id)];
}

test("who is killed, and started again, waits for nothing that it held itself", async (t) => {
  const { path, hold } = createPlace(t);
  await kill(await hold("a"));
  const store = sqlite(path);
  t.after(() => store.close());
  assert.deepEqual(await store.checkpoints("held", "", 10), []);
  assert.deepEqual(await isFree(store, "a"), [true, true]);
  assert.equal(statSync(`${path}-lock`).mode & 0o777, 0o600);
});

test("what a process holds that is there stays its own, and so does what one held that died beside it", async (t) => {
  const { path, hold } = createPlace(t);
  const [a, b] = [await hold("a"), await hold("b")];
  await kill(b);
  const store = sqlite(path);
  t.after(() => store.close());
  assert.deepEqual(await isFree(store, "a"), [false, false]);
  assert.deepEqual(await isFree(store, "b"), [false, false]);
  await kill(a);
  // It was here before that one died: whether it is alone is found out by who comes.
  assert.deepEqual(await isFree(store, "a"), [false, false]);
});

test("a store that was closed is not there any more, and one that is open is", async (t) => {
  const { path, hold } = createPlace(t);
  const store = sqlite(path);
  await store.open();
  const first = await hold("a");
  await kill(first);
  await kill(await hold("b"));
  assert.deepEqual(await isFree(store, "a"), [false, false], "b found this store");
  await store.close();
  await store.open();
  t.after(() => store.close());
  assert.deepEqual(await isFree(store, "a"), [true, true]);
  assert.deepEqual(await isFree(store, "b"), [true, true]);
});

test("where no lock can be had, it is opened all the same, and what may be held is waited for", async (t) => {
  const { path, hold } = createPlace(t);
  mkdirSync(`${path}-lock`);
  await kill(await hold("a"));
  const store = sqlite(path);
  t.after(() => store.close());
  assert.deepEqual(await isFree(store, "a"), [false, false]);
});
