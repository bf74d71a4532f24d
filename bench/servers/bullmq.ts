/**
 * Express, `constructEvent` and BullMQ on a Redis that syncs each write (`appendfsync always`). With `work`, 50 jobs at
 * once: read the object from the API, write it to PostgreSQL.
 * @module
 */
import { SECRET } from "../harness/event.ts";
import type { Open } from "../harness/server.ts";
import { expressApp, peer } from "./peer.ts";
import { stripeClient } from "./tidemark.ts";
import { createTable } from "./upsert.ts";

export const open: Open = async ({ work, api, redis, database }, handled) => {
  const { Queue, Worker } = peer("bullmq");
  const connection = { host: "127.0.0.1", port: redis, maxRetriesPerRequest: null };
  const queue = new Queue("webhooks", { connection, defaultJobOptions: { removeOnComplete: true, attempts: 5 } });
  const client = stripeClient(api);
  const table = work ? await createTable(database) : undefined;
  // biome-ignore lint/suspicious/noExplicitAny: the peers are loaded without their types
  const perform = async ({ data }: any) => {
    const object = await client.customers.retrieve(data.data.object.id);
    await table?.upsert(object);
    handled(object.id);
  };
  const worker = work ? new Worker("webhooks", perform, { connection, concurrency: 50 }) : undefined;
  const listener = expressApp(async (body, signature) => {
    const event = client.webhooks.constructEvent(body, signature, SECRET);
    await queue.add(event.type, event, { jobId: event.id });
  });
  const settled = async () => {
    while (work && (await queue.getJobCountByTypes("waiting", "active", "delayed")) > 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const close = async () => {
    await worker?.close(true);
    await queue.close();
    await table?.close();
  };
  return { listener, settled, close };
};
