/** The options of the Stripe provider, and what they make of its types. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type Stripe from "stripe";
import { createSync, type StateOf, type TypeOf } from "tidemark";
import { stripe } from "tidemark/stripe";
import { idleClient as client, SECRET, sample, TYPES, withParent } from "./stripe.kit.ts";

const webhookSecret = SECRET;

test("a wrong option fails at once and says what to write", () => {
  for (const wrong of [undefined, null, {}, "sk_test_x", { rawRequest: true }]) {
    assert.throws(() => stripe({ client: wrong as never, webhookSecret }), {
      name: "TypeError",
      message: /new Stripe\(key\)/,
    });
  }
  for (const name of ["invoices", "stripe.invoice", "toString", "", 5]) {
    const message = new RegExp(
      `there is no "${name}"; there are: customer, product, price, .*, checkout.session, .*, balance_transaction$`,
    );
    assert.throws(() => stripe({ client, webhookSecret, types: ["invoice", name as never] }), {
      name: "TypeError",
      message,
    });
  }
  for (const types of [[], "invoice", null]) {
    const message = /must name at least one type, or be left out for all: customer, /;
    assert.throws(() => stripe({ client, webhookSecret, types: types as never }), { name: "TypeError", message });
  }
  for (const backfill of [new Date("x"), "some", "2026-01-01", 5, null]) {
    const message = /must be "all", "none" or a valid Date/;
    assert.throws(() => stripe({ client, webhookSecret, backfill: backfill as never }), { name: "TypeError", message });
  }
});

test("the types are those that were selected, every one by default", () => {
  const all = stripe({ client, webhookSecret });
  assert.deepEqual(Object.keys(all.resources), TYPES);
  const some = stripe({ client, webhookSecret, types: ["invoice", "checkout.session", "invoice"] });
  assert.deepEqual(Object.keys(some.resources), ["invoice", "checkout.session"]);
  assert.deepEqual(some.feeds?.["events"]?.types, ["invoice", "checkout.session"]);
  // @ts-expect-error it was not selected
  assert.equal(some.resources.customer, undefined);
});

test("the types of a change are known from the options alone", () => {
  const providers = { stripe: stripe({ client, webhookSecret, types: ["invoice", "customer"] }) };
  const type: TypeOf<typeof providers>[] = ["stripe.invoice", "stripe.customer"];
  // @ts-expect-error it was not selected
  type.push("stripe.charge");
  const total = (invoice: StateOf<typeof providers, "stripe.invoice">): number => invoice.total;
  const typed: (invoice: Stripe.Invoice) => number = total;
  assert.equal(typed({ total: 5 } as Stripe.Invoice), 5);
});

test("the engine takes it, whatever is selected", async () => {
  for (const backfill of ["all", "none", new Date(0)] as const) {
    for (const type of TYPES) {
      const sync = createSync({
        providers: { stripe: stripe({ client, webhookSecret, types: withParent(type), backfill }) },
      });
      assert.ok(sync, type);
    }
  }
});

test("without a backfill nothing is listed", () => {
  const none = Object.entries(stripe({ client, webhookSecret, backfill: "none" }).resources);
  for (const [type, { list }] of none) assert.equal(list, undefined, type);
  // Otherwise all are, but what is within something else.
  for (const [type, { list, within }] of Object.entries(stripe({ client, webhookSecret }).resources)) {
    assert.deepEqual(
      [list !== undefined, within?.type],
      type === "subscription_item" ? [false, "subscription"] : [true, undefined],
    );
  }
});

test("only products have a version; all reads are placed in time", () => {
  const { resources } = stripe({ client, webhookSecret });
  for (const [type, { version, versionKind, readLag }] of Object.entries(resources)) {
    assert.deepEqual(readLag, { fetch: 0, list: 5_000 }, type);
    assert.equal(version !== undefined, type === "product", type);
    assert.equal(versionKind, undefined);
  }
  const product = sample("product") as unknown as Stripe.Product;
  assert.equal(resources.product.version?.({ ...product, updated: 1_700_000_000 }), 1_700_000_000_000);
  assert.equal(resources.product.version?.({} as Stripe.Product), undefined);
});

test("links that are signed anew for every read are no change", () => {
  const { resources } = stripe({ client, webhookSecret });
  const volatile = Object.fromEntries(Object.entries(resources).map(([type, resource]) => [type, resource.volatile]));
  const expected = {
    ...Object.fromEntries(TYPES.map((type) => [type, []])),
    ...{ invoice: ["hosted_invoice_url", "invoice_pdf"], charge: ["receipt_url"], "checkout.session": ["url"] },
    credit_note: ["pdf"],
  };
  assert.deepEqual(volatile, expected);
});

test("what changes with a resource is looked at, too, if it is selected", () => {
  const links = {
    ...{ charge: "ch_1", payment_intent: "pi_1", subscription: "sub_1", customer: "cus_1", invoice: "in_1" },
    ...{ setup_intent: "seti_1", payment_link: "plink_1", released_subscription: "sub_0", original_payout: "po_0" },
    ...{ balance_transaction: "txn_1", failure_balance_transaction: { id: "txn_2" } },
    balance_transactions: [{ id: "txn_3" }, { id: "txn_4" }, 5, null],
  };
  const booked = ["txn_1", "txn_2"].map((id) => ({ type: "balance_transaction", id }));
  const related = {
    refund: [{ type: "charge", id: "ch_1" }, { type: "payment_intent", id: "pi_1" }, ...booked],
    dispute: [
      { type: "charge", id: "ch_1" },
      { type: "balance_transaction", id: "txn_3" },
      { type: "balance_transaction", id: "txn_4" },
    ],
    charge: booked,
    transfer: booked,
    topup: booked,
    payout: [...booked, { type: "payout", id: "po_0" }],
    subscription_schedule: [
      { type: "subscription", id: "sub_1" },
      { type: "subscription", id: "sub_0" },
    ],
    invoiceitem: [{ type: "invoice", id: "in_1" }],
    credit_note: [{ type: "invoice", id: "in_1" }],
    invoice: [{ type: "subscription", id: "sub_1" }],
    "checkout.session": [
      { type: "payment_intent", id: "pi_1" },
      { type: "setup_intent", id: "seti_1" },
      { type: "subscription", id: "sub_1" },
      { type: "payment_link", id: "plink_1" },
    ],
  };
  const all = stripe({ client, webhookSecret });
  for (const type of TYPES) {
    const expected = type in related ? related[type as keyof typeof related] : [];
    assert.deepEqual(all.resources[type].related?.({ object: type, id: "x", ...links } as never), expected, type);
    const alone = stripe({ client, webhookSecret, types: withParent(type) });
    const own = expected.filter((ref) => ref.type === type);
    assert.deepEqual(alone.resources[type].related?.({ object: type, id: "x", ...links } as never), own, type);
  }
});
