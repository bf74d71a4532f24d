/** Scenarios of strangers: secrets of others, empty and old ones, payloads and headers that are made to hurt. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createSync } from "tidemark";
import { github } from "tidemark/github";
import { gitlab } from "tidemark/gitlab";
import { shopify } from "tidemark/shopify";
import { sns } from "tidemark/sns";
import { standardWebhooks } from "tidemark/standard-webhooks";
import { stripe } from "tidemark/stripe";
import { memory, take } from "../desk.ts";
import { HOME, idleClient as octokit } from "../providers/github.kit.ts";
import { plugin as paypal } from "../providers/paypal.kit.ts";
import { signLive } from "../providers/rest.emulator.ts";
import { over } from "../providers/rest.kit.ts";
import { SHOPS, TOKEN } from "../providers/shopify.emulator.ts";
import { TOPIC } from "../providers/sns.emulator.ts";
import { keyOf } from "../providers/standard-webhooks.kit.ts";
import { plugin as strapi } from "../providers/strapi.kit.ts";
import { idleClient } from "../providers/stripe.kit.ts";
import { requestOf, ways } from "../security/ways.ts";
import { handClock } from "../stories/clock.ts";
import { DAY } from "./kit.ts";

const SECRET = "a secret of the service";

/** Two accounts of a service with a webhook, whose secret is what `secretOf` says now. */
function serve(t: TestContext, secretOf: (scope?: string) => string[], scopes = [""]) {
  const clock = handClock();
  const { provider, asked } = over(
    (url) => {
      const id = url.pathname.split("/")[3];
      return new Response(id === undefined ? '{"data":[]}' : `{"id":"${id}","name":"n","__proto__":{"polluted":true}}`);
    },
    {},
    {
      webhook: {
        secret: secretOf,
        signature: { header: "x-signature", prefix: "sha256=" },
      },
      envelope: { name: "type", id: "event", ...(scopes.length > 1 && { scope: "account" }) },
      events: { "thing.changed": { thing: "data.id" } },
      scopes: () => scopes,
    },
  );
  const sync = createSync({ providers: { it: provider }, store: memory(clock), time: clock });
  t.after(() => sync.stop());
  const post = async (body: string, headers: Record<string, string>, { scope = "", query = "" } = {}) => {
    const request = new Request(`http://x/hooks${query}`, { method: "POST", body, headers });
    return (await sync.webhook("it", request, { scope })).status;
  };
  const ids = async () => (await take(sync.changes({ follow: false }))).map(({ scope, id }) => `${scope}${id}`);
  return { sync, clock, post, ids, asked };
}
const event = (more: object = {}) =>
  JSON.stringify({ type: "thing.changed", event: "evt_1", data: { id: "1" }, ...more });
const signed = (body: string, secret = SECRET) => signLive(body, secret).headers;

test("what account A was told, signed with the secret of B, is 401 at A and at B", async (t) => {
  const { sync, post, ids } = serve(t, (scope) => [`secret of account ${scope}`], ["a", "b"]);
  const body = event({ account: "a" });
  const [ofA, ofB] = ["a", "b"].map((scope) => signed(body, `secret of account ${scope}`));
  assert.equal(await post(body, ofB ?? {}, { scope: "a" }), 401);
  assert.equal(await post(body, ofB ?? {}, { scope: "b" }), 401, "it is about another account");
  await sync.drain();
  assert.deepEqual(await ids(), []);
  assert.equal(await post(body, ofA ?? {}, { scope: "a" }), 202);
  await sync.drain();
  assert.deepEqual(await ids(), ["a1"]);
});

test("an empty secret is refused when the provider is made, by each of them", () => {
  const nobody = async () => new Response(null, { status: 503 });
  const note = { fetch: async () => null, id: () => "", readLag: { fetch: 0, list: 0 } };
  const inner = { resources: { note }, probe: async () => {} };
  const makers: Record<string, (secret: string) => unknown> = {
    stripe: (webhookSecret) => stripe({ client: idleClient, webhookSecret }),
    github: (webhookSecret) => github({ client: octokit, webhookSecret, repos: [HOME] }),
    gitlab: (webhookSecret) => gitlab({ token: "token", webhookSecret, projects: ["7"], fetch: nobody }),
    shopify: (webhookSecret) => shopify({ shops: [...SHOPS], token: () => TOKEN, webhookSecret, fetch: nobody }),
    paypal: (webhookId) => paypal({ webhookId }),
    "strapi, by token": (webhookSecret) => strapi({ webhookSecret }),
    "strapi, signed": (signingSecret) => strapi({ webhookSecret: undefined, signingSecret }),
    rest: (secret) =>
      over(
        () => ({}),
        {},
        { webhook: { secret, signature: { header: "x-signature" } }, envelope: { name: "type" }, events: {} },
      ),
    "standard-webhooks": (secret) => standardWebhooks({ secret, resources: { note } as never }),
    sns: (rawSecret) => sns({ topics: TOPIC, inner: inner as never, rawSecret, hints: () => [] }),
  };
  for (const [name, make] of Object.entries(makers)) {
    make({ "standard-webhooks": keyOf(1), paypal: "8PT597110X687430" }[name] ?? SECRET);
    assert.throws(() => make(""), { name: "TypeError", message: /secret|webhookId/i }, name);
  }
});

test("a secret that was replaced is refused from its end on, without a restart", async (t) => {
  const END = DAY;
  const at = { begun: 0 };
  const { clock, post } = serve(t, () =>
    clock.now() - at.begun < END ? ["the new secret", SECRET] : ["the new secret"],
  );
  at.begun = clock.now();
  const body = event();
  clock.advance(END - 1);
  assert.deepEqual([await post(body, signed(body)), await post(body, signed(body, "the new secret"))], [202, 202]);
  clock.advance(1);
  assert.deepEqual([await post(body, signed(body)), await post(body, signed(body, "the new secret"))], [401, 202]);
});

test("a payload and a state with __proto__ and constructor change no prototype, and the hint works", async (t) => {
  const { sync, post, ids } = serve(t, () => [SECRET]);
  const evil = '"__proto__":{"polluted":true,"id":"2"},"constructor":{"prototype":{"polluted":true}}';
  const body = `{"type":"thing.changed",${evil},"data":{"id":"1",${evil}}}`;
  assert.equal(await post(body, signed(body)), 202);
  await sync.drain();
  assert.deepEqual(await ids(), ["1"]);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  assert.equal((Object as { polluted?: boolean }).polluted, undefined);
  const [change] = await take(sync.changes({ follow: false }));
  assert.equal((change?.after as { polluted?: boolean } | null)?.polluted, undefined);
});

test("a replay with its query in another order is a repeat, and one with its signature written otherwise is refused", async (t) => {
  const { sync, post, ids, asked } = serve(t, () => [SECRET]);
  const body = event();
  const headers = signed(body);
  const signature = headers["x-signature"] ?? assert.fail();
  assert.equal(await post(body, headers, { query: "?a=1&b=2" }), 202);
  await sync.drain();
  const reads = asked.length;
  for (const query of ["?b=2&a=1", "", "?a=1&b=2&c", "#x"]) assert.equal(await post(body, headers, { query }), 202);
  await sync.drain();
  assert.deepEqual([asked.length - reads, await ids()], [0, ["1"]]);
  const hex = signature.slice("sha256=".length);
  for (const other of [
    signature.toUpperCase(),
    `sha256=${hex.toUpperCase()}`,
    `sha256=${Buffer.from(hex, "hex").toString("base64")}`,
    `sha256=0x${hex}`,
    `sha256=${hex}00`,
    `sha256= ${hex}`,
    hex,
  ]) {
    assert.equal(await post(body, { "x-signature": other }), 401, other);
  }
});

test("100 kB of spaces in a header take less than 5 ms, in each place of each header that proves a webhook", async () => {
  const LIMIT = 5;
  const spaces = " ".repeat(100_000);
  const NOW = 1_800_000_000_000;
  const slow: string[] = [];
  for (const [name, { provider, headers, body, sign }] of Object.entries(ways)) {
    const good = sign(body, NOW);
    for (const header of headers) {
      const value = good.headers[header] ?? "";
      const middle = Math.floor(value.length / 2);
      for (const given of [
        `${value}${spaces}x`,
        `x${spaces}${value}`,
        `${value.slice(0, middle)}${spaces}${value.slice(middle)}`,
      ]) {
        const took: number[] = [];
        for (let times = 0; times < 3; times++) {
          const request = { ...requestOf({ ...good, headers: { ...good.headers, [header]: given } }, NOW), scope: "" };
          const begun = process.threadCpuUsage();
          await Promise.resolve(provider.webhook?.(request)).catch((error: Error) =>
            assert.equal(error.name, "WebhookRejected", name),
          );
          const { user, system } = process.threadCpuUsage(begun);
          took.push((user + system) / 1_000);
        }
        const [, ms = Number.NaN] = took.sort((a, b) => a - b);
        if (!(ms < LIMIT)) slow.push(`${name}: ${header}, ${ms} ms`);
      }
    }
  }
  assert.deepEqual(slow, []);
});
