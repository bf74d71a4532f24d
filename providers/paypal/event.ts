/**
 * An event of PayPal, from a webhook or from the feed: where does it say to look?
 * @module
 */
import type { Hint } from "tidemark";
import { z } from "zod";
import { fieldOf, idsAt, isId, timeOf } from "./fields.ts";
import { linkOf } from "./hosts.ts";
import { collectionsOf, type PayPalRef, pointsOf, refAt } from "./points.ts";
import { definitions, idIn, type PayPalType, versionOf } from "./types.ts";

/** An event carries the resource as it was. It is not believed: only where to look is read. */
const envelope = z.object({
  id: z.string().nullish(),
  create_time: z.string().nullish(),
  event_type: z.string(),
  resource_type: z.string().nullish(),
  resource: z.unknown().optional(),
});

/**
 * Events whose resource is not what their name says, or is of another type than it says itself, and the field with the
 * id of the one that changed: a refunded sale carries a refund of the first version of the API, which names the sale.
 */
const special: readonly { event: string; type: PayPalType; id: readonly string[] }[] = [
  { event: "CHECKOUT.PAYMENT-APPROVAL.", type: "order", id: ["order_id"] },
  { event: "PAYMENT.SALE.", type: "sale", id: ["sale_id", "id"] },
];

/** What an event carries, by its `resource_type`: a refunded capture's event carries the refund. */
const carried: Readonly<Record<string, PayPalType>> = {
  "checkout-order": "order",
  ...{ authorization: "authorization", capture: "capture", refund: "refund" },
  ...{ subscription: "subscription", plan: "plan", product: "product", dispute: "dispute" },
  ...{ invoices: "invoice", invoicing: "invoice" },
  ...{ payouts: "payout_batch", payouts_item: "payout_item", payment_token: "payment_token" },
};

/** The same by the beginning of the event's name, for those that do not say; the first that fits. */
const named: readonly (readonly [begin: string, type: PayPalType])[] = [
  ["CHECKOUT.ORDER.", "order"],
  ["PAYMENT.AUTHORIZATION.", "authorization"],
  ["PAYMENT.CAPTURE.REFUNDED", "refund"],
  ["PAYMENT.CAPTURE.REVERSED", "refund"],
  ["PAYMENT.CAPTURE.", "capture"],
  ["PAYMENT.REFUND.", "refund"],
  ["BILLING.SUBSCRIPTION.", "subscription"],
  ["BILLING.PLAN.", "plan"],
  ["CATALOG.PRODUCT.", "product"],
  ["CUSTOMER.DISPUTE.", "dispute"],
  ["RISK.DISPUTE.", "dispute"],
  ["INVOICING.INVOICE.", "invoice"],
  ["PAYMENT.PAYOUTSBATCH.", "payout_batch"],
  ["PAYMENT.PAYOUTS-ITEM.", "payout_item"],
  ["VAULT.PAYMENT-TOKEN.", "payment_token"],
];

/** Whether an event of this name is of use to the types. What is listed within another is told of by that one's events. */
export function isOfUse(name: string, types: readonly PayPalType[]): boolean {
  const begins = [...special.map(({ event, type }) => [event, type] as const), ...named];
  const type = begins.find(([begin]) => name.startsWith(begin))?.[1];
  // A subscription is charged by sales.
  return types.some((one) => one === type || (one === "subscription" && type === "sale"));
}

/**
 * Where an event says to look: the resource itself, then what is within it, then what changes with it. No hints for types
 * that are not selected.
 * @throws ZodError if it is no event
 */
export function readEvent<T extends PayPalType>(body: unknown, types: ReadonlySet<T>): Hint<T>[] {
  const { id, create_time, event_type, resource_type, resource } = envelope.parse(body);
  const at = timeOf(create_time);
  const event = id && { event: { id, name: event_type, ...(at !== undefined && { at: new Date(at) }) } };
  const hints = looksOf(event_type, resource_type ?? "", resource).flatMap(({ type, ...look }) =>
    isOneOf(types, type) ? [{ type, ...look, ...event }] : [],
  );
  // The first of one resource is the one with a version.
  const distinct = new Map(hints.toReversed().map((hint) => [`${hint.type} ${hint.id}`, hint]));
  return [...distinct.values()].reverse();
}

const isOneOf = <T extends PayPalType>(types: ReadonlySet<T>, type: PayPalType): type is T =>
  (types as ReadonlySet<string>).has(type);

type Look = PayPalRef & { version?: number };

function looksOf(event: string, kind: string, resource: unknown): Look[] {
  const self = specialOf(event, resource) ?? selfOf(event, kind, resource) ?? refAt(linkOf(resource, "self"));
  if (!self) return [];
  return [self, ...collectionsOf(self), ...pointsOf(self.type, resource)];
}

function specialOf(event: string, resource: unknown): Look | undefined {
  const found = special.find((one) => event.startsWith(one.event));
  const id = found?.id.map((name) => fieldOf(resource, name)).find(isId);
  return found && id !== undefined ? { type: found.type, id } : undefined;
}

function selfOf(event: string, kind: string, resource: unknown): Look | undefined {
  const type = Object.hasOwn(carried, kind) ? carried[kind] : named.find(([begin]) => event.startsWith(begin))?.[1];
  if (type === undefined) return undefined;
  // An invoice is sent by itself, or as a field of what is sent.
  const state =
    type === "invoice" && idsAt(resource, "invoice.id").length > 0 ? fieldOf(resource, "invoice") : resource;
  const id = idIn(definitions[type], state);
  if (id === undefined) return undefined;
  const version = versionOf(definitions[type], state);
  return { type, id, ...(version !== undefined && { version }) };
}
