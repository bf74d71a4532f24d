/** The whole way with the real client against an emulated Stripe that keeps state and sends signed webhooks. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createEmulator } from "emulate";
import Stripe from "stripe";
import { createSync, type EngineEvent } from "tidemark";
import { webhook } from "tidemark/node";
import { sqlite } from "tidemark/sqlite";
import { stripe } from "tidemark/stripe";
import { fakeContext } from "./context.ts";
import { SECRET } from "./stripe.kit.ts";

interface Cleanup {
  after(run: () => unknown): void;
}

const types = ["customer", "product", "price", "payment_intent"] as const;

/** An emulated Stripe, and an engine that it sends its webhooks to. `lose`: they are lost on the way. */
async function world(t: Cleanup) {
  const network = { lose: false, lost: 0 };
  const events: EngineEvent[] = [];
  const receiver = createServer((request, response) => {
    if (network.lose) {
      network.lost++;
      request.resume().on("end", () => response.writeHead(500).end());
    } else {
      void handle(request, response);
    }
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const { port } = receiver.address() as AddressInfo;
  const webhooks = [{ url: `http://127.0.0.1:${port}/`, events: ["*"], secret: SECRET }];
  const emulator = await createEmulator({ service: "stripe", port: 0, seed: { stripe: { webhooks } } });
  const url = new URL(emulator.url);
  const address = { host: "127.0.0.1", port: url.port, protocol: "http" } as const;
  const client = new Stripe("sk_test_x", { ...address, telemetry: false });
  const sync = createSync({
    providers: { stripe: stripe({ client, webhookSecret: SECRET, types }) },
    store: sqlite(":memory:"),
    observe: (event) => void events.push(event),
  });
  const handle = webhook(sync, "stripe");
  t.after(async () => {
    await sync.stop();
    await emulator.close();
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
  });
  return { client, sync, network, events };
}

type World = Awaited<ReturnType<typeof world>>;

async function changesOf({ sync }: World, id: string) {
  const found = [];
  for await (const change of sync.changes({ follow: false })) if (change.id === id) found.push(change);
  return found;
}

/** What the log says there is, and what there is. */
async function bothSides({ sync, client }: World) {
  const known = new Map<string, unknown>();
  for await (const { type, id, after } of sync.changes({ follow: false })) {
    if (after === null) known.delete(`${type} ${id}`);
    else known.set(`${type} ${id}`, after);
  }
  const truth = new Map<string, unknown>();
  for (const [i, lists] of [client.customers, client.products, client.prices, client.paymentIntents].entries()) {
    for (const object of await lists.list({ limit: 100 }).autoPagingToArray({ limit: 1_000 })) {
      truth.set(`stripe.${types[i]} ${object.id}`, JSON.parse(JSON.stringify(object)));
    }
  }
  return { known, truth };
}

test("what webhooks tell is fetched and recorded: created, updated, deleted", async (t) => {
  const here = await world(t);
  const { client, sync, events } = here;
  await sync.drain();
  const customer = await client.customers.create({ name: "Ann", email: "ann@example.com" });
  const product = await client.products.create({ name: "Tea" });
  const price = await client.prices.create({ product: product.id, currency: "usd", unit_amount: 500 });
  const intent = await client.paymentIntents.create({ amount: 500, currency: "usd", customer: customer.id });
  await sync.drain();
  await client.customers.update(customer.id, { name: "Ann B." });
  await client.paymentIntents.cancel(intent.id);
  await sync.drain();
  await client.customers.del(customer.id);
  await sync.drain();

  const names = (await changesOf(here, customer.id)).map(({ after }) => after && "name" in after && after.name);
  assert.deepEqual(names, ["Ann", "Ann B.", null]);
  const states = (await changesOf(here, intent.id)).map(({ after }) => after && "status" in after && after.status);
  assert.deepEqual(states, ["requires_payment_method", "canceled"]);
  for (const { id } of [product, price]) assert.equal((await changesOf(here, id)).length, 1);
  for (const { id } of [customer, product, price, intent]) {
    for (const { via, causes } of await changesOf(here, id)) assert.deepEqual([via, causes], ["webhook", []]);
  }
  // That the intent has lost its customer no webhook said: only a sweep can find it.
  await sync.sweep();
  const { known, truth } = await bothSides(here);
  assert.ok(truth.size >= 3);
  assert.deepEqual(known, truth);
  assert.deepEqual(
    (await changesOf(here, intent.id)).map(({ via }) => via),
    ["webhook", "webhook", "sweep"],
  );
  assert.deepEqual(
    events.filter(({ kind }) => kind === "failed"),
    [],
    "an emulator without an event log breaks nothing",
  );
});

test("with every webhook lost the sweep finds it all, deletions too", async (t) => {
  const here = await world(t);
  const { client, sync, network } = here;
  network.lose = true;
  const kept = await client.customers.create({ name: "Kim" });
  const gone = await client.customers.create({ name: "Max" });
  const intent = await client.paymentIntents.create({ amount: 700, currency: "eur" });
  await sync.sweep();
  await client.customers.update(kept.id, { name: "Kim L." });
  await client.customers.del(gone.id);
  await client.paymentIntents.cancel(intent.id);
  assert.ok(network.lost >= 6, `${network.lost}`);
  await sync.sweep();
  await sync.drain();

  const ends = async (id: string) => (await changesOf(here, id)).map(({ after, initial }) => [after !== null, initial]);
  assert.deepEqual(await ends(kept.id), [
    [true, true],
    [true, false],
  ]);
  assert.deepEqual(await ends(gone.id), [
    [true, true],
    [false, false],
  ]);
  assert.deepEqual(await ends(intent.id), [
    [true, true],
    [true, false],
  ]);
  const { known, truth } = await bothSides(here);
  assert.ok(truth.size >= 2);
  assert.deepEqual(known, truth);
});

test("a type that the emulator does not have is not readable, and nothing of it is deleted", async (t) => {
  const { client } = await world(t);
  const provider = stripe({ client, webhookSecret: SECRET, types: ["customer", "refund"] });

  await provider.probe?.("customer", fakeContext());
  await assert.rejects(async () => provider.probe?.("refund", fakeContext()), { name: "AccessLost" });
  await assert.rejects(async () => provider.resources.refund.fetch("re_1", fakeContext()), { statusCode: 404 });
  assert.equal(await provider.resources.customer.fetch("cus_none", fakeContext()), null);
});
