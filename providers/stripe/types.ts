/**
 * The types of Stripe that can be synchronized: a few lines each.
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

/** What is particular to a type. */
export interface Definition {
  /** Below `/v1/`. */
  path: string;
  /**
   * Filters under which all of them are listed, one pass after another. Without them some are left out: canceled
   * subscriptions, inactive prices (docs.stripe.com/api/subscriptions/list, /prices/list).
   */
  passes?: readonly Readonly<Record<string, string>>[];
  /** The list can be filtered by `created`. */
  byCreated: boolean;
  /** `updated`, in seconds, grows with every change (product only). */
  updated?: true;
  /** Fields that differ between reads of one state: signed and expiring URLs. */
  volatile?: readonly string[];
  /** Fields that name resources which change with this one, and their types. */
  points?: Readonly<Record<string, StripeType>>;
}

export const definitions: Readonly<Record<StripeType, Definition>> = {
  customer: { path: "customers", byCreated: true },
  product: { path: "products", byCreated: true, updated: true },
  price: { path: "prices", byCreated: true, passes: [{ active: "true" }, { active: "false" }] },
  subscription: { path: "subscriptions", byCreated: true, passes: [{ status: "all" }] },
  invoice: {
    path: "invoices",
    byCreated: true,
    volatile: ["hosted_invoice_url", "invoice_pdf"],
    points: { subscription: "subscription", "parent.subscription_details.subscription": "subscription" },
  },
  payment_intent: { path: "payment_intents", byCreated: true, points: { latest_charge: "charge" } },
  payment_method: { path: "payment_methods", byCreated: false },
  charge: { path: "charges", byCreated: true, volatile: ["receipt_url"] },
  refund: { path: "refunds", byCreated: true, points: { charge: "charge", payment_intent: "payment_intent" } },
  dispute: { path: "disputes", byCreated: true, points: { charge: "charge", payment_intent: "payment_intent" } },
  "checkout.session": {
    path: "checkout/sessions",
    byCreated: true,
    volatile: ["url"],
    points: { payment_intent: "payment_intent", subscription: "subscription", invoice: "invoice" },
  },
};

/** Objects that are not synchronized, but whose events say that one of ours changed. */
const pointers: Readonly<Record<string, Readonly<Record<string, StripeType>>>> = {
  invoice_payment: { invoice: "invoice" },
  invoiceitem: { invoice: "invoice" },
  credit_note: { invoice: "invoice" },
  subscription_schedule: { subscription: "subscription" },
  setup_intent: { payment_method: "payment_method" },
  review: { charge: "charge", payment_intent: "payment_intent" },
  "radar.early_fraud_warning": { charge: "charge", payment_intent: "payment_intent" },
  card: { customer: "customer" },
  bank_account: { customer: "customer" },
  source: { customer: "customer" },
};

/** Where one of these changed, look at these, too: ids in its fields, which may be expanded objects. */
export function pointsOf(type: string, object: Readonly<Record<string, unknown>>): { type: StripeType; id: string }[] {
  const points = Object.hasOwn(definitions, type) ? definitions[type as StripeType].points : pointers[type];
  return Object.entries(points ?? {}).flatMap(([path, target]) => {
    const id = idIn(path.split(".").reduce<unknown>(fieldOf, object));
    return id === undefined ? [] : [{ type: target, id }];
  });
}

const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;

/** An id, or that of an expanded object. */
export function idIn(value: unknown): string | undefined {
  const id = typeof value === "object" ? fieldOf(value, "id") : value;
  return typeof id === "string" && id !== "" ? id : undefined;
}
