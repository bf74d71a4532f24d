/** The webhook endpoint itself: whether it is right, making and mending it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import Stripe from "stripe";
import { AccessLost } from "tidemark";
import { stripe } from "tidemark/stripe";
import { fakeContext } from "./context.ts";
import { deleted, moved, OTHER_URL, testEndpoint, URL_OF_HOOK } from "./endpoint.kit.ts";
import { stripeEmulator } from "./stripe.emulator.ts";
import { SECRET } from "./stripe.kit.ts";

const EVENTS = ["customer.created", "customer.updated", "customer.deleted"];
const KEY = "sk_test_of_the_application";

/** An account with the endpoint of somebody else, and the real client. */
function make({ scope = "", types = ["customer"] as const } = {}) {
  const emulator = stripeEmulator({ now: () => 0, secret: SECRET });
  const { hooks } = emulator;
  hooks.add({ url: OTHER_URL, events: ["*"] });
  const fetch = async (input: Parameters<typeof globalThis.fetch>[0], init?: RequestInit) =>
    emulator.fetch(new Request(input, init));
  const client = new Stripe(KEY, { httpClient: Stripe.createFetchHttpClient(fetch), telemetry: false });
  const { endpoint } = stripe({ client, webhookSecret: SECRET, types, accounts: ["acct_1"] });
  assert.ok(endpoint);
  const ours = () => hooks.all.find(({ url }) => url === URL_OF_HOOK) ?? assert.fail("there is none");
  return {
    ...{ emulator, endpoint, ours, context: fakeContext({ scope }), hooks: () => hooks.all },
    ...{ access: emulator.access, secrets: [SECRET, KEY, "whsec_of"], asked: hooks.asked, add: hooks.add.bind(hooks) },
  };
}

testEndpoint("Stripe", make, {
  deleted,
  disabled: {
    fault: "disabled",
    problem: /is disabled/,
    cause: ({ ours }) => Object.assign(ours(), { status: "disabled" }),
  },
  "at another URL": moved,
  "short of events": {
    fault: "events",
    problem: /does not send customer.updated, customer.deleted/,
    cause: ({ ours }) => Object.assign(ours(), { events: ["customer.created", "ping"] }),
  },
});

test("an endpoint sends what the types need, and its secret is answered once", async () => {
  const { endpoint, context, ours } = make();
  const { secret } = await endpoint.ensure(URL_OF_HOOK, context);
  assert.equal(secret, `whsec_of_${ours().id}`);
  const { events, from, payload } = ours();
  assert.ok(EVENTS.every((name) => events.includes(name)));
  assert.ok(!events.includes("invoice.paid") && !events.includes("*"));
  assert.deepEqual([from, payload], [["@self"], "snapshot"]);
  assert.deepEqual(await endpoint.ensure(URL_OF_HOOK, context), {});
});

test("what it sends besides stays, and one for everything lacks nothing", async () => {
  const { endpoint, context, add, asked } = make();
  const ours = add({ url: URL_OF_HOOK, events: ["ping"] });
  await endpoint.ensure(URL_OF_HOOK, context);
  assert.ok(ours.events.includes("ping") && ours.events.includes("customer.created"));
  Object.assign(ours, { events: ["*"] });
  assert.deepEqual(await endpoint.check(URL_OF_HOOK, context), { ok: true });
  asked.length = 0;
  await endpoint.ensure(URL_OF_HOOK, context);
  assert.ok(asked.every(({ method }) => method === "GET"));
});

test("an account that has none is told so; one is found on every page", async () => {
  const { endpoint, context, hooks, add } = make();
  hooks().length = 0;
  const none = await endpoint.check(URL_OF_HOOK, context);
  assert.equal(!none.ok && none.fault, "missing");
  for (let i = 0; i < 4; i++) add({ url: OTHER_URL });
  add({ url: URL_OF_HOOK, events: ["*"] });
  assert.deepEqual(await endpoint.check(URL_OF_HOOK, context), { ok: true });
});

test("connected accounts have one endpoint, the platform's, which is not that of its own events", async () => {
  const { endpoint, context, hooks, asked } = make({ scope: "acct_1" });
  const own = fakeContext();
  await endpoint.ensure(URL_OF_HOOK, own);
  const answer = await endpoint.check(URL_OF_HOOK, context);
  assert.equal(!answer.ok && answer.fault, "elsewhere");
  await endpoint.ensure(URL_OF_HOOK, context);
  assert.deepEqual(await endpoint.check(URL_OF_HOOK, context), { ok: true });
  assert.deepEqual(await endpoint.check(URL_OF_HOOK, own), { ok: true });
  assert.deepEqual(hooks().at(-1)?.from, ["@accounts"]);
  assert.ok(asked.every(({ account }) => account === null));
  for (const from of [["self"], ["other_accounts"], ["@self", "@accounts"]]) {
    hooks().length = 1;
    Object.assign(hooks()[0] ?? {}, { url: URL_OF_HOOK, events: ["*"], from });
    const isOk = async (one: typeof own) => (await endpoint.check(URL_OF_HOOK, one)).ok;
    assert.deepEqual(
      [await isOk(own), await isOk(context)],
      [from[0] !== "other_accounts", from.length > 1 || from[0] !== "self"],
    );
  }
});

test("an endpoint for thin events is as good, by their own names; a second one is no fault", async () => {
  const { endpoint, context, add, ours } = make();
  add({ url: URL_OF_HOOK, status: "disabled" });
  await endpoint.ensure(URL_OF_HOOK, context);
  const thin = ours()
    .events.filter((name) => !name.startsWith("customer.source."))
    .map((name) => `v1.${name}`);
  ours().status = "disabled";
  const second = add({ url: URL_OF_HOOK, payload: "thin", events: thin });
  assert.deepEqual(await endpoint.check(URL_OF_HOOK, context), { ok: true });
  second.events = [...EVENTS];
  assert.equal((await endpoint.check(URL_OF_HOOK, context)).ok, false);
});

test("a key without the permission says which one it needs", async () => {
  const client = new Stripe(KEY, {
    ...{ telemetry: false, maxNetworkRetries: 0 },
    httpClient: Stripe.createFetchHttpClient(async () => Response.json({ error: { message: "No" } }, { status: 403 })),
  });
  const { endpoint } = stripe({ client, webhookSecret: SECRET });
  await assert.rejects(
    async () => endpoint?.check(URL_OF_HOOK, fakeContext()),
    (error) => error instanceof AccessLost && /write access to webhook endpoints/.test(error.message),
  );
});

test("a list that leads elsewhere is not followed, and nothing is asked twice that changes something", async () => {
  let asked = 0;
  const answers = [
    () => Response.json({ data: [], next_page_url: "https://evil.example/v2/core/event_destinations?page=2" }),
    () => {
      throw new TypeError("the connection broke");
    },
  ];
  const httpClient = Stripe.createFetchHttpClient(async () => answers[asked++]?.() ?? Response.json({}));
  const { endpoint } = stripe({ client: new Stripe(KEY, { httpClient, telemetry: false }), webhookSecret: SECRET });
  await assert.rejects(async () => endpoint?.ensure(URL_OF_HOOK, fakeContext()));
  assert.equal(asked, 2);
});
