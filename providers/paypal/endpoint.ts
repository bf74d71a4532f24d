/**
 * The webhook itself, at the REST app (developer.paypal.com/api/webhooks/v1). PayPal signs for the id of a webhook, which is
 * therefore what `paypal({ webhookId })` must name: it is shown at any time, and it never changes.
 * @module
 */
import { type Context, type Endpoint, type EndpointCheck, type EndpointFault, RetryLater } from "tidemark";
import { path } from "tidemark/client";
import { z } from "zod";
import type { PayPal } from "./client.ts";
import { isOfUse } from "./event.ts";
import { readPage } from "./pages.ts";
import type { PayPalType } from "./types.ts";

const PATH = "v1/notifications/webhooks";
const EVENTS = "v1/notifications/webhooks-events";
/** Milliseconds: PayPal keeps events for some thirty days. */
const KEPT = 29 * 86_400_000;

const names = z.array(z.looseObject({ name: z.string() }));
const hook = z.looseObject({ id: z.string(), url: z.string(), event_types: names });
type Hook = z.infer<typeof hook>;
const hookList = z.looseObject({ webhooks: z.array(hook) });
const nameList = z.looseObject({ event_types: names });
/** An event of the log, and what came of it where it was sent. */
const logged = z.looseObject({
  id: z.string(),
  transmissions: z.array(z.looseObject({ webhook_url: z.string(), status: z.string() })),
});

/** What is asked, for which types, and the webhooks whose signatures are believed. */
export interface Asking {
  paypal: PayPal;
  types: readonly PayPalType[];
  webhookIdsOf(scope: string): Promise<readonly string[]>;
}

/** The webhook of the app. */
export const endpointOf = (asking: Asking): Endpoint => ({
  givesSecret: "always",
  check: (url, context) => check(asking, url, context),
  ensure: (url, context) => ensure(asking, url, context),
  redeliver: (url, since, context) => redeliver(asking.paypal, url, since, context),
});

async function check(asking: Asking, url: string, context: Context): Promise<EndpointCheck> {
  const all = await hooks(asking.paypal, context);
  const found = all.find((one) => one.url === url);
  if (!found && all.length === 0) return wrong("missing", "the app has no webhook");
  if (!found) return wrong("elsewhere", `none of the app's webhooks has this URL; others: ${all.length}`);
  const lacking = await lackingIn(asking, found.event_types, context);
  if (lacking.length > 0) return wrong("events", `the webhook does not send ${lacking.join(", ")}`);
  if ((await asking.webhookIdsOf(context.scope)).includes(found.id)) return { ok: true };
  return wrong("secret", `the webhook is ${found.id}, which paypal({ webhookId }) does not name: add it`);
}

const wrong = (fault: EndpointFault, problem: string): EndpointCheck => ({ ok: false, fault, problem });

async function ensure(asking: Asking, url: string, context: Context): Promise<{ secret?: string }> {
  const { paypal, webhookIdsOf } = asking;
  const found = (await hooks(paypal, context)).find((one) => one.url === url);
  const lacking = await lackingIn(asking, found?.event_types ?? [], context);
  const value = [...(found?.event_types ?? []).map(({ name }) => name), ...lacking].map((name) => ({ name }));
  if (found && lacking.length > 0) {
    const body = [{ op: "replace", path: "/event_types", value }];
    await paypal.request("PATCH", path`v1/notifications/webhooks/${found.id}`, context, { body });
  }
  const { id } = found ?? (await create(paypal, { url, event_types: value }, context));
  return (await webhookIdsOf(context.scope)).includes(id) ? {} : { secret: id };
}

async function create(paypal: PayPal, body: object, context: Context): Promise<Hook> {
  const answer = await paypal.request("POST", PATH, context, { body });
  return hook.parse(answer.body);
}

async function hooks(paypal: PayPal, context: Context): Promise<Hook[]> {
  const { body } = await paypal.get(PATH, context);
  return hookList.parse(body).webhooks;
}

/** The events that are of use and not sent, of all that PayPal has now. */
async function lackingIn({ paypal, types }: Asking, sent: Hook["event_types"], context: Context): Promise<string[]> {
  const has = new Set(sent.map(({ name }) => name));
  if (has.has("*")) return [];
  const { body } = await paypal.get("v1/notifications/webhooks-event-types", context);
  const all = nameList.parse(body).event_types.map(({ name }) => name);
  return all.filter((name) => isOfUse(name, types) && !has.has(name));
}

/** What is still pending PayPal does not send again. */
async function redeliver(paypal: PayPal, url: string, since: Date, context: Context): Promise<number> {
  const found = (await hooks(paypal, context)).find((one) => one.url === url);
  if (!found) return 0;
  const [from, to] = [Math.max(since.getTime(), context.now() - KEPT), context.now()];
  const query = { start_time: new Date(from).toISOString(), end_time: new Date(to).toISOString() };
  let at: string | null = null;
  let sent = 0;
  try {
    do {
      const page = await readPage(paypal, { path: EVENTS, rows: "events", size: 50, query }, at, context);
      for (const id of page.rows.flatMap((row) => failed(row, url))) {
        const body = { webhook_ids: [found.id] };
        const place = path`v1/notifications/webhooks-events/${id}/resend`;
        const { status } = await paypal.request("POST", place, context, { body, allow: [404, 422] });
        if (status < 300) sent++;
      }
      at = page.next;
    } while (at !== null);
  } catch (error) {
    if (!(error instanceof RetryLater) || sent === 0) throw error;
  }
  return sent;
}

/** The event's id, if it was sent to this URL and never taken. */
function failed(row: unknown, url: string): string[] {
  const event = logged.safeParse(row);
  const tries = event.data?.transmissions.filter(({ webhook_url }) => webhook_url === url) ?? [];
  const isLost = tries.some(({ status }) => status === "FAILURE") && tries.every(({ status }) => status === "FAILURE");
  return event.data && isLost ? [event.data.id] : [];
}
