/** The webhooks of a REST app in memory, and what came of the events that were sent to them. */
import type { Json } from "./paypal.kit.ts";

const ROOT = "/v1/notifications/";
/** What PayPal has, as far as a test needs it. */
export const AVAILABLE = [
  ...["PAYMENT.CAPTURE.COMPLETED", "PAYMENT.CAPTURE.REFUNDED", "PAYMENT.SALE.COMPLETED", "CHECKOUT.ORDER.APPROVED"],
  ...["BILLING.SUBSCRIPTION.CREATED", "BILLING.SUBSCRIPTION.CANCELLED", "BILLING.PLAN.UPDATED"],
  ...["MERCHANT.ONBOARDING.COMPLETED", "CHECKOUT.PAYMENT-APPROVAL.REVERSED", "PAYMENT.PAYOUTSBATCH.SUCCESS"],
];

export interface PayPalHook {
  id: string;
  url: string;
  events: string[];
}

export class PayPalHooks {
  readonly all: PayPalHook[] = [];
  /** What was asked to be changed, or to be sent again: `"POST webhooks-events/WH-1/resend"`. */
  readonly changes: string[] = [];

  add(more: Partial<PayPalHook>): PayPalHook {
    const hook = { id: `WEBHOOK${this.all.length + 1}`, url: "", events: ["*"], ...more };
    this.all.push(hook);
    return hook;
  }

  answers = ({ url, method }: Request): boolean => {
    const path = new URL(url).pathname;
    return /^\/v1\/notifications\/(webhooks|webhooks-event-types)$/.test(path) || method !== "GET";
  };

  async answer(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname.slice(ROOT.length);
    if (path === "webhooks-event-types") return Response.json({ event_types: AVAILABLE.map((name) => ({ name })) });
    if (request.method === "GET") return Response.json({ webhooks: this.all.map(show) });
    this.changes.push(`${request.method} ${path}`);
    const given = JSON.parse(await request.text());
    if (path === "webhooks") return Response.json(show(this.#create(given)), { status: 201 });
    const [, id, action] = path.split("/");
    if (action === "resend") return Response.json({ id }, { status: 202 });
    const hook = this.all.find((one) => one.id === id);
    if (!hook) return Response.json({ name: "RESOURCE_NOT_FOUND" }, { status: 404 });
    for (const { op, path, value } of given as { op: string; path: string; value: { name: string }[] }[]) {
      if (op === "replace" && path === "/event_types") hook.events = value.map(({ name }) => name);
    }
    return Response.json(show(hook));
  }

  #create({ url, event_types }: { url: string; event_types: { name: string }[] }): PayPalHook {
    return this.add({ url, events: event_types.map(({ name }) => name) });
  }
}

const show = ({ id, url, events }: PayPalHook): Json => ({ id, url, event_types: events.map((name) => ({ name })) });
