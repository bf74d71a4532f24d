/**
 * The types of PayPal that can be synchronized: where each is fetched and listed, and what orders two reads of it.
 * @module
 */
import { isId, latestOf, valuesAt } from "./fields.ts";
import type * as State from "./states.ts";

/** Type names and their states, as the REST API returns them. */
export type PayPalTypes = {
  order: State.Order;
  authorization: State.Authorization;
  capture: State.Capture;
  refund: State.Refund;
  sale: State.Sale;
  subscription: State.Subscription;
  subscription_transaction: State.SubscriptionTransaction;
  plan: State.Plan;
  product: State.Product;
  dispute: State.Dispute;
  invoice: State.Invoice;
  payout_batch: State.PayoutBatch;
  payout_item: State.PayoutItem;
  payment_token: State.PaymentToken;
};
/** The name of a type. */
export type PayPalType = keyof PayPalTypes;

/** Parameters of a request. */
export type Query = Readonly<Record<string, string>>;

/** A list that is read page by page. */
export interface List {
  path: string;
  /** The field that holds the rows. */
  rows: string;
  /** Rows of a page; the most that PayPal gives. Left out: it is not for us to say. */
  size?: number;
  query?: Query;
  headers?: Query;
  /** Pages are numbered, up to this one. Left out: each page names the next. */
  pages?: number;
}

/** What is particular to a type. */
export interface Definition {
  /** `{id}` stands for the id; of what is within another, for what comes after that one's. Empty: only lists show it. */
  path: string;
  query?: Query;
  /** The fields that make the id, joined by a slash. */
  id: readonly string[];
  /** Fields with times that never fall: the latest is the version. */
  times?: readonly string[];
  /** Where all are listed. `moves`: a row's `update_time` moves with every change, so that one that is known is not read. */
  list?: List & { moves?: true };
  /** Where what is within one of another type is listed; `{parent}` stands for its id. */
  within?: List & { type: PayPalType; until?: string };
  /** What differs without a change, besides `links`. */
  volatile?: readonly string[];
}

const TIMES = ["create_time", "update_time"];
const paid = (kind: string) => `purchase_units.*.payments.${kind}.*.links`;

export const definitions: Readonly<Record<PayPalType, Definition>> = {
  order: {
    ...{ path: "v2/checkout/orders/{id}", id: ["id"], times: TIMES },
    volatile: [paid("authorizations"), paid("captures"), paid("refunds")],
  },
  authorization: { path: "v2/payments/authorizations/{id}", id: ["id"], times: TIMES },
  capture: { path: "v2/payments/captures/{id}", id: ["id"], times: TIMES },
  refund: { path: "v2/payments/refunds/{id}", id: ["id"], times: TIMES },
  sale: { path: "v1/payments/sale/{id}", id: ["id"], times: TIMES },
  subscription: {
    ...{ path: "v1/billing/subscriptions/{id}", query: { fields: "plan,last_failed_payment" }, id: ["id"] },
    times: [...TIMES, "status_update_time"],
    // A cycle ends without a word and without a new time: each sweep reads them all.
    list: { path: "v1/billing/subscriptions", rows: "subscriptions", size: 20, pages: 100_000 },
    volatile: ["plan.links"],
  },
  subscription_transaction: {
    ...{ path: "", id: ["subscription_id", "id"] },
    within: {
      ...{ type: "subscription", path: "v1/billing/subscriptions/{parent}/transactions", rows: "transactions" },
      // Both are required. There were no subscriptions before.
      ...{ query: { start_time: "2010-01-01T00:00:00.000Z" }, until: "end_time" },
    },
  },
  plan: {
    ...{ path: "v1/billing/plans/{id}", id: ["id"], times: TIMES },
    list: {
      ...{ path: "v1/billing/plans", rows: "plans", size: 20, pages: 100_000, moves: true },
      query: { total_required: "true" },
      // Without it a row has no `update_time`.
      headers: { prefer: "return=representation" },
    },
  },
  product: {
    ...{ path: "v1/catalogs/products/{id}", id: ["id"], times: TIMES },
    list: {
      ...{ path: "v1/catalogs/products", rows: "products", size: 20, pages: 100_000, moves: true },
      query: { total_required: "true" },
    },
  },
  dispute: {
    ...{ path: "v1/customer/disputes/{id}", id: ["dispute_id"], times: TIMES },
    list: { path: "v1/customer/disputes", rows: "items", size: 50, moves: true },
  },
  invoice: {
    ...{ path: "v2/invoicing/invoices/{id}", id: ["id"] },
    times: ["create_time", "last_update_time", "last_sent_time", "cancel_time"].map(
      (time) => `detail.metadata.${time}`,
    ),
    list: {
      ...{ path: "v2/invoicing/invoices", rows: "items", size: 100, pages: 1_000 },
      query: { total_required: "true" },
    },
  },
  payout_batch: {
    ...{ path: "v1/payments/payouts/{id}", query: { page: "1", page_size: "1", fields: "batch_header" } },
    ...{ id: ["batch_header.payout_batch_id"], times: ["batch_header.time_created", "batch_header.time_completed"] },
    // A payout_item each: what is left of them here is a page.
    volatile: ["items"],
  },
  payout_item: {
    ...{ path: "v1/payments/payouts-item/{id}", id: ["payout_batch_id", "payout_item_id"], times: ["time_processed"] },
    within: {
      ...{ type: "payout_batch", path: "v1/payments/payouts/{parent}", rows: "items", size: 1_000, pages: 1_000 },
      query: { total_required: "true" },
    },
  },
  payment_token: { path: "v3/vault/payment-tokens/{id}", id: ["id"] },
};

/** The name of every type. */
export const allTypes = Object.keys(definitions) as PayPalType[];

/** Whether a name is that of a type. */
export const isType = (name: unknown): name is PayPalType =>
  typeof name === "string" && Object.hasOwn(definitions, name);

/** The types that are listed within one. */
export const childrenOf = (type: PayPalType): PayPalType[] =>
  allTypes.filter((child) => definitions[child].within?.type === type);

/** The id of a state; undefined if it has none. */
export function idIn({ id }: Definition, state: unknown): string | undefined {
  const parts = id.flatMap((path) => valuesAt(state, path));
  return parts.every(isId) ? parts.join("/") : undefined;
}

/** The version of a state, in ms since 1970. */
export const versionOf = ({ times = [] }: Definition, state: unknown): number | undefined => latestOf(state, times);
