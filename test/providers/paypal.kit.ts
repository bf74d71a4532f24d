/** What the tests of the PayPal provider share: fixtures, signed webhooks, and a PayPal that answers as a test says. */
import { createHash, sign as rsaSign } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import type { Hint, Provider, WebhookRequest } from "tidemark";
import { type PayPalOptions, type PayPalType, paypal } from "tidemark/paypal";
import type { Delivery } from "tidemark/testing";

export type Json = Record<string, unknown>;

const folder = new URL("../fixtures/paypal/", import.meta.url);
export const bytesOf = (path: string): Buffer => readFileSync(new URL(path, folder));
export const fixture = (path: string) => JSON.parse(bytesOf(path).toString());
/** The names of the recorded events. */
export const EVENTS = readdirSync(new URL("synthetic-events", folder)).map((file) => file.replace(/\.json$/, ""));
export const event = (name: string): Json => fixture(`synthetic-events/${name}.json`);

export const CERT_URL = "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-TEST-0002";
export const WEBHOOK_ID = "1JE4291016473214C";
export const OTHER_WEBHOOK_ID = "9RV90911RC856315B";
export const NOW = Date.parse("2026-01-02T03:04:10Z");

/** The types, written down once more: a test that asked the provider for them could not fail. */
export const TYPES = [
  ...(["order", "authorization", "capture", "refund", "sale"] as const),
  ...(["subscription", "subscription_transaction", "plan", "product", "dispute", "invoice"] as const),
  ...(["payout_batch", "payout_item", "payment_token"] as const),
];

const key = bytesOf("own-small-key/test-key.pem");
const certificate = bytesOf("own-small-key/test-cert.pem");

/** Answers for the certificate, and for nothing else. */
export const certificateHost = (request: Request): Response =>
  request.url === CERT_URL ? new Response(certificate) : new Response("", { status: 404 });

/** Signs as PayPal does, for a webhook. The same arguments give the same headers. */
export function sign(body: string | Uint8Array, webhookId: string, at: number): Delivery {
  const time = `${new Date(at).toISOString().slice(0, 19)}Z`;
  const digest = createHash("sha256").update(body).update(`${webhookId} ${time}`).digest("hex");
  const id = digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
  const signature = rsaSign("RSA-SHA256", Buffer.from(`${id}|${time}|${webhookId}|${crc32(body)}`), key);
  const headers = {
    "paypal-transmission-id": id,
    "paypal-transmission-time": time,
    "paypal-transmission-sig": signature.toString("base64"),
    "paypal-cert-url": CERT_URL,
    "paypal-auth-algo": "SHA256withRSA",
  };
  return { headers, body };
}

/** A webhook as it arrives. */
export const requestOf = ({ headers, body }: Delivery, now = NOW): WebhookRequest => ({
  ...{ method: "POST", url: "http://x/", headers: new Headers(headers), body: Buffer.from(body), now },
});

/** The provider, with whatever a test gives it. */
export const plugin = <const T extends PayPalType = PayPalType>(options: Partial<PayPalOptions<T>> = {}) =>
  paypal<T>({
    ...{ clientId: "client", clientSecret: "secret", webhookId: WEBHOOK_ID },
    ...{ fetch: async (request: Request) => certificateHost(request), ...options },
  });

/** What a signed event makes the provider say. */
export async function deliver(provider: Provider, body: unknown): Promise<Hint[]> {
  const hints = await provider.webhook?.(requestOf(sign(JSON.stringify(body), WEBHOOK_ID, NOW)));
  return Array.isArray(hints) ? hints : [];
}

export const refsOf = (hints: readonly Hint[]): string[] => hints.map(({ type, id }) => `${type} ${id}`);

/** A PayPal that grants tokens and answers the rest as it is told. `asked`: what else was asked for. */
export function serve(answer: (url: URL, request: Request) => Response | Promise<Response>) {
  const asked: URL[] = [];
  let tokens = 0;
  const fetch = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    if (url.pathname === "/v1/oauth2/token") return grant(`token-${++tokens}`);
    asked.push(url);
    return answer(url, request);
  };
  return { fetch, asked, granted: () => tokens };
}

export const grant = (access_token: string, expires_in = 32_400): Response =>
  Response.json({ access_token, token_type: "Bearer", expires_in, scope: "", app_id: "APP-80W284485P519543T" });

/** What PayPal says where there is nothing. */
export const notFound = (name = "RESOURCE_NOT_FOUND", issue = "INVALID_RESOURCE_ID"): Response =>
  Response.json({ name, message: "…", debug_id: "90957fca61718", details: [{ issue }] }, { status: 404 });
