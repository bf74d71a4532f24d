/**
 * Whom a shop sells to, and how. Fields are as the Admin API has them: ids, times, amounts of money and large numbers are text.
 * @module
 */
import type { Stored } from "./stored.ts";

/** A customer: `Customer` of the Admin API. */
export interface Customer extends Stored<"Customer"> {
  createdAt: string;
  updatedAt: string;
  displayName: string;
  firstName: string | null;
  lastName: string | null;
  state: string;
  note: string | null;
  tags: string[];
  locale: string;
  taxExempt: boolean;
  verifiedEmail: boolean;
  numberOfOrders: string;
  amountSpent: { amount: string; currencyCode: string };
  defaultEmailAddress: { emailAddress: string } | null;
  defaultPhoneNumber: { phoneNumber: string } | null;
}

/** A company that buys: `Company` of the Admin API. */
export interface Company extends Stored<"Company"> {
  createdAt: string;
  updatedAt: string;
  name: string;
  externalId: string | null;
  note: string | null;
  customerSince: string;
  mainContact: { id: string } | null;
  totalSpent: { amount: string; currencyCode: string };
}

/** A person who buys for a company: `CompanyContact` of the Admin API. */
export interface CompanyContact extends Stored<"CompanyContact"> {
  createdAt: string;
  updatedAt: string;
  title: string | null;
  locale: string | null;
  isMainContact: boolean;
  company: { id: string };
  customer: { id: string };
}

/** A place of a company: `CompanyLocation` of the Admin API. */
export interface CompanyLocation extends Stored<"CompanyLocation"> {
  createdAt: string;
  updatedAt: string;
  name: string;
  externalId: string | null;
  note: string | null;
  locale: string | null;
  currency: string;
  company: { id: string };
}

/** A group of customers, by a query: `Segment` of the Admin API. */
export interface Segment extends Stored<"Segment"> {
  name: string;
  query: string;
  creationDate: string;
  lastEditDate: string;
}

/** A market that the shop sells to: `Market` of the Admin API. */
export interface Market extends Stored<"Market"> {
  name: string;
  handle: string;
  status: string;
  type: string;
}

/** A discount of any kind. What a kind has besides, `fields` can ask for. */
export interface Discount extends Stored<"DiscountNode"> {
  discount: { __typename: string; title: string; status: string; startsAt: string; endsAt: string | null };
}

/** A set of ways to sell: subscriptions, pre-orders: `SellingPlanGroup` of the Admin API. */
export interface SellingPlanGroup extends Stored<"SellingPlanGroup"> {
  createdAt: string;
  name: string;
  merchantCode: string;
  description: string | null;
  options: string[];
  position: number | null;
  appId: string | null;
  summary: string | null;
}

/** A set of rates and zones of delivery: `DeliveryProfile` of the Admin API. */
export interface DeliveryProfile extends Stored<"DeliveryProfile"> {
  name: string;
  default: boolean;
  version: number;
  zoneCountryCount: number;
  originLocationCount: number;
  locationsWithoutRatesCount: number;
}

/** A theme of the online shop: `OnlineStoreTheme` of the Admin API. */
export interface Theme extends Stored<"OnlineStoreTheme"> {
  createdAt: string;
  updatedAt: string;
  name: string;
  role: string;
  prefix: string;
  processing: boolean;
  processingFailed: boolean;
  themeStoreId: number | null;
}

/** The shop itself: `Shop` of the Admin API. */
export interface Shop extends Stored<"Shop"> {
  createdAt: string;
  updatedAt: string;
  name: string;
  myshopifyDomain: string;
  email: string;
  contactEmail: string;
  currencyCode: string;
  ianaTimezone: string;
  weightUnit: string;
  unitSystem: string;
  taxesIncluded: boolean;
  taxShipping: boolean;
  setupRequired: boolean;
  primaryDomain: { host: string; url: string };
  plan: { publicDisplayName: string; partnerDevelopment: boolean; shopifyPlus: boolean };
}
