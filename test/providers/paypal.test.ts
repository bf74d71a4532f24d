/** The PayPal provider: what every provider promises, against an emulated PayPal. */
import { test } from "node:test";
import type { Hint } from "tidemark";
import { paypal } from "tidemark/paypal";
import { type Payload, type Samples, testProvider } from "tidemark/testing";
import { WORLDS } from "./context.ts";
import { emulatePayPal } from "./paypal.emulator.ts";
import { bytesOf, certificateHost, OTHER_WEBHOOK_ID, sign, WEBHOOK_ID } from "./paypal.kit.ts";

const CREATED = Date.parse("2026-01-02T03:04:05Z");
const at = (time: string) => Date.parse(`2026-01-${time}Z`);

/** Where each recorded event says to look. */
const hints: Readonly<Record<string, readonly Hint[]>> = {
  authorization_created: [
    { type: "authorization", id: "0VF52814937998046", version: CREATED },
    { type: "order", id: "8U481631H66031715" },
  ],
  capture_completed: [
    { type: "capture", id: "42311647XV020574X", version: at("02T03:04:01") },
    { type: "order", id: "5O190127TN364715T" },
  ],
  capture_refunded__carries_refund: [
    { type: "refund", id: "1Y107995YT783435V", version: at("02T03:14:01") },
    { type: "capture", id: "42311647XV020574X" },
  ],
  catalog_product_created: [{ type: "product", id: "PROD-XXCD1234QWER65782", version: at("01T00:00:00") }],
  checkout_order_approved: [{ type: "order", id: "5O190127TN364715T", version: at("02T03:04:00") }],
  dispute_created__dispute_id: [
    { type: "dispute", id: "PP-D-12345", version: CREATED },
    { type: "capture", id: "42311647XV020574X" },
    { type: "sale", id: "42311647XV020574X" },
  ],
  invoice_paid__flat: [{ type: "invoice", id: "INV2-Z56S-5LLA-Q52L-CPZ5" }],
  invoice_paid__nested: [{ type: "invoice", id: "INV2-Z56S-5LLA-Q52L-CPZ5", version: at("01T00:00:00") }],
  payouts_item_succeeded: [
    { type: "payout_item", id: "CDZEC5MJ8R5HY/VHBFGN95AWV82", version: CREATED },
    { type: "payout_batch", id: "CDZEC5MJ8R5HY" },
  ],
  payoutsbatch_success: [
    { type: "payout_batch", id: "CDZEC5MJ8R5HY", version: CREATED },
    { type: "payout_item", id: "CDZEC5MJ8R5HY/" },
  ],
  plan_updated: [
    { type: "plan", id: "P-5ML4271244454362WXNWU5NQ", version: CREATED },
    { type: "product", id: "PROD-XXCD1234QWER65782" },
  ],
  sale_completed__subscription_payment: [
    { type: "sale", id: "80021663DE681814L" },
    { type: "subscription", id: "I-BW452GLLEP1G" },
    { type: "subscription_transaction", id: "I-BW452GLLEP1G/" },
  ],
  subscription_activated: [
    { type: "subscription", id: "I-BW452GLLEP1G", version: CREATED },
    { type: "subscription_transaction", id: "I-BW452GLLEP1G/" },
    { type: "plan", id: "P-5ML4271244454362WXNWU5NQ" },
  ],
  vault_payment_token_created: [{ type: "payment_token", id: "nkq2y9g" }],
};

const ignored = (event_type: string, resource: object): Payload => ({
  name: event_type,
  body: JSON.stringify({ id: "WH-1", event_type, resource_type: "merchant-onboarding", resource }),
  hints: "ignored",
});

/** The provider and its service. */
const samples: Samples = {
  provider: ({ secrets, fetch }) =>
    paypal({
      clientId: "client",
      clientSecret: "secret",
      webhookId: secrets,
      pollEvery: 30_000,
      fetch,
      url: "https://api-m.sandbox.paypal.com",
    }),
  webhooks: {
    secrets: [WEBHOOK_ID, OTHER_WEBHOOK_ID],
    sign: ({ body }, webhookId, time) => sign(body, webhookId, time),
    headers: ["id", "time", "sig"]
      .map((name) => `paypal-transmission-${name}`)
      .concat("paypal-cert-url", "paypal-auth-algo"),
    covers: "bytes",
    fetch: certificateHost,
    payloads: [
      ...Object.entries(hints).map(([name, hints]) => ({
        name,
        body: bytesOf(`synthetic-events/${name}.json`),
        hints,
      })),
      ignored("MERCHANT.ONBOARDING.COMPLETED", { merchant_id: "RD465XN5VS364" }),
      ignored("MERCHANT.PARTNER-CONSENT.REVOKED", { merchant_id: "RD465XN5VS364" }),
    ],
  },
  api: { origins: ["https://api-m.sandbox.paypal.com"], emulator: emulatePayPal },
};

testProvider(test, "paypal", samples, { worlds: WORLDS });
