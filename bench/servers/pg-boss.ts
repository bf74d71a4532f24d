/**
 * Express, `constructEvent` and pg-boss on PostgreSQL. With `work`, woken by NOTIFY and fetching on while there is more, 50
 * jobs at once: read the object from the API, write it to PostgreSQL. Without, the jobs are only kept.
 * @module
 */
import { SECRET } from "../harness/event.ts";
import type { Open } from "../harness/server.ts";
import { expressApp, peer } from "./peer.ts";
import { stripeClient } from "./tidemark.ts";
import { startWork } from "./upsert.ts";

const FAST = { batchSize: 25, localConcurrency: 2, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 };

export const open: Open = async ({ work, api, database }, handled) => {
  const { PgBoss } = await import(peer.resolve("pg-boss"));
  const own = { max: 10, supervise: false, schedule: false, useListenNotify: work };
  const boss = new PgBoss({ connectionString: database, ...own });
  boss.on("error", console.error);
  await boss.start();
  await boss.createQueue("webhooks", { notify: work });
  const jobs = work ? await startWork({ api, database }, handled) : undefined;
  if (jobs) {
    const perform = (batch: { data: never }[]) => Promise.all(batch.map(({ data }) => jobs.perform(data)));
    await boss.work("webhooks", FAST, perform);
  }
  const { webhooks } = stripeClient();
  const listener = expressApp(async (body, signature) => {
    const event = webhooks.constructEvent(body, signature, SECRET);
    jobs?.take();
    await boss.send("webhooks", event);
  });
  const close = async () => {
    await boss.stop({ graceful: false });
    await jobs?.close();
  };
  return { listener, settled: async () => jobs?.settled(), close };
};
