/** The contract of a provider, with the real client over an account in memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import Stripe from "stripe";
import type { Hint } from "tidemark";
import { stripe } from "tidemark/stripe";
import { type Figures, type Payload, type Samples, testProvider } from "tidemark/testing";
import { WORLDS } from "./context.ts";
import { STRIPE, STRIPE_TYPES, stripeEmulator } from "./stripe.emulator.ts";
import { fixture, type Json, sample, sign } from "./stripe.kit.ts";

/** An event with a recorded object. */
function eventOf(type: string, object: Json, refs: string | "ignored"): Payload {
  const body = JSON.stringify({ id: "evt_1", object: "event", type, created: 1_800_000_000, data: { object } });
  return { name: type, body, hints: refs === "ignored" ? refs : hintsOf(refs) };
}

const hintsOf = (refs: string): Hint[] =>
  refs.split(", ").map((ref) => {
    const [type = "", id = ""] = ref.split(" ");
    return { type, id };
  });

const [customer, product, price] = [sample("customer"), sample("product"), sample("price")];
const subscription = sample("subscription");
const aboutSubscription = `subscription ${subscription["id"]}, subscription_item ${subscription["id"]}/`;
/** Thin events name an object, or none. */
const thin: { none: string[] } = fixture("_thin-events.json");
const thinOf = (type: string, related_object: Json | null, refs: string | "ignored"): Payload => {
  const body = JSON.stringify({
    id: "evt_2",
    object: "v2.core.event",
    type,
    created: "2027-01-15T08:00:00Z",
    related_object,
  });
  return { name: type, body, hints: refs === "ignored" ? refs : hintsOf(refs) };
};

export const samples: Samples = {
  provider({ secrets, fetch }) {
    // As the client's own way to the network, which follows no redirect.
    const direct: typeof fetch = (input, init) => fetch(input, { ...init, redirect: "manual" });
    const httpClient = Stripe.createFetchHttpClient(direct);
    const client = new Stripe("sk_test_x", { httpClient, telemetry: false });
    return stripe({ client, webhookSecret: secrets, types: STRIPE_TYPES });
  },
  webhooks: {
    secrets: ["whsec_of_the_first_endpoint", "whsec_of_another_one"],
    sign: ({ body }, secret, at) => {
      const signature = sign(Buffer.from(body).toString(), secret, Math.floor(at / 1_000));
      return { body, headers: { "stripe-signature": signature } };
    },
    headers: ["stripe-signature"],
    covers: "bytes",
    tolerance: 300_000,
    payloads: [
      ...["created", "updated", "deleted"].flatMap((what) => [
        eventOf(`customer.${what}`, customer, `customer ${customer["id"]}`),
        eventOf(`product.${what}`, product, `product ${product["id"]}`),
        eventOf(`price.${what}`, price, `price ${price["id"]}`),
        eventOf(`customer.subscription.${what}`, subscription, aboutSubscription),
      ]),
      eventOf(
        "invoice.paid",
        { ...sample("invoice"), subscription: subscription["id"], parent: null },
        aboutSubscription,
      ),
      ...["payout.paid", "balance.available", "review.opened"].map((type) => {
        const [name = ""] = type.split(".");
        return eventOf(type, sample(name), "ignored");
      }),
      thinOf("v1.customer.updated", { id: "cus_9", type: "customer" }, "customer cus_9"),
      ...thin.none.map((type) => thinOf(type, null, "ignored")),
    ],
  },
  api: {
    origins: [STRIPE],
    emulator: stripeEmulator,
    // Stripe's client 23.1 then throws where nobody can catch it, and never answers.
    unbearable: ["200 with null", "200 with a text"],
    throttled: ["global-rate", "endpoint-rate", "global-concurrency", "resource-specific"].map((reason) => ({
      name: `429, ${reason}`,
      answer: () => {
        const error = { type: "invalid_request_error", code: "rate_limit", message: "Too many requests" };
        return Response.json({ error }, { status: 429, headers: { "stripe-rate-limited-reason": reason } });
      },
    })),
  },
};

// Recorded in docs/providers/stripe.md: one read of what a hint names, one more of the items within a subscription.
const report = ({ perChange }: Figures) => assert.ok(perChange < 2.5, `${perChange} requests for each change`);
testProvider(test, "stripe", samples, { worlds: WORLDS, report });
