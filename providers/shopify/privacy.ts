/**
 * The three webhooks by which Shopify asks an app for what it holds of a customer, or to forget it.
 *
 * They are no hints: what they ask for, no read would show. Their topic is a header that is not signed, so each is
 * recognised by its body: what asks for a copy can never be taken for what asks to forget.
 * @module
 */
import { WebhookRejected } from "tidemark";
import { z } from "zod";
import { idFrom } from "./definition.ts";
import { definitions } from "./types.ts";
import type { Delivery } from "./webhook.ts";

/** What Shopify asks of an app, by law (shopify.dev/docs/apps/build/compliance/privacy-law-compliance). */
export interface PrivacyRequest {
  /**
   * `customers/redact`: forget this customer and these orders. `shop/redact`: forget all of the shop, 48 hours after the
   * app was removed. `customers/data_request`: give the shop's owner what you hold of the customer.
   */
  topic: "customers/redact" | "customers/data_request" | "shop/redact";
  /** The shop's domain: the scope. */
  shop: string;
  /** What it is about: the customer and the orders. Empty for a whole shop. */
  resources: { type: "customer" | "order"; id: string }[];
  /** Shopify's number of a request for data. */
  request?: string;
}

const number = z.union([z.number(), z.string()]);
const customer = z.looseObject({ id: number.nullish() });
const redact = z.looseObject({ shop_domain: z.string(), customer, orders_to_redact: z.array(number) });
const dataRequest = z.looseObject({
  shop_domain: z.string(),
  customer,
  orders_requested: z.array(number),
  data_request: z.looseObject({ id: number }),
});
const shopRedact = z.looseObject({ shop_domain: z.string(), customer: z.undefined().optional() });

/**
 * The request that a verified delivery makes; undefined if it makes none.
 * @throws WebhookRejected if its body is not what its topic says
 */
export function privacyOf({ topic, shop, body }: Delivery): PrivacyRequest | undefined {
  if (topic === "customers/redact") {
    const { customer, orders_to_redact } = parse(redact, body);
    return { topic, shop, resources: resourcesOf(customer.id, orders_to_redact) };
  }
  if (topic === "customers/data_request") {
    const { customer, orders_requested, data_request } = parse(dataRequest, body);
    return { topic, shop, resources: resourcesOf(customer.id, orders_requested), request: String(data_request.id) };
  }
  if (topic !== "shop/redact") return undefined;
  parse(shopRedact, body);
  return { topic, shop, resources: [] };
}

function parse<T>(form: z.ZodType<T>, body: unknown): T {
  const { data, success } = form.safeParse(body);
  if (success) return data;
  throw new WebhookRejected("the body is not what its topic says: the topic is a header that is not signed");
}

function resourcesOf(customer: unknown, orders: readonly unknown[]): PrivacyRequest["resources"] {
  const ref = (type: "customer" | "order") => (value: unknown) => {
    const id = idFrom(definitions[type], value);
    return id === undefined ? [] : [{ type, id }];
  };
  return [...[customer].flatMap(ref("customer")), ...orders.flatMap(ref("order"))];
}
