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
  plan: Stripe.Plan;
  coupon: Stripe.Coupon;
  promotion_code: Stripe.PromotionCode;
  tax_rate: Stripe.TaxRate;
  subscription_schedule: Stripe.SubscriptionSchedule;
  subscription_item: Stripe.SubscriptionItem;
  invoiceitem: Stripe.InvoiceItem;
  quote: Stripe.Quote;
  credit_note: Stripe.CreditNote;
  setup_intent: Stripe.SetupIntent;
  payment_link: Stripe.PaymentLink;
  payout: Stripe.Payout;
  transfer: Stripe.Transfer;
  topup: Stripe.Topup;
  balance_transaction: Stripe.BalanceTransaction;
};

/** The name of a type: Stripe's own, as in an object's `object` field. */
export type StripeType = keyof StripeTypes;

/** Paths of fields that hold an id, or an object with one, and the type it is of; `*` stands for each of a list. */
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
  /**
   * Listed per object of this type only: its list must be given the parent, under the parent's name, and the id in the
   * stream is `parent/own`.
   */
  within?: StripeType;
  /** Fields that differ between reads of one state: signed and expiring URLs. */
  volatile?: readonly string[];
}

export const named = <Prefix extends string, Name extends string>(
  prefix: Prefix,
  ...names: readonly Name[]
): `${Prefix}.${Name}`[] => names.map((name): `${Prefix}.${Name}` => `${prefix}.${name}`);

/** An invoice names its subscription in one of two places, depending on the API version. */
export const subscriptionOf: Points = {
  subscription: "subscription",
  "parent.subscription_details.subscription": "subscription",
};

/** What moved money has a balance transaction, and another one if it failed. No event speaks of those. */
const bookings: Points = {
  balance_transaction: "balance_transaction",
  failure_balance_transaction: "balance_transaction",
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
    points: bookings,
    volatile: ["receipt_url"],
  },
  refund: {
    path: "refunds",
    events: [...named("refund", "created", "updated", "failed"), "charge.refund.updated"],
    points: { charge: "charge", payment_intent: "payment_intent", ...bookings },
  },
  dispute: {
    path: "disputes",
    events: named("charge.dispute", "created", "updated", "closed", "funds_withdrawn", "funds_reinstated"),
    points: { charge: "charge", "balance_transactions.*": "balance_transaction" },
  },
  "checkout.session": {
    path: "checkout/sessions",
    events: named("checkout.session", "completed", "expired", "async_payment_succeeded", "async_payment_failed"),
    // A payment link counts the sessions that were completed.
    points: {
      ...{ payment_intent: "payment_intent", setup_intent: "setup_intent" },
      ...{ subscription: "subscription", payment_link: "payment_link" },
    },
    volatile: ["url"],
  },
  plan: { path: "plans", events: named("plan", "created", "updated", "deleted") },
  coupon: { path: "coupons", events: named("coupon", "created", "updated", "deleted") },
  promotion_code: { path: "promotion_codes", events: named("promotion_code", "created", "updated") },
  tax_rate: { path: "tax_rates", events: named("tax_rate", "created", "updated") },
  subscription_schedule: {
    path: "subscription_schedules",
    events: [
      ...named("subscription_schedule", "created", "updated", "released", "canceled", "aborted", "completed"),
      "subscription_schedule.expiring",
    ],
    points: { subscription: "subscription", released_subscription: "subscription" },
  },
  subscription_item: { path: "subscription_items", events: [], within: "subscription", undated: true },
  invoiceitem: {
    path: "invoiceitems",
    events: named("invoiceitem", "created", "deleted"),
    points: { invoice: "invoice" },
  },
  quote: { path: "quotes", undated: true, events: named("quote", "created", "finalized", "accepted", "canceled") },
  credit_note: {
    path: "credit_notes",
    events: named("credit_note", "created", "updated", "voided"),
    points: { invoice: "invoice" },
    volatile: ["pdf"],
  },
  setup_intent: {
    path: "setup_intents",
    events: named("setup_intent", "created", "requires_action", "succeeded", "setup_failed", "canceled"),
  },
  payment_link: { path: "payment_links", undated: true, events: named("payment_link", "created", "updated") },
  payout: {
    path: "payouts",
    events: named("payout", "created", "updated", "paid", "failed", "canceled", "reconciliation_completed"),
    // A payout that reverses another one is named in that one.
    points: { ...bookings, original_payout: "payout" },
  },
  transfer: { path: "transfers", events: named("transfer", "created", "updated", "reversed"), points: bookings },
  topup: {
    path: "topups",
    events: named("topup", "created", "succeeded", "failed", "canceled", "reversed"),
    points: bookings,
  },
  balance_transaction: { path: "balance_transactions", events: [] },
};
