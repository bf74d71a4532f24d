import { test } from "node:test";
import { postgres } from "tidemark/postgres";
import { testStore } from "tidemark/testing";
import { createGround } from "../postgres.ts";

testStore(test, "postgres", async (time) => {
  const { pool, schema, clear } = await createGround();
  const opened = [postgres({ pool, schema, time })];
  const reopen = async () => {
    const store = postgres({ pool, schema, time });
    opened.push(store);
    return store;
  };
  const close = async () => {
    for (const store of opened) await store.close();
    await clear();
  };
  return { store: opened[0] as (typeof opened)[0], reopen, close };
});
