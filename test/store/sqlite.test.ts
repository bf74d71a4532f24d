import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { createSync, type Store } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { testStore } from "tidemark/testing";
import { blank, type Row } from "../../src/row.ts";
import { systemTime } from "../../src/time.ts";
import { createRandom } from "../world/time.ts";

const scratch = (t: { after(run: () => void): void }) => {
  const directory = mkdtempSync(join(tmpdir(), "tidemark-store-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};
const ref = (id: string) => ({ type: "a.thing", scope: "", id });
const record = (value: unknown) => (row: Row) => ({
  row: { ...row, present: true },
  append: [{ state: JSON.stringify(value), at: 1, via: "sweep" as const, causes: [] }],
});
const write = (store: Store, id: string, value: unknown) => store.update({ refs: [ref(id)] }, record(value));

testStore(test, "sqlite in memory", async () => {
  const store = sqlite(":memory:");
  return { store, close: () => store.close() };
});

testStore(test, "sqlite in a file", async () => {
  const directory = mkdtempSync(join(tmpdir(), "tidemark-store-"));
  const path = join(directory, "t.db");
  const store = sqlite(path);
  const close = async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { store, reopen: async () => sqlite(path), close };
});

test("a path that cannot be one is refused at once", () => {
  for (const path of ["", " ", "a\0b", "file:x.db", "FILE:x.db?mode=rw", undefined as never])
    assert.throws(() => sqlite(path), /give the path of a file/);
});

test("a file is created for its owner only; a directory that is not there is named at the first call", async (t) => {
  const directory = scratch(t);
  const store = sqlite(join(directory, "t.db"));
  await store.open();
  assert.equal(statSync(join(directory, "t.db")).mode & 0o777, 0o600);
  await store.close();
  await assert.rejects(sqlite(join(directory, "no/t.db")).head(), /cannot be created in .*no: create the directory/);
});

test("what is no database of ours is refused, and stays as it is", async (t) => {
  const path = join(scratch(t), "t.db");
  writeFileSync(
    path,
    "hello, I am something else, and longer than a header of a database, which is 100 bytes long.".repeat(20),
  );
  const before = readFileSync(path);
  await assert.rejects(sqlite(path).head(), /cannot be opened as a database/);
  assert.deepEqual(readFileSync(path), before);
});

test("a database of a newer version is refused", async (t) => {
  const path = join(scratch(t), "t.db");
  const store = sqlite(path);
  await store.open();
  await store.close();
  const db = new DatabaseSync(path);
  db.exec("pragma user_version = 99");
  db.close();
  await assert.rejects(sqlite(path).head(), /newer version/);
});

test("two stores on one file share the connection, and the last to close lets go", async (t) => {
  const path = join(scratch(t), "t.db");
  const [one, two] = [sqlite(path), sqlite(`${path}`)];
  await write(one, "1", "a");
  assert.equal((await two.head()).position, 1);
  await one.close();
  await assert.rejects(one.head(), /is closed/);
  await write(two, "2", "b");
  await two.close();
  assert.equal(existsSync(`${path}-wal`), false, "the log was folded into the file");
  await one.open();
  assert.equal((await one.head()).position, 2);
  await one.close();
});

test("ticks go on when the clock steps back", async (t) => {
  let now = 2_000_000_000_000;
  const store = sqlite(":memory:", { time: { ...systemTime, now: () => now } });
  t.after(() => store.close());
  const first = (await write(store, "1", 1)).tick;
  assert.equal(first, now * 1_000);
  now -= 86_400_000;
  assert.equal((await write(store, "1", 2)).tick, first + 1);
});

test("an update that changes nothing writes nothing", async (t) => {
  const path = join(scratch(t), "t.db");
  const store = sqlite(path);
  t.after(() => store.close());
  await write(store, "1", 1);
  const size = statSync(`${path}-wal`).size;
  for (let i = 0; i < 100; i++) await store.update({ class: "live", providers: ["a"], limit: 9 }, (row) => ({ row }));
  assert.equal(statSync(`${path}-wal`).size, size);
});

test("a full disk fails what cannot be saved, loses nothing, and is over when there is room", async (t) => {
  const path = join(scratch(t), "t.db");
  const store = sqlite(path, { maxBytes: 200_000 });
  const roomy = sqlite(path);
  t.after(async () => {
    await store.close();
    await roomy.close();
  });
  let saved = 0;
  const body = "x".repeat(10_000);
  const fill = async () => {
    for (;;) {
      await write(store, `${saved + 1}`, { body });
      saved++;
    }
  };
  await assert.rejects(fill(), /the disk is full: make room/);
  assert.ok(saved > 3);
  const { position } = await store.head();
  assert.equal(position, saved);
  await store.erase({ provider: "a", scope: "" });
  await write(store, "after", 1);
});

test("a webhook that cannot be saved is answered 503, and 202 when there is room again", async (t) => {
  let full = false;
  const inner = sqlite(":memory:");
  t.after(() => inner.close());
  const store: Store = {
    ...inner,
    update: (...all) => (full ? Promise.reject(new Error("full")) : inner.update(...all)),
  };
  const thing = {
    fetch: async () => null,
    id: () => "",
    list: async () => ({ items: [], next: null }),
    readLag: { fetch: 0, list: 0 },
  };
  const sync = createSync({
    providers: { a: { resources: { thing }, webhook: () => [{ type: "thing", id: "1" }] } },
    store,
  });
  const post = () => sync.webhook("a", new Request("http://x", { method: "POST", body: "{}" }));
  full = true;
  const refused = await post();
  assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "5"]);
  full = false;
  assert.equal((await post()).status, 202);
  assert.equal((await inner.rows({ limit: 9 })).length, 1);
});

/** A database with a committed history of 60 entries, most of it still in the write-ahead log; not closed. */
async function history(path: string): Promise<{ store: Store; states: string[] }> {
  const store = sqlite(path);
  for (let i = 1; i <= 60; i++) await write(store, `${i % 7}`, { i, body: "b".repeat(i * 5) });
  const states = (await store.entries({ after: 0, limit: 100 })).map(({ state }) => state ?? "");
  return { store, states };
}

test("a write-ahead log that was torn anywhere opens as a beginning of what was committed", async (t) => {
  const directory = scratch(t);
  const { store, states } = await history(join(directory, "t.db"));
  t.after(() => store.close());
  const { int } = createRandom(1);
  for (let n = 0; n < 50; n++) {
    const path = join(directory, `torn${n}.db`);
    copyFileSync(join(directory, "t.db"), path);
    copyFileSync(join(directory, "t.db-wal"), `${path}-wal`);
    truncateSync(`${path}-wal`, int(0, statSync(`${path}-wal`).size));
    const torn = sqlite(path);
    const entries = await torn.entries({ after: 0, limit: 100 });
    assert.deepEqual(
      entries.map(({ state }) => state),
      states.slice(0, entries.length),
    );
    assert.equal((await torn.head()).position, entries.length);
    await torn.close();
  }
});

test("a byte that the disk changed is noticed or harmless, never a wrong state", async (t) => {
  const directory = scratch(t);
  const { store, states } = await history(join(directory, "t.db"));
  await store.close();
  const { int } = createRandom(2);
  let noticed = 0;
  for (let n = 0; n < 200; n++) {
    const path = join(directory, "flipped.db");
    for (const end of ["", "-wal", "-shm"]) rmSync(path + end, { force: true });
    const bytes = readFileSync(join(directory, "t.db"));
    const at = int(100, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << int(0, 7));
    writeFileSync(path, bytes);
    const flipped = sqlite(path);
    try {
      const entries = await flipped.entries({ after: 0, limit: 100 });
      for (const { state } of entries) assert.ok(states.includes(state ?? ""), "a state that was never written");
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      noticed++;
    }
    await flipped.close();
  }
  assert.ok(noticed > 20, `${noticed} were noticed`);
});

test("an update that the database refuses half-way leaves nothing, and its positions are given out again", async (t) => {
  const store = sqlite(":memory:");
  t.after(() => store.close());
  const step = (row: Row) => {
    const made = record(row.id)(row);
    return row.id === "2" ? { ...made, row: { ...made.row, attempts: 0.5 } } : made;
  };
  const [refused, good] = await Promise.allSettled([
    store.update({ refs: [ref("1"), ref("2")] }, step),
    write(store, "3", "x"),
  ]);
  assert.deepEqual([refused.status, good.status], ["rejected", "fulfilled"]);
  assert.deepEqual(
    (await store.rows({ limit: 9 })).map(({ id, position }) => [id, position]),
    [["3", 1]],
  );
  assert.equal((await store.head()).position, 1);
});

test("a damaged entry names its position and what to do", async (t) => {
  const path = join(scratch(t), "t.db");
  const store = sqlite(path);
  await write(store, "1", "good");
  await write(store, "1", "better");
  await store.close();
  const db = new DatabaseSync(path);
  db.exec(`update entry set state = '"evil"' where position = 1`);
  db.close();
  const again = sqlite(path);
  t.after(() => again.close());
  await assert.rejects(again.entries({ after: 0, limit: 9 }), /damaged at position 1.*backup/);
  await assert.rejects(
    again.entries({ after: 1, limit: 9 }),
    /damaged at position 2/,
    "what was before it is not what was written",
  );
  assert.equal(blank(ref("1")).position, null);
});
