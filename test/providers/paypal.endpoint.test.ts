/** The webhook itself: whether it is right, making and mending it, having sent again what failed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RetryLater } from "tidemark";
import type { PayPalType } from "tidemark/paypal";
import { fakeContext } from "./context.ts";
import { deleted, moved, OTHER_URL, testEndpoint, URL_OF_HOOK } from "./endpoint.kit.ts";
import { emulatePayPal } from "./paypal.emulator.ts";
import { type Json, NOW, plugin, serve, WEBHOOK_ID } from "./paypal.kit.ts";

/** An app with the webhook of somebody else, and the provider for it. */
function make({ types = ["capture", "subscription"] as PayPalType[] } = {}) {
  const emulator = emulatePayPal({ now: () => NOW, secret: WEBHOOK_ID });
  const { hooks } = emulator;
  hooks.add({ url: OTHER_URL });
  let ids = [WEBHOOK_ID];
  const { endpoint } = plugin({ types, webhookId: () => ids, fetch: async (request) => emulator.fetch(request) });
  assert.ok(endpoint);
  const ours = () => hooks.all.find(({ url }) => url === URL_OF_HOOK) ?? assert.fail("there is none");
  const keep = (id: string) => {
    ids = [id];
  };
  return {
    ...{
      endpoint,
      ours,
      keep,
      context: fakeContext({ now: () => NOW }),
      hooks: () => hooks.all,
      changes: hooks.changes,
    },
    ...{ access: emulator.access, secrets: ["secret", "A21AA"], add: hooks.add.bind(hooks) },
  };
}

testEndpoint("PayPal", make, {
  deleted,
  "at another URL": moved,
  "short of events": {
    fault: "events",
    problem: /does not send PAYMENT.SALE.COMPLETED, BILLING.SUBSCRIPTION.CANCELLED$/,
    cause: ({ ours }) =>
      Object.assign(ours(), {
        events: ["PAYMENT.CAPTURE.COMPLETED", "BILLING.SUBSCRIPTION.CREATED", "RISK.DISPUTE.CREATED"],
      }),
  },
  "not the one of the option": {
    fault: "secret",
    problem: /the webhook is WEBHOOK2, which paypal\(\{ webhookId \}\) does not name/,
    cause: ({ keep }) => keep(WEBHOOK_ID),
  },
});

test("a webhook sends what the types need, and its id is answered until the option names it", async () => {
  const { endpoint, context, ours, keep, changes } = make();
  assert.deepEqual(await endpoint.ensure(URL_OF_HOOK, context), { secret: "WEBHOOK2" });
  const wanted = ["PAYMENT.CAPTURE.COMPLETED", "PAYMENT.SALE.COMPLETED"];
  assert.deepEqual(ours().events, [...wanted, "BILLING.SUBSCRIPTION.CREATED", "BILLING.SUBSCRIPTION.CANCELLED"]);
  assert.deepEqual(await endpoint.ensure(URL_OF_HOOK, context), { secret: "WEBHOOK2" });
  keep("WEBHOOK2");
  assert.deepEqual(await endpoint.ensure(URL_OF_HOOK, context), {});
  assert.deepEqual(changes, ["POST webhooks"]);
});

test("what a type is listed within counts, and orders have events of their own name", async () => {
  for (const [type, events] of [
    ["payout_item", ["PAYMENT.PAYOUTSBATCH.SUCCESS"]],
    ["order", ["CHECKOUT.ORDER.APPROVED", "CHECKOUT.PAYMENT-APPROVAL.REVERSED"]],
    ["refund", ["PAYMENT.CAPTURE.REFUNDED"]],
  ] as const) {
    const { endpoint, context, ours } = make({ types: type === "payout_item" ? ["payout_batch", type] : [type] });
    await endpoint.ensure(URL_OF_HOOK, context);
    assert.deepEqual(ours().events, events);
  }
});

test("what it sends besides stays, and one for everything lacks nothing", async () => {
  const { endpoint, context, add, changes } = make();
  const ours = add({ url: URL_OF_HOOK, events: ["RISK.DISPUTE.CREATED"] });
  await endpoint.ensure(URL_OF_HOOK, context);
  assert.ok(ours.events.includes("RISK.DISPUTE.CREATED") && ours.events.length === 5);
  ours.events = ["*"];
  changes.length = 0;
  await endpoint.ensure(URL_OF_HOOK, context);
  assert.deepEqual(changes, []);
});

test("an app that has none is told so", async () => {
  const { endpoint, context, hooks } = make();
  hooks().length = 0;
  const answer = await endpoint.check(URL_OF_HOOK, context);
  assert.equal(!answer.ok && answer.fault, "missing");
});

const tried = (id: string, ...statuses: string[]): Json => ({
  id,
  transmissions: statuses.map((status) => ({ webhook_url: URL_OF_HOOK, status })),
});

/** An app whose log has these events on two pages. */
function logged(events: readonly Json[], resend: (sent: number) => Response = () => Response.json({})) {
  const sent: string[] = [];
  const asked: URL[] = [];
  const { fetch } = serve(async (url, request) => {
    if (url.pathname === "/v1/notifications/webhooks") {
      return Response.json({ webhooks: [{ id: WEBHOOK_ID, url: URL_OF_HOOK, event_types: [] }] });
    }
    if (request.method === "POST") {
      sent.push(`${url.pathname.split("/").at(-2)} ${JSON.parse(await request.text()).webhook_ids}`);
      return resend(sent.length);
    }
    asked.push(url);
    const isFirst = !url.searchParams.has("at");
    const links = isFirst ? [{ rel: "next", href: `https://api.paypal.com${url.pathname}?at=2` }] : [];
    return Response.json({ events: isFirst ? events.slice(0, 2) : events.slice(2), links });
  });
  const redeliver = async (since = NOW - 60_000, to = URL_OF_HOOK) =>
    plugin({ fetch }).endpoint?.redeliver?.(to, new Date(since), fakeContext({ now: () => NOW }));
  return { sent, asked, redeliver };
}

test("what was never taken is sent again to this webhook, and nothing else", async () => {
  const elsewhere = { id: "WH-4", transmissions: [{ webhook_url: OTHER_URL, status: "FAILURE" }] };
  const { sent, asked, redeliver } = logged([
    ...[tried("WH-1", "FAILURE", "FAILURE"), tried("WH-2", "FAILURE", "SUCCESS")],
    ...[tried("WH-3", "PENDING"), elsewhere, { id: "WH-5" }, tried("WH-6", "FAILURE"), tried("WH-7")],
  ]);
  assert.equal(await redeliver(), 2);
  assert.deepEqual(sent, [`WH-1 ${WEBHOOK_ID}`, `WH-6 ${WEBHOOK_ID}`]);
  assert.equal(asked[0]?.searchParams.get("start_time"), new Date(NOW - 60_000).toISOString());
  await redeliver(0);
  assert.equal(asked[2]?.searchParams.get("start_time"), new Date(NOW - 29 * 86_400_000).toISOString());
  assert.equal(await redeliver(0, OTHER_URL), 0);
});

test("one that PayPal knows no more is passed over", async () => {
  const events = ["WH-1", "WH-2", "WH-3"].map((id) => tried(id, "FAILURE"));
  const { sent, redeliver } = logged(events, (sent) => Response.json({}, { status: sent === 1 ? 404 : 202 }));
  assert.equal(await redeliver(), 2);
  assert.equal(sent.length, 3);
});

test("a limit ends it, with what was sent until then; the first one asks to wait", async () => {
  const events = ["WH-1", "WH-2", "WH-3"].map((id) => tried(id, "FAILURE"));
  const limit = () => Response.json({}, { status: 429 });
  assert.equal(await logged(events, (sent) => (sent > 1 ? limit() : Response.json({}))).redeliver(), 1);
  await assert.rejects(() => logged(events, limit).redeliver(), RetryLater);
  await assert.rejects(() => logged(events, () => Response.json({}, { status: 500 })).redeliver(), /500/);
});
