/**
 * What a shop sells, and where it is. Fields are as the Admin API has them: ids, times, amounts of money and large numbers are text.
 * @module
 */
import type { Stored } from "./stored.ts";

/** A product: `Product` of the Admin API. */
export interface Product extends Stored<"Product"> {
  createdAt: string;
  updatedAt: string;
  handle: string;
  title: string;
  status: string;
  vendor: string;
  productType: string;
  tags: string[];
  descriptionHtml: string;
  templateSuffix: string | null;
  publishedAt: string | null;
  isGiftCard: boolean;
  totalInventory: number;
  tracksInventory: boolean;
  hasOnlyDefaultVariant: boolean;
  options: { id: string; name: string; values: string[] }[];
  variantsCount: { count: number } | null;
}

/** A variant of a product: `ProductVariant` of the Admin API. */
export interface ProductVariant extends Stored<"ProductVariant"> {
  createdAt: string;
  updatedAt: string;
  title: string;
  displayName: string;
  sku: string | null;
  barcode: string | null;
  price: string;
  compareAtPrice: string | null;
  position: number;
  taxable: boolean;
  availableForSale: boolean;
  inventoryPolicy: string;
  inventoryQuantity: number | null;
  selectedOptions: { name: string; value: string }[];
  product: { id: string };
  inventoryItem: { id: string };
}

/** A collection of products: `Collection` of the Admin API. */
export interface Collection extends Stored<"Collection"> {
  updatedAt: string;
  handle: string;
  title: string;
  descriptionHtml: string;
  sortOrder: string;
  templateSuffix: string | null;
  productsCount: { count: number } | null;
}

/** An item that is kept in stock: `InventoryItem` of the Admin API. */
export interface InventoryItem extends Stored<"InventoryItem"> {
  createdAt: string;
  updatedAt: string;
  sku: string | null;
  tracked: boolean;
  requiresShipping: boolean;
  countryCodeOfOrigin: string | null;
  provinceCodeOfOrigin: string | null;
  harmonizedSystemCode: string | null;
  unitCost: { amount: string; currencyCode: string } | null;
}

/** The stock of an item at a location: `InventoryLevel` of the Admin API. */
export interface InventoryLevel extends Stored<"InventoryLevel"> {
  createdAt: string;
  updatedAt: string;
  isActive: boolean;
  item: { id: string };
  location: { id: string };
  quantities: { name: string; quantity: number }[];
}

/** A place where stock is kept: `Location` of the Admin API. */
export interface Location extends Stored<"Location"> {
  createdAt: string;
  updatedAt: string;
  name: string;
  isActive: boolean;
  deactivatedAt: string | null;
  fulfillsOnlineOrders: boolean;
  shipsInventory: boolean;
  isFulfillmentService: boolean;
  address: {
    address1: string | null;
    address2: string | null;
    city: string | null;
    provinceCode: string | null;
    countryCode: string | null;
    zip: string | null;
  };
}

/** A move of stock between locations: `InventoryTransfer` of the Admin API. */
export interface InventoryTransfer extends Stored<"InventoryTransfer"> {
  dateCreated: string | null;
  name: string;
  status: string;
  note: string | null;
  tags: string[];
  referenceName: string | null;
  totalQuantity: number;
  receivedQuantity: number;
  origin: { location: { id: string } | null } | null;
  destination: { location: { id: string } | null } | null;
}

/** A shipment of a transfer: `InventoryShipment` of the Admin API. */
export interface InventoryShipment extends Stored<"InventoryShipment"> {
  name: string;
  status: string;
  barcode: string | null;
  dateCreated: string | null;
  dateShipped: string | null;
  dateReceived: string | null;
  lineItemTotalQuantity: number;
  totalAcceptedQuantity: number;
  totalReceivedQuantity: number;
  totalRejectedQuantity: number;
}

/** An entry of the shop's own content: `Metaobject` of the Admin API. */
export interface Metaobject extends Stored<"Metaobject"> {
  createdAt: string;
  updatedAt: string;
  type: string;
  handle: string;
  displayName: string;
  fields: { key: string; type: string; value: string | null }[];
}
