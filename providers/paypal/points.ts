/**
 * Where else to look: what a resource names, and what changes with it.
 * @module
 */
import { fieldOf, idsAt, isId } from "./fields.ts";
import { linkOf } from "./hosts.ts";
import { allTypes, childrenOf, definitions, type PayPalType } from "./types.ts";

/** A resource. An id that ends with a slash: all that is listed within that parent. */
export interface PayPalRef {
  type: PayPalType;
  id: string;
}

/** Fields that hold an id, and what it is the id of. */
const points: Readonly<Partial<Record<PayPalType, Readonly<Record<string, readonly PayPalType[]>>>>> = {
  order: {
    "purchase_units.*.payments.authorizations.*.id": ["authorization"],
    "purchase_units.*.payments.captures.*.id": ["capture"],
    "purchase_units.*.payments.refunds.*.id": ["refund"],
  },
  subscription: { plan_id: ["plan"] },
  plan: { product_id: ["product"] },
  // It does not say by which of the two APIs the payment was made.
  dispute: { "disputed_transactions.*.seller_transaction_id": ["capture", "sale"] },
  payout_item: { payout_batch_id: ["payout_batch"] },
};

/** What payments and refunds name of those before them. */
const related = {
  "supplementary_data.related_ids.order_id": "order",
  "supplementary_data.related_ids.authorization_id": "authorization",
  "supplementary_data.related_ids.capture_id": "capture",
} as const;

/** Where a resource points, and what is within it. */
export function pointsOf(type: PayPalType, resource: unknown): PayPalRef[] {
  const named = Object.entries(points[type] ?? {}).flatMap(([path, types]) =>
    idsAt(resource, path).flatMap((id) => types.map((type) => ({ type, id }))),
  );
  const before = Object.entries(related).flatMap(([path, type]) => idsAt(resource, path).map((id) => ({ type, id })));
  const up = refAt(linkOf(resource, "up"));
  return [...named, ...before, ...(up ? [up] : []), ...(type === "sale" ? subscriptionOf(resource) : [])];
}

/** A sale of a subscription is in its transactions, too. What is no subscription is an agreement of the API before it. */
function subscriptionOf(sale: unknown): PayPalRef[] {
  const id = fieldOf(sale, "billing_agreement_id");
  if (!isId(id) || !id.startsWith("I-")) return [];
  return [{ type: "subscription", id }, ...collectionsOf({ type: "subscription", id })];
}

/** What is within a resource, as a whole. */
export const collectionsOf = ({ type, id }: PayPalRef): PayPalRef[] =>
  childrenOf(type).map((child) => ({ type: child, id: `${id}/` }));

/** Paths that name a resource by its id alone. */
const paths = allTypes
  .filter((type) => definitions[type].within === undefined)
  .map((type) => ({ type, begin: `/${definitions[type].path.replace("{id}", "")}` }));

/** The resource that a link leads to. */
export function refAt(link: URL | undefined): PayPalRef | undefined {
  const found = paths.find(({ begin }) => link?.pathname.startsWith(begin));
  const id = found && link?.pathname.slice(found.begin.length);
  return found && isId(id) ? { type: found.type, id } : undefined;
}
