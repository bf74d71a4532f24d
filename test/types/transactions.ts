/** A handler in the store's transaction writes with the handle of that store. */
import type { DatabaseSync } from "node:sqlite";
import { createSync, defineConfig, type Provider, type Store } from "tidemark";
import { type PostgresClient, type PostgresPool, postgres } from "tidemark/postgres";
import { sqlite } from "tidemark/sqlite";
import { is } from "./is.ts";

interface Note {
  id: string;
  text: string;
}
declare const notes: Provider<{ note: Note }>;
declare const pool: PostgresPool;
declare const redis: Store<{ set(key: string, value: string): void }>;
const providers = { notes };
const once = { transaction: true } as const;

export function handles() {
  createSync({ providers }).subscribe("default", once, ({ after }, tx) => {
    is<typeof after, Note | null>(true);
    is<typeof tx, DatabaseSync>(true);
  });
  createSync({ providers, store: sqlite("a.db") }).subscribe("sqlite", once, (_, tx) =>
    is<typeof tx, DatabaseSync>(true),
  );
  createSync({ providers, store: postgres({ pool }) }).subscribe("postgres", once, async (_, tx) => {
    is<typeof tx, PostgresClient>(true);
    await tx.query("select 1");
  });
  createSync({ providers, store: redis }).subscribe("own", once, ({ id }, tx) => tx.set(id, "seen"));
  defineConfig({
    ...{ providers, store: postgres({ pool }) },
    ready: (sync) => sync.subscribe("config", once, (_, tx) => is<typeof tx, PostgresClient>(true)),
  });
}

export function wrong() {
  const sync = createSync({ providers });
  // @ts-expect-error: without a transaction there is nothing to write with
  sync.subscribe("none", (_, tx) => tx);
  // @ts-expect-error: nor with other options
  sync.subscribe("none", { initial: false }, (_, tx) => tx);
  // @ts-expect-error: the handle of SQLite has no such method
  sync.subscribe("query", once, (_, tx) => tx.query("select 1"));
}
