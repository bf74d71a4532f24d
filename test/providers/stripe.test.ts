import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import Stripe from "stripe";
import { AccessLost, type Context, createSync, gone, RetryLater, WebhookRejected } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { stripe } from "tidemark/stripe";
import { fakeContext } from "./context.ts";

const fixture = (path: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/stripe/${path}`, import.meta.url), "utf8"));
const resources = new Map<string, Record<string, unknown>>(
  readdirSync(new URL("../fixtures/stripe/resources", import.meta.url)).map((file) => {
    return [file.replace(/\.json$/, ""), fixture(`resources/${file}`)];
  }),
);
const events: { type: string; obj: string }[] = fixture("_events.json");
const secret = "whsec_test_secret";
const NOW = 1_800_000_000;
const client = new Stripe("sk_test_x", { telemetry: false });

const sign = (body: string, key = secret, time = NOW) =>
  `t=${time},v1=${createHmac("sha256", key).update(`${time}.${body}`).digest("hex")}`;
const request = (body: string, signature: string | null, now = NOW * 1_000) => ({
  ...{ method: "POST", url: "/", body: Buffer.from(body), now },
  headers: { get: (name: string) => (name === "stripe-signature" ? signature : null) },
});
const deliver = async (provider: ReturnType<typeof stripe>, body: unknown) => {
  const text = JSON.stringify(body);
  return (await provider.webhook?.(request(text, sign(text)))) ?? [];
};

/** `ExternalAccount` and the like stand for several objects; these are what the events carry. */
const objectName = (obj: string): string => {
  const special: Record<string, string> = {
    ExternalAccount: "bank_account",
    CustomerSource: "card",
    InvoiceItem: "invoiceitem",
  };
  const snake = obj.split(".").map((part) => part.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase());
  return special[obj] ?? snake.join(".");
};

/** The refs of the events of our types: the object itself and what changes with it. */
const ours: Record<string, (object: Record<string, unknown>) => string[]> = {
  customer: ({ id }) => [`customer ${id}`],
  product: ({ id }) => [`product ${id}`],
  price: ({ id }) => [`price ${id}`],
  subscription: ({ id }) => [`subscription ${id}`],
  invoice: ({ id }) => [`invoice ${id}`],
  payment_intent: ({ id }) => [`payment_intent ${id}`],
  payment_method: ({ id }) => [`payment_method ${id}`],
  charge: ({ id }) => [`charge ${id}`],
  refund: ({ id, charge }) => [`refund ${id}`, `charge ${charge}`],
  dispute: ({ id, charge }) => [`dispute ${id}`, `charge ${charge}`],
  "checkout.session": ({ id, payment_intent }) => [`checkout.session ${id}`, `payment_intent ${payment_intent}`],
};

test("each of the 275 event types is answered 202, and mapped to its refs or counted as ignored", async () => {
  assert.equal(events.length, 275);
  const seen: string[] = [];
  const sync = createSync({
    providers: { stripe: stripe({ client, webhookSecret: secret }) },
    store: sqlite(":memory:"),
    observe: (event) => void (event.kind === "webhook" && seen.push(event.outcome)),
  });
  const provider = stripe({ client, webhookSecret: secret });
  let mapped = 0;
  for (const { type, obj } of events) {
    const name = objectName(obj);
    const object: Record<string, unknown> = resources.get(name) ?? { object: name, id: `x_${name}` };
    const body = { id: `evt_${type}`, object: "event", type, created: NOW, data: { object } };
    const hints = await deliver(provider, body);
    assert.ok(Array.isArray(hints));
    const refs = hints.map(({ type, id }) => `${type} ${id}`);
    for (const expected of ours[name]?.(object) ?? [])
      assert.ok(refs.includes(expected), `${type}: ${expected} in ${refs}`);
    if (name in ours) assert.equal(refs[0], ours[name]?.(object)[0]);
    for (const { event } of hints)
      assert.deepEqual(event, { id: `evt_${type}`, name: type, at: new Date(NOW * 1_000) });
    if (refs.length > 0) mapped++;

    const now = Math.floor(Date.now() / 1_000);
    const text = JSON.stringify(body);
    const headers = { "stripe-signature": sign(text, secret, now) };
    const answer = await sync.webhook("stripe", new Request("http://x/", { method: "POST", body: text, headers }));
    assert.equal(answer.status, 202, type);
    assert.equal(seen.at(-1), refs.length > 0 ? "accepted" : "ignored", type);
  }
  assert.ok(mapped >= 69, `${mapped} are mapped`);
  await sync.stop();
});

test("an upcoming invoice has no id: its subscription and customer are looked at", async () => {
  const object = { object: "invoice", customer: "cus_1", subscription: "sub_1" };
  const hints = await deliver(stripe({ client, webhookSecret: secret }), {
    type: "invoice.upcoming",
    data: { object },
  });
  assert.ok(Array.isArray(hints));
  assert.deepEqual(
    new Set(hints.map(({ type, id }) => `${type} ${id}`)),
    new Set(["subscription sub_1", "customer cus_1"]),
  );
});

test("an event without an id still says where to look", async () => {
  const body = { type: "customer.updated", data: { object: { object: "customer", id: "cus_1" } } };
  assert.deepEqual(await deliver(stripe({ client, webhookSecret: secret }), body), [{ type: "customer", id: "cus_1" }]);
});

test("a thin event and its snapshot event count as one", async () => {
  const thin = { object: "v2.core.event", id: "evt_thin", type: "v1.customer.updated", snapshot_event: "evt_snapshot" };
  const related_object = { id: "cus_1", type: "customer", url: "/v1/customers/cus_1" };
  const hints = await deliver(stripe({ client, webhookSecret: secret }), { ...thin, related_object });
  assert.deepEqual(hints, [
    { type: "customer", id: "cus_1", event: { id: "evt_snapshot", name: "v1.customer.updated" } },
  ]);
});

test("types that were not selected, and other accounts' events, are of no use", async () => {
  const provider = stripe({ client, webhookSecret: secret, types: ["charge"] });
  const refund = { object: "refund", id: "re_1", charge: "ch_1", payment_intent: "pi_1" };
  const event = { id: "evt_1", type: "refund.created", data: { object: refund } };
  assert.deepEqual(await deliver(provider as never, event), [
    { type: "charge", id: "ch_1", event: { id: "evt_1", name: "refund.created" } },
  ]);
  assert.deepEqual(await deliver(provider as never, { ...event, account: "acct_other" }), []);
});

test("published signature vectors hold", async () => {
  const { vectors } = fixture("_signature-vectors.json");
  for (const { payload, secret, timestamp, header } of vectors) {
    const provider = stripe({ client, webhookSecret: secret });
    const outcome = provider.webhook?.(request(payload, header, timestamp * 1_000));
    // What is signed but is no event is refused after the signature held.
    await assert.rejects(
      async () => outcome,
      (error: Error) => !(error instanceof WebhookRejected),
    );
  }
});

test("a bad signature is rejected whatever is wrong with it", async () => {
  const body = JSON.stringify({
    id: "evt_1",
    type: "customer.updated",
    data: { object: { object: "customer", id: "cus_1" } },
  });
  const provider = stripe({ client, webhookSecret: [secret, "whsec_old"] });
  const good = sign(body);
  const other = sign(body, "whsec_other").split(",")[1] ?? "";
  for (const signature of [
    good,
    sign(body, "whsec_old"),
    `${sign(body, "x").split(",")[0]},${other},${good.split(",")[1]}`,
  ]) {
    assert.ok(await provider.webhook?.(request(body, signature)), signature);
  }
  const bad = [
    ...[
      null,
      "",
      "t=1",
      good.replace("v1=", "v0="),
      good.slice(0, -1),
      `${good}0`,
      good.toUpperCase(),
      sign(body, "whsec_other"),
    ],
    ...[
      good.replace(`t=${NOW}`, `t=${NOW + 1}`),
      good.replace(/t=\d+,/, ""),
      `t=${NOW},${good}`,
      `${good},t=1`,
      "t=,v1=",
      "a".repeat(100_000),
    ],
  ];
  for (const signature of bad) {
    await assert.rejects(
      async () => provider.webhook?.(request(body, signature)),
      WebhookRejected,
      String(signature).slice(0, 80),
    );
  }
  const spaced = JSON.stringify(JSON.parse(body), null, 1);
  await assert.rejects(async () => provider.webhook?.(request(spaced, good)), WebhookRejected, "re-serialised");
  for (const seconds of [301, -301]) {
    await assert.rejects(async () => provider.webhook?.(request(body, good, (NOW + seconds) * 1_000)), WebhookRejected);
  }
  assert.ok(await provider.webhook?.(request(body, good, (NOW + 299) * 1_000)));
});

test("a wrong option fails at once and says what to write", () => {
  for (const webhookSecret of ["", " ", "whsec_", [], [""], undefined as never]) {
    assert.throws(() => stripe({ client, webhookSecret }), /webhookSecret/);
  }
  assert.throws(() => stripe({ client: {} as never, webhookSecret: secret }), /new Stripe/);
  assert.throws(
    () => stripe({ client, webhookSecret: secret, types: ["invoices" as never] }),
    /there is no "invoices"; there are: customer/,
  );
  assert.throws(() => stripe({ client, webhookSecret: secret, backfill: new Date("x") }), /backfill/);
});

// -- Against a server ---------------------------------------------------------------------------------------------------

type Route = (url: URL, response: ServerResponse, request: IncomingMessage) => void;
async function serve(t: { after(run: () => unknown): void }, route: Route) {
  const server: Server = createServer((req, res) => route(new URL(req.url ?? "/", "http://x"), res, req));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return new Stripe("sk_test_x", { host: "127.0.0.1", port, protocol: "http", telemetry: false, timeout: 5_000 });
}
const json = (response: ServerResponse, status: number, body: unknown, headers = {}) =>
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
const missing = {
  error: { type: "invalid_request_error", code: "resource_missing", param: "id", message: "No such thing" },
};

test("every type is fetched as the object it is, and its list gives the same", async (t) => {
  const paths: string[] = [];
  const local = await serve(t, (url, response) => {
    const [, , ...rest] = url.pathname.split("/");
    const object = Object.keys(ours)
      .map((name) => resources.get(name))
      .find((one) => one?.["id"] === rest.at(-1));
    paths.push(url.pathname + url.search);
    if (object) return void json(response, 200, object);
    const name = rest.join("/") === "checkout/sessions" ? "checkout.session" : rest.join("/").replace(/s$/, "");
    const one = resources.get(name);
    json(response, 200, { object: "list", data: one ? [one] : [], has_more: false, url: url.pathname });
  });
  const provider = stripe({ client: local, webhookSecret: secret });
  for (const [type, resource] of Object.entries(provider.resources)) {
    const sample = resources.get(type) ?? {};
    const fetched = await resource.fetch(String(sample["id"]), fakeContext());
    assert.deepEqual(fetched, sample, type);
    assert.equal(resource.id(fetched as never), sample["id"]);
    const page = await resource.list?.(null, fakeContext());
    assert.deepEqual(
      page?.items?.map((item) => resource.id(item as never)),
      [sample["id"]],
      type,
    );
    await provider.probe?.(type as never, fakeContext());
  }
  assert.ok(paths.some((path) => path.startsWith("/v1/subscriptions?") && path.includes("status=all")));
});

test("prices are listed active and inactive, page after page", async (t) => {
  const asked: string[] = [];
  const local = await serve(t, (url, response) => {
    const active = url.searchParams.get("active") === "true";
    const after = url.searchParams.get("starting_after");
    asked.push(`${active} ${after}`);
    const data = [{ object: "price", id: `price_${active}_${after === null ? 1 : 2}`, created: 5 }];
    json(response, 200, { object: "list", data, has_more: after === null });
  });
  const { list } = stripe({ client: local, webhookSecret: secret }).resources.price;
  const ids: string[] = [];
  for (let page: string | null = null, first = true; first || page !== null; first = false) {
    const answer: { next: string | null; items?: { id: string }[] } | undefined = await list?.(page, fakeContext());
    ids.push(...(answer?.items ?? []).map(({ id }) => id));
    page = answer?.next ?? null;
  }
  assert.deepEqual(ids, ["price_true_1", "price_true_2", "price_false_1", "price_false_2"]);
  assert.deepEqual(asked, ["true null", "true price_true_1", "false null", "false price_false_1"]);
});

test("a cursor whose object vanished goes on from when that was created", async (t) => {
  const asked: URLSearchParams[] = [];
  const local = await serve(t, (url, response) => {
    asked.push(url.searchParams);
    if (url.searchParams.has("starting_after")) {
      const error = { ...missing.error, param: "starting_after" };
      return void json(response, 400, { error });
    }
    const first = !url.searchParams.has("created[lte]");
    const data = first
      ? [{ object: "charge", id: "ch_9", created: 77 }]
      : [{ object: "charge", id: "ch_8", created: 77 }];
    json(response, 200, { object: "list", data, has_more: first });
  });
  const { list } = stripe({ client: local, webhookSecret: secret }).resources.charge;
  const one = await list?.(null, fakeContext());
  const two = await list?.(one?.next ?? null, fakeContext());
  assert.deepEqual(
    two?.items?.map(({ id }) => id),
    ["ch_8"],
  );
  assert.equal(two?.next, null);
  assert.equal(asked.at(-1)?.get("created[lte]"), "77");
});

test("what Stripe's errors mean", async (t) => {
  let answer: Route = () => {};
  const local = await serve(t, (...all) => answer(...all));
  const { fetch } = stripe({ client: local, webhookSecret: secret }).resources.customer;
  const read = () => fetch("cus_1", fakeContext());

  answer = (_, response) => json(response, 404, missing);
  assert.equal(await read(), null);
  answer = (_, response) => json(response, 200, { id: "cus_1", object: "customer", deleted: true });
  assert.equal(await read(), gone);
  answer = (_, response) =>
    json(response, 429, { error: { type: "rate_limit_error" } }, { "stripe-rate-limited-reason": "global-rate" });
  await assert.rejects(read, (error: RetryLater) => error instanceof RetryLater && error.ms === 2_000);
  answer = (_, response) => json(response, 429, { error: { code: "lock_timeout" } });
  await assert.rejects(read, (error: RetryLater) => error instanceof RetryLater && error.ms === 500);
  for (const status of [401, 403]) {
    answer = (_, response) =>
      json(response, status, { error: { type: "invalid_request_error", message: "sk_test_x" } });
    await assert.rejects(read, (error: Error) => error instanceof AccessLost && !error.message.includes("sk_test"));
  }
  answer = (_, response) =>
    json(response, 404, { error: { type: "invalid_request_error", message: "Unrecognized request URL" } });
  await assert.rejects(read, (error: Error) => !(error instanceof AccessLost));
});

test("an answer that is not the object that was asked for is no observation", async (t) => {
  let body: unknown;
  let status = 200;
  const local = await serve(t, (_, response) => json(response, status, body));
  const { fetch } = stripe({ client: local, webhookSecret: secret }).resources.customer;
  for (const [code, answer] of [
    [404, { foo: 1 }],
    [503, { foo: 1 }],
    [200, { id: "cus_2", object: "customer" }],
    [200, { id: "cus_1", object: "charge" }],
    [200, []],
  ] as const) {
    [status, body] = [code, answer];
    await assert.rejects(async () => fetch("cus_1", fakeContext()), TypeError);
  }
});

test("a connection that breaks is tried once more", async (t) => {
  let calls = 0;
  const local = await serve(t, (_, response, request) => {
    calls++;
    if (calls < 3) request.socket.destroy();
    else json(response, 200, { id: "cus_1", object: "customer" });
  });
  const { fetch } = stripe({ client: local, webhookSecret: secret }).resources.customer;
  assert.deepEqual(await fetch("cus_1", fakeContext()), { id: "cus_1", object: "customer" });
  assert.ok(calls >= 2);
});

test("the feed reads settled windows with an overlap, every page, and moves its cursor after them", async (t) => {
  const windows: string[] = [];
  const local = await serve(t, (url, response) => {
    const query = url.searchParams;
    windows.push(`${query.get("created[gte]")}-${query.get("created[lte]")} ${query.get("starting_after")}`);
    const second = query.has("starting_after");
    const object = { object: "customer", id: second ? "cus_2" : "cus_1" };
    const id = second ? "evt_2" : "evt_1";
    json(response, 200, {
      object: "list",
      data: [{ id, type: "customer.updated", created: 9, data: { object } }],
      has_more: !second,
    });
  });
  const poll = stripe({ client: local, webhookSecret: secret }).feeds?.["events"]?.poll;
  const context: Context = fakeContext({ now: () => 1_000_000_000 });
  const first = await poll?.(null, context);
  assert.deepEqual(
    first?.hints.map(({ id }) => id),
    ["cus_1", "cus_2"],
  );
  assert.deepEqual(windows, ["999340-999940 null", "999340-999940 evt_1"]);
  await poll?.(first?.cursor ?? null, fakeContext({ now: () => 1_000_100_000 }));
  assert.equal(windows[2], "999340-1000040 null");
});

test("a server without an event log has no feed; a key that may not read it is no such server", async (t) => {
  let status = 404;
  const local = await serve(t, (_, response) => json(response, status, { error: { type: "invalid_request_error" } }));
  const poll = stripe({ client: local, webhookSecret: secret }).feeds?.["events"]?.poll;
  assert.deepEqual(await poll?.(null, fakeContext()), { hints: [], cursor: null });
  status = 403;
  await assert.rejects(async () => poll?.(null, fakeContext()), AccessLost);
});
