/**
 * This engine: SQLite on disk with `synchronous = FULL`, or Postgres where it is given a database; the Stripe plugin with the
 * official client.
 * @module
 */
import Stripe from "stripe";
import { createSync, type Provider, type Sync } from "tidemark";
import { webhook } from "tidemark/node";
import { stripe } from "tidemark/stripe";
import { SECRET } from "../harness/event.ts";
import type { Open, ServerOptions } from "../harness/server.ts";
import { openStore } from "./store.ts";

/** Reads at once, as many as the peers are given. */
const CONCURRENCY = 50;

export const stripeClient = (port = 1) =>
  new Stripe("sk_test_bench", { host: "127.0.0.1", port, protocol: "http", telemetry: false });

/** A plugin that is not held to Stripe's own rate limit: the bench is to meet the engine's limits. */
export function providerOf(api: number | undefined, backfill: "all" | "none"): Provider {
  const client = stripeClient(api);
  return {
    ...stripe({ client, webhookSecret: SECRET, types: ["customer"], backfill }),
    limits: { rate: 1e9 },
  } as Provider;
}

export function openSync({ directory, api, database }: ServerOptions) {
  const { store, end } = openStore(directory, database);
  const sync = createSync({
    providers: { stripe: providerOf(api, "none") },
    ...{ store, concurrency: CONCURRENCY },
  });
  const dirty = async () => (await store.rows({ state: "dirty", limit: 1 })).length > 0;
  const settled = async () => {
    while (await dirty()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const close = async () => {
    await sync.stop();
    await end();
  };
  return { sync, settled, close };
}

export const open: Open = async (options, handled) => {
  const { sync, settled, close } = openSync(options);
  if (options.work) await startWork(sync, handled);
  return { listener: webhook(sync, "stripe"), settled: options.work ? settled : async () => {}, close };
};

async function startWork(sync: Sync<{ stripe: Provider }>, handled: (id: string) => void): Promise<void> {
  sync.subscribe("bench", ({ id }) => handled(id));
  await sync.start();
}
