/** A Stripe account in memory: five types of objects, their lists, the event log, signed webhooks. */
import type { Delivery, Emulator, EmulatorOptions } from "tidemark/testing";
import { StripeHooks } from "./stripe.hooks.ts";
import { type Json, sign } from "./stripe.kit.ts";

export const STRIPE = "https://api.stripe.com";
/** The types that there are. */
export const STRIPE_TYPES = ["customer", "product", "price", "subscription", "subscription_item"] as const;

type Stored = Json & { id: string; object: string; created: number };
/** How many objects a page has at most, so that a few make several pages. */
const PAGE = 7;
const paths: Readonly<Record<string, string>> = {
  ...{ customers: "customer", products: "product", prices: "price" },
  ...{ subscriptions: "subscription", subscription_items: "subscription_item" },
};
const prefixes: Readonly<Record<string, string>> = {
  ...{ customer: "cus", product: "prod", price: "price", subscription: "sub", subscription_item: "si" },
};

const missing = (param: string) => ({ type: "invalid_request_error", code: "resource_missing", param, message: "No" });
const refuse = (status: number, error: object) => Response.json({ error }, { status });

/** An account that is empty. */
export function stripeEmulator({ now, secret }: EmulatorOptions): Emulator & { hooks: StripeHooks } {
  const hooks = new StripeHooks();
  const objects = new Map<string, Stored>();
  const deleted = new Map<string, string>();
  const events: Stored[] = [];
  const outbox: Delivery[] = [];
  let allowed = true;
  let last = 0;
  const seconds = () => Math.floor(now() / 1_000);
  const all = (type: string) => [...objects.values()].filter(({ object }) => object === type);

  function tell(type: string, object: Stored): void {
    const event = {
      id: `evt_${events.length + 1}`,
      object: "event",
      type,
      created: seconds(),
      data: { object: { ...object } },
    };
    events.push(event);
    const body = JSON.stringify(event);
    outbox.push({ body, headers: { "stripe-signature": sign(body, secret, seconds()) } });
  }

  function put(object: string, more: Json): Stored {
    const id = `${prefixes[object]}_${++last}`;
    const stored = { id, object, created: seconds(), livemode: false, metadata: {}, ...more };
    objects.set(id, stored);
    return stored;
  }
  const change = (object: Stored, more: Json): Stored => {
    const changed = { ...object, ...more };
    objects.set(object.id, changed);
    return changed;
  };

  /** A subscription shows its items. */
  function show(object: Stored): Stored {
    if (object.object !== "subscription") return object;
    const data = all("subscription_item").filter((item) => item["subscription"] === object.id);
    return { ...object, items: { object: "list", data, has_more: false, url: "/v1/subscription_items" } };
  }

  const writes: readonly ((random: () => number) => void)[] = [
    () => tell("customer.created", put("customer", { name: "Ann" })),
    () => tell("product.created", put("product", { name: "Tea", active: true, updated: seconds() })),
    (random) => {
      const product = oneOf(random, all("product"));
      if (product) tell("price.created", put("price", { product: product.id, active: true, unit_amount: 500 }));
    },
    (random) => {
      const customer = oneOf(random, all("customer"));
      const price = oneOf(random, all("price"));
      if (!customer || !price) return;
      const subscription = put("subscription", { customer: customer.id, status: "active" });
      put("subscription_item", { subscription: subscription.id, price: price.id, quantity: 1 });
      tell("customer.subscription.created", show(subscription));
    },
    (random) => {
      const customer = oneOf(random, all("customer"));
      if (customer) tell("customer.updated", change(customer, { name: `Ann ${random()}` }));
    },
    (random) => {
      const product = oneOf(random, all("product"));
      if (product) tell("product.updated", change(product, { name: `Tea ${random()}`, updated: seconds() }));
    },
    (random) => {
      const price = oneOf(random, all("price"));
      if (price) tell("price.updated", change(price, { active: random() < 0.5, nickname: `${random()}` }));
    },
    (random) => {
      const item = oneOf(random, all("subscription_item"));
      const subscription = item && objects.get(String(item["subscription"]));
      if (!item || !subscription) return;
      change(item, { quantity: 1 + Math.floor(random() * 1_000) });
      tell("customer.subscription.updated", show(subscription));
    },
    (random) => {
      const subscription = oneOf(random, all("subscription"));
      if (!subscription) return;
      const price = oneOf(random, all("price"));
      put("subscription_item", { subscription: subscription.id, price: price?.id, quantity: 2 });
      tell("customer.subscription.updated", show(subscription));
    },
    (random) => {
      const subscription = oneOf(random, all("subscription"));
      if (subscription) tell("customer.subscription.deleted", change(show(subscription), { status: "canceled" }));
    },
    (random) => remove(oneOf(random, all("customer")), "customer.deleted"),
    (random) => {
      const item = oneOf(random, all("subscription_item"));
      const subscription = item && objects.get(String(item["subscription"]));
      remove(item, undefined);
      if (subscription) tell("customer.subscription.updated", show(subscription));
    },
  ];

  function remove(object: Stored | undefined, event: string | undefined): void {
    if (!object) return;
    objects.delete(object.id);
    deleted.set(object.id, object.object);
    if (event) tell(event, object);
  }

  function answer(url: URL): Response {
    const [, version, path = "", id] = url.pathname.split("/").map(decodeURIComponent);
    const query = url.searchParams;
    if (!allowed) return refuse(401, { type: "invalid_request_error", message: "Expired API Key provided" });
    if (version === "v1" && path === "events")
      return listOf(
        events.filter(({ type }) => isAsked(query, String(type))),
        query,
      );
    const type = paths[path];
    if (version !== "v1" || type === undefined)
      return refuse(404, { type: "invalid_request_error", message: "no URL" });
    if (id === undefined) return listed(type, query);
    const object = objects.get(id);
    if (object?.object === type) return Response.json(show(object));
    if (deleted.get(id) === type && type === "customer") return Response.json({ id, object: type, deleted: true });
    return refuse(404, missing("id"));
  }

  function listed(type: string, query: URLSearchParams): Response {
    const parent = query.get("subscription");
    if (type === "subscription_item" && objects.get(parent ?? "")?.object !== "subscription") {
      return refuse(404, missing("subscription"));
    }
    const active = query.get("active");
    const found = all(type)
      .filter((object) => type !== "subscription_item" || object["subscription"] === parent)
      .filter((object) => active === null || String(object["active"]) === active)
      .filter(({ status }) => type !== "subscription" || query.get("status") === "all" || status !== "canceled");
    return listOf(found.map(show), query);
  }

  return {
    hooks,
    fetch: (request) => (allowed && hooks.answers(request) ? hooks.answer(request) : answer(new URL(request.url))),
    write: (random) => oneOf(random, writes)?.(random),
    sent: () => outbox.splice(0),
    *truth() {
      for (const object of objects.values()) {
        const parent = object.object === "subscription_item" ? `${object["subscription"]}/` : "";
        yield { type: object.object, scope: "", id: `${parent}${object.id}`, state: show(object) };
      }
    },
    access: (now) => {
      allowed = now;
    },
  };
}

/** Newest first, after an object; one that is not there is no place in a list. */
function listOf(objects: readonly Stored[], query: URLSearchParams): Response {
  const [from, to] = [Number(query.get("created[gte]") ?? 0), Number(query.get("created[lte]") ?? Infinity)];
  const found = objects.filter(({ created }) => created >= from && created <= to).reverse();
  const after = query.get("starting_after");
  const begin = after === null ? 0 : found.findIndex(({ id }) => id === after) + 1;
  if (after !== null && begin === 0) return refuse(400, missing("starting_after"));
  const end = begin + Math.min(PAGE, Number(query.get("limit") ?? 10));
  return Response.json({ object: "list", url: "/", data: found.slice(begin, end), has_more: end < found.length });
}

function isAsked(query: URLSearchParams, type: string): boolean {
  const types = [...query].filter(([key]) => key.startsWith("types[")).map(([, value]) => value);
  return types.length === 0 || types.includes(type);
}

const oneOf = <T>(random: () => number, list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
