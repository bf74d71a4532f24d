/**
 * The topics that the types need, as the Admin API names them, and what is wrong with the subscriptions of a URL: pure.
 * @module
 */
import type { EndpointCheck, EndpointFault } from "tidemark";
import { z } from "zod";
import type { ShopifyType } from "./types.ts";

export const subscription = z.looseObject({
  id: z.string(),
  topic: z.string(),
  uri: z.string(),
  format: z.string(),
  filter: z.string().nullish(),
  includeFields: z.array(z.string()).nullish(),
});
export type Subscription = z.infer<typeof subscription>;

const named = (resource: string, ...what: readonly string[]): string[] => what.map((one) => `${resource}_${one}`);
const alive = (resource: string): string[] => named(resource, "CREATE", "UPDATE", "DELETE");

const products = alive("PRODUCTS");
/**
 * Each is one that the webhook of its type can come by. Metaobjects have none: Shopify wants a filter with their type for
 * these (shopify.dev/docs/api/admin-graphql/latest/mutations/webhookSubscriptionCreate).
 */
const TOPICS: Readonly<Record<ShopifyType, readonly string[]>> = {
  product: products,
  product_variant: products,
  collection: alive("COLLECTIONS"),
  order: named("ORDERS", "CREATE", "UPDATED", "DELETE", "EDITED"),
  draft_order: alive("DRAFT_ORDERS"),
  order_transaction: ["ORDER_TRANSACTIONS_CREATE"],
  refund: ["REFUNDS_CREATE"],
  fulfillment: [...named("FULFILLMENTS", "CREATE", "UPDATE"), ...named("FULFILLMENT_EVENTS", "CREATE", "DELETE")],
  fulfillment_order: [
    ...named("FULFILLMENT_ORDERS", "CANCELLATION_REQUEST_ACCEPTED", "CANCELLATION_REQUEST_REJECTED"),
    ...named("FULFILLMENT_ORDERS", "CANCELLATION_REQUEST_SUBMITTED", "CANCELLED", "FULFILLMENT_REQUEST_ACCEPTED"),
    ...named("FULFILLMENT_ORDERS", "FULFILLMENT_REQUEST_REJECTED", "FULFILLMENT_REQUEST_SUBMITTED"),
    ...named("FULFILLMENT_ORDERS", "FULFILLMENT_SERVICE_FAILED_TO_COMPLETE", "HOLD_RELEASED", "MERGED", "MOVED"),
    ...named("FULFILLMENT_ORDERS", "ORDER_ROUTING_COMPLETE", "PLACED_ON_HOLD", "PROGRESS_REPORTED", "RESCHEDULED"),
    ...named("FULFILLMENT_ORDERS", "SCHEDULED_FULFILLMENT_ORDER_READY", "SPLIT"),
  ],
  return: named("RETURNS", "APPROVE", "CANCEL", "CLOSE", "DECLINE", "PROCESS", "REOPEN", "REQUEST", "UPDATE"),
  customer: [...alive("CUSTOMERS"), ...named("CUSTOMERS", "ENABLE", "DISABLE", "MERGE")],
  segment: alive("SEGMENTS"),
  inventory_item: alive("INVENTORY_ITEMS"),
  inventory_level: named("INVENTORY_LEVELS", "CONNECT", "UPDATE", "DISCONNECT"),
  inventory_transfer: [
    ...named("INVENTORY_TRANSFERS", "ADD_ITEMS", "REMOVE_ITEMS", "UPDATE_ITEM_QUANTITIES", "UPDATED"),
    ...named("INVENTORY_TRANSFERS", "READY_TO_SHIP", "COMPLETE", "CANCEL"),
  ],
  inventory_shipment: [
    ...named("INVENTORY_SHIPMENTS", "CREATE", "DELETE", "MARK_IN_TRANSIT", "UPDATE_TRACKING"),
    ...named("INVENTORY_SHIPMENTS", "ADD_ITEMS", "REMOVE_ITEMS", "RECEIVE_ITEMS", "UPDATE_ITEM_QUANTITIES"),
  ],
  location: [...alive("LOCATIONS"), ...named("LOCATIONS", "ACTIVATE", "DEACTIVATE")],
  metaobject: [],
  discount: [...alive("DISCOUNTS"), ...named("DISCOUNTS", "REDEEMCODE_ADDED", "REDEEMCODE_REMOVED")],
  company: alive("COMPANIES"),
  company_contact: alive("COMPANY_CONTACTS"),
  company_location: alive("COMPANY_LOCATIONS"),
  market: alive("MARKETS"),
  delivery_profile: alive("PROFILES"),
  selling_plan_group: alive("SELLING_PLAN_GROUPS"),
  subscription_contract: named(
    "SUBSCRIPTION_CONTRACTS",
    "CREATE",
    "UPDATE",
    "ACTIVATE",
    "PAUSE",
    "CANCEL",
    "EXPIRE",
    "FAIL",
  ),
  theme: [...alive("THEMES"), "THEMES_PUBLISH"],
  dispute: named("DISPUTES", "CREATE", "UPDATE"),
  shop: ["SHOP_UPDATE"],
};

/** The topics that the types need. */
export const topicsFor = (types: readonly ShopifyType[]): string[] => [
  ...new Set(types.flatMap((type) => TOPICS[type])),
];

/** What is wrong with the subscriptions of a URL. `others`: how many there are in all. */
export function verdictOn(ours: readonly Subscription[], others: number, needed: readonly string[]): EndpointCheck {
  if (needed.length === 0) return { ok: true };
  if (others === 0) return wrong("missing", "the app has no webhook subscriptions in this shop");
  if (ours.length === 0) return wrong("elsewhere", `no webhook subscription has this URL; others: ${others}`);
  const lacking = lackingIn(ours, needed);
  if (lacking.length > 0) return wrong("events", `there is no webhook subscription for ${lacking.join(", ")}`);
  const odd = oddIn(ours, needed).map(({ topic }) => topic);
  if (odd.length === 0) return { ok: true };
  return wrong(
    "form",
    `not all of it comes as JSON, because of a format, a filter or includeFields: ${odd.join(", ")}`,
  );
}

const wrong = (fault: EndpointFault, problem: string): EndpointCheck => ({ ok: false, fault, problem });

/** The topics that are needed and have no subscription. */
export const lackingIn = (ours: readonly Subscription[], needed: readonly string[]): string[] =>
  needed.filter((topic) => !ours.some((one) => one.topic === topic));

/** Those of topics that are needed, and that send something else than whole JSON, or not all of it. */
export const oddIn = (ours: readonly Subscription[], needed: readonly string[]): Subscription[] =>
  ours.filter(({ topic, format, filter, includeFields }) => {
    return needed.includes(topic) && (format !== "JSON" || Boolean(filter) || (includeFields ?? []).length > 0);
  });
