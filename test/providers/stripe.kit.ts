/** What the tests of the Stripe provider share: fixtures, signed requests, and a server for the real client. */
import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Stripe from "stripe";
import type { Hint, Provider, WebhookRequest } from "tidemark";

export type Json = Record<string, unknown>;

const folder = new URL("../fixtures/stripe/", import.meta.url);
export const fixture = (path: string) => JSON.parse(readFileSync(new URL(path, folder), "utf8"));

/** A sample of every object, by its name. */
export const samples = new Map<string, Json>(
  readdirSync(new URL("resources", folder)).map((file) => [file.replace(/\.json$/, ""), fixture(`resources/${file}`)]),
);
export const sample = (name: string): Json => samples.get(name) ?? { object: name, id: `x_${name}` };

/** The types, written down once more: a test that asked the provider for them could not fail. */
export const TYPES = [
  ...(["customer", "product", "price", "subscription", "invoice", "payment_intent", "payment_method"] as const),
  ...(["charge", "refund", "dispute", "checkout.session"] as const),
  ...(["plan", "coupon", "promotion_code", "tax_rate", "subscription_schedule", "subscription_item"] as const),
  ...(["invoiceitem", "quote", "credit_note", "setup_intent", "payment_link"] as const),
  ...(["payout", "transfer", "topup", "balance_transaction"] as const),
];
/** A type, and what must be selected with it. */
export const withParent = (type: (typeof TYPES)[number]): (typeof TYPES)[number][] =>
  type === "subscription_item" ? ["subscription", type] : [type];

export const SECRET = "whsec_test_secret";
/** Seconds. */
export const NOW = 1_800_000_000;
/** A client that is never asked. */
export const idleClient = new Stripe("sk_test_x", { telemetry: false });

export const sign = (body: string, key = SECRET, time = NOW) =>
  `t=${time},v1=${createHmac("sha256", key).update(`${time}.${body}`).digest("hex")}`;

export const request = (body: string | Uint8Array, signature: string | null, now = NOW * 1_000): WebhookRequest => ({
  ...{ method: "POST", url: "/", body: Buffer.from(body), now },
  headers: { get: (name: string) => (name.toLowerCase() === "stripe-signature" ? signature : null) },
});

/** Signs an event and hands it to the provider. */
export async function deliver(
  provider: Pick<Provider, "webhook">,
  body: unknown,
  secret: string = SECRET,
): Promise<Hint[]> {
  const text = JSON.stringify(body);
  const hints = await provider.webhook?.(request(text, sign(text, secret)));
  if (!Array.isArray(hints)) throw new TypeError("a Stripe webhook is answered with hints");
  return hints;
}

export const refsOf = (hints: readonly Hint[]): string[] => hints.map(({ type, id }) => `${type} ${id}`);

/** `Checkout.Session` as the field `object` has it: `checkout.session`. */
export const wireName = (name: string): string =>
  name
    .split(".")
    .map((part) => part.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase())
    .join(".");

export type Route = (url: URL, response: ServerResponse, request: IncomingMessage) => void;

/** A server on a free port of this machine until the test ends, and the real client pointed at it. */
export async function serve(t: { after(run: () => unknown): void }, route: Route): Promise<Stripe> {
  const server = createServer((req, res) => route(new URL(req.url ?? "/", "http://x"), res, req));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  // Its own retries are on: the provider must switch them off.
  const options = { host: "127.0.0.1", port, protocol: "http", telemetry: false, maxNetworkRetries: 5 } as const;
  return new Stripe("sk_test_x", options);
}

export const json = (response: ServerResponse, status: number, body: unknown, headers = {}) =>
  void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));

export const list = (response: ServerResponse, data: readonly Json[], has_more = false) =>
  json(response, 200, { object: "list", data, has_more, url: "/" });

export const missing = (param = "id") => ({
  error: { type: "invalid_request_error", code: "resource_missing", param, message: "No such thing" },
});
