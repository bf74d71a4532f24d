/**
 * Webhooks as Stripe sends them: a `customer.updated` of 2.8 KB, pretty-printed, signed when it is made
 * (docs.stripe.com/webhooks#verify-manually).
 * @module
 */
import { createHmac } from "node:crypto";

export const SECRET = "whsec_bench";

/** A customer of about 2.9 KB as JSON. `nonce` makes it differ from another state of the same one. */
export const customer = (id: string, nonce: string) => ({
  id,
  object: "customer",
  address: { city: "Berlin", country: "DE", line1: "Invalidenstr. 1", line2: null, postal_code: "10115", state: null },
  balance: 0,
  created: 1_700_000_000,
  currency: "eur",
  default_source: null,
  delinquent: false,
  description: `${nonce} of ${id}`,
  discount: null,
  email: `${id}@example.com`,
  invoice_prefix: id.slice(-8),
  invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
  livemode: false,
  metadata: Object.fromEntries(Array.from({ length: 24 }, (_, i) => [`key_${i}`, `${id}:${"value".repeat(8)}:${i}`])),
  name: "A Customer",
  next_invoice_sequence: 1,
  phone: null,
  preferred_locales: ["de", "en"],
  shipping: null,
  tax_exempt: "none",
  test_clock: null,
});

/** Ids have one length, so that all requests have, too. */
export const customerId = (n: number): string => `cus_${String(n).padStart(12, "0")}`;
export const numberOf = (id: string): number => Number(id.slice(4));

const MARK = "#".repeat(12);
const TEMPLATE = JSON.stringify(
  {
    id: `evt_${MARK}`,
    object: "event",
    api_version: "2026-01-28",
    created: 1_700_000_000,
    data: { object: customer(`cus_${MARK}`, "one") },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type: "customer.updated",
  },
  null,
  2,
);
const [head = "", ...rest] = TEMPLATE.split(MARK);
/** The `n`th event says that customer `of` changed. */
const bodyOf = (n: number, of: number): string =>
  [head, ...rest].join(String(of).padStart(12, "0")).replace(/evt_\d{12}/, `evt_${String(n).padStart(12, "0")}`);

/** A whole HTTP request, ready to be written to a socket. */
export function requestOf(n: number, of: number, seconds: number): Buffer {
  const body = bodyOf(n, of);
  const signature = createHmac("sha256", SECRET).update(`${seconds}.${body}`).digest("hex");
  return Buffer.from(
    "POST /webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json; charset=utf-8\r\n" +
      "User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\n" +
      `Stripe-Signature: t=${seconds},v1=${signature}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
