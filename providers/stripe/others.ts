/**
 * Objects that are not synchronized, but whose events say that one of ours changed.
 * @module
 */
import { type Carried, named, subscriptionOf } from "./types.ts";

const sourceEvents = named("customer.source", "created", "updated", "deleted", "expiring");

/** Objects that are not synchronized, but whose events say that one of ours changed: a child's event is not its parent's. */
export const others: Readonly<Record<string, Carried>> = {
  // Not there yet, and therefore without an id.
  upcoming_invoice: { events: ["invoice.upcoming"], points: { customer: "customer", ...subscriptionOf } },
  invoice_payment: { events: ["invoice_payment.paid"], points: { invoice: "invoice" } },
  discount: {
    events: named("customer.discount", "created", "updated", "deleted"),
    // A coupon and a promotion code count how often they were redeemed.
    points: {
      ...{ customer: "customer", subscription: "subscription" },
      ...{ promotion_code: "promotion_code", coupon: "coupon", "source.coupon": "coupon" },
    },
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
