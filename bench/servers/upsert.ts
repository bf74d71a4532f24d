/**
 * What a queue's job does: reads the object of an event from the API, and writes it to a table of the latest states.
 * @module
 */
import { peer } from "./peer.ts";
import { stripeClient } from "./tidemark.ts";

const CREATE = "create table if not exists customer (id text primary key, state jsonb not null)";
const UPSERT = `insert into customer (id, state) values ($1, $2) on conflict (id) do update set state = excluded.state`;

export interface Work {
  /** A job was taken. */
  take(): void;
  perform(event: { data: { object: { id: string } } }): Promise<void>;
  /** Resolves when as many were performed as were taken. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** @param handled is called with the id of each customer whose state was written */
export async function startWork(
  { api, database }: { api?: number | undefined; database?: string | undefined },
  handled: (id: string) => void,
): Promise<Work> {
  const { Pool } = peer("pg");
  const pool = new Pool({ connectionString: database, max: 10 });
  await pool.query(CREATE);
  const client = stripeClient(api);
  let owed = 0;
  return {
    take: () => void owed++,
    async perform({ data }) {
      const object = await client.customers.retrieve(data.object.id);
      await pool.query({ name: "upsert", text: UPSERT, values: [object.id, JSON.stringify(object)] });
      owed--;
      handled(object.id);
    },
    async settled() {
      while (owed > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    close: () => pool.end(),
  };
}
