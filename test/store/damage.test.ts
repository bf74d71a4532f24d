/**
 * Disks that lie: a torn write-ahead log, flipped bits, what somebody changed by hand. Never a state that was not written.
 * `DAMAGE=500` for more of each.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
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
import type { Store } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { createRandom } from "tidemark/testing";
import type { Row } from "../../src/row.ts";
import type { Entry } from "../../src/store.ts";
import { figure } from "../figure.ts";

const DAMAGE = Number(process.env["DAMAGE"] ?? 50);
const FLIPS = Math.max(200, 2 * DAMAGE);

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

const printOf = (entries: readonly Entry[]) => createHash("sha256").update(JSON.stringify(entries)).digest("hex");

/** A database with a committed history of 60 entries, most of it still in the write-ahead log; not closed. */
async function history(path: string): Promise<{ store: Store; written: Entry[] }> {
  const store = sqlite(path);
  for (let i = 1; i <= 60; i++) await write(store, `${i % 7}`, { i, body: "b".repeat(i * 5) });
  return { store, written: await store.entries({ after: 0, limit: 100 }) };
}

test("a write-ahead log that was torn anywhere opens as a beginning of what was committed", async (t) => {
  const directory = scratch(t);
  const { store, written } = await history(join(directory, "t.db"));
  t.after(() => store.close());
  const { int } = createRandom(1);
  for (let n = 0; n < DAMAGE; n++) {
    const path = join(directory, `torn${n}.db`);
    copyFileSync(join(directory, "t.db"), path);
    copyFileSync(join(directory, "t.db-wal"), `${path}-wal`);
    truncateSync(`${path}-wal`, int(0, statSync(`${path}-wal`).size));
    const torn = sqlite(path);
    const entries = await torn.entries({ after: 0, limit: 100 });
    assert.deepEqual(entries, written.slice(0, entries.length));
    assert.equal((await torn.head()).position, entries.length);
    await torn.close();
  }
  figure(t, "F14", `${DAMAGE} torn write-ahead logs: each a beginning of the ${written.length} entries`);
});

test("what a crash leaves has all that was acknowledged, and is a beginning of what was committed", async (t) => {
  const directory = scratch(t);
  const [path, image] = [join(directory, "t.db"), join(directory, "image.db")];
  const store = sqlite(path);
  const other = new DatabaseSync(path);
  const { int, chance } = createRandom(3);
  let acknowledged = 0;
  let running = true;
  const lane = async (name: string) => {
    for (let i = 0; running; i++) {
      await write(store, `${name}${i % 5}`, { i, body: "b".repeat(i % 900) });
      acknowledged++;
    }
  };
  const images: { known: number; length: number; print: string }[] = [];
  await write(store, "first", 0);
  const lanes = ["x", "y", "z"].map(lane);
  for (let n = 0; n < DAMAGE; n++) {
    for (let turns = int(1, 9); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    if (chance(0.2)) other.exec(`pragma wal_checkpoint(${chance(0.5) ? "passive" : "truncate"})`);
    // Nothing of this process writes while it copies.
    for (const end of ["", "-wal"]) copyFileSync(path + end, image + end);
    const known = acknowledged;
    const crashed = sqlite(image);
    const entries = await crashed.entries({ after: 0, limit: 1_000_000 });
    images.push({ known, length: entries.length, print: printOf(entries) });
    await crashed.close();
  }
  running = false;
  await Promise.all(lanes);
  const written = await store.entries({ after: 0, limit: 1_000_000 });
  other.close();
  await store.close();
  for (const { known, length, print } of images) {
    assert.ok(length > known, `${length - 1} of ${known} acknowledged writes`);
    assert.equal(print, printOf(written.slice(0, length)), "a beginning of what was committed");
  }
  figure(t, "F14", `${DAMAGE} images: 0 of ${acknowledged} acknowledged writes missing, ${written.length} entries`);
});

test("a byte that the disk changed is noticed or harmless, never a wrong entry, nor one too few", async (t) => {
  const directory = scratch(t);
  const { store, written } = await history(join(directory, "t.db"));
  await store.close();
  const { int } = createRandom(2);
  let noticed = 0;
  for (let n = 0; n < FLIPS; n++) {
    const path = join(directory, "flipped.db");
    for (const end of ["", "-wal", "-shm"]) rmSync(path + end, { force: true });
    const bytes = readFileSync(join(directory, "t.db"));
    const at = int(100, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << int(0, 7));
    writeFileSync(path, bytes);
    const flipped = sqlite(path);
    try {
      const entries = await flipped.entries({ after: 0, limit: 100 });
      assert.deepEqual(entries, written);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      noticed++;
    }
    await flipped.close();
  }
  assert.ok(noticed > FLIPS / 10, `${noticed} were noticed`);
  figure(t, "F14", `${FLIPS} bits flipped: ${noticed} noticed, the others harmless, 0 wrong entries`);
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
});

test("a hint that was kept and changed behind the store's back is noticed", async (t) => {
  const path = join(scratch(t), "t.db");
  const store = sqlite(path);
  await store.post([{ ...ref("1"), version: null, event: null, class: "live", via: "webhook" }]);
  await store.close();
  const db = new DatabaseSync(path);
  db.exec(`update inbox set notes = replace(notes, '"1"', '"2"')`);
  db.close();
  const again = sqlite(path);
  t.after(() => again.close());
  await assert.rejects(again.rows({ limit: 9 }), /the inbox is damaged at 1.*backup/);
});

test("a store whose inbox is damaged lets go of its file all the same", async (t) => {
  const path = join(scratch(t), "t.db");
  const notes = Array(10_000).fill({ ...ref("1"), version: null, event: null, class: "live", via: "webhook" });
  const store = sqlite(path);
  await store.post(notes);
  const db = new DatabaseSync(path);
  db.exec("update inbox set sum = sum + 1");
  db.close();
  const looked = assert.rejects(
    store.update({ refs: [ref("1")] }, (row) => ({ row })),
    /the inbox is damaged at 1/,
  );
  await new Promise((resolve) => setImmediate(resolve));
  await store.close();
  await looked;
  assert.equal(existsSync(`${path}-wal`), false, "the last to let go folds the log into the file");
});

for (const [what, sql] of [
  ["a state", `state = '"evil"'`],
  ["a state that is gone", "state = null"],
  ["a tick", "tick = tick + 1"],
  ["an id", "id = '2'"],
  ["a time", "at = at + 1"],
  ["what found it", "via = 'app'"],
  ["its causes", `causes = '[{"id":"x","name":"y","at":null,"tick":1,"used":true}]'`],
  ["what was before", "previous = 1"],
  ["a state of another entry", "(state, stateSum) = (select state, stateSum from entry where position = 2)"],
] as const) {
  test(`${what}, changed behind the store's back, is noticed`, async (t) => {
    const path = join(scratch(t), "t.db");
    const store = sqlite(path);
    for (const [n, id] of ["1", "1", "3", "1"].entries()) await write(store, id, n);
    await store.close();
    const db = new DatabaseSync(path);
    db.exec(`update entry set ${sql} where position = 4`);
    db.close();
    const again = sqlite(path);
    t.after(() => again.close());
    await assert.rejects(again.entries({ after: 0, limit: 9 }), {
      name: "StoreError",
      message: /damaged at position 4/,
    });
    assert.equal((await again.entries({ after: 0, limit: 3 })).length, 3, "the others can be read");
  });
}

for (const [where, position] of [
  ["first", 1],
  ["in the middle", 3],
  ["last", 5],
] as const) {
  test(`an entry that is not there is noticed: the ${where}`, async (t) => {
    const path = join(scratch(t), "t.db");
    const store = sqlite(path);
    for (const id of ["1", "2", "3", "4", "5"]) await write(store, id, id);
    await store.close();
    const db = new DatabaseSync(path);
    db.exec(`delete from entry where position = ${position}`);
    db.close();
    const again = sqlite(path);
    t.after(() => again.close());
    const expected = {
      name: "StoreError",
      message: new RegExp(`damaged at position ${position}: the entry is not there`),
    };
    await assert.rejects(again.entries({ after: 0, limit: 5 }), expected);
  });
}

test("what the database itself finds damaged says what to do", async (t) => {
  const path = join(scratch(t), "t.db");
  const { store } = await history(path);
  await store.close();
  const bytes = readFileSync(path);
  bytes.fill(0xff, 4_096 * 2);
  writeFileSync(path, bytes);
  const again = sqlite(path);
  t.after(() => again.close());
  const expected = { name: "StoreError", message: /damaged: restore it from a backup, or move it away/ };
  await assert.rejects(again.entries({ after: 0, limit: 99 }), expected);
});

test("a damaged file that was left in the middle of things is refused at the start", async (t) => {
  const directory = scratch(t);
  const { store } = await history(join(directory, "t.db"));
  const path = join(directory, "left.db");
  const db = new DatabaseSync(join(directory, "t.db"));
  db.exec(
    "pragma wal_checkpoint(truncate); insert into entry select 99, tick, type, scope, id, previous, at, via, causes, sum, stateSum, state from entry limit 1",
  );
  for (const end of ["", "-wal"]) copyFileSync(join(directory, `t.db${end}`), path + end);
  db.close();
  await store.close();
  const bytes = readFileSync(path);
  bytes.fill(0xff, bytes.length - 6_000, bytes.length - 4_000);
  writeFileSync(path, bytes);
  await assert.rejects(sqlite(path).open(), { name: "StoreError", message: /is damaged/ });
});
