/**
 * `@supabase/stripe-sync-engine` on PostgreSQL, with the migrations and the backfill of its README; as it comes, and with
 * `revalidateObjectsViaStripeApi`.
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { peer } from "../../bench/servers/peer.ts";
import type { Kind } from "../service/account.ts";
import { STRIPE_SECRET, stripeDialect, stripeId } from "../service/stripe.ts";
import type { Place, Running, Subject } from "../subject.ts";
import { bodyOf, lockTables, queryOnce } from "./kit.ts";

const tables: Readonly<Record<Kind, string>> = {
  ...{ product: "stripe.products", charge: "stripe.charges", subscription: "stripe.subscriptions" },
};

async function open({ url, database }: Place, revalidate: readonly Kind[]): Promise<Running> {
  const { StripeSync } = peer("@supabase/stripe-sync-engine");
  const { default: Stripe = peer("stripe") } = peer("stripe");
  const sync = new StripeSync({
    ...{ poolConfig: { connectionString: database, max: 10 }, stripeSecretKey: "sk_test_x" },
    ...{ stripeWebhookSecret: STRIPE_SECRET, revalidateObjectsViaStripeApi: revalidate },
  });
  // It takes no host for its client: what asks for the API's objects goes to the case's service.
  const { hostname, port } = new URL(url);
  const { webhooks } = sync.stripe;
  const client = new Stripe("sk_test_x", { host: hostname, port, protocol: "http", telemetry: false });
  sync.stripe = Object.assign(client, { webhooks });
  return {
    // Its README ends at `processWebhook`: what throws there is answered as a handler that failed.
    async listener(request: IncomingMessage, response: ServerResponse) {
      const done = sync.processWebhook(await bodyOf(request), request.headers["stripe-signature"]);
      const status = await done.then(
        () => 200,
        () => 500,
      );
      response.writeHead(status).end();
    },
    settle: async () => {},
    look: () => sync.syncBackfill({ object: "all" }),
    async states(kind, id) {
      const text = `select metadata->>'n' as n from ${tables[kind]} where id = $1`;
      const { rows } = await sync.postgresClient.query(text, [stripeId(kind, id)]);
      // A row without its metadata is there, and has no state that the API ever gave.
      return rows.map(({ n }: { n: string | null }) => (n === null ? Number.NaN : Number(n)));
    },
    close: () => sync.close(),
  };
}

let migrated: string | undefined;
async function clear(database: string): Promise<void> {
  const { runMigrations } = peer("@supabase/stripe-sync-engine");
  if (migrated !== database) await runMigrations({ databaseUrl: database, schema: "stripe" });
  migrated = database;
  await queryOnce(database, `truncate ${Object.values(tables).join(", ")} cascade`);
}

const common = {
  ...{ package: "@supabase/stripe-sync-engine", file: "stripe-sync-engine", dialect: stripeDialect, database: true },
  ...{ clear, stall: ({ database = "" }: Place) => lockTables(database, Object.values(tables)) },
  remarks: { looks: "after a backfill, which you run" },
};
export const stripeSyncEngine: readonly Subject[] = [
  {
    ...{ ...common, column: "stripe-sync-engine", name: "stripe-sync-engine", does: ["webhooks", "looks"] },
    open: (place) => open(place, []),
  },
  {
    ...{ ...common, column: "the same, revalidating", name: "the same, revalidating" },
    does: ["webhooks", "reads", "looks"],
    open: (place) => open(place, ["product", "charge", "subscription"]),
  },
];
