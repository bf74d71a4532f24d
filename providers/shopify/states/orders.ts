/**
 * Orders, and what is made of them. Fields are as the Admin API has them: ids, times, amounts of money and large numbers are text.
 * @module
 */
import type { Stored } from "./stored.ts";

/** An order: `Order` of the Admin API. */
export interface Order extends Stored<"Order"> {
  createdAt: string;
  updatedAt: string;
  name: string;
  email: string | null;
  phone: string | null;
  note: string | null;
  tags: string[];
  test: boolean;
  confirmed: boolean;
  currencyCode: string;
  processedAt: string;
  cancelledAt: string | null;
  cancelReason: string | null;
  closedAt: string | null;
  displayFinancialStatus: string | null;
  displayFulfillmentStatus: string;
  returnStatus: string;
  sourceName: string | null;
  discountCodes: string[];
  currentTotalPriceSet: { shopMoney: { amount: string; currencyCode: string } };
  currentTotalTaxSet: { shopMoney: { amount: string; currencyCode: string } };
  totalRefundedSet: { shopMoney: { amount: string; currencyCode: string } };
  totalOutstandingSet: { shopMoney: { amount: string; currencyCode: string } };
  customer: { id: string } | null;
}

/** An order that is not placed yet: `DraftOrder` of the Admin API. */
export interface DraftOrder extends Stored<"DraftOrder"> {
  createdAt: string;
  updatedAt: string;
  name: string;
  status: string;
  tags: string[];
  currencyCode: string;
  taxesIncluded: boolean;
  invoiceSentAt: string | null;
  completedAt: string | null;
  totalPriceSet: { shopMoney: { amount: string; currencyCode: string } };
  order: { id: string } | null;
  customer: { id: string } | null;
}

/** A shipment of an order: `Fulfillment` of the Admin API. */
export interface Fulfillment extends Stored<"Fulfillment"> {
  createdAt: string;
  updatedAt: string;
  name: string;
  status: string;
  displayStatus: string | null;
  totalQuantity: number;
  requiresShipping: boolean;
  deliveredAt: string | null;
  estimatedDeliveryAt: string | null;
  inTransitAt: string | null;
  trackingInfo: { company: string | null; number: string | null; url: string | null }[];
  order: { id: string };
  location: { id: string } | null;
}

/** A part of an order that one location fulfils: `FulfillmentOrder` of the Admin API. */
export interface FulfillmentOrder extends Stored<"FulfillmentOrder"> {
  createdAt: string;
  updatedAt: string;
  orderId: string;
  orderName: string;
  status: string;
  requestStatus: string;
  fulfillAt: string | null;
  fulfillBy: string | null;
  assignedLocation: { location: { id: string } | null };
}

/** A refund of an order: `Refund` of the Admin API. */
export interface Refund extends Stored<"Refund"> {
  createdAt: string | null;
  updatedAt: string;
  note: string | null;
  processedAt: string;
  totalRefundedSet: { shopMoney: { amount: string; currencyCode: string } };
  order: { id: string };
  return: { id: string } | null;
}

/** A return of what was ordered: `Return` of the Admin API. */
export interface Return extends Stored<"Return"> {
  createdAt: string;
  closedAt: string | null;
  requestApprovedAt: string | null;
  name: string;
  status: string;
  totalQuantity: number;
  order: { id: string };
}

/** A payment of an order, or a step of one: `OrderTransaction` of the Admin API. */
export interface OrderTransaction extends Stored<"OrderTransaction"> {
  createdAt: string;
  processedAt: string | null;
  kind: string;
  status: string;
  test: boolean;
  gateway: string | null;
  formattedGateway: string | null;
  errorCode: string | null;
  paymentId: string | null;
  amountSet: { shopMoney: { amount: string; currencyCode: string } };
  order: { id: string } | null;
  parentTransaction: { id: string } | null;
}

/** A payment that the buyer objects to: `ShopifyPaymentsDispute` of the Admin API. */
export interface Dispute extends Stored<"ShopifyPaymentsDispute"> {
  type: string;
  status: string;
  initiatedAt: string;
  evidenceDueBy: string | null;
  evidenceSentOn: string | null;
  finalizedOn: string | null;
  amount: { amount: string; currencyCode: string };
  reasonDetails: { reason: string; networkReasonCode: string | null };
  order: { id: string } | null;
}

/** A contract of a buyer who pays again and again: `SubscriptionContract` of the Admin API. */
export interface SubscriptionContract extends Stored<"SubscriptionContract"> {
  createdAt: string;
  updatedAt: string;
  status: string;
  currencyCode: string;
  nextBillingDate: string | null;
  lastPaymentStatus: string | null;
  revisionId: string;
  note: string | null;
  customer: { id: string } | null;
  originOrder: { id: string } | null;
}
