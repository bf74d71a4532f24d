/** Scenarios of processes and stores: killed, stopped, restored from yesterday, and a week behind. `PENDING=1000000` for more. */
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import pg from "pg";
import { CursorLost, createSync, type Provider } from "tidemark";
import { postgres } from "tidemark/postgres";
import { sqlite } from "tidemark/sqlite";
import { createVirtualTime } from "tidemark/testing";
import type { Note } from "../../src/row.ts";
import { sleep } from "../../src/time.ts";
import { createDesk, memory, take, webhookOf } from "../desk.ts";
import { createGround } from "../postgres.ts";
import { handClock } from "../stories/clock.ts";
import { mortal, within } from "../stories/mortal.ts";
import { open } from "../stories/process.ts";
import { Shelf } from "../stories/shelf.ts";
import { DAY, follow, HOUR, holdBack, MINUTE, SECOND } from "./kit.ts";

/** After which nothing is held any more by a process that died. */
const OVER = HOUR + MINUTE;
const PENDING = Number(process.env["PENDING"] ?? 10_000);

for (const [when, what] of [
  ["before", "nothing was answered, and nothing is there"],
  ["after", "the sender's next try is a repeat, with one effect"],
] as const) {
  test(`a process is killed ${when} it has saved a webhook: ${what}`, async () => {
    const time = createVirtualTime();
    const store = memory(time);
    const shelf = new Shelf({ page: 0 });
    // Its first sweep is over.
    await within(time, open(shelf, { ...store, close: async () => {} }, time).drain());
    const { store: mine, died } = mortal(store, 1, when);
    const told = shelf.put("x");
    const answer = await within(time, open(shelf, mine, time).post(told), MINUTE);
    assert.deepEqual([answer, died()], [undefined, true]);
    const known = (await within(time, store.rows({ limit: 9 })))?.length;
    assert.deepEqual([known, (await store.head()).position], [when === "before" ? 0 : 1, 0]);
    const second = open(shelf, store, time);
    await within(time, second.drain());
    assert.equal(shelf.count("fetch"), known);
    assert.equal(await within(time, second.post(told)), 202);
    await within(time, second.drain());
    assert.deepEqual([await second.log(), shelf.count("fetch")], [new Map([["x", [1]]]), 1]);
    await within(time, second.sync.stop());
  });
}

test("a hint that comes while its thing is being read causes another read", async (t) => {
  const { shelf, one, states } = follow(t);
  shelf.put("x");
  await one.drain();
  await one.post(shelf.put("x"));
  const answer = holdBack(shelf, "fetch");
  const reading = one.drain();
  await answer.seen;
  await one.post(shelf.put("x"));
  answer.letGo();
  await reading;
  assert.equal(shelf.count("fetch"), 2);
  assert.deepEqual(await states("x"), [1, 2, 3]);
  await one.endsAtTruth();
});

test("a process stands still in its sweep for twice as long as it holds it: what it brings then changes nothing", async (t) => {
  const { shelf, one, other, clock } = follow(t, { versions: "none" }, { sweepEvery: DAY });
  for (const id of ["x", "y"]) shelf.put(id);
  await one.drain();
  clock.advance(25 * HOUR);
  // Its page shows one of the two, as it was: the other would be suspect by it.
  const { shown } = shelf;
  shelf.shown = () => [{ id: "x", n: 1 }];
  const page = holdBack(shelf, "list");
  const sweeping = one.drain();
  await page.seen;
  shelf.shown = shown;
  for (const id of ["x", "z"]) shelf.put(id);
  clock.advance(3 * MINUTE);
  await other.drain();
  await other.endsAtTruth();
  const calls = shelf.calls.length;
  page.letGo();
  await sweeping;
  await other.drain();
  assert.equal(shelf.calls.length, calls, "nothing is suspected, and nothing is listed again");
  await other.endsAtTruth();
});

test("a transaction that is idle in another database of the cluster, and one in this, hold up nothing", async (t) => {
  const { pool, schema, url, clear } = await createGround();
  const name = `${schema}_other`;
  await pool.query(`create database ${name}`);
  const idle = [new URL(`/${name}`, url).href, url].map((connectionString) => new pg.Client({ connectionString }));
  const { provider, put } = createDesk({ feed: false });
  const sync = createSync({ providers: { desk: provider }, store: postgres({ pool, schema }) });
  t.after(async () => {
    await sync.stop();
    for (const client of idle) await client.end();
    await pool.query(`drop database ${name}`);
    await clear();
  });
  for (const client of idle) {
    await client.connect();
    // With an id of its own, so that it is older than all that follows.
    await client.query("begin isolation level repeatable read; create temp table held (n integer)");
  }
  await sync.drain();
  for (const text of ["a", "b"]) {
    assert.equal((await sync.webhook("desk", webhookOf([put("1", text)]))).status, 202);
    await sync.drain();
  }
  const log = await take(sync.changes({ follow: false }));
  assert.deepEqual(
    log.map(({ after }) => after?.text),
    ["a", "b"],
  );
  const { rows } = await pool.query(
    "select count(*)::int as n from pg_stat_activity where state = 'idle in transaction' and backend_xid is not null and datname in ($1, current_database())",
    [name],
  );
  assert.ok(rows[0].n >= 2, "both were open all the while");
});

test("a file that was restored from yesterday: a cursor of today is lost aloud, and everything is swept", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-restored-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [path, backup] = [join(folder, "t.db"), join(folder, "yesterday.db")];
  const shelf = new Shelf();
  const clock = handClock();
  const start = () => open(shelf, sqlite(path, { time: clock }), clock);
  const yesterday = start();
  for (const id of ["x", "y"]) shelf.put(id);
  await yesterday.drain();
  await yesterday.sync.stop();
  copyFileSync(path, backup);
  clock.advance(DAY);
  const today = start();
  await today.post(shelf.put("x"), shelf.remove("y"), shelf.put("z"));
  await today.drain();
  const cursor = (await take(today.sync.changes({ follow: false }))).at(-1)?.cursor ?? assert.fail();
  await today.sync.stop();
  copyFileSync(backup, path);
  const restored = start();
  t.after(() => restored.sync.stop());
  const lost = () => assert.rejects(take(restored.sync.changes({ after: cursor, follow: false })), CursorLost);
  const lists = shelf.count("list");
  clock.advance(MINUTE);
  await lost();
  await restored.drain();
  assert.ok(shelf.count("list") > lists, "it was swept");
  await restored.endsAtTruth();
  await lost();
});

test("a consumer that dies after its effect and before that is saved has the change once more, under the same cursor", async () => {
  const time = createVirtualTime();
  const store = memory(time);
  const shelf = new Shelf();
  for (const id of ["x", "y", "z"]) shelf.put(id);
  const writer = open(shelf, store, time);
  await within(time, writer.drain());
  const cursors = (await take(writer.sync.changes({ follow: false }))).map(({ cursor }) => cursor);
  let again = 0;
  let alive = false;
  for (let at = 1; !alive; at++) {
    const heard: string[] = [];
    const run = async (mine: typeof store) => {
      const app = open(shelf, mine, time);
      app.sync.subscribe(`mail ${at}`, ({ cursor }) => heard.push(cursor));
      await within(time, app.drain());
    };
    const { store: mine, died } = mortal(store, at, "before");
    await run(mine);
    alive = !died();
    const first = heard.splice(0);
    await time.run(time.now() + OVER);
    await run(store);
    const repeated = heard.filter((cursor) => first.includes(cursor));
    again += repeated.length;
    assert.deepEqual([...new Set([...first, ...heard])], cursors, "all, in order");
    assert.equal(new Set(heard).size, heard.length, "once more at most");
  }
  assert.ok(again > 0, "one died between the two");
  await store.close();
});

test(`${PENDING.toLocaleString("en")} things that wait after a week: what a webhook names is read within seconds, and the rest is read, too`, async (t) => {
  const time = createVirtualTime();
  const store = memory(time);
  /** When each was read first. */
  const reads = new Map<string, number>();
  const ask = async (ids: string[]) => {
    await sleep(time, 200);
    for (const id of ids) reads.set(id, reads.get(id) ?? time.now());
    return ids.map((id) => ({ id }));
  };
  const provider: Provider<{ note: { id: string } }> = {
    limits: { rate: 4 },
    probe: async () => {},
    webhook: ({ body }) => JSON.parse(Buffer.from(body).toString()),
    resources: {
      note: {
        batch: 100,
        fetch: async (id) => (await ask([id]))[0] ?? null,
        fetchMany: ask,
        ...{ id: ({ id }) => id, readLag: { fetch: 0, list: 0 } },
      },
    },
  };
  const waiting = (i: number): Note => ({
    ...{ type: "desk.note", scope: "", id: `w${i}`, version: null, event: null },
    ...({ class: "poll", via: "poll" } as const),
  });
  for (let from = 0; from < PENDING; from += 5_000) {
    const notes = Array.from({ length: Math.min(5_000, PENDING - from) }, (_, i) => waiting(from + i));
    await within(time, store.post(notes));
  }
  await time.run(time.now() + 7 * DAY);
  const sync = createSync({ providers: { desk: provider }, store, time });
  await within(time, sync.start());
  let slowest = 0;
  for (let i = 0; i < 10; i++) {
    const id = `live ${i}`;
    const begun = time.now();
    const { status } = (await within(time, sync.webhook("desk", webhookOf([{ type: "note", id }])))) ?? {};
    assert.equal(status, 202);
    await time.run(begun + 5 * SECOND, () => reads.has(id));
    const at = reads.get(id) ?? assert.fail(`${id} is not read within 5 s`);
    slowest = Math.max(slowest, at - begun);
    assert.ok(reads.size < PENDING, "others wait");
  }
  const begun = time.now();
  const dirty = () => within(time, store.rows({ state: "dirty", limit: 1 }));
  while ((await dirty())?.length !== 0) {
    assert.ok(time.now() - begun < DAY, "they are read");
    await time.run(time.now() + 10 * SECOND);
  }
  assert.equal(reads.size, PENDING + 10);
  t.diagnostic(`read within ${slowest} ms; all in ${Math.round((time.now() - begun) / SECOND)} s`);
  await within(time, sync.stop());
});
