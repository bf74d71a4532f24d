/** What a process held that was killed: soon free for who comes next and is alone with the file, and nobody else's. */
import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { sqlite } from "tidemark/sqlite";
import { acquire } from "../../src/checkpoint.ts";
import { enter } from "../../src/store/presence.ts";
import { systemTime, ticks } from "../../src/time.ts";

function createPlace(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-presence-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "log.db");
  /** A process that holds `held by <id>`, and reads the resource of that id. */
  const hold = async (id: string, user?: number): Promise<ChildProcess> => {
    const child = fork(new URL("holder.ts", import.meta.url), [path, id, `${user ?? ""}`]);
    t.after(() => child.kill("SIGKILL"));
    assert.deepEqual(await Promise.race([once(child, "message"), once(child, "exit")]), ["held", undefined]);
    return child;
  };
  /** The store, whose clock is `ahead` milliseconds ahead. */
  const open = async () => {
    let ahead = 0;
    const store = sqlite(path, { time: { ...systemTime, now: () => Date.now() + ahead } });
    t.after(() => store.close());
    await store.open();
    /** Whether what `id` held can be had after so long: its checkpoint, and its row by a claim of what is due. */
    const isFree = async (id: string, after = 5_000): Promise<[checkpoint: boolean, row: boolean]> => {
      ahead = after;
      const { at } = await store.checkpoint({
        name: `held by ${id}`,
        step: (known, tick) => acquire(known, tick, "me", ticks(1_000)),
      });
      const { rows } = await store.update({ class: "live", providers: ["a"], limit: 10 }, (row) => ({ row }));
      return [at.holder === "me", rows.some((row) => row.id === id)];
    };
    return { store, isFree };
  };
  return { path, hold, open };
}

const kill = async (child: ChildProcess) => {
  child.kill("SIGKILL");
  await once(child, "exit");
};

test("who is killed, and started again, soon has what it held itself", async (t) => {
  const { path, hold, open } = createPlace(t);
  await kill(await hold("a"));
  const { isFree } = await open();
  assert.deepEqual(await isFree("a", 0), [false, false], "not at once");
  assert.deepEqual(await isFree("a"), [true, true]);
  assert.equal(statSync(`${path}-lock`).mode & 0o777, 0o600);
});

test("a row that is read at each of several deaths is read later each time: others come first", async (t) => {
  const { hold, open } = createPlace(t);
  for (let death = 1; death <= 4; death++) await kill(await hold("a"));
  const { store, isFree } = await open();
  // The last one leased it anew; three found it leased by the dead, and this one does.
  const { rows } = await store.update({ refs: [{ type: "a.thing", scope: "", id: "a" }] }, (row) => ({ row }));
  assert.equal(rows[0]?.attempts, 4);
  assert.deepEqual(await isFree("a", 7_000), [true, false]);
  assert.deepEqual(await isFree("a", 9_000), [true, true]);
});

test("what a process holds that is there stays its own, and so does what one held that died beside it", async (t) => {
  const { hold, open } = createPlace(t);
  const [a, b] = [await hold("a"), await hold("b")];
  await kill(b);
  const { isFree } = await open();
  assert.deepEqual(await isFree("a"), [false, false]);
  assert.deepEqual(await isFree("b"), [false, false]);
  await kill(a);
  // It was here before that one died: whether it is alone is found out by who comes.
  assert.deepEqual(await isFree("a"), [false, false]);
});

test("a store that was closed is not there any more, and one that is open is", async (t) => {
  const { hold, open } = createPlace(t);
  const first = await open();
  await kill(await hold("a"));
  await kill(await hold("b"));
  assert.deepEqual(await first.isFree("a"), [false, false], "b found this store");
  await first.store.close();
  const { isFree } = await open();
  assert.deepEqual(await isFree("a"), [true, true]);
  assert.deepEqual(await isFree("b"), [true, true]);
});

test("while one finds out whether it is alone nobody else comes in", async (t) => {
  const { path, open } = createPlace(t);
  await (await open()).store.close();
  const [db, other] = [1, 2].map(() => new DatabaseSync(path, { timeout: 0 })) as [DatabaseSync, DatabaseSync];
  const met: unknown[] = [];
  class Slow extends DatabaseSync {
    override exec(sql: string): void {
      super.exec(sql);
      if (!sql.includes("exclusive")) return;
      try {
        met.push(enter(DatabaseSync, other, path, 0));
      } catch (error) {
        met.push(error);
      }
    }
  }
  const presence = enter(Slow, db, path, 0);
  assert.match(`${met}`, /^Error: database is locked$/);
  enter(DatabaseSync, other, path, 0).leave();
  presence.leave();
  for (const one of [db, other]) one.close();
});

test("who could not come in is not there, and the lock is for whom the database is for", async (t) => {
  const { path, open } = createPlace(t);
  await (await open()).store.close();
  rmSync(`${path}-lock`);
  chmodSync(path, 0o660);
  const [db, other] = [1, 2].map(() => new DatabaseSync(path, { timeout: 0 })) as [DatabaseSync, DatabaseSync];
  db.exec("insert into checkpoint values ('held', null, 'a dead one', 9e15, 0)");
  db.exec("create trigger refuse before update on checkpoint begin select raise(abort, 'refused'); end");
  assert.throws(() => enter(DatabaseSync, db, path, 0), /refused/);
  db.exec("rollback; drop trigger refuse");
  assert.equal(statSync(`${path}-lock`).mode & 0o777, 0o660);
  const presence = enter(DatabaseSync, other, path, 0);
  const { until } = other.prepare("select until from checkpoint").get() ?? {};
  assert.ok(Number(until) < 9e15, "the other was alone");
  presence.leave();
  for (const one of [db, other]) one.close();
});

test("where no lock can be had, it is opened all the same, and what may be held is waited for", async (t) => {
  const { path, hold, open } = createPlace(t);
  mkdirSync(`${path}-lock`);
  await kill(await hold("a"));
  const { isFree } = await open();
  assert.deepEqual(await isFree("a"), [false, false]);
});

test("who may read the lock and not write it does not take itself for alone", async (t) => {
  const { path, hold, open } = createPlace(t);
  await hold("a");
  for (const end of ["", "-wal", "-shm"]) chmodSync(path + end, 0o666);
  chmodSync(dirname(path), 0o777);
  chmodSync(`${path}-lock`, 0o444);
  // Root may write everything: it comes as nobody.
  await hold("b", process.getuid?.() === 0 ? 65_534 : undefined);
  const { isFree } = await open();
  assert.deepEqual(await isFree("a"), [false, false]);
});
