/**
 * Express and `@supabase/stripe-sync-engine` on PostgreSQL. With `work` it reads each object from the API anew
 * (`revalidateObjectsViaStripeApi`); it answers when the row is written.
 * @module
 */
import { SECRET } from "../harness/event.ts";
import type { Open } from "../harness/server.ts";
import { expressApp, peer } from "./peer.ts";
import { stripeClient } from "./tidemark.ts";

export const open: Open = async ({ work, api, database }, handled) => {
  const { StripeSync, runMigrations } = peer("@supabase/stripe-sync-engine");
  await runMigrations({ databaseUrl: database, schema: "stripe" });
  const sync = new StripeSync({
    poolConfig: { connectionString: database, max: 10 },
    stripeSecretKey: "sk_test_bench",
    stripeWebhookSecret: SECRET,
    backfillRelatedEntities: false,
    ...(work && { revalidateObjectsViaStripeApi: ["customer"] }),
  });
  // It takes no host for its own client: only the reads go to this one.
  const { webhooks } = sync.stripe;
  sync.stripe = Object.assign(stripeClient(api), { webhooks });
  const listener = expressApp(async (body, signature) => {
    await sync.processWebhook(body, signature);
    handled(JSON.parse(body.toString()).data.object.id);
  });
  return { listener, settled: async () => {}, close: () => sync.postgresClient.pool.end() };
};
