import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { createSync, type Store } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { type Table, testStore } from "tidemark/testing";
import type { Row } from "../../src/row.ts";
import { systemTime } from "../../src/time.ts";

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

const table: Table<DatabaseSync> = {
  create: (db) => db.exec("create table own (text text)"),
  insert: (db, text) => db.prepare("insert into own values (?)").run(text),
  texts: (db) =>
    db
      .prepare("select text from own order by rowid")
      .all()
      .map(({ text }) => String(text)),
  commit: (db) => db.exec("commit; begin"),
};

testStore(test, "sqlite in memory", async (time) => {
  const store = sqlite(":memory:", { time });
  return { store, table, close: () => store.close() };
});

testStore(test, "sqlite in a file", async (time) => {
  const directory = mkdtempSync(join(tmpdir(), "tidemark-store-"));
  const path = join(directory, "t.db");
  const store = sqlite(path, { time });
  const close = async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { store, reopen: async () => sqlite(path, { time }), table, close };
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
  await assert.rejects(sqlite(path).head(), /could not be opened: it is not a database of Tidemark/);
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

test("a database of an older version keeps what it holds, and takes hints", async (t) => {
  const path = join(scratch(t), "old.db");
  const old = sqlite(path);
  await write(old, "1", "a");
  await old.checkpoint({ name: "c", step: (at) => ({ ...at, value: "5" }) });
  const { log } = await old.head();
  await old.close();
  const db = new DatabaseSync(path);
  db.exec("drop table inbox; pragma user_version = 1");
  db.close();
  const store = sqlite(path);
  t.after(() => store.close());
  await store.post([{ ...ref("1"), version: null, event: null, class: "live", via: "webhook" }]);
  assert.notEqual((await store.rows({ limit: 9 }))[0]?.due, null);
  const { log: same, position } = await store.head();
  assert.deepEqual([same, position, (await store.checkpoints("c", "", 9))[0]?.value], [log, 1, "5"]);
});

test("many notes of one post are put to their rows in several transactions: a webhook need not wait for all", async (t) => {
  const path = join(scratch(t), "many.db");
  const store = sqlite(path);
  t.after(() => store.close());
  const note = (id: string) => ({ ...ref(id), version: null, event: null, class: "live", via: "webhook" }) as const;
  await store.post(Array.from({ length: 20_000 }, (_, i) => note(`${i}`)));
  const db = new DatabaseSync(path, { readOnly: true });
  t.after(() => db.close());
  const put = () => Number(db.prepare("select count(*) as count from row").get()?.["count"]);
  const [[met, putWhenMet], putWhenKept] = await Promise.all([
    store.update({ refs: [ref("1")] }, (row) => ({ row })).then(({ rows }) => [rows[0]?.due !== null, put()] as const),
    store.post([note("late")]).then(put),
  ]);
  assert.ok(putWhenKept < 10_000, `${putWhenKept} notes were put to their rows before a webhook was kept`);
  assert.deepEqual([met, putWhenMet], [true, 20_001]);
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
    post: (...all) => (full ? Promise.reject(new Error("full")) : inner.post(...all)),
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

test("a group that cannot begin leaves no open transaction", async (t) => {
  const path = join(scratch(t), "t.db");
  const store = sqlite(path);
  t.after(() => store.close());
  await store.open();
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec("alter table head rename to away");
  await assert.rejects(write(store, "1", 1), { name: "StoreError", message: /could not be written/ });
  other.exec("alter table away rename to head");
  await write(store, "1", 1);
  assert.equal((await store.head()).position, 1);
});

test("a job that fails in the middle of its writes is undone alone, and a reader meets nothing that is undone", async (t) => {
  const store = sqlite(":memory:", { maxBytes: 200_000 });
  t.after(() => store.close());
  const reads: Promise<number>[] = [];
  const look = (row: Row) => {
    reads.push(store.entries({ after: 0, limit: 99 }).then((entries) => entries.length));
    return record(1)(row);
  };
  const jobs = Array.from({ length: 20 }, (_, n) => store.update({ refs: [ref(`${n}`)] }, look));
  jobs.push(write(store, "too large", "x".repeat(500_000)));
  const results = await Promise.allSettled(jobs);
  assert.deepEqual(
    results.map(({ status }) => status),
    [...Array.from({ length: 20 }, () => "fulfilled"), "rejected"],
    "the disk was full for the one that needs too much of it",
  );
  assert.equal(reads.length, 40, "the group was undone, and each of its jobs ran once more");
  assert.deepEqual(new Set(await Promise.all(reads)), new Set([20]));
  assert.equal((await store.head()).position, 20, "its positions were given back");
});

test("what cannot be brought to the disk is not acknowledged", async (t) => {
  const path = join(scratch(t), "t.db");
  const store = sqlite(path);
  t.after(() => store.close());
  await store.open();
  rmSync(`${path}-wal`);
  await assert.rejects(write(store, "1", "a"), { name: "StoreError", message: /could not be brought to the disk/ });
  await assert.rejects(store.head(), { name: "StoreError" });
});

test("what was erased is in none of the files any more, nor in the next ones", async (t) => {
  const directory = scratch(t);
  const path = join(directory, "t.db");
  const store = sqlite(path);
  t.after(() => store.close());
  const secret = "4c07-a-secret-".repeat(2_000);
  for (const id of ["1", "2", "1"]) await write(store, id, { secret });
  const found = () => ["", "-wal"].filter((end) => existsSync(path + end) && readFileSync(path + end).includes("4c07"));
  assert.deepEqual(found(), ["-wal"]);
  await store.erase({ ref: ref("1") });
  await store.erase({ provider: "a", scope: "" });
  assert.deepEqual(found(), []);
});

test("close waits for what is under way, also where another store has the same file", async (t) => {
  const path = join(scratch(t), "t.db");
  const [one, two] = [sqlite(path), sqlite(path)];
  t.after(() => two.close());
  await Promise.all([one.open(), two.open()]);
  let saved = false;
  const writing = write(one, "1", "a").then(() => {
    saved = true;
  });
  await one.close();
  assert.ok(saved);
  await writing;
  const again = sqlite(path);
  const [{ position }] = await Promise.all([again.head(), two.close()]);
  assert.equal(position, 1);
  await again.close();
});

test("what cannot be opened says why, and does not stay so", async (t) => {
  const directory = scratch(t);
  await assert.rejects(sqlite(directory).open(), { name: "StoreError", message: /give the path of a file/ });
  const path = join(directory, "t.db");
  writeFileSync(path, "not a database, and long enough to be read as the header of one. ".repeat(20));
  const store = sqlite(path);
  t.after(() => store.close());
  await assert.rejects(store.open(), { name: "StoreError", message: /not a database of Tidemark/ });
  rmSync(path);
  await store.open();
  assert.equal((await store.head()).position, 0);
});

test("what is held by another process is told as that", async (t) => {
  const path = join(scratch(t), "t.db");
  const other = new DatabaseSync(path);
  other.exec(
    "pragma locking_mode = exclusive; pragma journal_mode = wal; create table x (y); insert into x values (1)",
  );
  t.after(() => other.close());
  await assert.rejects(sqlite(path).open(), { name: "StoreError", message: /another process holds it/ });
});

test("a page of rare types, and what is owed, are found without reading or sorting everything", async (t) => {
  const path = join(scratch(t), "t.db");
  const store = sqlite(path);
  await write(store, "1", 1);
  const plans: string[] = [];
  const db = new DatabaseSync(path);
  t.after(() => db.close());
  t.after(() => store.close());
  const { prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.prepare = function (sql: string) {
    if (sql.startsWith("select")) {
      const plan = prepare.call(db, `explain query plan ${sql}`).all();
      plans.push(plan.map(({ detail }) => detail).join("; "));
    }
    return prepare.call(this, sql);
  };
  t.after(() => {
    DatabaseSync.prototype.prepare = prepare;
  });
  await store.entries({ after: 0, limit: 9, types: ["a.thing"], scope: "" });
  await store.entries({ after: 0, limit: 9, ref: ref("1"), newest: true });
  await store.rows({ state: "dirty", type: "a.thing", scope: "", limit: 9 });
  await store.rows({ state: "failing", limit: 9 });
  await store.update({ class: "live", providers: ["a"], limit: 9 }, () => undefined);
  assert.equal(plans.length, 5);
  for (const plan of plans) {
    assert.match(plan, /PRIMARY KEY \(rowid>|INDEX/, plan);
    assert.doesNotMatch(plan, /TEMP B-TREE/, plan);
  }
});
