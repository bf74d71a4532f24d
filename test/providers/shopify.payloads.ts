/** Each recorded webhook, and where it says to look. Ids are those of `admin_graphql_api_id`, where there is one. */
import { readdirSync } from "node:fs";
import type { Hint } from "tidemark";
import type { Payload } from "tidemark/testing";
import { definitions } from "../../providers/shopify/types.ts";
import { SHOPS } from "./shopify.emulator.ts";
import { fixture } from "./shopify.schema.ts";

/** The recorded payloads by topic, as text: numbers stay as they are written. */
export const recorded = new Map<string, string>();
for (const file of readdirSync(new URL("../fixtures/shopify/webhooks/", import.meta.url))) {
  const { topic, payload } = JSON.parse(fixture(`webhooks/${file}`));
  const text = JSON.stringify(payload).replaceAll("{shop}.myshopify.com", SHOPS[0]);
  recorded.set(topic, text.replace(/"myshopify_domain":"[^"]*"/g, `"myshopify_domain":"${SHOPS[0]}"`));
}

/** Every type: what the app may read has changed. */
export const ALL = Object.keys(definitions);

/** `type id`, the id without `gid://shopify/` and its object; or the type alone. */
export const EXPECTED: Readonly<Record<string, readonly string[] | "ignored">> = {
  "app/scopes_update": ALL,
  "app/uninstalled": ALL,
  "bulk_operations/finish": "ignored",
  "checkouts/create": "ignored",
  "checkouts/delete": "ignored",
  "collections/create": ["collection 408372092144951419"],
  "collections/delete": ["collection 408372092144951419"],
  "collections/update": ["collection 408372092144951419"],
  "companies/delete": ["company 408372092144951419"],
  "customer.tags_added": ["customer 1"],
  "customers/create": ["customer 706405506930370084"],
  "customers/data_request": "ignored",
  "customers/delete": ["customer 706405506930370084"],
  "customers/merge": ["customer 1", "customer 2"],
  "customers/redact": "ignored",
  "customers/update": ["customer 706405506930370084"],
  "discounts/delete": ["discount 1"],
  "discounts/update": ["discount 1"],
  "disputes/update": ["dispute 285332461850802050", "order 820982911946154500"],
  "draft_orders/create": ["draft_order 890612572568261625"],
  "draft_orders/delete": ["draft_order 890612572568261600"],
  "draft_orders/update": ["draft_order 890612572568261625"],
  "fulfillment_orders/moved": ["fulfillment_order 1", "fulfillment_order 2"],
  "fulfillments/create": ["fulfillment 123456", "order 820982911946154500"],
  "fulfillments/update": ["fulfillment 123456", "order 820982911946154500"],
  "inventory_items/create": ["inventory_item 271878346596884015"],
  "inventory_items/delete": ["inventory_item 271878346596884015"],
  "inventory_items/update": ["inventory_item 271878346596884015"],
  "inventory_levels/connect": ["inventory_level 271878346596884015/24826418"],
  "inventory_levels/disconnect": ["inventory_level 271878346596884000/24826418"],
  "inventory_levels/update": ["inventory_level 271878346596884015/24826418"],
  "locations/create": ["location 866550311766439020"],
  "locations/delete": ["location 866550311766439000"],
  "locations/update": ["location 866550311766439020"],
  "metaobjects/create": ["metaobject 123"],
  "metaobjects/delete": ["metaobject 123"],
  "metaobjects/update": ["metaobject 123"],
  "order_transactions/create": ["order_transaction 120560818172775265", "order 820982911946154500"],
  "orders/cancelled": ["order 820982911946154508"],
  "orders/create": ["order 820982911946154508"],
  "orders/delete": ["order 820982911946154500"],
  "orders/edited": ["order 820982911946154500"],
  "orders/fulfilled": ["order 820982911946154508"],
  "orders/paid": ["order 820982911946154508"],
  "orders/updated": ["order 820982911946154508"],
  "product_listings/add": ["product 788032119674292900"],
  "products/create": [
    "product 788032119674292922",
    "product_variant 642667041472713922",
    "product_variant 757650484644203962",
  ],
  "products/delete": ["product 788032119674292900"],
  "products/update": [
    "product 788032119674292922",
    "product_variant 642667041472713922",
    "product_variant 757650484644203962",
  ],
  "refunds/create": ["refund 890088186047892319", "order 820982911946154500"],
  "returns/request": ["return 123134564567890", "order 4783296544821"],
  "returns/update": ["return 123134564567890"],
  "shop/redact": "ignored",
  "shop/update": ["shop 548380009"],
  "subscription_contracts/update": ["subscription_contract 7879037765"],
  "tender_transactions/create": ["order 820982911946154500"],
  "themes/update": ["theme 512162865275216980"],
  "variants/in_stock": ["product_variant 642667041472713922", "product 788032119674292900"],
  "variants/out_of_stock": ["product_variant 642667041472713922", "product 788032119674292900"],
};

/** The objects of the types in ids. */
export const OBJECTS: Readonly<Record<string, string>> = {
  ...{ product: "Product", product_variant: "ProductVariant", collection: "Collection", order: "Order" },
  ...{
    draft_order: "DraftOrder",
    customer: "Customer",
    fulfillment: "Fulfillment",
    refund: "Refund",
    return: "Return",
  },
  ...{ fulfillment_order: "FulfillmentOrder", order_transaction: "OrderTransaction", inventory_item: "InventoryItem" },
  ...{
    location: "Location",
    metaobject: "Metaobject",
    discount: "DiscountNode",
    company: "Company",
    theme: "OnlineStoreTheme",
  },
  ...{ subscription_contract: "SubscriptionContract", dispute: "ShopifyPaymentsDispute", shop: "Shop" },
};

export function hintOf(text: string): Hint {
  const [type = "", id] = text.split(" ");
  if (id === undefined) return { type, scope: SHOPS[0] };
  return { type, scope: SHOPS[0], id: type === "inventory_level" ? id : `gid://shopify/${OBJECTS[type]}/${id}` };
}

/** As the kit wants them. */
export const payloads = (types: ReadonlySet<string>): Payload[] =>
  [...recorded].map(([topic, body]) => {
    const expected = EXPECTED[topic] ?? [];
    const hints = expected === "ignored" ? [] : expected.map(hintOf).filter(({ type }) => types.has(type));
    return { name: topic, body, headers: { "x-shopify-topic": topic }, hints: hints.length > 0 ? hints : "ignored" };
  });
