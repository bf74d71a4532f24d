/**
 * Where the webhooks of each topic say to look.
 *
 * A topic is `resource/what`; nearly always the resource decides. Topics that are not here say nothing of these types:
 * carts and checkouts (no query gives them), locales, shipping addresses, finance, billing attempts, bulk operations.
 * The paths are those of Shopify's example payloads of 2026-07.
 * @module
 */
import type { ShopifyType } from "./types.ts";

/** A type, and the paths at which its id may be: the first that has one counts. `**`: each id of the type, anywhere. */
export type Look = readonly [ShopifyType, ...paths: string[]];

const GID = "admin_graphql_api_id";
const own = (type: ShopifyType): Look => [type, GID, "id"];
const itsOrder: Look = ["order", `order.${GID}`, "order_id", "order.id"];
const itsCustomer: Look = ["customer", "customerId", "customer_id", "id"];
const itsReturn: Look = ["return", `return.${GID}`, "return.id"];
const itsContract: Look = [
  "subscription_contract",
  "admin_graphql_api_subscription_contract_id",
  "subscription_contract_id",
];
const anyOf = (type: ShopifyType): Look => [type, "**"];

const topics: Readonly<Record<string, readonly Look[]>> = {
  // There is no topic for a changed variant: its product's is told. Beyond the first hundred only their ids are.
  products: [own("product"), ["product_variant", `variants.*.${GID}`], ["product_variant", `variant_gids.*.${GID}`]],
  variants: [own("product_variant"), ["product", "product_id"]],
  product_listings: [["product", "product_listing.product_id"]],
  scheduled_product_listings: [["product", "scheduled_product_listing.product_id"]],
  product_publications: [["product", "product_id"]],
  product_feeds: [["product", "product.id"]],
  collections: [own("collection")],
  collection_listings: [["collection", "collection_listing.collection_id"]],
  collection_publications: [["collection", "collection_id"]],
  orders: [["order", "admin_graphql_api_order_id", "order_edit.order_id", "order_id", GID, "id"]],
  draft_orders: [own("draft_order"), ["order", "order_id"]],
  order_transactions: [own("order_transaction"), itsOrder],
  tender_transactions: [["order", "order_id"]],
  refunds: [own("refund"), itsOrder],
  fulfillments: [own("fulfillment"), itsOrder],
  fulfillment_events: [["fulfillment", "fulfillment_id"], itsOrder],
  // Up to five of them, some within lists: what was moved, split, merged, held.
  fulfillment_orders: [anyOf("fulfillment_order")],
  fulfillment_holds: [anyOf("fulfillment_order")],
  returns: [own("return"), itsOrder],
  reverse_deliveries: [itsReturn],
  reverse_fulfillment_orders: [itsReturn],
  customers: [
    ["customer", GID, "customerId", "customer_id", "id"],
    ["customer", "admin_graphql_api_customer_kept_id"],
    ["customer", "admin_graphql_api_customer_deleted_id"],
  ],
  customer: [itsCustomer, ["segment", "segment_id"]],
  customers_email_marketing_consent: [itsCustomer],
  customers_marketing_consent: [itsCustomer],
  customers_whats_app_marketing_consent: [itsCustomer],
  customer_payment_methods: [["customer", "admin_graphql_api_customer_id", "customer_id"]],
  inventory_items: [own("inventory_item")],
  inventory_levels: [["inventory_level", ""]],
  inventory_transfers: [own("inventory_transfer")],
  inventory_shipments: [["inventory_shipment", GID, "shipment_id", "id"]],
  locations: [own("location")],
  metaobjects: [own("metaobject")],
  discounts: [own("discount")],
  companies: [own("company")],
  company_contacts: [own("company_contact"), ["company", `company.${GID}`]],
  company_locations: [own("company_location"), ["company", `company.${GID}`]],
  company_contact_roles: [
    ["company_contact", `company_contact.${GID}`],
    ["company_location", `company_location.${GID}`],
  ],
  markets: [own("market")],
  segments: [own("segment")],
  profiles: [own("delivery_profile")],
  selling_plan_groups: [own("selling_plan_group")],
  subscription_contracts: [own("subscription_contract")],
  subscription_billing_cycles: [itsContract],
  subscription_billing_cycle_edits: [itsContract],
  themes: [own("theme")],
  disputes: [own("dispute"), itsOrder],
  shop: [own("shop")],
};

/** Where a topic says to look. Its resource is before the slash; `customer.tags_added` has a dot instead. */
export function looksOf(topic: string): readonly Look[] {
  const [resource = ""] = topic.split(/[/.]/);
  return Object.hasOwn(topics, resource) ? (topics[resource] ?? []) : [];
}

/** Topics whose payload may name nothing, and the type of which something changed. */
const unnamed: Readonly<Record<string, ShopifyType>> = {
  "returns/process": "return",
  "product_publications/delete": "product",
  "collection_publications/delete": "collection",
};

/** The type that a topic speaks of as a whole, if its payload names nothing. */
export const wholeOf = (topic: string): ShopifyType | undefined =>
  Object.hasOwn(unnamed, topic) ? unnamed[topic] : undefined;

/** The app was removed, or what it may do has changed: whatever it reads must be tried. */
export const isOfAccess = (topic: string): boolean => topic === "app/uninstalled" || topic === "app/scopes_update";
