/** Every provider that has an endpoint, with its real plugin and its emulator: set up once, deleted, and mended. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Octokit } from "@octokit/rest";
import Stripe from "stripe";
import { createSync, type Provider } from "tidemark";
import { github } from "tidemark/github";
import { stripe } from "tidemark/stripe";
import { handClock, memory } from "../desk.ts";
import { githubEmulator } from "../providers/github.emulator.ts";
import { HOME } from "../providers/github.kit.ts";
import { gitlabOf, ORIGIN } from "../providers/gitlab.emulator.ts";
import { plugin as gitlab, SIGNING } from "../providers/gitlab.kit.ts";
import { emulatePayPal } from "../providers/paypal.emulator.ts";
import { plugin as paypal, WEBHOOK_ID } from "../providers/paypal.kit.ts";
import { createShopify, SHOPS, TOKEN } from "../providers/shopify.emulator.ts";
import { open as openShopify, SECRET as SHOPIFY_SECRET } from "../providers/shopify.kit.ts";
import { createStrapi } from "../providers/strapi.emulator.ts";
import { ADMIN_TOKEN } from "../providers/strapi.hooks.ts";
import { plugin as strapi } from "../providers/strapi.kit.ts";
import { stripeEmulator } from "../providers/stripe.emulator.ts";

const HOUR = 3_600_000;
const SECRET = "a secret of the application";
const url = "https://app.example/webhooks";
const quiet = () => {};

type Fetch = (request: Request) => Promise<Response>;

/** A provider over its service in memory, the hooks there, and what the application does with a secret that is made. */
interface Case {
  provider: Provider;
  hooks: unknown[];
  keep?: (secret: string) => void;
}

const cases: Readonly<Record<string, (now: () => number) => Case>> = {
  stripe(now) {
    const emulator = stripeEmulator({ now, secret: SECRET });
    const fetch = async (input: Parameters<typeof globalThis.fetch>[0], init?: RequestInit) =>
      emulator.fetch(new Request(input, init));
    const client = new Stripe("sk_test_x", { httpClient: Stripe.createFetchHttpClient(fetch), telemetry: false });
    const secrets = [SECRET];
    const provider = stripe({ client, webhookSecret: () => secrets, types: ["customer"] });
    return { provider, hooks: emulator.hooks.all, keep: (secret) => void secrets.push(secret) };
  },
  github(now) {
    const emulator = githubEmulator({ now, secret: SECRET });
    const fetch = async (asked: string, init?: RequestInit) => emulator.fetch(new Request(asked, init));
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    const client = new Octokit({ auth: "ghp_x", log, request: { fetch } });
    return {
      provider: github({ client, webhookSecret: SECRET, repos: [HOME], types: ["issue"] }),
      hooks: emulator.hooks.all,
    };
  },
  gitlab(now) {
    const emulator = gitlabOf(["issue"])({ now, secret: SIGNING[0] });
    const fetch: Fetch = async (request) => emulator.fetch(request);
    const only = { projects: ["7"], groups: [], instance: false, types: ["issue"] };
    return { provider: gitlab({ fetch, url: ORIGIN, ...only }), hooks: emulator.hooks.all };
  },
  paypal(now) {
    const emulator = emulatePayPal({ now, secret: WEBHOOK_ID });
    const ids = [WEBHOOK_ID];
    const fetch: Fetch = async (request) => emulator.fetch(request);
    const provider = paypal({ fetch, webhookId: () => ids, types: ["capture"] });
    return { provider, hooks: emulator.hooks.all, keep: (id) => void ids.push(id) };
  },
  shopify(now) {
    const emulator = createShopify({ now, secret: SHOPIFY_SECRET });
    const fetch: Fetch = async (request) => emulator.fetch(request);
    const [shop] = SHOPS;
    const { provider } = openShopify({ shops: [shop], token: () => TOKEN, types: ["product"], fetch });
    return { provider, hooks: emulator.shop(shop).hooks };
  },
  strapi(now) {
    const service = createStrapi({ now, secret: SECRET });
    const fetch: Fetch = async (request) => service.fetch(request);
    return { provider: strapi({ adminToken: ADMIN_TOKEN, webhookSecret: SECRET, fetch }), hooks: service.hooks.all };
  },
};

for (const [name, open] of Object.entries(cases)) {
  test(`${name}: the hook is made by setup, once; deleted it is found and made again, and its secret is kept`, async (t) => {
    const time = handClock();
    const { provider, hooks, keep } = open(time.now);
    const told: string[] = [];
    const sync = createSync({
      ...{ providers: { it: provider }, store: memory(time), time },
      observe: (event) => {
        if (event.kind === "hook") told.push(event.done);
        if (event.kind === "failed") told.push(`${event.what}: ${event.error}`);
      },
    });
    t.after(() => sync.stop());
    const kept: string[] = [];
    const take = (secret: string) => {
      kept.push(secret);
      keep?.(secret);
    };
    const [report] = await sync.setup("it", { url, keep: take });
    assert.ok(report?.ok && report.repaired && report.secret === undefined, JSON.stringify(report));
    const made = hooks.length;
    assert.ok(made > 0);
    const [again] = await sync.setup("it", { url, keep: take });
    assert.deepEqual([again?.ok, again?.repaired, hooks.length], [true, false, made]);
    await sync.drain();
    hooks.splice(0);
    time.advance(1.1 * HOUR);
    await sync.drain();
    assert.equal(hooks.length, made, told.join());
    assert.deepEqual(told, ["repaired", "repaired"]);
    assert.equal(kept.length > 0, keep !== undefined);
    const { alarms, goodHooks } = await sync.health();
    assert.deepEqual([alarms, goodHooks], [[], { it: 1 }]);
  });
}
