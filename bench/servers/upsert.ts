/**
 * A table of the latest states in PostgreSQL, for the peers that bring none.
 * @module
 */
import { peer } from "./peer.ts";

const CREATE = "create table if not exists customer (id text primary key, state jsonb not null)";
const UPSERT = `insert into customer (id, state) values ($1, $2) on conflict (id) do update set state = excluded.state`;

export async function createTable(database: string | undefined) {
  const { Pool } = peer("pg");
  const pool = new Pool({ connectionString: database, max: 10 });
  await pool.query(CREATE);
  return {
    upsert: (object: { id: string }): Promise<unknown> =>
      pool.query({ name: "upsert", text: UPSERT, values: [object.id, JSON.stringify(object)] }),
    close: (): Promise<void> => pool.end(),
  };
}
