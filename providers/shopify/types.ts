/**
 * The types of `shopify`, and where each is found. All of it is checked against the published schema by the tests.
 * @module
 */
import type { Definition, Listing } from "./definition.ts";
import type { ShopifyTypes } from "./states.ts";

/** The name of a type of Shopify's. */
export type ShopifyType = keyof ShopifyTypes & string;

const money = "shopMoney { amount currencyCode }";
const common = "createdAt updatedAt";

const ofOrders = (inner: Omit<NonNullable<Listing["inner"]>, "object">): Listing => ({
  ...{ connection: "orders", updated: "moment", first: 25 },
  inner: { object: "Order", ...inner },
});

/** Every type. `fields` leave out what identifies a person beyond orders and customers themselves. */
export const definitions: Readonly<Record<ShopifyType, Definition>> = {
  product: {
    object: "Product",
    fields: `${common} handle title status vendor productType tags descriptionHtml templateSuffix publishedAt isGiftCard
      totalInventory tracksInventory hasOnlyDefaultVariant options { id name values } variantsCount { count }`,
    listing: { connection: "products", updated: "moment" },
    subjects: ["PRODUCT"],
  },
  product_variant: {
    object: "ProductVariant",
    fields: `${common} title displayName sku barcode price compareAtPrice position taxable availableForSale
      inventoryPolicy inventoryQuantity selectedOptions { name value } product { id } inventoryItem { id }`,
    listing: { connection: "productVariants", updated: "moment" },
    subjects: ["PRODUCT_VARIANT"],
  },
  collection: {
    object: "Collection",
    fields: "updatedAt handle title descriptionHtml sortOrder templateSuffix productsCount { count }",
    listing: { connection: "collections", updated: "moment" },
    subjects: ["COLLECTION"],
  },
  order: {
    object: "Order",
    fields: `${common} name email phone note tags test confirmed currencyCode processedAt cancelledAt cancelReason
      closedAt displayFinancialStatus displayFulfillmentStatus returnStatus sourceName discountCodes
      currentTotalPriceSet { ${money} } currentTotalTaxSet { ${money} } totalRefundedSet { ${money} }
      totalOutstandingSet { ${money} } customer { id }`,
    listing: { connection: "orders", updated: "moment" },
    subjects: ["ORDER"],
    ofOrder: true,
  },
  draft_order: {
    object: "DraftOrder",
    fields: `${common} name status tags currencyCode taxesIncluded invoiceSentAt completedAt
      totalPriceSet { ${money} } order { id } customer { id }`,
    listing: { connection: "draftOrders", updated: "moment" },
    subjects: ["DRAFT_ORDER"],
  },
  customer: {
    object: "Customer",
    fields: `${common} displayName firstName lastName state note tags locale taxExempt verifiedEmail numberOfOrders
      amountSpent { amount currencyCode } defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber }`,
    listing: { connection: "customers", updated: "day" },
    subjects: ["CUSTOMER"],
  },
  fulfillment: {
    object: "Fulfillment",
    fields: `${common} name status displayStatus totalQuantity requiresShipping deliveredAt estimatedDeliveryAt
      inTransitAt trackingInfo { company number url } order { id } location { id }`,
    listing: ofOrders({ field: "fulfillments" }),
    ofOrder: true,
  },
  fulfillment_order: {
    object: "FulfillmentOrder",
    fields: `${common} orderId orderName status requestStatus fulfillAt fulfillBy assignedLocation { location { id } }`,
    listing: { connection: "fulfillmentOrders", args: "includeClosed: true", updated: "moment" },
    ofOrder: true,
  },
  refund: {
    object: "Refund",
    fields: `${common} note processedAt totalRefundedSet { ${money} } order { id } return { id }`,
    listing: ofOrders({ field: "refunds" }),
    ofOrder: true,
  },
  return: {
    object: "Return",
    fields: "createdAt closedAt requestApprovedAt name status totalQuantity order { id }",
    unversioned: true,
    listing: ofOrders({ field: "returns", first: 20 }),
    ofOrder: true,
  },
  order_transaction: {
    object: "OrderTransaction",
    fields: `createdAt processedAt kind status test gateway formattedGateway errorCode paymentId
      amountSet { ${money} } order { id } parentTransaction { id }`,
    unversioned: true,
    listing: ofOrders({ field: "transactions" }),
    ofOrder: true,
  },
  inventory_item: {
    object: "InventoryItem",
    fields: `${common} sku tracked requiresShipping countryCodeOfOrigin provinceCodeOfOrigin harmonizedSystemCode
      unitCost { amount currencyCode }`,
    listing: { connection: "inventoryItems", updated: "moment" },
  },
  inventory_level: {
    object: "InventoryLevel",
    fields: `${common} isActive item { id } location { id }
      quantities(names: ["available", "on_hand", "committed", "incoming", "reserved", "damaged"]) { name quantity }`,
    listing: {
      ...{ connection: "inventoryItems", first: 15, select: "location { id }" },
      inner: { object: "InventoryItem", field: "inventoryLevels", first: 25 },
    },
  },
  location: {
    object: "Location",
    fields: `${common} name isActive deactivatedAt fulfillsOnlineOrders shipsInventory isFulfillmentService
      address { address1 address2 city provinceCode countryCode zip }`,
    listing: { connection: "locations", args: "includeInactive: true, includeLegacy: true" },
  },
  metaobject: {
    object: "Metaobject",
    fields: `${common} type handle displayName fields { key type value }`,
    listing: { connection: "metaobjects", updated: "moment", perType: true },
  },
  discount: {
    object: "DiscountNode",
    aliases: ["DiscountAutomaticNode", "DiscountCodeNode", "DiscountAutomaticBxgy"],
    fields: `discount { __typename
      ... on DiscountCodeBasic { title status startsAt endsAt }
      ... on DiscountCodeBxgy { title status startsAt endsAt }
      ... on DiscountCodeFreeShipping { title status startsAt endsAt }
      ... on DiscountCodeApp { title status startsAt endsAt }
      ... on DiscountAutomaticBasic { title status startsAt endsAt }
      ... on DiscountAutomaticBxgy { title status startsAt endsAt }
      ... on DiscountAutomaticFreeShipping { title status startsAt endsAt }
      ... on DiscountAutomaticApp { title status startsAt endsAt } }`,
    unversioned: true,
    listing: { connection: "discountNodes", updated: "day" },
    subjects: ["DISCOUNT_NODE", "DISCOUNT_AUTOMATIC_NODE", "DISCOUNT_AUTOMATIC_BXGY", "DISCOUNT_CODE_NODE"],
  },
  company: {
    object: "Company",
    fields: `${common} name externalId note customerSince mainContact { id } totalSpent { amount currencyCode }`,
    listing: { connection: "companies", updated: "moment" },
    subjects: ["COMPANY"],
  },
  company_contact: {
    object: "CompanyContact",
    fields: `${common} title locale isMainContact company { id } customer { id }`,
    listing: {
      ...{ connection: "companies", first: 20 },
      inner: { object: "Company", field: "contacts", first: 40 },
    },
  },
  company_location: {
    object: "CompanyLocation",
    fields: `${common} name externalId note locale currency company { id }`,
    listing: { connection: "companyLocations", updated: "moment" },
    subjects: ["COMPANY_LOCATION"],
  },
  inventory_transfer: {
    object: "InventoryTransfer",
    fields: `dateCreated name status note tags referenceName totalQuantity receivedQuantity
      origin { location { id } } destination { location { id } }`,
    unversioned: true,
    listing: { connection: "inventoryTransfers" },
    subjects: ["INVENTORY_TRANSFER"],
  },
  inventory_shipment: {
    object: "InventoryShipment",
    fields: `name status barcode dateCreated dateShipped dateReceived lineItemTotalQuantity totalAcceptedQuantity
      totalReceivedQuantity totalRejectedQuantity`,
    unversioned: true,
    listing: { connection: "inventoryShipments" },
  },
  market: {
    object: "Market",
    fields: "name handle status type",
    unversioned: true,
    listing: { connection: "markets" },
  },
  segment: {
    object: "Segment",
    fields: "name query creationDate lastEditDate",
    unversioned: true,
    listing: { connection: "segments" },
  },
  delivery_profile: {
    object: "DeliveryProfile",
    fields: "name default version zoneCountryCount originLocationCount locationsWithoutRatesCount",
    unversioned: true,
    listing: { connection: "deliveryProfiles", unranged: true },
  },
  selling_plan_group: {
    object: "SellingPlanGroup",
    fields: "createdAt name merchantCode description options position appId summary",
    unversioned: true,
    listing: { connection: "sellingPlanGroups" },
  },
  subscription_contract: {
    object: "SubscriptionContract",
    fields: `${common} status currencyCode nextBillingDate lastPaymentStatus revisionId note customer { id }
      originOrder { id }`,
    listing: { connection: "subscriptionContracts", updated: "moment" },
  },
  theme: {
    object: "OnlineStoreTheme",
    aliases: ["Theme"],
    fields: `${common} name role prefix processing processingFailed themeStoreId`,
    listing: { connection: "themes", unranged: true },
  },
  dispute: {
    object: "ShopifyPaymentsDispute",
    fields: `type status initiatedAt evidenceDueBy evidenceSentOn finalizedOn amount { amount currencyCode }
      reasonDetails { reason networkReasonCode } order { id }`,
    unversioned: true,
    listing: { connection: "disputes" },
  },
  shop: {
    object: "Shop",
    fields: `${common} name myshopifyDomain email contactEmail currencyCode ianaTimezone weightUnit unitSystem taxesIncluded
      taxShipping setupRequired primaryDomain { host url } plan { publicDisplayName partnerDevelopment shopifyPlus }`,
    listing: { connection: "shop", single: true },
  },
};

/** Whether a name is that of a type. */
export const isType = (name: string): name is ShopifyType => Object.hasOwn(definitions, name);
