/** Webhooks of PayPal: whose are they, and where do they say to look? */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RetryLater, WebhookRejected } from "tidemark";
import * as kit from "./paypal.kit.ts";
import { deliver, EVENTS, event, NOW, plugin, refsOf, requestOf, sign } from "./paypal.kit.ts";

const body = kit.bytesOf("own-signed-vector/body.json");
const vector: { headers: Record<string, string>; webhook_id: string } = kit.fixture("own-signed-vector/meta.json");

/** The provider with the vector's certificate; `asked` counts what it was asked for. */
function verifier(options = {}) {
  const asked: string[] = [];
  const fetch = async ({ url }: Request) => {
    asked.push(url);
    return new Response(kit.bytesOf("own-signed-vector/test-cert.pem"));
  };
  const provider = plugin({ fetch, ...options });
  const receive = async (over: Record<string, string> = {}, now = NOW, text: Uint8Array = body) =>
    provider.webhook?.(requestOf({ headers: { ...vector.headers, ...over }, body: text }, now));
  return { receive, asked };
}

const rejected = (run: () => Promise<unknown>, what: string) =>
  assert.rejects(run, (error) => error instanceof WebhookRejected, what);

test("a signed webhook holds for one of several webhook ids, byte by byte, with one certificate for all", async () => {
  const { receive, asked } = verifier({ webhookId: ["OTHER", vector.webhook_id] });
  const hints = await receive();
  assert.deepEqual(Array.isArray(hints) && refsOf(hints), ["capture 42311647XV020574X", "order 5O190127TN364715T"]);
  await receive();
  assert.deepEqual(asked, [vector.headers["paypal-cert-url"]]);
  await rejected(() => receive({}, NOW, Buffer.concat([body, Buffer.from("\n")])), "another body");
  const rewritten = Buffer.from(JSON.stringify(JSON.parse(body.toString())));
  assert.notDeepEqual(rewritten, body);
  await rejected(() => receive({}, NOW, rewritten), "a body that was parsed and written again");
  await rejected(() => verifier({ webhookId: ["OTHER", "ANOTHER"] }).receive(), "the webhook of another app");
});

test("a certificate comes from PayPal or not at all: nothing else is asked for", async () => {
  const { receive, asked } = verifier();
  const path = "/v1/notifications/certs/CERT-1";
  const good = ["api.paypal.com", "api-m.paypal.com", "api.sandbox.paypal.com", "api-m.sandbox.paypal.com"];
  const wrong = [
    ...["api.paypal.com.evil.io", "evil.io", "paypal.com", "www.paypal.com", "api.paypal.com:8443", "api.paypal.com."],
    ...["api.paypal.com@evil.io", "evil@api.paypal.com", ":x@api.paypal.com", "API.PAYPAL.COM", "xapi.paypal.com"],
    ...["api.paypal.com%2eevil.io", "api.paypal.com\\evil.io", "[::1]", "169.254.169.254"],
  ].map((host) => `https://${host}${path}`);
  const paths = [
    ...["/", "", "/v1/notifications/certs/", "/v1/notifications/certs", "/v1/notifications/certs/a/b", `${path}?x=1`],
    ...[
      `${path}#x`,
      "/v1/notifications/certs/../../x",
      "/v1/notifications/certs/..%2fx",
      "/v1/notifications/certs/%2e",
    ],
    ...[
      "//v1/notifications/certs/x",
      "/v2/notifications/certs/x",
      "/x/v1/notifications/certs/x",
      `${path}/`,
      `${path}?`,
    ],
    ...["/v1/notifications/certs/-x", "/v1/notifications/certs/.x", `${path}%00`, `/v1/../v1/notifications/certs/x`],
  ].map((path) => `https://api.paypal.com${path}`);
  const others = [
    "http://api.paypal.com",
    "ftp://api.paypal.com",
    "file://",
    "data:",
    "",
    "//api.paypal.com",
    "javascript:",
  ];
  for (const url of [
    ...wrong,
    ...paths,
    ...others.map((begin) => begin + path),
    `https://api.paypal.com${path}${"x".repeat(2_000)}`,
  ]) {
    await rejected(() => receive({ "paypal-cert-url": url }), url);
  }
  assert.deepEqual(asked, []);
  for (const host of good) assert.ok(await receive({ "paypal-cert-url": `https://${host}${path}` }), host);
  assert.equal(asked.length, good.length);
});

test("a certificate must be in force; one that cannot be had now makes PayPal come again", async () => {
  const { receive } = verifier();
  await rejected(() => receive({}, Date.parse("2019-12-31T23:59:59Z")), "not yet");
  await rejected(() => receive({}, Date.parse("2120-01-02T00:00:00Z")), "no longer");
  const down = verifier({ fetch: async () => new Response("", { status: 503 }) });
  await assert.rejects(
    () => down.receive(),
    (error) => error instanceof RetryLater,
  );
});

test("headers are as PayPal writes them", async () => {
  const { receive, asked } = verifier();
  const sig = vector.headers["paypal-transmission-sig"] ?? "";
  // The last sign before "==" has four bits that stand for nothing.
  const same = sig.replace(/Q==$/, "R==");
  assert.notEqual(same, sig);
  assert.deepEqual(Buffer.from(same, "base64"), Buffer.from(sig, "base64"));
  const wrong: Record<string, string>[] = [
    ...["SHA1withRSA", "sha256withrsa", "none", "SHA256withECDSA"].map((algo) => ({ "paypal-auth-algo": algo })),
    ...[same, `${sig} `, sig.replaceAll("+", "-"), sig.replaceAll("=", ""), "", "x"].flatMap((text) =>
      text.trim() === sig ? [] : [{ "paypal-transmission-sig": text }],
    ),
    ...["", "2026", "1767323046", "2026-01-02 03:04:06Z", "Fri, 02 Jan 2026 03:04:06 GMT"].map((time) => ({
      "paypal-transmission-time": time,
    })),
    ...["", "a|b", `${vector.headers["paypal-transmission-id"]}|2026-01-02T03:04:06Z`, "x".repeat(129)].map((id) => ({
      "paypal-transmission-id": id,
    })),
  ];
  for (const headers of wrong) await rejected(() => receive(headers), JSON.stringify(headers));
  assert.deepEqual(asked, []);
});

test("what is signed over the strokes of another text holds for no webhook", async () => {
  // `id|time|webhook|crc` with strokes in the id would be the text of another webhook's.
  const provider = plugin({ webhookId: ["B", "A"] });
  const signed = sign(body, "A", NOW);
  assert.ok(await provider.webhook?.(requestOf(signed)));
  for (const webhookId of ["A|1", "", " ", "a b", "1\n"]) {
    assert.throws(() => plugin({ webhookId: [webhookId] }), TypeError, webhookId);
  }
});

test("the time of a webhook is checked only within a tolerance that the application names", async () => {
  const day = 86_400_000;
  assert.ok(await verifier().receive({}, NOW + 30 * day));
  const { receive } = verifier({ tolerance: 3 * day });
  const time = Date.parse(vector.headers["paypal-transmission-time"] ?? "");
  for (const off of [3 * day, -3 * day]) assert.ok(await receive({}, time + off));
  for (const off of [3 * day + 1, -3 * day - 1]) await rejected(() => receive({}, time + off), `${off}`);
});

test("webhook ids may be exchanged while it runs", async () => {
  let current = ["NEW", vector.webhook_id];
  const { receive } = verifier({ webhookId: () => current });
  assert.ok(await receive());
  current = ["NEW"];
  await rejected(() => receive(), "the old one");
});

/** Each kind of event, the resource as PayPal sends it, and where it says to look. */
const table: readonly [names: string, kind: string, resource: kit.Json, refs: string][] = [
  [
    "CHECKOUT.ORDER.APPROVED COMPLETED PROCESSED DECLINED VOIDED SAVED",
    "checkout-order",
    { id: "O1", purchase_units: [{ payments: { captures: [{ id: "C1" }, { id: "C2" }] } }] },
    "order O1, capture C1, capture C2",
  ],
  ["CHECKOUT.PAYMENT-APPROVAL.REVERSED", "checkout-order", { order_id: "O1", purchase_units: [] }, "order O1"],
  [
    "PAYMENT.AUTHORIZATION.CREATED VOIDED",
    "authorization",
    { id: "A1", supplementary_data: { related_ids: { order_id: "O1" } } },
    "authorization A1, order O1",
  ],
  [
    "PAYMENT.CAPTURE.COMPLETED PENDING DENIED DECLINED",
    "capture",
    { id: "C1", supplementary_data: { related_ids: { order_id: "O1", authorization_id: "A1" } } },
    "capture C1, order O1, authorization A1",
  ],
  [
    "PAYMENT.CAPTURE.REFUNDED REVERSED",
    "refund",
    { id: "R1", supplementary_data: { related_ids: { capture_id: "C1" } } },
    "refund R1, capture C1",
  ],
  ["PAYMENT.CAPTURE.REFUNDED REVERSED", "refund", { id: "R1" }, "refund R1"],
  [
    "PAYMENT.REFUND.PENDING FAILED",
    "refund",
    { id: "R1", links: [{ rel: "up", href: "https://api-m.paypal.com/v2/payments/captures/C1" }] },
    "refund R1, capture C1",
  ],
  [
    "PAYMENT.SALE.COMPLETED PENDING DENIED REVERSED",
    "sale",
    { id: "S1", billing_agreement_id: "I-1" },
    "sale S1, subscription I-1, subscription_transaction I-1/",
  ],
  ["PAYMENT.SALE.COMPLETED", "sale", { id: "S1", billing_agreement_id: "B-1" }, "sale S1"],
  ["PAYMENT.SALE.REFUNDED REVERSED", "refund", { id: "R1", sale_id: "S1" }, "sale S1"],
  [
    "BILLING.SUBSCRIPTION.CREATED ACTIVATED UPDATED EXPIRED CANCELLED SUSPENDED RE-ACTIVATED PAYMENT.FAILED",
    "subscription",
    { id: "I-1", plan_id: "P-1" },
    "subscription I-1, subscription_transaction I-1/, plan P-1",
  ],
  [
    "BILLING.PLAN.CREATED UPDATED ACTIVATED DEACTIVATED PRICING-CHANGE.ACTIVATED",
    "plan",
    { id: "P-1", product_id: "PROD-1" },
    "plan P-1, product PROD-1",
  ],
  ["CATALOG.PRODUCT.CREATED UPDATED", "product", { id: "PROD-1" }, "product PROD-1"],
  [
    "CUSTOMER.DISPUTE.CREATED UPDATED RESOLVED",
    "dispute",
    { id: "wrong", dispute_id: "PP-D-1", disputed_transactions: [{ seller_transaction_id: "T1" }] },
    "dispute PP-D-1, capture T1, sale T1",
  ],
  ["RISK.DISPUTE.CREATED", "dispute", { dispute_id: "PP-D-1" }, "dispute PP-D-1"],
  [
    "INVOICING.INVOICE.CREATED UPDATED SCHEDULED CANCELLED PAID REFUNDED",
    "invoices",
    { invoice: { id: "INV2-1" } },
    "invoice INV2-1",
  ],
  [
    "INVOICING.INVOICE.CREATED UPDATED SCHEDULED CANCELLED PAID REFUNDED",
    "invoicing",
    { id: "INV2-1" },
    "invoice INV2-1",
  ],
  [
    "PAYMENT.PAYOUTSBATCH.PROCESSING SUCCESS DENIED",
    "payouts",
    { batch_header: { payout_batch_id: "B1" } },
    "payout_batch B1, payout_item B1/",
  ],
  [
    "PAYMENT.PAYOUTS-ITEM.SUCCEEDED FAILED BLOCKED CANCELED DENIED HELD REFUNDED RETURNED UNCLAIMED",
    "payouts_item",
    { payout_item_id: "I1", payout_batch_id: "B1" },
    "payout_item B1/I1, payout_batch B1",
  ],
  [
    "VAULT.PAYMENT-TOKEN.CREATED DELETED DELETION-INITIATED",
    "payment_token",
    { id: "T1", customer: { id: "9" } },
    "payment_token T1",
  ],
  ["MERCHANT.ONBOARDING.COMPLETED", "merchant-onboarding", { merchant_id: "M1" }, ""],
  ["MERCHANT.PARTNER-CONSENT.REVOKED", "partner-consent", { merchant_id: "M1" }, ""],
  ["CUSTOMER.MERCHANT-INTEGRATION.CAPABILITY-UPDATED", "merchant-integration", { merchant_id: "M1" }, ""],
  ["CUSTOMER.MANAGED-ACCOUNT.ACCOUNT-CREATED", "managed-account", { id: "M1", merchant_id: "M1" }, ""],
];

/** `"A.B.C D"` stands for `A.B.C` and `A.B.D`. */
const namesOf = (text: string): string[] => {
  const [first = "", ...rest] = text.split(" ");
  return [first, ...rest.map((end) => `${first.split(".").slice(0, 2).join(".")}.${end}`)];
};

test("each event says where to look: all of them, with and without its resource type, for all types and for each", async () => {
  const all = plugin();
  const alone = kit.TYPES.map((type) => [type, plugin({ types: typesWith(type) })] as const);
  let told = 0;
  for (const [names, kind, resource, expected] of table) {
    for (const name of namesOf(names)) {
      const refs = expected === "" ? [] : expected.split(", ");
      for (const resource_type of [kind, "unheard-of", undefined, null]) {
        const hints = await deliver(all, { id: "WH-1", event_type: name, resource_type, resource });
        assert.deepEqual(refsOf(hints), refs, `${name}, ${resource_type}`);
      }
      for (const [type, provider] of alone) {
        const hints = await deliver(provider, { id: "WH-1", event_type: name, resource_type: kind, resource });
        const own = refs.filter((ref) => typesWith(type).some((one) => ref.startsWith(`${one} `)));
        assert.deepEqual(refsOf(hints), own, `${name} for ${type}`);
      }
      told++;
    }
  }
  assert.equal(told, 76);
});

function typesWith(type: (typeof kit.TYPES)[number]) {
  if (type === "subscription_transaction") return ["subscription", type] as const;
  return type === "payout_item" ? (["payout_batch", type] as const) : [type];
}

test("a hint has its event, and the version where the event carries the resource itself", async () => {
  const all = plugin();
  assert.equal(EVENTS.length, 14);
  for (const name of EVENTS) {
    const { id, event_type, create_time } = event(name);
    const hints = await deliver(all, event(name));
    assert.ok(hints.length > 0);
    for (const hint of hints) assert.deepEqual(hint.event, { id, name: event_type, at: new Date(String(create_time)) });
    assert.deepEqual(
      hints.slice(1).filter(({ version }) => version !== undefined),
      [],
      name,
    );
  }
  const [refund] = await deliver(all, {
    ...{ event_type: "PAYMENT.SALE.REFUNDED", resource_type: "refund" },
    resource: { id: "R1", sale_id: "S1", update_time: "2026-01-02T03:04:05Z" },
  });
  assert.deepEqual(refund, { type: "sale", id: "S1" });
  const [plan] = await deliver(all, event("plan_updated"));
  assert.equal(plan?.version, Date.parse("2026-01-02T03:04:05Z"));
  const [odd] = await deliver(all, { ...event("plan_updated"), resource_type: "constructor" });
  assert.deepEqual(odd, plan);
  const [nameless] = await deliver(all, { id: "", event_type: "CATALOG.PRODUCT.CREATED", resource: { id: "PROD-1" } });
  assert.deepEqual(nameless, { type: "product", id: "PROD-1" });
});

test("where nothing else tells, the resource's own link does, if it leads to PayPal", async () => {
  const all = plugin();
  const look = async (href: string) =>
    refsOf(await deliver(all, { event_type: "NEW.KIND", resource: { links: [{ rel: "x" }, { rel: "self", href }] } }));
  assert.deepEqual(await look("https://api.paypal.com/v2/checkout/orders/O1"), ["order O1"]);
  assert.deepEqual(await look("https://api-m.sandbox.paypal.com/v1/payments/sale/S1?x=1"), ["sale S1"]);
  const plan = await look("https://api.paypal.com/v1/billing/plans/P-1");
  assert.deepEqual(plan, ["plan P-1"]);
  const wrong = [
    ...[
      "https://evil.io/v2/checkout/orders/O1",
      "http://api.paypal.com/v2/checkout/orders/O1",
      "/v2/checkout/orders/O1",
    ],
    ...["https://api.paypal.com/v2/checkout/orders/O1/capture", "https://api.paypal.com/v2/checkout/orders/"],
    ...["https://api.paypal.com/v2/checkout/orders/..%2fx", "https://x@api.paypal.com/v2/checkout/orders/O1"],
    ...["https://api.paypal.com/v1/payments/payouts-item/I1", "https://api.paypal.com/x/v2/checkout/orders/O1", ""],
  ];
  for (const href of wrong) assert.deepEqual(await look(href), [], href);
  for (const links of [null, {}, "x", [null], [{ rel: "self" }], [{ rel: "self", href: 5 }]]) {
    assert.deepEqual(await deliver(all, { event_type: "NEW.KIND", resource: { links } }), []);
  }
});

test("what is signed and no event is no answer", async () => {
  for (const wrong of [null, [], {}, { event_type: 5 }, { event_type: "CATALOG.PRODUCT.CREATED", id: {} }]) {
    await assert.rejects(() => deliver(plugin(), wrong), { name: "ZodError" });
  }
  for (const resource of [
    undefined,
    null,
    "x",
    5,
    [],
    { id: 5 },
    { id: "../x" },
    { id: "" },
    { id: "x".repeat(200) },
  ]) {
    assert.deepEqual(await deliver(plugin(), { event_type: "CATALOG.PRODUCT.CREATED", resource }), []);
  }
});
