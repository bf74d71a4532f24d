/**
 * An emulated PayPal: tokens, resources, lists, the log of events, signed webhooks.
 *
 * It does what PayPal is known to do: times to the second, a refund that moves no time of its capture, cycles of
 * subscriptions that end without an event, orders that vanish, drafts that are deleted in silence, lists that show less
 * than there is, links to another host than the one that is asked.
 */
import type { Awaitable } from "tidemark";
import type { Delivery, Emulator, EmulatorOptions, Truth } from "tidemark/testing";
import { PayPalHooks } from "./paypal.hooks.ts";
import { certificateHost, grant, type Json, notFound, sign } from "./paypal.kit.ts";

const LINKS = "https://api.sandbox.paypal.com";
/** Milliseconds for which a token holds, an hour less than it is said to. */
const TOKEN = 8 * 3_600_000;
/** Of most types no more than these are made. */
const MOST = 6;

const kinds = {
  order: "v2/checkout/orders",
  authorization: "v2/payments/authorizations",
  capture: "v2/payments/captures",
  refund: "v2/payments/refunds",
  sale: "v1/payments/sale",
  subscription: "v1/billing/subscriptions",
  plan: "v1/billing/plans",
  product: "v1/catalogs/products",
  dispute: "v1/customer/disputes",
  invoice: "v2/invoicing/invoices",
  payout_batch: "v1/payments/payouts",
  payout_item: "v1/payments/payouts-item",
  payment_token: "v3/vault/payment-tokens",
} as const;
type Kind = keyof typeof kinds;

/** What a list leaves out of a row, and whether it does so without being asked for all. */
const rowOf: Partial<Record<Kind, (state: Json, full: boolean) => Json>> = {
  plan: ({ id, name, status, create_time, ...rest }, full) => ({ id, name, status, create_time, ...(full && rest) }),
  product: ({ id, name, create_time }) => ({ id, name, create_time }),
  subscription: ({ id, plan_id, status, status_update_time }) => ({ id, plan_id, status, status_update_time }),
  dispute: ({ dispute_id, status, create_time, update_time }) => ({ dispute_id, status, create_time, update_time }),
  invoice: ({ id, status }) => ({ id, status }),
};

export function emulatePayPal({ now, secret: webhookId }: EmulatorOptions): Emulator & { hooks: PayPalHooks } {
  const hooks = new PayPalHooks();
  const all = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, new Map()])) as Record<
    Kind,
    Map<string, Json>
  >;
  /** By subscription. */
  const transactions = new Map<string, Json[]>();
  const events: Json[] = [];
  let unsent: Json[] = [];
  let allowed = true;
  let count = 0;

  const idOf = (prefix: string) => `${prefix}${String(++count).padStart(8, "0")}X`;
  const stamp = () => `${new Date(now()).toISOString().slice(0, 19)}Z`;
  const link = (rel: string, path: string) => ({ rel, href: `${LINKS}/${path}`, method: "GET" });

  function tell(event_type: string, resource_type: string, resource: Json): void {
    const id = `WH-${String(++count).padStart(17, "0")}`;
    const envelope = { id, event_version: "1.0", create_time: new Date(now()).toISOString(), event_type };
    const told = { ...envelope, resource_type, resource: structuredClone(resource), links: [] };
    events.push(told);
    unsent.push(told);
  }
  function save(kind: Kind, id: string, state: Json): Json {
    const before = all[kind].get(id);
    const saved = { ...before, ...state, links: [link("self", `${kinds[kind]}/${id}`)] };
    all[kind].set(id, saved);
    return saved;
  }
  const fresh = () => ({ create_time: stamp(), update_time: stamp() });

  // -- What users do ---------------------------------------------------------------------------------------------------

  function buy(random: () => number): void {
    if (all.order.size >= MOST) {
      refund(random);
      return;
    }
    const id = idOf("5O");
    const order = save("order", id, {
      id,
      status: "APPROVED",
      intent: "CAPTURE",
      purchase_units: [{}],
      create_time: stamp(),
    });
    tell("CHECKOUT.ORDER.APPROVED", "checkout-order", order);
    if (random() < 0.3) return;
    const [kind, status] =
      random() < 0.3 ? (["authorization", "CREATED"] as const) : (["capture", "COMPLETED"] as const);
    const own = idOf("42");
    const related = {
      supplementary_data: { related_ids: { order_id: id } },
      amount: { currency_code: "USD", value: "9.99" },
    };
    const payment = save(kind, own, { id: own, status, ...related, ...fresh() });
    const payments = { [`${kind}s`]: [{ id: own, status, links: payment["links"] }] };
    save("order", id, { status: "COMPLETED", update_time: stamp(), purchase_units: [{ payments }] });
    tell(`PAYMENT.${kind.toUpperCase()}.${status}`, kind, payment);
    tell("CHECKOUT.ORDER.COMPLETED", "checkout-order", all.order.get(id) ?? {});
  }
  function refund(random: () => number): void {
    const capture = pick(all.capture, random);
    if (!capture || all.refund.size >= MOST) {
      dispute(random);
      return;
    }
    const id = idOf("1Y");
    // Whether this moves the capture's time is not known: here it does not.
    save("capture", String(capture["id"]), { status: "PARTIALLY_REFUNDED" });
    const state = save("refund", id, { id, status: "COMPLETED", ...fresh() });
    const up = link("up", `${kinds.capture}/${capture["id"]}`);
    tell("PAYMENT.CAPTURE.REFUNDED", "refund", { ...state, links: [...(state["links"] as Json[]), up] });
  }
  function voidOne(random: () => number): void {
    const found = pick(all.authorization, random);
    if (!found) return;
    const state = save("authorization", String(found["id"]), { status: "VOIDED", update_time: stamp() });
    tell("PAYMENT.AUTHORIZATION.VOIDED", "authorization", state);
  }
  function subscribe(random: () => number): void {
    const plan = pick(all.plan, random);
    const found = pick(all.subscription, random);
    if (!found || all.subscription.size < MOST / 2) {
      const id = idOf("I-");
      const times = { ...fresh(), status_update_time: stamp() };
      const plan_id = plan?.["id"] ?? "P-NONE";
      tell(
        "BILLING.SUBSCRIPTION.CREATED",
        "subscription",
        save("subscription", id, { id, status: "ACTIVE", plan_id, ...times }),
      );
      return;
    }
    const id = String(found["id"]);
    if (random() < 0.5) {
      const status = random() < 0.5 ? "SUSPENDED" : "ACTIVE";
      const state = save("subscription", id, { status, update_time: stamp(), status_update_time: stamp() });
      tell(`BILLING.SUBSCRIPTION.${status === "ACTIVE" ? "ACTIVATED" : status}`, "subscription", state);
      return;
    }
    charge(id);
  }
  function charge(subscription: string): void {
    if (all.sale.size >= MOST) return;
    const id = idOf("80");
    const sale = {
      id,
      state: "completed",
      amount: { total: "9.99", currency: "USD" },
      billing_agreement_id: subscription,
    };
    const paid = { id, status: "COMPLETED", time: stamp() };
    transactions.set(subscription, [...(transactions.get(subscription) ?? []), paid]);
    tell("PAYMENT.SALE.COMPLETED", "sale", save("sale", id, { ...sale, ...fresh() }));
    // The cycle ends, and no time says so.
    save("subscription", subscription, { billing_info: { next_billing_time: `after ${id}` } });
  }
  function refundSale(random: () => number): void {
    const sale = pick(all.sale, random);
    if (!sale) return;
    const sale_id = String(sale["id"]);
    save("sale", sale_id, { state: "refunded", update_time: stamp() });
    for (const one of transactions.get(String(sale["billing_agreement_id"])) ?? []) {
      if (one["id"] === sale_id) one["status"] = "REFUNDED";
    }
    const { billing_agreement_id } = sale;
    tell("PAYMENT.SALE.REFUNDED", "refund", {
      id: idOf("6Y"),
      sale_id,
      billing_agreement_id,
      state: "completed",
      ...fresh(),
    });
  }
  function catalog(random: () => number): void {
    const product = pick(all.product, random);
    if (!product || (random() < 0.3 && all.product.size < MOST)) {
      const id = idOf("PROD-");
      tell("CATALOG.PRODUCT.CREATED", "product", save("product", id, { id, name: id, type: "SERVICE", ...fresh() }));
      return;
    }
    const plan = pick(all.plan, random);
    if (!plan || (random() < 0.5 && all.plan.size < 3 * MOST)) {
      const id = idOf("P-");
      const state = { id, product_id: product["id"], name: id, status: "ACTIVE", ...fresh() };
      tell("BILLING.PLAN.CREATED", "plan", save("plan", id, state));
      return;
    }
    const changed = save("plan", String(plan["id"]), { name: `plan ${random()}`, update_time: stamp() });
    tell("BILLING.PLAN.UPDATED", "plan", changed);
    const name = `product ${random()}`;
    tell("CATALOG.PRODUCT.UPDATED", "product", save("product", String(product["id"]), { name, update_time: stamp() }));
  }
  function dispute(random: () => number): void {
    const found = pick(all.dispute, random);
    const capture = pick(all.capture, random);
    if (capture && (!found || (random() < 0.4 && all.dispute.size < 52))) {
      const dispute_id = idOf("PP-D-");
      const disputed_transactions = [{ seller_transaction_id: capture["id"] }];
      const state = { dispute_id, status: "OPEN", disputed_transactions, ...fresh() };
      tell("CUSTOMER.DISPUTE.CREATED", "dispute", save("dispute", dispute_id, state));
    } else if (found) {
      const state = save("dispute", String(found["dispute_id"]), { status: `S${random()}`, update_time: stamp() });
      tell("CUSTOMER.DISPUTE.UPDATED", "dispute", state);
    }
  }
  function invoice(random: () => number): void {
    const found = pick(all.invoice, random);
    const metadata = { create_time: stamp() };
    if (!found || (random() < 0.4 && all.invoice.size < MOST)) {
      const id = idOf("INV2-");
      tell("INVOICING.INVOICE.CREATED", "invoices", {
        invoice: save("invoice", id, { id, status: "DRAFT", detail: { metadata } }),
      });
      return;
    }
    const id = String(found["id"]);
    if (found["status"] === "DRAFT" && random() < 0.4) {
      all.invoice.delete(id);
      return;
    }
    // A payment is no edit: the time of the last one stays.
    if (found["status"] === "DRAFT") {
      const sent = { metadata: { ...metadata, last_update_time: stamp(), last_sent_time: stamp() } };
      tell("INVOICING.INVOICE.UPDATED", "invoices", { invoice: save("invoice", id, { status: "SENT", detail: sent }) });
    } else tell("INVOICING.INVOICE.PAID", "invoicing", save("invoice", id, { status: `PAID ${random()}` }));
  }
  function payOut(random: () => number): void {
    const open = [...all.payout_item.values()].find((item) => item["transaction_status"] === "PENDING");
    if (!open) {
      if (all.payout_batch.size >= MOST) return;
      const id = idOf("CD");
      const items = random() < 0.3 ? 0 : 3;
      for (let n = 0; n < items; n++) {
        const own = idOf("VH");
        save("payout_item", own, { payout_item_id: own, payout_batch_id: id, transaction_status: "PENDING" });
      }
      const batch_header = { payout_batch_id: id, batch_status: "PROCESSING", time_created: stamp() };
      tell("PAYMENT.PAYOUTSBATCH.PROCESSING", "payouts", save("payout_batch", id, { batch_header }));
      return;
    }
    const own = String(open["payout_item_id"]);
    const state = save("payout_item", own, { transaction_status: "SUCCESS", time_processed: stamp() });
    tell("PAYMENT.PAYOUTS-ITEM.SUCCEEDED", "payouts_item", state);
    const batch = all.payout_batch.get(String(open["payout_batch_id"]));
    const batch_header = { ...(batch?.["batch_header"] as Json), batch_status: "SUCCESS", time_completed: stamp() };
    tell(
      "PAYMENT.PAYOUTSBATCH.SUCCESS",
      "payouts",
      save("payout_batch", String(open["payout_batch_id"]), { batch_header }),
    );
  }
  function vault(random: () => number): void {
    const found = pick(all.payment_token, random);
    if (!found || (random() < 0.5 && all.payment_token.size < MOST)) {
      const id = idOf("nk");
      const state = { id, customer: { id: "695922590" }, payment_source: { card: { last_digits: "1026" } } };
      tell("VAULT.PAYMENT-TOKEN.CREATED", "payment_token", save("payment_token", id, state));
    } else {
      all.payment_token.delete(String(found["id"]));
      tell("VAULT.PAYMENT-TOKEN.DELETED", "payment_token", found);
    }
  }
  /** An order that nobody captured is not kept. */
  function vanish(random: () => number): void {
    const found = [...all.order.values()].filter((order) => order["status"] === "APPROVED");
    const order = found[Math.floor(random() * found.length)];
    if (order) all.order.delete(String(order["id"]));
  }
  const deeds = [
    buy,
    buy,
    refund,
    voidOne,
    subscribe,
    subscribe,
    refundSale,
    catalog,
    catalog,
    dispute,
    invoice,
    payOut,
    vault,
    vanish,
  ];

  // -- What the API answers --------------------------------------------------------------------------------------------

  const error = (status: number, name: string) =>
    Response.json({ name, message: name, debug_id: "f0f0f0" }, { status });

  function numbered(path: string, field: string, rows: readonly Json[], { searchParams }: URL): Response {
    const size = Number(searchParams.get("page_size") ?? 10);
    const page = Number(searchParams.get("page") ?? 1);
    const most = path === kinds.invoice ? 100 : path.startsWith(kinds.payout_batch) ? 1_000 : 20;
    if (!(size >= 1 && size <= most && page >= 1)) return error(400, "INVALID_REQUEST");
    const totals = searchParams.get("total_required") === "true" && { total_items: rows.length };
    return Response.json({ [field]: rows.slice((page - 1) * size, page * size), ...totals, links: [] });
  }
  /** Newest first; the next page is named by a link, to another host. */
  function linked(path: string, field: string, rows: readonly Json[], { searchParams }: URL): Response {
    const size = Number(searchParams.get("page_size") ?? 10);
    const begin = Number(searchParams.get("next_page_token") ?? 0);
    const query = new URLSearchParams(searchParams);
    query.set("next_page_token", String(begin + size));
    const next = begin + size < rows.length ? [link("next", `${path}?${query}`)] : [];
    return Response.json({ [field]: rows.slice(begin, begin + size), links: [link("self", path), ...next] });
  }
  const within = (time: unknown, after: string | null, before: string | null) => {
    const at = Date.parse(String(time));
    return (after === null || at >= Date.parse(after)) && (before === null || at <= Date.parse(before));
  };

  function listOf(kind: Kind, url: URL, request: Request): Response {
    const full = request.headers.get("prefer") === "return=representation";
    const ask = (name: string) => url.searchParams.get(name);
    const rows = [...all[kind].values()].map((state) => rowOf[kind]?.(state, full) ?? {}).reverse();
    const path = kinds[kind];
    if (kind === "plan" || kind === "product") return numbered(path, `${kind}s`, rows, url);
    if (kind === "invoice") return numbered(path, "items", rows, url);
    if (kind === "subscription") {
      const [after, before] = [ask("status_updated_after"), ask("status_updated_before")];
      return numbered(
        path,
        "subscriptions",
        rows.filter((row) => within(row["status_update_time"], after, before)),
        url,
      );
    }
    if (kind !== "dispute") return error(404, "NOT_A_LIST");
    const recent = rows.filter((row) =>
      within(row["update_time"], ask("update_time_after"), ask("update_time_before")),
    );
    return linked(path, "items", recent, url);
  }

  function one(kind: Kind, id: string, url: URL): Response {
    const state = all[kind].get(id);
    if (!state) return notFound();
    if (kind !== "payout_batch") return Response.json(state);
    if (url.searchParams.get("fields") === "batch_header") return Response.json(state);
    const items = [...all.payout_item.values()].filter((item) => item["payout_batch_id"] === id);
    return numbered(`${kinds.payout_batch}/${id}`, "items", items, url);
  }

  function answer(request: Request): Awaitable<Response> {
    const url = new URL(request.url);
    const path = url.pathname.slice(1);
    if (path.startsWith("v1/notifications/certs/")) return certificateHost(request);
    if (path === "v1/oauth2/token") {
      const good = allowed && request.method === "POST" && request.headers.get("authorization")?.startsWith("Basic ");
      return good ? grant(`A21AA-${Math.ceil(now()) + TOKEN}`, TOKEN / 1_000 + 3_600) : error(401, "invalid_client");
    }
    const [, until = 0] = /^Bearer A21AA-(\d+)$/.exec(request.headers.get("authorization") ?? "") ?? [];
    if (!allowed || now() >= Number(until)) return error(401, "AUTHENTICATION_FAILURE");
    if (path.startsWith("v1/notifications/") && hooks.answers(request)) return hooks.answer(request);
    if (path === "v1/notifications/webhooks-events") {
      const [after, before] = [url.searchParams.get("start_time"), url.searchParams.get("end_time")];
      return linked(
        path,
        "events",
        events.filter((event) => within(event["create_time"], after, before)).reverse(),
        url,
      );
    }
    if (path === `v1/notifications/webhooks/${webhookId}`) return Response.json({ id: webhookId });
    const [, subscription] = /^v1\/billing\/subscriptions\/([^/]+)\/transactions$/.exec(path) ?? [];
    if (subscription !== undefined) {
      if (!all.subscription.has(subscription)) return notFound();
      const [after, before] = [url.searchParams.get("start_time"), url.searchParams.get("end_time")];
      if (after === null || before === null) return error(400, "INVALID_REQUEST");
      const paid = transactions.get(subscription) ?? [];
      return Response.json({ transactions: paid.filter(({ time }) => within(time, after, before)), links: [] });
    }
    const kind = (Object.keys(kinds) as Kind[]).find(
      (kind) => path === kinds[kind] || path.startsWith(`${kinds[kind]}/`),
    );
    if (kind === undefined) return notFound();
    if (path === kinds[kind]) return listOf(kind, url, request);
    return one(kind, decodeURIComponent(path.slice(kinds[kind].length + 1)), url);
  }

  function* truth(): Generator<Truth> {
    for (const kind of Object.keys(kinds) as Kind[]) {
      for (const [id, state] of all[kind]) {
        const whole = kind === "payout_item" ? `${state["payout_batch_id"]}/${id}` : id;
        yield { type: kind, scope: "", id: whole, state };
      }
    }
    for (const [subscription_id, paid] of transactions) {
      for (const one of paid) {
        const state = { ...one, subscription_id };
        yield { type: "subscription_transaction", scope: "", id: `${subscription_id}/${one["id"]}`, state };
      }
    }
  }

  return {
    hooks,
    fetch: answer,
    write: (random) => deeds[Math.floor(random() * deeds.length)]?.(random),
    sent() {
      const deliveries: Delivery[] = unsent.map((event) => sign(JSON.stringify(event), webhookId, now()));
      unsent = [];
      return deliveries;
    },
    truth,
    access: (value) => {
      allowed = value;
    },
  };
}

function pick(states: ReadonlyMap<string, Json>, random: () => number): Json | undefined {
  return [...states.values()][Math.floor(random() * states.size)];
}
