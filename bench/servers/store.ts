/**
 * The store of this engine in a bench: Postgres where it is given a database, else SQLite on disk.
 * @module
 */
import { join } from "node:path";
import pg from "pg";
import type { Store } from "tidemark";
import { postgres } from "tidemark/postgres";
import { sqlite } from "tidemark/sqlite";

/** As many clients as docs/stores.md recommends. */
const CLIENTS = 5;

export interface OpenedStore {
  store: Store;
  /** Ends what the store leaves to the application. To be called when the store is closed. */
  end(): Promise<void>;
}

export function openStore(directory: string, database?: string): OpenedStore {
  if (database === undefined) return { store: sqlite(join(directory, "tidemark.db")), end: async () => {} };
  const pool = new pg.Pool({ connectionString: database, max: CLIENTS });
  return { store: postgres({ pool }), end: () => pool.end() };
}
