/**
 * The states: what PayPal's API returns, as far as it is named here. Everything else is there, too, as `unknown`.
 * @module
 */

/** Text, because PayPal writes money as text: `{ currency_code: "USD", value: "9.99" }`. */
export interface Money {
  currency_code: string;
  value: string;
}

/** What most states have. Times are RFC 3339. */
interface State {
  create_time?: string;
  update_time?: string;
  links?: { href: string; rel: string; method?: string }[];
  [field: string]: unknown;
}

/** What moved money, or may. */
interface Payment extends State {
  id: string;
  status: string;
  amount?: Money;
  supplementary_data?: { related_ids?: { order_id?: string; authorization_id?: string; capture_id?: string } };
}

/** What a buyer agreed to pay: `v2/checkout/orders`. */
export interface Order extends State {
  id: string;
  status: string;
  intent?: "CAPTURE" | "AUTHORIZE";
  purchase_units?: {
    reference_id?: string;
    amount?: Money;
    payments?: { authorizations?: Payment[]; captures?: Payment[]; refunds?: Payment[] };
    [field: string]: unknown;
  }[];
}
/** Money that is reserved, not taken: `v2/payments/authorizations`. */
export interface Authorization extends Payment {
  expiration_time?: string;
}
/** Money that was taken: `v2/payments/captures`. */
export interface Capture extends Payment {
  final_capture?: boolean;
}
/** Money that was given back: `v2/payments/refunds`. */
export interface Refund extends Payment {
  note_to_payer?: string;
}

/** A payment of version 1 of the API, as subscriptions make them. */
export interface Sale extends State {
  id: string;
  state: string;
  amount?: { total: string; currency: string; [field: string]: unknown };
  billing_agreement_id?: string;
}

/** What a buyer pays again and again: `v1/billing/subscriptions`, with its plan and its last failed payment. */
export interface Subscription extends State {
  id: string;
  status: string;
  plan_id: string;
  status_update_time?: string;
  start_time?: string;
  quantity?: string;
  custom_id?: string;
  billing_info?: {
    next_billing_time?: string;
    failed_payments_count?: number;
    last_payment?: { amount?: Money; time?: string };
    [field: string]: unknown;
  };
}

/** A payment of a subscription, as its list of transactions has it; `subscription_id` is added. */
export interface SubscriptionTransaction {
  id: string;
  subscription_id: string;
  status: string;
  time?: string;
  [field: string]: unknown;
}

/** The prices and cycles of subscriptions: `v1/billing/plans`. */
export interface Plan extends State {
  id: string;
  product_id: string;
  status: string;
  name?: string;
}
/** What plans sell: `v1/catalogs/products`. */
export interface Product extends State {
  id: string;
  name: string;
  type?: string;
}

/** A payment that the buyer objects to: `v1/customer/disputes`. */
export interface Dispute extends State {
  dispute_id: string;
  status: string;
  reason?: string;
  dispute_amount?: Money;
  dispute_life_cycle_stage?: string;
  disputed_transactions?: { seller_transaction_id?: string; [field: string]: unknown }[];
}

/** A bill that was drafted or sent: `v2/invoicing/invoices`. */
export interface Invoice extends State {
  id: string;
  status: string;
  detail?: {
    invoice_number?: string;
    metadata?: { create_time?: string; last_update_time?: string; last_sent_time?: string; cancel_time?: string };
    [field: string]: unknown;
  };
}

/** Payouts that were ordered together: `v1/payments/payouts`, without its items. */
export interface PayoutBatch extends State {
  batch_header: {
    payout_batch_id: string;
    batch_status: string;
    time_created?: string;
    time_completed?: string;
    [field: string]: unknown;
  };
}
/** One of a batch, to one receiver: `v1/payments/payouts-item`. */
export interface PayoutItem extends State {
  payout_item_id: string;
  payout_batch_id: string;
  transaction_status?: string;
  transaction_id?: string;
  time_processed?: string;
}

/** A way to pay that a buyer had saved: `v3/vault/payment-tokens`. */
export interface PaymentToken extends State {
  id: string;
  customer?: { id?: string };
  payment_source?: Record<string, unknown>;
}
