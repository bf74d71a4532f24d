/**
 * Whom a shop sells to, and how. Fields are as the Admin API has them: ids, times, amounts of money and large numbers are text.
 * @module
 */
import type { Stored } from "./stored.ts";

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

export interface CompanyContact extends Stored<"CompanyContact"> {
  createdAt: string;
  updatedAt: string;
  title: string | null;
  locale: string | null;
  isMainContact: boolean;
  company: { id: string };
  customer: { id: string };
}

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

export interface Segment extends Stored<"Segment"> {
  name: string;
  query: string;
  creationDate: string;
  lastEditDate: string;
}

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

export interface DeliveryProfile extends Stored<"DeliveryProfile"> {
  name: string;
  default: boolean;
  version: number;
  zoneCountryCount: number;
  originLocationCount: number;
  locationsWithoutRatesCount: number;
}

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
