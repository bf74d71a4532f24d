import { test } from "node:test";
import { type PostgresClient, postgres } from "tidemark/postgres";
import { type Table, testStore } from "tidemark/testing";
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
  const own = `${schema}.own`;
  const table: Table<PostgresClient> = {
    create: (client) => client.query(`create table ${own} (n serial, text text)`),
    insert: (client, text) => client.query(`insert into ${own} (text) values ($1)`, [text]),
    texts: async (client) =>
      (await client.query(`select text from ${own} order by n`)).rows.map(({ text }) => String(text)),
    commit: (client) => client.query("commit; begin"),
  };
  return { store: opened[0] as (typeof opened)[0], reopen, table, close };
});
