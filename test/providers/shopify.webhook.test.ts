/** Webhooks of Shopify: whose are they, and where do they say to look? And what asks an app to forget. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, RetryLater, WebhookRejected } from "tidemark";
import { type PrivacyRequest, shopify } from "tidemark/shopify";
import { sqlite } from "tidemark/sqlite";
import { looksOf } from "../../providers/shopify/topics.ts";
import { definitions, isType } from "../../providers/shopify/types.ts";
import { delivery, SHOPS } from "./shopify.emulator.ts";
import { deliver, open, SECRET, SHOP } from "./shopify.kit.ts";
import { EXPECTED, hintOf, recorded } from "./shopify.payloads.ts";
import { fixture } from "./shopify.schema.ts";

const everything = () => open().provider;
const refsOf = (hints: readonly { type: string; id?: string }[]) =>
  hints.map(({ type, id }) => (id === undefined ? type : `${type} ${id.replace(/^gid:\/\/shopify\/\w+\//, "")}`));

test("each recorded webhook says exactly where to look, for all types and for each alone", async () => {
  assert.equal(recorded.size, 59);
  const provider = everything();
  const alone = Object.keys(definitions)
    .filter(isType)
    .map((type) => [type, open({ types: [type] }).provider] as const);
  for (const [topic, body] of recorded) {
    const expected = EXPECTED[topic];
    assert.ok(expected, topic);
    const refs = expected === "ignored" ? [] : expected;
    assert.deepEqual(refsOf(await deliver(provider, topic, body)), refs, topic);
    for (const hint of await deliver(provider, topic, body))
      assert.deepEqual(hintOf(refsOf([hint])[0] ?? "").scope, hint.scope);
    for (const [type, one] of alone) {
      const own = refs.filter((ref) => ref === type || ref.startsWith(`${type} `));
      assert.deepEqual(refsOf(await deliver(one, topic, body)), own, `${topic} for ${type}`);
    }
  }
});

test("each of the 221 topics is known to lead somewhere, or to say nothing of these types", () => {
  const lines = fixture("topics-2026-07-ids.txt")
    .split("\n")
    .filter((line) => line.startsWith("./"));
  const topics = lines.map((line) => line.slice(2, line.indexOf(".json")));
  assert.equal(topics.length, 221);
  const silent = topics.filter((topic) => looksOf(topic).length === 0).map((topic) => topic.split("/")[0]);
  assert.deepEqual(
    new Set(silent),
    new Set([
      ...["app", "app_purchases_one_time", "app_subscriptions", "audit_events", "bulk_operations", "carts", "channels"],
      ...["checkouts", "customer_account_settings", "customer_groups", "delivery_promise_settings", "domains"],
      ...[
        "finance_app_staff_member",
        "finance_kyc_information",
        "locales",
        "markets_backup_region",
        "metafield_definitions",
      ],
      ...["payment_schedules", "payment_terms", "shipping_addresses", "subscription_billing_attempts", "tax_services"],
    ]),
  );
});

test("ids of payloads that are not recorded: edits, merges, holds, transfers, contacts, codes, a dotted topic", async () => {
  const provider = everything();
  const refs = async (topic: string, body: unknown) => refsOf(await deliver(provider, topic, body));
  const gid = (object: string, n: number) => `gid://shopify/${object}/${n}`;
  assert.deepEqual(
    await refs("orders/risk_assessment_changed", { admin_graphql_api_order_id: gid("Order", 5), provider_id: 1 }),
    ["order 5"],
  );
  const merged = {
    fulfillment_order_merges: [
      {
        fulfillment_order: { id: gid("FulfillmentOrder", 1) },
        merge_intents: [{ fulfillment_order_id: gid("FulfillmentOrder", 2) }],
      },
    ],
  };
  assert.deepEqual(await refs("fulfillment_orders/merged", merged), ["fulfillment_order 1", "fulfillment_order 2"]);
  assert.deepEqual(
    await refs("fulfillment_holds/added", {
      fulfillment_order: { id: gid("FulfillmentOrder", 3) },
      fulfillment_hold: { id: gid("FulfillmentHold", 9) },
    }),
    ["fulfillment_order 3"],
  );
  assert.deepEqual(await refs("inventory_shipments/update_tracking", { shipment_id: gid("InventoryShipment", 4) }), [
    "inventory_shipment 4",
  ]);
  assert.deepEqual(await refs("inventory_transfers/cancel", { id: gid("InventoryTransfer", 4), origin: { id: 1 } }), [
    "inventory_transfer 4",
  ]);
  assert.deepEqual(
    await refs("company_contacts/update", {
      admin_graphql_api_id: gid("CompanyContact", 1),
      company: { admin_graphql_api_id: gid("Company", 2) },
    }),
    ["company_contact 1", "company 2"],
  );
  assert.deepEqual(await refs("customer.joined_segment", { customer_id: 1, segment_id: 2 }), [
    "customer 1",
    "segment 2",
  ]);
  assert.deepEqual(await refs("customers/purchasing_summary", { customerId: gid("Customer", 8) }), ["customer 8"]);
  assert.deepEqual(await refs("customers_marketing_consent/update", { id: 7 }), ["customer 7"]);
  assert.deepEqual(await refs("fulfillment_events/create", { id: 1, fulfillment_id: 2, order_id: 3 }), [
    "fulfillment 2",
    "order 3",
  ]);
  assert.deepEqual(await refs("reverse_deliveries/attach_deliverable", { id: 1, return: { id: 2 } }), ["return 2"]);
  assert.deepEqual(
    await refs("discounts/redeemcode_added", {
      admin_graphql_api_id: gid("DiscountCodeNode", 3),
      redeem_code: { id: 1 },
    }),
    ["discount 3"],
  );
  assert.deepEqual(await refs("collection_listings/remove", { collection_listing: { collection_id: 6 } }), [
    "collection 6",
  ]);
  assert.deepEqual(
    await refs("products/update", {
      id: 1,
      variants: [{ id: 2, admin_graphql_api_id: gid("ProductVariant", 2) }],
      variant_gids: [
        { admin_graphql_api_id: gid("ProductVariant", 2) },
        { admin_graphql_api_id: gid("ProductVariant", 3) },
      ],
    }),
    ["product 1", "product_variant 2", "product_variant 3"],
  );
  // A publication that is withdrawn, and a return that is processed, may name nothing.
  assert.deepEqual(await refs("product_publications/delete", { id: null }), ["product"]);
  assert.deepEqual(await refs("collection_publications/delete", { id: null }), ["collection"]);
  assert.deepEqual(await refs("returns/process", { status: "x" }), ["return"]);
  assert.deepEqual(await refs("products/update", { title: "x" }), []);
  assert.deepEqual(await refs("fulfillment_orders/moved", { message: "5", reason: "gid://shopify/Order/5" }), []);
  for (const topic of ["app/uninstalled", "app/scopes_update"]) assert.deepEqual(await refs(topic, {}), []);
});

test("ids keep their last digit, and what is no id is none", async () => {
  const provider = everything();
  const refs = async (body: string) => refsOf(await deliver(provider, "products/update", body));
  assert.deepEqual(await refs('{"id":788032119674292922}'), ["product 788032119674292922"]);
  for (const id of [
    "-1",
    "1.5",
    "1e3",
    '"1e3"',
    "true",
    "null",
    "[1]",
    '{"id":1}',
    '"gid://shopify/Order/1"',
    '"gid://other/Product/1"',
    '"1/2"',
    '"123456789012345678901"',
  ]) {
    const found = await refs(`{"id":${id}}`);
    assert.ok(found.length === 0 || (id === "1e3" && found[0] === "product 1000"), `${id}: ${found}`);
  }
  for (const topic of ["toString/x", "__proto__/y", "constructor", ""])
    assert.deepEqual(await deliver(provider, topic, { id: 1 }), []);
});

test("a delivery names its cause and the least version, in any zone", async () => {
  const headers = {
    "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    "x-shopify-triggered-at": "2026-03-29T18:00:27.877041743Z",
    "x-shopify-event-id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
  };
  const body = { id: 1, admin_graphql_api_id: "gid://shopify/Product/1", updated_at: "2026-01-02T03:04:05-05:00" };
  const event = {
    id: headers["x-shopify-webhook-id"],
    name: "products/update",
    at: new Date("2026-03-29T18:00:27.877Z"),
  };
  const version = Date.parse("2026-01-02T08:04:05Z");
  assert.deepEqual(await deliver(everything(), "products/update", body, { headers }), [
    { type: "product", id: "gid://shopify/Product/1", version, scope: SHOP, event },
  ]);
  const [strange] = await deliver(everything(), "products/update", body, { headers: { "x-shopify-webhook-id": "1" } });
  assert.equal(strange?.event, undefined, "a counter could begin anew");
  const [, order] = await deliver(everything(), "refunds/create", { id: 1, order_id: 2, updated_at: body.updated_at });
  assert.deepEqual(order, { type: "order", id: "gid://shopify/Order/2", scope: SHOP }, "the time is the refund's");
  const [unversioned] = await deliver(everything(), "returns/update", {
    admin_graphql_api_id: "gid://shopify/Return/1",
    updated_at: body.updated_at,
  });
  assert.equal(unversioned?.version, undefined);
});

test("the vector holds: the client secret as text, over the raw bytes, in base64", async () => {
  const { secret, body, hmacBase64 } = JSON.parse(fixture("hmac-vector.json"));
  const request = (signature: string | null, name = "x-shopify-hmac-sha256") => ({
    ...{ method: "POST", url: "/", now: 0, body: Buffer.from(body) },
    headers: new Headers({
      "x-shopify-topic": "products/update",
      "x-shopify-shop-domain": SHOP,
      ...(signature !== null && { [name]: signature }),
    }),
  });
  const provider = open({ webhookSecret: ["another", secret] }).provider;
  const hints = await provider.webhook?.(request(hmacBase64));
  assert.deepEqual(Array.isArray(hints) && refsOf(hints), ["product 788032119674292922"]);
  const hex = Buffer.from(hmacBase64, "base64").toString("hex");
  for (const signature of [
    null,
    "",
    hex,
    hmacBase64.slice(0, -1),
    hmacBase64.replace("=", ""),
    hmacBase64.toLowerCase(),
    ` ${hmacBase64}=`,
  ]) {
    await assert.rejects(async () => provider.webhook?.(request(signature)), WebhookRejected, String(signature));
  }
});

test("a delivery is of the shop that it names, and that the application named", async () => {
  const body = { id: 1 };
  const provider = everything();
  assert.equal((await deliver(provider, "products/update", body, { shop: "ONE.myshopify.com" }))[0]?.scope, SHOP);
  for (const shop of ["", "one.myshopify.com.evil.example", "evil.example", "a@one.myshopify.com", "one"]) {
    await assert.rejects(deliver(provider, "products/update", body, { shop }), WebhookRejected, shop);
  }
  await deliver(provider, "products/update", body, { scope: SHOP });
  await assert.rejects(deliver(provider, "products/update", body, { scope: SHOPS[1] }), WebhookRejected);
  for (const key of ["shop_domain", "myshopify_domain"]) {
    await deliver(provider, "shop/update", { ...body, [key]: SHOP });
    await assert.rejects(deliver(provider, "shop/update", { ...body, [key]: SHOPS[1] }), WebhookRejected, key);
  }
});

test("where each shop has a secret of its own, one of them speaks for no other", async () => {
  const provider = open({ webhookSecret: (shop) => `secret of ${shop}` }).provider;
  const send = (shop: string, of: string) =>
    deliver(provider, "products/update", { id: 1 }, { shop, secret: `secret of ${of}` });
  assert.equal((await send(SHOPS[1], SHOPS[1]))[0]?.scope, SHOPS[1]);
  await assert.rejects(send(SHOPS[0], SHOPS[1]), WebhookRejected);
});

test("an event of the preview form says where to look by the variables of its query", async () => {
  const { provider } = open();
  const body = {
    topic: "Product",
    action: "update",
    handle: "x",
    query_variables: { productId: "gid://shopify/Product/5" },
    data: { product: { id: "gid://shopify/Product/6" } },
  };
  const text = JSON.stringify(body);
  const { headers } = delivery("", SHOP, text, SECRET);
  const renamed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.replace(/^x-/, ""), value]));
  const { "shopify-topic": _, ...own } = renamed as Record<string, string>;
  const send = (more: Record<string, string>) =>
    provider.webhook?.({
      method: "POST",
      url: "/",
      now: 0,
      headers: new Headers({ ...own, "shopify-topic": "Product", ...more }),
      body: Buffer.from(text),
    });
  assert.deepEqual(await send({}), [{ type: "product", id: "gid://shopify/Product/5", scope: SHOP }]);
  await assert.rejects(async () => send({ "shopify-hmac-sha256": "" }), WebhookRejected);
});

test("what asks to forget reaches the application before it is answered, and is no hint", async () => {
  const seen: PrivacyRequest[] = [];
  const { provider } = open({ onPrivacy: async (request) => void seen.push(request) });
  for (const topic of ["customers/redact", "customers/data_request", "shop/redact"]) {
    assert.deepEqual(await deliver(provider, topic, recorded.get(topic)), []);
  }
  const orders = ["299938", "280263", "220458"].map((id) => ({ type: "order", id: `gid://shopify/Order/${id}` }));
  const resources = [{ type: "customer", id: "gid://shopify/Customer/191167" }, ...orders];
  assert.deepEqual(seen, [
    { topic: "customers/redact", shop: SHOP, resources },
    { topic: "customers/data_request", shop: SHOP, resources, request: "9999" },
    { topic: "shop/redact", shop: SHOP, resources: [] },
  ]);
  assert.deepEqual(await deliver(everything(), "shop/redact", recorded.get("shop/redact")), [], "nobody wants to know");
});

test("a body that asks for a copy is never taken for one that asks to forget, nor is another shop's", async () => {
  const seen: PrivacyRequest[] = [];
  const { provider } = open({ onPrivacy: (request) => void seen.push(request) });
  const topics = ["customers/redact", "customers/data_request", "shop/redact"];
  for (const topic of topics) {
    for (const other of [...topics, "customers/update", "app/uninstalled", "products/update"]) {
      if (other === topic) continue;
      await assert.rejects(
        deliver(provider, topic, recorded.get(other) ?? "{}"),
        WebhookRejected,
        `${other} as ${topic}`,
      );
    }
    await assert.rejects(deliver(provider, topic, recorded.get(topic), { shop: SHOPS[1] }), WebhookRejected);
    await assert.rejects(deliver(provider, topic, recorded.get(topic), { secret: "wrong" }), WebhookRejected);
  }
  assert.deepEqual(seen, []);
});

test("a privacy request that the application could not take is sent again", async () => {
  const failing = open({ onPrivacy: () => Promise.reject(new Error("the database is down")) }).provider;
  await assert.rejects(deliver(failing, "shop/redact", recorded.get("shop/redact")), RetryLater);
});

test("what is redacted is erased from the log: the way through the engine", async (t) => {
  const { emulator, shop } = open();
  const [customer, order] = [
    emulator.create(shop, "Customer", { firstName: "Ann" }),
    emulator.create(shop, "Order", { email: "ann@example.com" }),
  ];
  async function forget({ topic, shop: scope, resources }: PrivacyRequest): Promise<void> {
    if (topic === "customers/redact")
      for (const { type, id } of resources) await sync.erase(`shopify.${type}`, id, { scope });
  }
  const provider = shopify({
    shops: [SHOP],
    token: "shpat_the_token_of_the_shop",
    webhookSecret: SECRET,
    types: ["customer", "order"],
    onPrivacy: forget,
    fetch: async (request) => emulator.fetch(request),
  });
  const sync = createSync({ providers: { shopify: provider }, store: sqlite(":memory:") });
  t.after(() => sync.stop());
  await sync.sweep();
  await sync.drain();
  assert.equal((await sync.get("shopify.customer", customer.id, { scope: SHOP }))?.state?.firstName, "Ann");
  const post = (topic: string, body: unknown) => {
    const { body: text, headers } = delivery(topic, SHOP, body, SECRET);
    return sync.webhook("shopify", new Request("http://x/", { method: "POST", body: Buffer.from(text), headers }));
  };
  const raw = `{"shop_domain":"${SHOP}","customer":{"id":${customer.id.split("/").at(-1)}},"orders_to_redact":[${order.id.split("/").at(-1)}]}`;
  assert.equal((await post("customers/redact", raw)).status, 202);
  assert.equal((await post("customers/redact", { shop_domain: SHOP })).status, 401);
  for await (const { after, before } of sync.changes({ follow: false }))
    assert.deepEqual([before, after], [null, null]);
  assert.equal((await sync.get("shopify.order", order.id, { scope: SHOP }))?.state ?? null, null);
});

test("an app that was removed is refused: that is lost access, and nothing is deleted", async (t) => {
  const { emulator, shop, asked } = open();
  const product = emulator.create(shop, "Product", { title: "kept" });
  const fetch = async (request: Request) => {
    asked.push({ url: request.url, token: null, query: "", variables: {} });
    return emulator.fetch(request);
  };
  const provider = shopify({
    shops: () => [SHOP],
    token: () => "shpat_the_token_of_the_shop",
    webhookSecret: SECRET,
    types: ["product"],
    fetch,
  });
  const sync = createSync({ providers: { shopify: provider }, store: sqlite(":memory:") });
  t.after(() => sync.stop());
  await sync.sweep();
  await sync.drain();
  emulator.access(false);
  const { body, headers } = delivery("app/uninstalled", SHOP, recorded.get("app/uninstalled"), SECRET);
  const before = asked.length;
  const answer = await sync.webhook(
    "shopify",
    new Request("http://x/", { method: "POST", body: Buffer.from(body), headers }),
  );
  assert.equal(answer.status, 202);
  await sync.drain();
  assert.ok(asked.length > before, "the truth is what the API says");
  assert.equal((await sync.get("shopify.product", product.id, { scope: SHOP }))?.state?.title, "kept");
  assert.ok(JSON.stringify(await sync.health()).includes("AccessLost"), "health says so");
});
