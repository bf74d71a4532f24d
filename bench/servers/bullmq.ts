/**
 * Express, `constructEvent` and BullMQ on a Redis that syncs each write (`appendfsync always`). With `work`, 50 jobs at
 * once: read the object from the API, write it to PostgreSQL.
 * @module
 */
import { SECRET } from "../harness/event.ts";
import type { Open } from "../harness/server.ts";
import { expressApp, peer } from "./peer.ts";
import { stripeClient } from "./tidemark.ts";
import { startWork } from "./upsert.ts";

export const open: Open = async ({ work, api, redis, database }, handled) => {
  const { Queue, Worker } = peer("bullmq");
  const connection = { host: "127.0.0.1", port: redis, maxRetriesPerRequest: null };
  const queue = new Queue("webhooks", { connection, defaultJobOptions: { removeOnComplete: true, attempts: 5 } });
  const { webhooks } = stripeClient();
  const jobs = work ? await startWork({ api, database }, handled) : undefined;
  // biome-ignore lint/suspicious/noExplicitAny: the peers are loaded without their types
  const worker = jobs && new Worker("webhooks", ({ data }: any) => jobs.perform(data), { connection, concurrency: 50 });
  const listener = expressApp(async (body, signature) => {
    const event = webhooks.constructEvent(body, signature, SECRET);
    jobs?.take();
    await queue.add(event.type, event, { jobId: event.id });
  });
  const close = async () => {
    await worker?.close(true);
    await queue.close();
    await jobs?.close();
  };
  return { listener, settled: async () => jobs?.settled(), close };
};
