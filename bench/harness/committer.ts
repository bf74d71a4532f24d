/**
 * Commits to a log as the Postgres store does, and to a table that has no head row, and does nothing else: what keeping
 * positions without gaps costs the database.
 * @module
 */
import pg from "pg";
import { answerCalls } from "./child.ts";
import { customer } from "./event.ts";
import { now } from "./numbers.ts";

/** Transactions at once. */
const CLIENTS = 10;

const SCHEMA = `
  create table head (one boolean primary key default true check (one), position bigint not null) with (fillfactor = 10);
  insert into head (position) values (0);
  create table numbered (position bigint primary key, id text not null, state text not null);
  create table plain (position bigserial primary key, id text not null, state text not null)`;
const INSERT = {
  numbered: `with h as (update head set position = position + $1 returning position - $1 as base)
    insert into numbered select h.base + k.n, k.id, k.state
    from h, unnest($2::text[], $3::text[]) with ordinality as k (id, state, n)`,
  plain: `insert into plain (id, state)
    select k.id, k.state from unnest($2::text[], $3::text[]) as k (id, state) limit $1`,
};

let pool: pg.Pool | undefined;

const committer = {
  async open(database: string): Promise<void> {
    pool = new pg.Pool({ connectionString: database, max: CLIENTS });
    await pool.query(SCHEMA);
  },
  /** Rows per second, `size` in each transaction. */
  async commit(table: keyof typeof INSERT, size: number, seconds: number): Promise<number> {
    const ids = Array.from({ length: size }, (_, i) => `cus_${i}`);
    const values = [size, ids, ids.map((id) => JSON.stringify(customer(id, "committed")))];
    const begun = now();
    let rows = 0;
    const write = async () => {
      const client = await (pool as pg.Pool).connect();
      while (now() - begun < seconds * 1_000) {
        await client.query("begin");
        await client.query({ name: table, text: INSERT[table], values });
        await client.query("commit");
        rows += size;
      }
      client.release();
    };
    await Promise.all(Array.from({ length: CLIENTS }, write));
    return (rows * 1_000) / (now() - begun);
  },
};

export type Committer = typeof committer;

if (process.send) answerCalls(committer, () => pool?.end());
