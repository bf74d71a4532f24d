/**
 * Express, `constructEvent` and graphile-worker on PostgreSQL, set as its documentation does for many small jobs: a local
 * queue, and jobs completed in batches. 50 jobs at once: read the object from the API, write it to PostgreSQL.
 * @module
 */
import { SECRET } from "../harness/event.ts";
import type { Open } from "../harness/server.ts";
import { expressApp, peer } from "./peer.ts";
import { stripeClient } from "./tidemark.ts";
import { startWork } from "./upsert.ts";

export const open: Open = async ({ api, database }, handled) => {
  const { Logger, run, WorkerPreset } = peer("graphile-worker");
  const work = await startWork({ api, database }, handled);
  const fast = { concurrentJobs: 50, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
  const runner = await run({
    ...{ connectionString: database, noHandleSignals: true, taskList: { webhook: work.perform } },
    logger: new Logger(() => () => {}),
    preset: { extends: [WorkerPreset], worker: { ...fast, maxPoolSize: 10 } },
  });
  const { webhooks } = stripeClient();
  const listener = expressApp(async (body, signature) => {
    work.take();
    await runner.addJob("webhook", webhooks.constructEvent(body, signature, SECRET));
  });
  const close = async () => {
    await runner.stop();
    await work.close();
  };
  return { listener, settled: work.settled, close };
};
