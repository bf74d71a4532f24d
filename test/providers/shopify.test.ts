/** The Shopify provider: the contract of every provider. */
import { test } from "node:test";
import { shopify } from "tidemark/shopify";
import { testProvider } from "tidemark/testing";
import { WORLDS } from "./context.ts";
import { createShopify, delivery, SHOPS, TOKEN, TYPES } from "./shopify.emulator.ts";
import { payloads } from "./shopify.payloads.ts";

const secrets = ["the client secret of the app", "another secret of the app"] as const;
const types = new Set<string>(TYPES);
const bucket = (currentlyAvailable: number) => ({
  cost: { requestedQueryCost: 252, throttleStatus: { maximumAvailable: 2_000, currentlyAvailable, restoreRate: 100 } },
});
const throttled = [{ message: "Throttled", extensions: { code: "THROTTLED" } }];

testProvider(
  test,
  "shopify",
  {
    provider: ({ secrets: webhookSecret, fetch }) =>
      shopify({ shops: SHOPS, token: () => TOKEN, webhookSecret, types: TYPES, fetch }),
    webhooks: {
      ...{ secrets, payloads: payloads(types), headers: ["x-shopify-hmac-sha256"], covers: "bytes" },
      sign: ({ body, headers = {} }, secret) =>
        delivery(headers["x-shopify-topic"] ?? "", SHOPS[0], Buffer.from(body).toString(), secret),
    },
    api: {
      origins: SHOPS.map((shop) => `https://${shop}`),
      emulator: createShopify,
      throttled: [
        {
          name: "THROTTLED in a 200",
          answer: () => Response.json({ errors: throttled, extensions: bucket(52) }),
          ms: 2_000,
        },
        { name: "THROTTLED that says nothing more", answer: () => Response.json({ errors: throttled }) },
      ],
    },
  },
  { worlds: WORLDS },
);
