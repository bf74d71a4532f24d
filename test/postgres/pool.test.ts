/** What stores leave behind on a pool that outlives them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { postgres } from "tidemark/postgres";
import { groundFor } from "../store/postgres.kit.ts";

test("a pool that carries many stores, one after another, keeps one listener of theirs", async (t) => {
  const { pool, schema } = await groundFor(t);
  const before = pool.listenerCount("error");
  for (let n = 0; n < 20; n++) {
    const store = postgres({ pool, schema });
    await store.close();
  }
  assert.equal(pool.listenerCount("error"), before + 1);
});

test("a store that waits for a client to listen on can be closed, and gives that client back when it comes", async (t) => {
  const { url, schema, later } = await groundFor(t);
  const pool = new pg.Pool({ connectionString: url, max: 3 });
  const store = postgres({ pool, schema });
  later(() => pool.end());
  await store.open();
  const taken = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
  store.listen?.(() => {});
  assert.equal(pool.waitingCount, 1);
  await store.close();
  for (const client of taken) client.release();
  const again = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
  for (const client of again) client.release();
});
