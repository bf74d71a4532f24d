/**
 * Stripe: products, charges, subscriptions and the list of events (docs.stripe.com/api).
 * @module
 */
import { createHmac } from "node:crypto";
import type { Happened, Json, Kind, State } from "./account.ts";
import type { Dialect, Given } from "./dialect.ts";

export const STRIPE_SECRET = "whsec_compare";
const prefixes: Readonly<Record<Kind, string>> = { product: "prod", charge: "ch", subscription: "sub" };
const kinds: Readonly<Record<string, Kind>> = { products: "product", charges: "charge", subscriptions: "subscription" };
/** Milliseconds for which Stripe lists events. */
const KEPT = 30 * 86_400_000;

export const stripeId = (kind: Kind, id: number): string => `${prefixes[kind]}_${id}`;
const seconds = (ms: number) => Math.floor(ms / 1_000);

const objectOf = ({ id, kind, n, created, updated, closed, fields }: State): Json => ({
  ...{ id: stripeId(kind, id), object: kind, created: seconds(created), livemode: false, metadata: { n: String(n) } },
  ...(kind === "product" && { name: `state ${n}`, active: true, updated: seconds(updated) }),
  ...(kind === "charge" && { amount: 1_000, currency: "eur", status: "pending" }),
  ...(kind === "subscription" && {
    status: closed ? "canceled" : "active",
    items: { object: "list", data: [], has_more: false, url: "/v1/subscription_items" },
  }),
  ...fields,
});

const nameOf = ({ action, state: { kind } }: Happened): string =>
  `${kind === "subscription" ? "customer." : ""}${kind}.${action}`;
const eventOf = (event: Happened): Json => ({
  ...{ id: event.id, object: "event", api_version: "2026-01-28", created: seconds(event.at), type: nameOf(event) },
  ...{ data: { object: objectOf(event.state) }, livemode: false, pending_webhooks: 1, request: { id: null } },
});

/** Newest first, after an object. */
function page(all: readonly Json[], { url: { searchParams, pathname }, pageSize }: Given) {
  const after = searchParams.get("starting_after");
  const begin = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const data = all.slice(begin, begin + pageSize);
  return { status: 200, body: { object: "list", url: pathname, data, has_more: all.length > begin + pageSize } };
}

function eventsOf(given: Given) {
  const { account, url } = given;
  const from = Number(url.searchParams.get("created[gte]") ?? 0);
  const to = Number(url.searchParams.get("created[lte]") ?? Infinity);
  const since = account.now - KEPT;
  const found = account.visible().filter(({ at }) => at > since && seconds(at) >= from && seconds(at) <= to);
  return page(found.sort((a, b) => b.at - a.at).map(eventOf), given);
}

function listOf(given: Given, kind: Kind) {
  const ofKind = given.account.all().filter((state) => state.kind === kind);
  const all = ofKind.sort((a, b) => b.created - a.created || b.id - a.id);
  const whole = given.url.searchParams.get("status") === "all";
  return page(all.filter(({ closed }) => whole || !closed).map(objectOf), given);
}

const error = (status: number, more: Json) => ({
  ...{ status, body: { error: { type: "invalid_request_error", message: "No", ...more } } },
});
const EMPTY = { status: 200, body: { object: "list", url: "/", data: [], has_more: false } };

export const stripeDialect: Dialect = {
  name: "stripe",
  empty: EMPTY,
  read({ pathname, searchParams }) {
    const [, , path = "", id] = pathname.split("/");
    if (path === "events") return { what: "events" };
    if (kinds[path] === undefined) return { what: "other" };
    if (id !== undefined) return { what: "fetch", id: Number(id.slice(id.indexOf("_") + 1)) };
    // A list of one is a look at whether there is access.
    if (searchParams.get("limit") === "1") return { what: "other" };
    return { what: "list", first: !searchParams.has("starting_after") };
  },
  answer(given) {
    const [, , path = ""] = given.url.pathname.split("/");
    const { what, id } = given.asked;
    if (what === "events") return eventsOf(given);
    const kind = kinds[path];
    if (kind === undefined) return EMPTY;
    if (id === undefined) return listOf(given, kind);
    const state = given.account.shown(id);
    return state ? { status: 200, body: objectOf(state) } : error(404, { code: "resource_missing", param: "id" });
  },
  refuse: (status) =>
    error(status, {
      type: status === 429 ? "rate_limit_error" : "api_error",
      code: status === 429 ? "rate_limit" : "",
    }),
  hookOf: (event) => ({ event, name: nameOf(event), payload: eventOf(event) }),
  strange: (now) => ({
    ...{ event: undefined, name: "hologram.rotated" },
    payload: {
      ...{ id: "evt_strange", object: "event", type: "hologram.rotated", created: seconds(now) },
      data: { object: { id: "holo_1", object: "hologram" } },
    },
  }),
  headersOf(_, body, now) {
    const signature = createHmac("sha256", STRIPE_SECRET)
      .update(`${seconds(now)}.${body}`)
      .digest("hex");
    return { "stripe-signature": `t=${seconds(now)},v1=${signature}` };
  },
};
