/** Subscriptions over Postgres: handlers that wait in the store's own transaction, and processes that share them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, type Sync } from "tidemark";
import { postgres } from "tidemark/postgres";
import { createDesk } from "../desk.ts";
import { createGround } from "../postgres.ts";

const RESOURCES = 20;
const CHANGES = 120;

async function setUp(t: { after(run: () => unknown): void }) {
  const { pool, schema, clear } = await createGround(16);
  const store = postgres({ pool, schema });
  const syncs: Sync<never>[] = [];
  t.after(async () => {
    // Before the pool they use ends.
    for (const sync of syncs) await sync.stop();
    await store.close();
    await clear();
  });
  await store.open();
  await pool.query(`create table ${schema}.effect (n serial, cursor text, id text, who text)`);
  const write = async () => {
    for (let n = 0; n < CHANGES; n += RESOURCES) {
      const refs = Array.from({ length: RESOURCES }, (_, i) => ({ type: "other.note", scope: "", id: `${i}` }));
      await store.update({ refs }, (row, tick) => ({
        row: { ...row, present: true, print: `${n}`, first: tick, last: tick },
        append: [{ state: JSON.stringify({ id: row.id, n }), at: tick, via: "sweep", causes: [] }],
      }));
    }
  };
  const { provider } = createDesk({ feed: false });
  const join = () => {
    const own = postgres({ pool, schema });
    const sync = createSync({ providers: { desk: provider }, store: own });
    syncs.push(sync as never);
    return sync;
  };
  const effects = async () => {
    const { rows } = await pool.query(`select cursor, id, who from ${schema}.effect order by n`);
    return rows.map(({ cursor, id, who }) => ({ position: Number(String(cursor).split(".")[1]), id, who }));
  };
  return { schema, join, effects, write };
}

test("three engines share a subscription whose handlers write in the store's transaction: exactly once, in order", async (t) => {
  const { schema, join, effects, write } = await setUp(t);
  const syncs = ["a", "b", "c"].map((who) => {
    const sync = join();
    let failed = false;
    sync.subscribe("books", { transaction: true, partitions: 6 }, async ({ cursor, id }, tx) => {
      await tx.query(`insert into ${schema}.effect (cursor, id, who) values ($1, $2, $3)`, [cursor, id, who]);
      if (id === "7" && !failed) {
        failed = true;
        throw new Error("once");
      }
    });
    return sync;
  });
  for (const sync of syncs) await sync.start();
  // One that starts alone may have done it all before the next one is there.
  const members = async () => (await syncs[0]?.health())?.subscriptions[0]?.members;
  while ((await members()) !== syncs.length);
  await write();
  // What failed once is tried again within seconds.
  let all = await effects();
  while (all.length < CHANGES) all = await effects();
  assert.deepEqual(
    all.map(({ position }) => position).sort((a, b) => a - b),
    Array.from({ length: CHANGES }, (_, i) => i + 1),
  );
  const last = new Map<unknown, number>();
  for (const { id, position } of all) {
    assert.ok(position > (last.get(id) ?? 0), `${id}: ${position} after ${last.get(id)}`);
    last.set(id, position);
  }
  assert.ok(new Set(all.map(({ who }) => who)).size > 1);
});

test("a handler that ends the transaction, or goes on after a failed query, is parked and told so", async (t) => {
  const { schema, join, effects, write } = await setUp(t);
  await write();
  const sync = join();
  sync.subscribe("books", { transaction: true }, async ({ cursor, id }, tx) => {
    await tx.query(`insert into ${schema}.effect (cursor, id) values ($1, $2)`, [cursor, id]);
    if (id === "0") await tx.query("rollback");
    if (id === "1") await tx.query("select nothing from nowhere").catch(() => {});
    if (id === "2") await tx.query("rollback; begin");
  });
  await sync.drain();
  const parked = await sync.parked("books");
  assert.deepEqual(parked.map(({ id }) => id).sort(), ["0", "1", "2"]);
  for (const { error } of parked) assert.match(error, /HandlerError: .+ended the transaction itself/);
  assert.equal((await effects()).length, CHANGES - 3 * (CHANGES / RESOURCES));
});
