/**
 * One of several processes on one database: it takes webhooks, reads, follows the log, and hands each change to a subscription
 * that all of them share. It tells its parent what it answered and what it saw.
 */
import { flushCompileCache } from "node:module";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { createSync, type EngineEvent, type Provider } from "tidemark";
import { postgres } from "tidemark/postgres";
import { systemTime, type Time } from "../../src/time.ts";
import type { Told, WorkerOptions } from "./fleet.ts";

const { url, schema, api, rate, base, after, book }: WorkerOptions = JSON.parse(process.argv[2] ?? "{}");
const tell = (told: Told) => process.send?.(told);
/** The engine's clock runs as much faster as the server's, so that nobody waits minutes for what a dead process held. */
const time: Time = {
  ...systemTime,
  now: () => base + (systemTime.now() - base) * rate,
  after: (ms, run, hold) => systemTime.after(ms / rate, run, hold),
};
const provider: Provider<{ thing: { id: string; value: number } }> = {
  limits: { rate: 1e6 },
  webhook: ({ body }) => [{ type: "thing", id: Buffer.from(body).toString() }],
  probe: async () => {},
  resources: {
    thing: {
      async fetch(id, { signal }) {
        const answer = await fetch(`${api}/${id}`, { signal, headers: { worker: String(process.pid) } });
        return (await answer.json()) as { id: string; value: number };
      },
      id: ({ id }) => id,
      readLag: { fetch: 0, list: 0 },
    },
  },
};
const pool = new pg.Pool({ connectionString: url, max: 5 });
const store = postgres({ pool, schema });
const observe = (event: EngineEvent) => {
  if (event.kind === "read" && (event.outcome === "older" || event.outcome === "unordered")) tell({ kind: "refused" });
};
const sync = createSync({ providers: { a: provider }, store, concurrency: 16, time, observe });
if (book) {
  sync.subscribe("book", { transaction: true }, async ({ cursor, id }, client) => {
    await client.query(`insert into ${schema}_book.page (position, id) values ($1, $2)`, [cursor.split(".")[1], id]);
  });
}

process.on("message", async ({ number, id }: { number: number; id: string }) => {
  const { status } = await sync.webhook("a", new Request("http://x/", { method: "POST", body: id }));
  tell({ kind: "answered", number, status });
});
process.on("disconnect", () => process.exit());

/** As an application does: what throws is begun again after the last change. */
async function follow(): Promise<void> {
  for (let cursor = after; ; await pause(50)) {
    try {
      for await (const change of sync.changes({ after: cursor })) {
        cursor = change.cursor;
        tell({ kind: "saw", cursor });
      }
    } catch (error) {
      tell({ kind: "trouble", message: String(error) });
    }
  }
}

await sync.start();
tell({ kind: "ready" });
flushCompileCache();
await follow();
