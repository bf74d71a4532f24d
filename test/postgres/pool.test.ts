/** What stores leave behind on a pool that outlives them. */
import assert from "node:assert/strict";
import { test } from "node:test";
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
