/**
 * The types of Stripe that can be synchronized, and what its events carry: a few lines each.
 * @module
 */
import type Stripe from "stripe";

/** Type names and their states, as the API returns them in the client's API version. */
export type StripeTypes = {
  customer: Stripe.Customer;
  product: Stripe.Product;
  price: Stripe.Price;
  subscription: Stripe.Subscription;
  invoice: Stripe.Invoice;
  payment_intent: Stripe.PaymentIntent;
  payment_method: Stripe.PaymentMethod;
  charge: Stripe.Charge;
  refund: Stripe.Refund;
  dispute: Stripe.Dispute;
  "checkout.session": Stripe.Checkout.Session;
};

/** The name of a type: Stripe's own, as in an object's `object` field. */
export type StripeType = keyof StripeTypes;

/** Paths of fields that hold an id, and the type it is of. */
type Points = Readonly<Record<string, StripeType>>;

/** An object as events carry it. */
export interface Carried {
  /** The events that do. */
  events: readonly Stripe.Event["type"][];
  /** Resources that change with it. */
  points?: Points;
}

/** An object that can be read. */
export interface Definition extends Carried {
  /** Below `/v1/`. */
  path: string;
  /**
   * Filters under which all of them are listed, one pass after another. Without them some are left out: canceled
   * subscriptions, inactive prices (docs.stripe.com/api/subscriptions/list, /prices/list).
   */
  passes?: readonly Readonly<Record<string, string>>[];
  /** The list cannot be filtered by `created`. */
  undated?: true;
  /** `updated`, in seconds, grows with every change (product only). */
  updated?: true;
  /** Fields that differ between reads of one state: signed and expiring URLs. */
  volatile?: readonly string[];
}

const named = <Prefix extends string, Name extends string>(
  prefix: Prefix,
  ...names: readonly Name[]
): `${Prefix}.${Name}`[] => names.map((name): `${Prefix}.${Name}` => `${prefix}.${name}`);

/** An invoice names its subscription in one of two places, depending on the API version. */
const subscriptionOf: Points = {
  subscription: "subscription",
  "parent.subscription_details.subscription": "subscription",
};

/** The types. */
export const definitions: Readonly<Record<StripeType, Definition>> = {
  customer: { path: "customers", events: named("customer", "created", "updated", "deleted") },
  product: { path: "products", events: named("product", "created", "updated", "deleted"), updated: true },
  price: {
    path: "prices",
    passes: [{ active: "true" }, { active: "false" }],
    events: named("price", "created", "updated", "deleted"),
  },
  subscription: {
    path: "subscriptions",
    passes: [{ status: "all" }],
    events: [
      ...named("customer.subscription", "created", "updated", "deleted", "paused", "resumed", "trial_will_end"),
      ...named("customer.subscription", "pending_update_applied", "pending_update_expired"),
    ],
  },
  invoice: {
    path: "invoices",
    events: [
      ...named("invoice", "created", "updated", "deleted", "finalized", "finalization_failed", "sent"),
      ...named("invoice", "paid", "overpaid", "overdue", "will_be_due", "voided", "marked_uncollectible"),
      ...named("invoice", "payment_action_required", "payment_attempt_required", "payment_failed", "payment_succeeded"),
    ],
    points: subscriptionOf,
    volatile: ["hosted_invoice_url", "invoice_pdf"],
  },
  payment_intent: {
    path: "payment_intents",
    events: [
      ...named("payment_intent", "created", "processing", "requires_action", "succeeded", "payment_failed", "canceled"),
      ...named("payment_intent", "amount_capturable_updated", "partially_funded"),
    ],
  },
  payment_method: {
    path: "payment_methods",
    undated: true,
    events: named("payment_method", "attached", "detached", "updated", "automatically_updated"),
  },
  charge: {
    path: "charges",
    events: named("charge", "succeeded", "failed", "pending", "captured", "expired", "refunded", "updated"),
    volatile: ["receipt_url"],
  },
  refund: {
    path: "refunds",
    events: [...named("refund", "created", "updated", "failed"), "charge.refund.updated"],
    points: { charge: "charge", payment_intent: "payment_intent" },
  },
  dispute: {
    path: "disputes",
    events: named("charge.dispute", "created", "updated", "closed", "funds_withdrawn", "funds_reinstated"),
    points: { charge: "charge" },
  },
  "checkout.session": {
    path: "checkout/sessions",
    events: named("checkout.session", "completed", "expired", "async_payment_succeeded", "async_payment_failed"),
    points: { payment_intent: "payment_intent", subscription: "subscription" },
    volatile: ["url"],
  },
};

const sourceEvents = named("customer.source", "created", "updated", "deleted", "expiring");

/** Objects that are not synchronized, but whose events say that one of ours changed: a child's event is not its parent's. */
export const others: Readonly<Record<string, Carried>> = {
  // Not there yet, and therefore without an id.
  upcoming_invoice: { events: ["invoice.upcoming"], points: { customer: "customer", ...subscriptionOf } },
  invoice_payment: { events: ["invoice_payment.paid"], points: { invoice: "invoice" } },
  invoiceitem: { events: named("invoiceitem", "created", "deleted"), points: { invoice: "invoice" } },
  credit_note: { events: named("credit_note", "created", "updated", "voided"), points: { invoice: "invoice" } },
  subscription_schedule: {
    events: [
      ...named("subscription_schedule", "created", "updated", "released", "canceled", "aborted", "completed"),
      "subscription_schedule.expiring",
    ],
    points: { subscription: "subscription" },
  },
  discount: {
    events: named("customer.discount", "created", "updated", "deleted"),
    points: { customer: "customer", subscription: "subscription" },
  },
  "entitlements.active_entitlement_summary": {
    events: ["entitlements.active_entitlement_summary.updated"],
    points: { customer: "customer" },
  },
  review: {
    events: named("review", "opened", "closed"),
    points: { charge: "charge", payment_intent: "payment_intent" },
  },
  card: { events: sourceEvents, points: { customer: "customer" } },
  bank_account: { events: sourceEvents, points: { customer: "customer" } },
  source: {
    events: [...sourceEvents, ...named("source", "canceled", "chargeable", "failed", "refund_attributes_required")],
    points: { customer: "customer" },
  },
};
