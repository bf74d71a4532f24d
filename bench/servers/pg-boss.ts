/**
 * Express, `constructEvent` and pg-boss on PostgreSQL; the jobs are only kept.
 * @module
 */
import { SECRET } from "../harness/event.ts";
import type { Open } from "../harness/server.ts";
import { expressApp, peer } from "./peer.ts";
import { stripeClient } from "./tidemark.ts";

export const open: Open = async ({ database }) => {
  const { PgBoss } = await import(peer.resolve("pg-boss"));
  const boss = new PgBoss({ connectionString: database, max: 10, supervise: false, schedule: false });
  boss.on("error", console.error);
  await boss.start();
  await boss.createQueue("webhooks");
  const { webhooks } = stripeClient();
  const listener = expressApp(async (body, signature) => {
    await boss.send("webhooks", webhooks.constructEvent(body, signature, SECRET));
  });
  return { listener, settled: async () => {}, close: () => boss.stop({ graceful: false }) };
};
