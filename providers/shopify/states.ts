/**
 * The states of Shopify's objects, by type.
 * @module
 */
import type * as catalog from "./states/catalog.ts";
import type * as orders from "./states/orders.ts";
import type * as shop from "./states/shop.ts";

export type * from "./states/catalog.ts";
export type * from "./states/orders.ts";
export type * from "./states/shop.ts";

/** The state of each type. */
export type ShopifyTypes = {
  product: catalog.Product;
  product_variant: catalog.ProductVariant;
  collection: catalog.Collection;
  order: orders.Order;
  draft_order: orders.DraftOrder;
  customer: shop.Customer;
  fulfillment: orders.Fulfillment;
  fulfillment_order: orders.FulfillmentOrder;
  refund: orders.Refund;
  return: orders.Return;
  order_transaction: orders.OrderTransaction;
  inventory_item: catalog.InventoryItem;
  inventory_level: catalog.InventoryLevel;
  location: catalog.Location;
  metaobject: catalog.Metaobject;
  discount: shop.Discount;
  company: shop.Company;
  company_contact: shop.CompanyContact;
  company_location: shop.CompanyLocation;
  inventory_transfer: catalog.InventoryTransfer;
  inventory_shipment: catalog.InventoryShipment;
  market: shop.Market;
  segment: shop.Segment;
  delivery_profile: shop.DeliveryProfile;
  selling_plan_group: shop.SellingPlanGroup;
  subscription_contract: orders.SubscriptionContract;
  theme: shop.Theme;
  dispute: orders.Dispute;
  shop: shop.Shop;
};
