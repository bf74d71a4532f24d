/** Webhooks of Stripe: whose are they, and where do they say to look? */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, RetryLater, WebhookRejected } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { stripe } from "tidemark/stripe";
import { fakeContext } from "./context.ts";
import * as kit from "./stripe.kit.ts";
import { deliver, idleClient, type Json, NOW, refsOf, request, SECRET, sign, TYPES, withParent } from "./stripe.kit.ts";

const everything = stripe({ client: idleClient, webhookSecret: SECRET });
const events: { type: string; obj: string }[] = kit.fixture("_events.json");

/** Ids that any event's object is given, so that whatever it may point at is there. */
const pointers = {
  ...{ customer: "cus_9", subscription: "sub_9", invoice: "in_9", charge: "ch_9", payment_intent: "pi_9" },
  ...{ product: "prod_9", price: "price_9", payment_method: "pm_9", latest_charge: "ch_9", parent: null },
  ...{ balance_transaction: "txn_9", failure_balance_transaction: null, balance_transactions: [{ id: "txn_8" }] },
  ...{ coupon: "co_9", promotion_code: "promo_9", setup_intent: "seti_9", payment_link: "plink_9" },
  ...{ released_subscription: "sub_8", original_payout: "po_9", source: { coupon: "co_8" } },
};

/** Where else to look, by the object that an event carries. Objects that are not here: only at themselves, if at all. */
const alsoAt: Readonly<Record<string, readonly string[]>> = {
  invoice: ["subscription sub_9"],
  charge: ["balance_transaction txn_9"],
  refund: ["charge ch_9", "payment_intent pi_9", "balance_transaction txn_9"],
  dispute: ["charge ch_9", "balance_transaction txn_8"],
  payout: ["balance_transaction txn_9", "payout po_9"],
  ...{ transfer: ["balance_transaction txn_9"], topup: ["balance_transaction txn_9"] },
  "checkout.session": ["payment_intent pi_9", "setup_intent seti_9", "subscription sub_9", "payment_link plink_9"],
  ...{ invoice_payment: ["invoice in_9"], invoiceitem: ["invoice in_9"], credit_note: ["invoice in_9"] },
  subscription_schedule: ["subscription sub_9", "subscription sub_8"],
  discount: ["customer cus_9", "subscription sub_9", "promotion_code promo_9", "coupon co_9", "coupon co_8"],
  "entitlements.active_entitlement_summary": ["customer cus_9"],
  review: ["charge ch_9", "payment_intent pi_9"],
  ...{ card: ["customer cus_9"], source: ["customer cus_9"] },
};

/** `CustomerSource` stands for several objects, `InvoiceItem` is written without a stroke. */
const carried = (obj: string): string =>
  ({ CustomerSource: "card", InvoiceItem: "invoiceitem" })[obj] ?? kit.wireName(obj);

function eventOf(type: string, obj: string): { body: Json; refs: string[] } {
  const name = carried(obj);
  const id = type === "invoice.upcoming" ? undefined : `x_${name}`;
  const object = { ...kit.sample(name), object: name, ...pointers, id };
  const own = TYPES.some((one) => one === name);
  const self = !own ? [] : id === undefined ? ["customer cus_9"] : [`${name} ${id}`];
  const body = { id: `evt_${type}`, object: "event", type, created: NOW, data: { object } };
  const refs = [...self, ...(alsoAt[name] ?? [])];
  const items = refs.flatMap((ref) => (ref.startsWith("subscription ") ? [`subscription_item ${ref.slice(13)}/`] : []));
  return { body, refs: [...refs, ...items] };
}

test("each of the 275 event types says exactly where to look, for all types and for each alone", async () => {
  assert.equal(events.length, 275);
  const alone = TYPES.map((type) => stripe({ client: idleClient, webhookSecret: SECRET, types: withParent(type) }));
  let mapped = 0;
  for (const { type, obj } of events) {
    const { body, refs } = eventOf(type, obj);
    const hints = await deliver(everything, body);
    assert.deepEqual(refsOf(hints), refs, type);
    for (const { event } of hints)
      assert.deepEqual(event, { id: `evt_${type}`, name: type, at: new Date(NOW * 1_000) });
    for (const [i, provider] of alone.entries()) {
      const own = refs.filter((ref) => withParent(TYPES[i] as never).some((type) => ref.startsWith(`${type} `)));
      assert.deepEqual(refsOf(await deliver(provider, body)), own, `${type} for ${TYPES[i]}`);
    }
    if (refs.length > 0) mapped++;
  }
  assert.equal(mapped, 128);
});

test("the feed asks for exactly the events that say something of its types, if there are at most 20", async (t) => {
  let asked = new URLSearchParams();
  const client = await kit.serve(t, (url, response) => {
    asked = url.searchParams;
    kit.list(response, []);
  });
  for (const type of TYPES) {
    const { feeds } = stripe({ client, webhookSecret: SECRET, types: withParent(type) });
    await feeds?.["events"]?.poll(null, fakeContext());
    const names = [...asked].filter(([key]) => key.startsWith("types[")).map(([, name]) => name);
    const ours = (ref: string) => withParent(type).some((one) => ref.startsWith(`${one} `));
    const said = events.filter(({ type: name, obj }) => eventOf(name, obj).refs.some(ours));
    const expected = said.length > 20 ? [] : said.map(({ type: name }) => name);
    assert.deepEqual(new Set(names), new Set(expected), type);
  }
});

test("each event type is answered 202 by the engine, as saved or as of no use", async (t) => {
  const outcomes: string[] = [];
  const sync = createSync({
    providers: { stripe: everything },
    store: sqlite(":memory:"),
    observe: (event) => void (event.kind === "webhook" && outcomes.push(event.outcome)),
  });
  t.after(() => sync.stop());
  for (const { type, obj } of events) {
    const { body, refs } = eventOf(type, obj);
    const text = JSON.stringify(body);
    const headers = { "stripe-signature": sign(text, SECRET, Math.floor(Date.now() / 1_000)) };
    const answer = await sync.webhook("stripe", new Request("http://x/", { method: "POST", body: text, headers }));
    assert.equal(answer.status, 202, type);
    assert.equal(outcomes.at(-1), refs.length > 0 ? "accepted" : "ignored", type);
  }
});

test("each of the thin event types says where its object is, if it is one of ours", async () => {
  const { none, singleton, rel }: { none: string[]; singleton: string[]; rel: Record<string, string[]> } =
    kit.fixture("_thin-events.json");
  const thin = (type: string, related_object?: Json) =>
    deliver(everything, {
      id: "evt_1",
      object: "v2.core.event",
      type,
      created: "2026-01-02T03:04:05.678Z",
      related_object,
    });
  let mapped = 0;
  for (const [name, types] of Object.entries(rel)) {
    const wire = kit.wireName(name.replace(/^V1/, ""));
    const own = name.startsWith("V1") && TYPES.some((type) => type === wire);
    for (const type of types) {
      const at = new Date("2026-01-02T03:04:05.678Z");
      const event = { id: "evt_1", name: type, at };
      const items = wire === "subscription" ? [{ type: "subscription_item", id: "x_1/", event }] : [];
      const expected = own ? [{ type: wire, id: "x_1", event }, ...items] : [];
      assert.deepEqual(await thin(type, { id: "x_1", type: wire, url: "/v1/x/x_1" }), expected, type);
      if (own) mapped++;
    }
  }
  assert.ok(mapped >= 120, `${mapped}`);
  for (const type of none) assert.deepEqual(await thin(type), []);
  for (const type of singleton) assert.deepEqual(await thin(type, { type: "customer", url: "/v1/balance" }), []);
});

test("a thin event and its snapshot event count as one", async () => {
  const related_object = { id: "cus_1", type: "customer", url: "/v1/customers/cus_1" };
  const thin = { object: "v2.core.event", id: "evt_thin", type: "v1.customer.updated", snapshot_event: "evt_snapshot" };
  assert.deepEqual(await deliver(everything, { ...thin, related_object }), [
    { type: "customer", id: "cus_1", event: { id: "evt_snapshot", name: "v1.customer.updated" } },
  ]);
});

test("an event without an id, or whose object does not say what it is, still says where to look", async () => {
  const bare = { type: "customer.updated", data: { object: { object: "customer", id: "cus_1" } } };
  assert.deepEqual(await deliver(everything, bare), [{ type: "customer", id: "cus_1" }]);
  const nameless = { type: "customer.subscription.updated", data: { object: { id: "sub_1" } } };
  assert.deepEqual(refsOf(await deliver(everything, nameless)), ["subscription sub_1", "subscription_item sub_1/"]);
});

test("an invoice's subscription is found in either of its places, once, expanded or not", async () => {
  const invoice = (more: Json) =>
    deliver(everything, { type: "invoice.paid", data: { object: { object: "invoice", ...more } } });
  const expected = ["invoice in_1", "subscription sub_1", "subscription_item sub_1/"];
  const parent = { subscription_details: { subscription: "sub_1" } };
  assert.deepEqual(refsOf(await invoice({ id: "in_1", parent })), expected);
  assert.deepEqual(refsOf(await invoice({ id: "in_1", subscription: "sub_1", parent })), expected);
  assert.deepEqual(refsOf(await invoice({ id: "in_1", subscription: { id: "sub_1" } })), expected);
});

test("names from the outside are only ever names", async () => {
  for (const object of ["toString", "constructor", "__proto__", "hasOwnProperty"]) {
    const body = { id: "evt_1", type: object, data: { object: { object, id: "x" } } };
    assert.deepEqual(await deliver(everything, body), []);
    const thin = { id: "evt_1", object: "v2.core.event", type: object, related_object: { id: "x", type: object } };
    assert.deepEqual(await deliver(everything, thin), []);
  }
});

test("events of connected accounts are of no use: their objects are not this account's", async () => {
  const object = { object: "customer", id: "cus_1" };
  assert.deepEqual(await deliver(everything, { type: "customer.updated", data: { object }, account: "acct_1" }), []);
  const related_object = { id: "cus_1", type: "customer" };
  const thin = { id: "evt_1", object: "v2.core.event", type: "v1.customer.updated", related_object };
  assert.deepEqual(refsOf(await deliver(everything, { ...thin, context: null })), ["customer cus_1"]);
  assert.deepEqual(await deliver(everything, { ...thin, context: "acct_1" }), []);
});

test("with connected accounts, each secret speaks of its own accounts alone", async () => {
  const common = { client: idleClient, types: ["customer"] as const, accounts: ["acct_1"] };
  const platform = stripe({ ...common, webhookSecret: SECRET, connectSecret: ["whsec_connect", "whsec_rolled"] });
  const object = { object: "customer", id: "cus_1" };
  const own = { type: "customer.updated", data: { object } };
  const connected = { ...own, account: "acct_1" };
  const thin = {
    ...{ id: "evt_1", object: "v2.core.event", type: "v1.customer.updated" },
    related_object: { id: "cus_1", type: "customer" },
  };
  const at = (scope: string, event?: object) => [{ type: "customer", id: "cus_1", ...event, scope }];
  const heard = { event: { id: "evt_1", name: "v1.customer.updated" } };
  assert.deepEqual(await deliver(platform, own), at(""));
  assert.deepEqual(await deliver(platform, thin), at("", heard));
  for (const secret of ["whsec_connect", "whsec_rolled"]) {
    assert.deepEqual(await deliver(platform, connected, secret), at("acct_1"));
    assert.deepEqual(await deliver(platform, { ...thin, context: "acct_1" }, secret), at("acct_1", heard));
    for (const event of [own, { ...own, account: "" }, { ...thin, context: null }]) {
      await assert.rejects(() => deliver(platform, event, secret), WebhookRejected);
    }
  }
  for (const event of [connected, { ...thin, context: "acct_1" }]) {
    await assert.rejects(() => deliver(platform, event), WebhookRejected);
  }
  await assert.rejects(() => deliver(platform, connected, "whsec_other"), WebhookRejected);

  const deaf = stripe({ ...common, webhookSecret: SECRET });
  await assert.rejects(() => deliver(deaf, connected), WebhookRejected);
  assert.deepEqual(await deliver(deaf, own), at(""));
  const both = stripe({ ...common, webhookSecret: SECRET, connectSecret: SECRET });
  assert.deepEqual([await deliver(both, own), await deliver(both, connected)], [at(""), at("acct_1")]);
  for (const connectSecret of ["", "whsec_", []]) {
    assert.throws(() => stripe({ ...common, webhookSecret: SECRET, connectSecret }), /stripe\(\{ connectSecret \}\)/);
  }
});

test("a deauthorized account is named by an event that is of no use: its reads say so", async () => {
  const platform = stripe({
    client: idleClient,
    webhookSecret: SECRET,
    connectSecret: "whsec_c",
    accounts: ["acct_1"],
  });
  const object = { object: "application", id: "ca_1" };
  const event = { type: "account.application.deauthorized", account: "acct_1", data: { object } };
  assert.deepEqual(await deliver(platform, event, "whsec_c"), []);
});

// -- Signatures ---------------------------------------------------------------------------------------------------------

const event = JSON.stringify({
  id: "evt_1",
  type: "customer.updated",
  data: { object: { object: "customer", id: "cus_1" } },
});
const good = sign(event);
const v1 = (body: string, key: string, time = NOW) => sign(body, key, time).split(",")[1];
const rejects = (header: string | null, body: string | Uint8Array = event, now = NOW * 1_000, provider = everything) =>
  assert.rejects(
    async () => provider.webhook?.(request(body, header, now)),
    WebhookRejected,
    String(header).slice(0, 99),
  );

test("the signature vectors hold, and not with another secret or a byte more", async () => {
  const { vectors } = kit.fixture("_signature-vectors.json");
  assert.equal(vectors.length, 3);
  for (const { payload, secret, timestamp, header } of vectors) {
    const provider = stripe({ client: idleClient, webhookSecret: secret });
    // What is signed but no event is refused after the signature held.
    await assert.rejects(async () => provider.webhook?.(request(payload, header, timestamp * 1_000)), {
      name: "ZodError",
    });
    await rejects(header, `${payload} `, timestamp * 1_000, provider);
    await rejects(header, payload, timestamp * 1_000, stripe({ client: idleClient, webhookSecret: `${secret}x` }));
  }
});

test("a good signature holds: one of several, of a secret being rolled, with schemes that are not known", async () => {
  const rolled = stripe({ client: idleClient, webhookSecret: [SECRET, "whsec_old"] });
  for (const header of [
    ...[good, sign(event, "whsec_old")],
    `t=${NOW},${v1(event, "whsec_gone")},${v1(event, SECRET)}`,
    `t=${NOW},v0=${"0".repeat(64)},${v1(event, SECRET)},v2=x,=,nothing`,
    `${v1(event, SECRET)},t=${NOW}`,
    ` t = ${NOW} , ${v1(event, SECRET)} `,
  ]) {
    assert.deepEqual(await rolled.webhook?.(request(event, header)), [
      { type: "customer", id: "cus_1", event: { id: "evt_1", name: "customer.updated" } },
    ]);
  }
});

test("a bad signature is rejected, whatever is wrong with it", async () => {
  const hex = good.slice(-64);
  for (const header of [
    ...[null, "", ",", "=", "t", "v1", "t=", "v1=", "t=,v1=", `t=${NOW}`, `t=${NOW},v1=`, `v1=${hex}`, hex],
    ...[good.replace("v1=", "v0="), good.replace("v1=", "v11="), good.replace("v1=", "v1"), good.replace("t=", "tt=")],
    ...[
      good.slice(0, -1),
      good.slice(0, -2),
      `${good}0`,
      `${good}==`,
      good.toUpperCase(),
      `t=${NOW},v1=${hex.toUpperCase()}`,
    ],
    ...[sign(event, "whsec_other"), sign(event, ""), sign(event, SECRET.slice("whsec_".length)), sign(`${event} `)],
    ...[
      good.replace(`t=${NOW}`, `t=${NOW + 1}`),
      good.replace(`t=${NOW}`, `t=0${NOW}`),
      good.replace(`t=${NOW}`, `t=+${NOW}`),
    ],
    ...[
      `t=${NOW},${good}`,
      `${good},t=${NOW}`,
      `t=${NOW - 1},${good}`,
      `t=1e9,v1=${hex}`,
      `t=-1,v1=${hex}`,
      `t=NaN,v1=${hex}`,
    ],
    ...[`${good},${"v0=x,".repeat(500)}`, "a".repeat(1_000_000), "t=".repeat(400), ",".repeat(1_000)],
  ]) {
    await rejects(header);
  }
});

test("a time is digits, even where the signature holds", async () => {
  for (const time of ["NaN", "", " ", "-0", `${NOW}.5`, `+${NOW}`, `${NOW}e0`, "0x6b49d200"]) {
    await rejects(sign(event, SECRET, time as never));
  }
});

test("only the very bytes that were signed are believed", async () => {
  await rejects(good, JSON.stringify(JSON.parse(event), null, 1));
  await rejects(good, `\uFEFF${event}`);
  await rejects(good, event.replace("cus_1", "cus_2"));
  await rejects(good, "");
  const odd = Buffer.concat([Buffer.from(event.slice(0, -1)), Buffer.from([0x2c, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])]);
  await rejects(sign(odd.toString()), odd);
});

test("a signature holds for 300 seconds, either way", async () => {
  for (const seconds of [300, -300])
    assert.ok(await everything.webhook?.(request(event, good, (NOW + seconds) * 1_000)));
  for (const seconds of [300.001, -300.001, 86_400, -86_400]) await rejects(good, event, (NOW + seconds) * 1_000);
});

test("an empty secret is refused at once; one that a function gives makes the sender come again", async () => {
  for (const webhookSecret of [
    "",
    " ",
    "whsec_",
    [],
    [""],
    [SECRET, ""],
    undefined as never,
    null as never,
    5 as never,
  ]) {
    assert.throws(() => stripe({ client: idleClient, webhookSecret }), /stripe\(\{ webhookSecret \}\)/);
  }
  for (const webhookSecret of [() => "", () => [], () => [""], () => Promise.reject(new Error("vault"))]) {
    const provider = stripe({ client: idleClient, webhookSecret });
    await assert.rejects(async () => provider.webhook?.(request(event, sign(event, ""))), RetryLater);
  }
  const current = ["whsec_old"];
  const provider = stripe({ client: idleClient, webhookSecret: () => current });
  assert.ok(await provider.webhook?.(request(event, sign(event, "whsec_old"))));
  current[0] = "whsec_new";
  await rejects(sign(event, "whsec_old"), event, NOW * 1_000, provider);
});

test("what is signed but no event is refused without its content", async () => {
  for (const body of [
    "",
    "{",
    "null",
    "[]",
    '"secret"',
    "{}",
    '{"type":5}',
    '{"type":"x","data":{}}',
    '{"object":"v2.core.event"}',
  ]) {
    await assert.rejects(
      async () => everything.webhook?.(request(body, sign(body))),
      (error: Error) => !(error instanceof WebhookRejected),
      body,
    );
  }
});
