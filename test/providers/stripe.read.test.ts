/** Reads of Stripe with the real client, against a server of our own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost, gone, type Page, RetryLater } from "tidemark";
import { stripe } from "tidemark/stripe";
import { fakeContext } from "./context.ts";
import { fixture, type Json, json, list, missing, type Route, SECRET, sample, serve, TYPES } from "./stripe.kit.ts";

const webhookSecret = SECRET;

/** The paths of the client's own table: where each type is read. */
const paths = new Map<string, string>(
  TYPES.map((type) => {
    const plural = type === "invoiceitem" ? "invoiceitems" : `${type.replace(".", "/")}s`;
    return [type, `/v1/${plural}`];
  }),
);

/** All pages of a list. */
async function listAll(
  read: ((page: string | null, context: ReturnType<typeof fakeContext>) => Promise<Page<object>>) | undefined,
) {
  const ids: unknown[] = [];
  let page: string | null = null;
  let pages = 0;
  do {
    assert.ok(++pages < 50, "a list that never ends");
    const answer: Page<object> | undefined = await read?.(page, fakeContext());
    ids.push(...(answer?.items ?? []).map((item) => (item as Json)["id"]));
    page = answer?.next ?? null;
  } while (page !== null);
  return ids;
}

test("every type is read where the client's own methods read it", () => {
  const known = JSON.stringify(fixture("_resources.json"));
  for (const path of paths.values()) assert.ok(known.includes(`${path}"`) && known.includes(`${path}/{`), path);
});

test("every type is fetched as the object it is; its list gives the same, and its probe asks for one", async (t) => {
  const asked: string[] = [];
  const byPath = new Map([...paths].map(([type, path]) => [path, type]));
  const client = await serve(t, (url, response, { headers }) => {
    asked.push(url.pathname + url.search);
    assert.equal(headers.authorization, "Bearer sk_test_x");
    assert.equal(headers["stripe-account"], undefined);
    const listed = byPath.get(url.pathname);
    const fetched = byPath.get(url.pathname.slice(0, url.pathname.lastIndexOf("/"))) ?? "";
    if (listed === undefined) json(response, 200, sample(fetched));
    else list(response, [sample(listed)]);
  });
  const provider = stripe({ client, webhookSecret });
  for (const type of TYPES.filter((one) => one !== "subscription_item")) {
    const { fetch, list, id } = provider.resources[type];
    const expected = sample(type);
    const own = String(expected["id"]);
    asked.length = 0;
    assert.deepEqual(await fetch(own, fakeContext()), expected, type);
    assert.deepEqual(asked, [`${paths.get(type)}/${own}`]);
    assert.equal(id(expected as never), own);
    const page = await list?.(null, fakeContext());
    assert.deepEqual(page?.items, [expected], type);
    asked.length = 0;
    await provider.probe?.(type, fakeContext());
    assert.deepEqual(asked, [`${paths.get(type)}?limit=1`]);
  }
});

test("a subscription item is listed within its subscription, and fetched only as one of it", async (t) => {
  const item = { object: "subscription_item", id: "si_1", subscription: "sub_1" };
  const asked: string[] = [];
  let answer: Route = (_, response) => json(response, 200, item);
  const client = await serve(t, (url, ...rest) => {
    asked.push(url.pathname + url.search);
    answer(url, ...rest);
  });
  const provider = stripe({ client, webhookSecret, types: ["subscription", "subscription_item"] });
  const { fetch, within, id } = provider.resources.subscription_item;
  assert.equal(id(item as never), "sub_1/si_1");
  assert.equal(id({ ...item, subscription: { id: "sub_1" } } as never), "sub_1/si_1");
  assert.deepEqual(await fetch("sub_1/si_1", fakeContext()), item);
  for (const wrong of ["sub_2/si_1", "si_1", "/si_1", "sub_1/si_2", "sub_1/", "sub_1/x/si_1"]) {
    await assert.rejects(async () => fetch(wrong, fakeContext()), /is not the subscription_item/, wrong);
  }
  answer = (_, response) => json(response, 200, { object: "subscription_item", id: "si_1", deleted: true });
  assert.equal(await fetch("sub_1/si_1", fakeContext()), gone);
  answer = (_, response) => json(response, 404, missing());
  assert.equal(await fetch("sub_1/si_1", fakeContext()), null);

  answer = ({ searchParams }, response) => {
    const first = !searchParams.has("starting_after");
    list(response, [first ? item : { ...item, id: "si_2" }], first);
  };
  asked.length = 0;
  const listed = await listAll((page, context) => within?.list("sub_1", page, context) as never);
  assert.deepEqual(listed, ["si_1", "si_2"]);
  const path = "/v1/subscription_items?limit=100&subscription=sub_1";
  assert.deepEqual(asked, [path, `${path}&starting_after=si_1`]);

  // What is within nothing is nothing; another error is an error.
  answer = (_, response) => json(response, 404, missing("subscription"));
  assert.deepEqual(await within?.list("sub_1", null, fakeContext()), { items: [], next: null });
  answer = (_, response) => json(response, 404, missing("id"));
  await assert.rejects(async () => within?.list("sub_1", null, fakeContext()), { code: "resource_missing" });

  // Its list can be asked only within a subscription: the newest.
  answer = ({ pathname }, response) => {
    list(response, pathname === "/v1/subscriptions" ? [{ object: "subscription", id: "sub_7" }] : [item]);
  };
  asked.length = 0;
  await provider.probe?.("subscription_item", fakeContext());
  assert.deepEqual(asked, [
    "/v1/subscriptions?limit=1&status=all",
    "/v1/subscription_items?limit=1&subscription=sub_7",
  ]);
  answer = (_, response) => list(response, []);
  asked.length = 0;
  await provider.probe?.("subscription_item", fakeContext());
  assert.deepEqual(asked, ["/v1/subscriptions?limit=1&status=all"]);
  answer = ({ pathname }, response) => {
    if (pathname === "/v1/subscriptions") list(response, [{ object: "subscription", id: "sub_7" }]);
    else json(response, 403, { error: { type: "invalid_request_error" } });
  };
  await assert.rejects(async () => provider.probe?.("subscription_item", fakeContext()), AccessLost);
});

test("an object of the other mode is out of sight, and not gone", async (t) => {
  let said = "live mode, but a test mode key was used to make this request.";
  const client = await serve(t, (_, response) => {
    const { error } = missing();
    json(response, 404, {
      error: { ...error, message: `No such customer: 'cus_1'; a similar object exists in ${said}` },
    });
  });
  const { fetch } = stripe({ client, webhookSecret }).resources.customer;
  await assert.rejects(async () => fetch("cus_1", fakeContext()), { name: "Hidden" });
  said = "test mode, but a live mode key was used to make this request.";
  await assert.rejects(async () => fetch("cus_1", fakeContext()), { name: "Hidden" });
  said = "another world";
  assert.equal(await fetch("cus_1", fakeContext()), null);
});

test("nothing is believed gone while the key is of another account than the one that was named", async (t) => {
  let own: unknown = { object: "account", id: "acct_own" };
  const asked: string[] = [];
  const client = await serve(t, ({ pathname }, response) => {
    asked.push(pathname);
    if (pathname === "/v1/account") json(response, 200, own);
    else list(response, []);
  });
  const provider = stripe({ client, webhookSecret, account: "acct_own", accounts: ["acct_1"] });
  await provider.probe?.("customer", fakeContext());
  assert.deepEqual(asked, ["/v1/account", "/v1/customers"]);
  own = { object: "account", id: "acct_other" };
  await assert.rejects(async () => provider.probe?.("customer", fakeContext()), AccessLost);
  for (own of [{ id: "acct_own" }, { object: "account" }, { object: "customer", id: "acct_own" }]) {
    await assert.rejects(async () => provider.probe?.("customer", fakeContext()), { name: "ZodError" });
  }
  // A connected account says by its errors whose key it is.
  asked.length = 0;
  await provider.probe?.("customer", fakeContext({ scope: "acct_1" }));
  assert.deepEqual(asked, ["/v1/customers"]);
});

test("an id is one part of the path, whatever is in it", async (t) => {
  let asked = "";
  const client = await serve(t, (url, response) => {
    asked = url.pathname + url.search;
    json(response, 404, missing());
  });
  const { fetch } = stripe({ client, webhookSecret }).resources.customer;
  assert.equal(await fetch("../charges?x=/#y", fakeContext()), null);
  assert.equal(asked, "/v1/customers/..%2Fcharges%3Fx%3D%2F%23y");
});

test("all are listed: pages of 100, canceled subscriptions, prices active and inactive", async (t) => {
  const asked: string[] = [];
  const client = await serve(t, ({ pathname, searchParams: query }, response) => {
    const after = query.get("starting_after");
    assert.equal(query.get("limit"), "100");
    asked.push(`${pathname} ${query.get("status")} ${query.get("active")} ${after}`);
    const object = pathname === "/v1/prices" ? "price" : "subscription";
    const id = `${object}_${query.get("active")}_${after === null ? 1 : 2}`;
    list(response, [{ object, id, created: 5 }], after === null);
  });
  const { price, subscription } = stripe({ client, webhookSecret }).resources;
  assert.deepEqual(await listAll(price.list), ["price_true_1", "price_true_2", "price_false_1", "price_false_2"]);
  assert.deepEqual(await listAll(subscription.list), ["subscription_null_1", "subscription_null_2"]);
  assert.deepEqual(asked, [
    ...["/v1/prices null true null", "/v1/prices null true price_true_1"],
    ...["/v1/prices null false null", "/v1/prices null false price_false_1"],
    ...["/v1/subscriptions all null null", "/v1/subscriptions all null subscription_null_1"],
  ]);
});

test("from a date on, only what was created since is listed", async (t) => {
  const asked: (string | null)[] = [];
  const client = await serve(t, ({ pathname, searchParams }, response) => {
    asked.push(searchParams.get("created[gte]"));
    const object = pathname === "/v1/charges" ? "charge" : "payment_method";
    list(response, [
      { object, id: "new", created: 1_000 },
      ...(object === "charge" ? [] : [{ object, id: "old", created: 999 }]),
    ]);
  });
  const backfill = new Date(1_000_999);
  const { charge, payment_method } = stripe({ client, webhookSecret, backfill }).resources;
  assert.deepEqual(await listAll(charge.list), ["new"]);
  assert.deepEqual(await listAll(payment_method.list), ["new"], "its list has no such filter");
  assert.deepEqual(asked, ["1000", null]);
});

test("an object that vanishes while a list stands on it costs the list nothing", async (t) => {
  // Pages of two; the last object of the first is deleted before the list goes on from it.
  const objects = [9, 8, 8, 7, 6].map((created, i) => ({ object: "charge", id: `ch_${i}`, created }));
  const client = await serve(t, ({ searchParams: query }, response) => {
    const after = query.get("starting_after");
    if (after === "ch_1") {
      objects.splice(1, 1);
      return json(response, 400, missing("starting_after"));
    }
    const until = Number(query.get("created[lte]") ?? Infinity);
    const from = objects.findIndex(({ id }) => id === after) + 1;
    const rest = objects.slice(from).filter(({ created }) => created <= until);
    list(response, rest.slice(0, 2), rest.length > 2);
  });
  const ids = await listAll(stripe({ client, webhookSecret }).resources.charge.list);
  assert.deepEqual(ids, ["ch_0", "ch_1", "ch_2", "ch_3", "ch_4"]);
});

test("another missing resource is not the list's cursor", async (t) => {
  const client = await serve(t, ({ searchParams: query }, response) => {
    if (query.has("starting_after")) json(response, 400, missing("customer"));
    else list(response, [{ object: "charge", id: "ch_1", created: 5 }], true);
  });
  await assert.rejects(() => listAll(stripe({ client, webhookSecret }).resources.charge.list), { param: "customer" });
});

test("where a list cannot be filtered by date it begins anew, a few times", async (t) => {
  let fails = 1;
  let asked = 0;
  const client = await serve(t, ({ searchParams: query }, response) => {
    asked++;
    const after = query.get("starting_after");
    assert.equal(query.has("created[lte]"), false);
    if (after !== null && fails-- > 0) return json(response, 404, missing("starting_after"));
    list(response, [{ object: "payment_method", id: after === null ? "pm_1" : "pm_2", created: 5 }], after === null);
  });
  const { list: read } = stripe({ client, webhookSecret }).resources.payment_method;
  assert.deepEqual(await listAll(read), ["pm_1", "pm_1", "pm_2"]);
  [fails, asked] = [Infinity, 0];
  await assert.rejects(() => listAll(read), { code: "resource_missing" });
  assert.equal(asked, 12);
});

test("a list of something else, or of what is deleted, brings nothing", async (t) => {
  let answer: Route = () => {};
  const client = await serve(t, (...all) => answer(...all));
  const { list: read } = stripe({ client, webhookSecret }).resources.customer;
  answer = (_, response) => list(response, [{ object: "charge", id: "ch_1" }]);
  await assert.rejects(() => listAll(read), /holds something else/);
  for (const odd of [{ object: "customer" }, { object: "customer", id: "cus_1", created: "5" }, null, "cus_1"]) {
    answer = (_, response) => list(response, [odd as never]);
    await assert.rejects(() => listAll(read), { name: "ZodError" });
  }
  answer = (_, response) =>
    list(response, [
      { object: "customer", id: "cus_1", deleted: true },
      { object: "customer", id: "cus_2" },
    ]);
  assert.deepEqual(await listAll(read), ["cus_2"]);
  for (const body of [
    {},
    { foo: 1 },
    { object: "list" },
    { object: "customer", id: "cus_1" },
    [],
    { object: "list", data: [{}], has_more: false },
  ]) {
    answer = (_, response) => json(response, 200, body);
    await assert.rejects(() => listAll(read), { name: "ZodError" }, JSON.stringify(body));
  }
});

test("an answer that is not the object that was asked for is no observation", async (t) => {
  let answer: readonly [number, unknown] = [200, {}];
  const client = await serve(t, (_, response) => json(response, ...answer));
  const { fetch } = stripe({ client, webhookSecret }).resources.customer;
  for (answer of [
    ...([
      [404, { foo: 1 }],
      [503, { foo: 1 }],
      [301, { id: "cus_1", object: "customer" }],
    ] as const),
    ...([
      [503, { id: "cus_1", object: "customer" }],
      [404, { id: "cus_1", object: "customer", deleted: true }],
    ] as const),
    ...([
      [200, { id: "cus_2", object: "customer" }],
      [200, { id: "cus_1", object: "charge" }],
    ] as const),
    ...([
      [200, { id: "cus_2", object: "customer", deleted: true }],
      [200, { id: "cus_1" }],
    ] as const),
    ...([
      [200, {}],
      [200, []],
      [200, { object: "list", data: [], has_more: false }],
    ] as const),
  ]) {
    await assert.rejects(
      async () => fetch("cus_1", fakeContext()),
      (error: Error) => /is not (the customer|Stripe)/.test(error.message),
      JSON.stringify(answer),
    );
  }
});

test("what Stripe's errors mean", async (t) => {
  let answer: readonly [number, unknown, object?] = [500, {}];
  let calls = 0;
  const client = await serve(t, (_, response) => {
    calls++;
    json(response, ...answer);
  });
  const provider = stripe({ client, webhookSecret });
  const { fetch } = provider.resources.customer;
  const read = () => fetch("cus_1", fakeContext());
  const error = (more: Json) => ({ error: { type: "invalid_request_error", message: "key sk_test_x", ...more } });
  const later = (ms: number) => (thrown: unknown) => thrown instanceof RetryLater && thrown.ms === ms;
  const lost = (thrown: unknown) =>
    thrown instanceof AccessLost && !thrown.message.includes("sk_test") && thrown.cause !== undefined;

  answer = [404, missing()];
  assert.equal(await read(), null);
  answer = [200, { id: "cus_1", object: "customer", deleted: true }];
  assert.equal(await read(), gone);

  answer = [429, error({ type: "rate_limit_error" }), { "stripe-rate-limited-reason": "global-rate" }];
  await assert.rejects(read, later(2_000));
  answer = [429, error({ code: "lock_timeout" })];
  await assert.rejects(read, later(500));
  answer = [400, error({ code: "rate_limit" })];
  await assert.rejects(read, later(2_000));
  answer = [429, { foo: 1 }];
  await assert.rejects(read, later(500));

  for (const status of [401, 403]) {
    answer = [status, error({})];
    await assert.rejects(read, lost);
    await assert.rejects(async () => provider.probe?.("customer", fakeContext()), lost);
  }
  // A probe that finds nothing there has not found the list readable; for a fetch it is a failed read.
  for (const body of [error({ message: "Unrecognized request URL" }), { foo: 1 }, missing()]) {
    answer = [404, body];
    await assert.rejects(async () => provider.probe?.("customer", fakeContext()), lost);
  }
  for (const [status, body] of [
    ...([
      [404, error({})],
      [400, error({})],
      [400, missing()],
      [402, error({ type: "card_error" })],
    ] as const),
    ...([
      [409, error({ type: "idempotency_error" })],
      [500, error({ type: "api_error" })],
      [503, { foo: 1 }],
    ] as const),
  ]) {
    [answer, calls] = [[status, body], 0];
    await assert.rejects(read, (thrown: Error) => !(thrown instanceof AccessLost || thrown instanceof RetryLater));
    assert.equal(calls, 1, `${status}: neither the client nor the provider asks again`);
  }
  answer = [503, { foo: 1 }];
  await assert.rejects(
    async () => provider.probe?.("customer", fakeContext()),
    (e) => !(e instanceof AccessLost),
  );
});

test("text that is no JSON is a failed read", async (t) => {
  const client = await serve(t, (_, response) => void response.writeHead(502).end("<html>Bad Gateway</html>"));
  const provider = stripe({ client, webhookSecret });
  await assert.rejects(async () => provider.resources.customer.fetch("cus_1", fakeContext()), {
    type: "StripeAPIError",
  });
  await assert.rejects(async () => provider.probe?.("customer", fakeContext()), { type: "StripeAPIError" });
});

test("a connection that breaks is tried once more, unless nobody waits any longer", async (t) => {
  let calls = 0;
  let breaks = 2;
  const client = await serve(t, (_, response, request) => {
    if (++calls <= breaks) request.socket.destroy();
    else json(response, 200, { id: "cus_1", object: "customer" });
  });
  const { fetch } = stripe({ client, webhookSecret }).resources.customer;
  // The client itself asks twice when a connection is closed, even when told not to: two broken ones are its first try.
  assert.deepEqual(await fetch("cus_1", fakeContext()), { id: "cus_1", object: "customer" });
  assert.equal(calls, 3);
  [calls, breaks] = [0, Infinity];
  await assert.rejects(async () => fetch("cus_1", fakeContext()), { type: "StripeConnectionError" });
  assert.equal(calls, 4);
  calls = 0;
  await assert.rejects(
    async () => fetch("cus_1", fakeContext({ signal: AbortSignal.abort(new Error("stopped")) })),
    /stopped/,
  );
  assert.equal(calls, 0);
});

test("a request that took too long is not tried once more: its time is used up", async (t) => {
  const client = await serve(t, () => {});
  const options = { timeout: 20, maxNetworkRetries: 0 };
  const slow = await client
    .rawRequest("GET", "/v1/customers/cus_1", undefined, options)
    .catch((error: unknown) => error);
  let calls = 0;
  client.rawRequest = async () => {
    calls++;
    throw slow;
  };
  const { fetch } = stripe({ client, webhookSecret }).resources.customer;
  await assert.rejects(async () => fetch("cus_1", fakeContext()), { type: "StripeConnectionError" });
  assert.equal(calls, 1);
});
