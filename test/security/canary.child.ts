/**
 * A process in which everything goes wrong that can, with secrets that are like no other text. All that an application could
 * see of it is printed: what is told, what is thrown, health, spans, metrics, changes.
 */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { inspect } from "node:util";
import { Octokit } from "@octokit/rest";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import Stripe from "stripe";
import { createSync, type Provider } from "tidemark";
import { github } from "tidemark/github";
import { gitlab } from "tidemark/gitlab";
import { createHandler } from "tidemark/http";
import { createTelemetry } from "tidemark/otel";
import { rudderstack } from "tidemark/outlets/rudderstack";
import { webhooks } from "tidemark/outlets/webhooks";
import { paypal } from "tidemark/paypal";
import { shopify } from "tidemark/shopify";
import { sns } from "tidemark/sns";
import { sqlite } from "tidemark/sqlite";
import { standardWebhooks } from "tidemark/standard-webhooks";
import { collection, strapi } from "tidemark/strapi";
import { stripe } from "tidemark/stripe";
import { createVirtualTime, type VirtualTime } from "tidemark/testing";
import { createDesk } from "../desk.ts";
import { noteResource } from "../providers/notes.emulator.ts";
import { workos } from "../providers/rest.workos.ts";
import { TOPIC } from "../providers/sns.emulator.ts";
import { canaries as secret } from "./canaries.ts";

const [, , file = ""] = process.argv;

/** What was sent along, as a service may say it again. */
const echo = (request: Request) => JSON.stringify([request.url, ...request.headers]);
/** Each way in which an API fails. */
const troubles: Readonly<Record<string, (request: Request) => Response>> = {
  unreachable: () => {
    throw new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:443") });
  },
  unauthorized: (request) => new Response(echo(request), { status: 401, headers: { "x-echo": "1" } }),
  forbidden: (request) => Response.json({ error: { message: echo(request) } }, { status: 403 }),
  broken: (request) => new Response(`<html>${echo(request)}`, { status: 500 }),
  limited: (request) => new Response(echo(request), { status: 429, headers: { "retry-after": "0" } }),
  noJson: (request) => new Response(`<html>${echo(request)}`),
  otherShape: (request) => Response.json({ data: echo(request), errors: [{ message: echo(request) }] }),
  redirected: (request) => Response.redirect(`https://evil.example/?${encodeURIComponent(echo(request))}`, 302),
  gone: (request) => Response.json({ message: echo(request) }, { status: 404 }),
};
type Fetch = (input: Request | string | URL, init?: RequestInit) => Promise<Response>;
const fetchOf =
  (trouble: (request: Request) => Response): Fetch =>
  async (input, init) =>
    trouble(new Request(input, init));
const silent = { debug() {}, info() {}, warn() {}, error() {} };

const noteOf = (fetch: Fetch) => ({ note: noteResource(fetch) });

function providersOf(fetch: Fetch): Record<string, Provider> {
  const note = noteOf(fetch);
  const desk = createDesk();
  desk.put("1", "a change that the outlets are to send");
  return {
    stripe: stripe({
      client: new Stripe(secret.stripeKey, {
        httpClient: Stripe.createFetchHttpClient(fetch),
        maxNetworkRetries: 0,
        telemetry: false,
      }),
      webhookSecret: secret.stripeWebhook,
      types: ["customer"],
    }) as Provider,
    github: github({
      client: new Octokit({ auth: secret.githubToken, request: { fetch }, log: silent }),
      ...{ webhookSecret: secret.githubWebhook, repos: ["acme/app"], types: ["issue"] },
    }) as Provider,
    gitlab: gitlab({
      ...{ token: secret.gitlabToken, webhookSecret: secret.gitlabWebhook, projects: ["7"], types: ["issue"], fetch },
    }) as Provider,
    shopify: shopify({
      shops: ["acme.myshopify.com"],
      ...{ token: () => secret.shopifyToken, webhookSecret: secret.shopifyWebhook, types: ["product"], fetch },
    }) as Provider,
    paypal: paypal({
      ...{
        clientId: "client",
        clientSecret: secret.paypalSecret,
        webhookId: "1JE4291016473214C",
        types: ["product"],
        fetch,
      },
    }) as Provider,
    strapi: strapi({
      ...{ url: "https://cms.example/", token: secret.strapiToken, webhookSecret: secret.strapiWebhook, fetch },
      types: { article: collection<{ title: string }>({ uid: "api::article.article", path: "articles" }) },
    }) as Provider,
    workos: workos({ key: secret.restToken, secret: secret.restWebhook, fetch }) as Provider,
    standard: standardWebhooks({ secret: secret.standardWebhook, resources: note }) as Provider,
    sns: sns({
      topics: TOPIC,
      inner: { resources: note },
      hints: () => [{ type: "note", id: "1" }],
      rawSecret: secret.snsPassword,
      fetch,
    }) as Provider,
    desk: desk.provider as Provider,
  };
}

const say = (what: string, value: unknown) =>
  console.log(what, typeof value === "string" ? value : inspect(value, { depth: 12 }));
const attempt = async (what: string, work: () => unknown): Promise<void> => {
  try {
    say(what, await work());
  } catch (error) {
    // As an application logs it, but for what the service's own client says of the answer, which is not ours.
    for (let one = error; one instanceof Error; one = one.cause) {
      const { name, message } = one;
      say(
        what,
        /^(Stripe|HttpError|RequestError)/.test(one.constructor.name) ? `${name} of the client` : `${name}: ${message}`,
      );
    }
  }
};

/** Webhooks: none, forged, and one whose headers tell secrets that a service should not have sent. */
async function knock(sync: ReturnType<typeof createSync>, name: string): Promise<void> {
  const told = { "x-github-encoded-secret": secret.githubWebhook, authorization: `Bearer ${secret.strapiToken}x` };
  const raw = {
    "x-amz-sns-rawdelivery": "true",
    authorization: `Basic ${Buffer.from(`sns:${secret.snsPassword}x`).toString("base64")}`,
  };
  const signed = (body: string) => ({
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret.githubWebhook).update(body).digest("hex")}`,
    "x-shopify-hmac-sha256": createHmac("sha256", secret.shopifyWebhook).update(body).digest("base64"),
    ...{
      "x-github-event": "issues",
      "x-shopify-shop-domain": "acme.myshopify.com",
      "x-shopify-topic": "products/update",
    },
    ...{ "x-gitlab-token": secret.gitlabWebhook, authorization: `Bearer ${secret.strapiWebhook}` },
  });
  for (const body of ["{}", `{"secret":"${secret.restToken}"`, `["${secret.stripeKey}"]`]) {
    for (const headers of [{}, told, raw, signed(body)]) {
      const response = await sync.webhook(
        name,
        new Request("http://x/", { method: "POST", body, headers: headers as Record<string, string> }),
      );
      say(`webhook ${name}`, `${response.status} ${await response.text()}`);
    }
  }
}

/** Lets time pass until it is done. */
async function passing(time: VirtualTime, work: Promise<unknown>): Promise<void> {
  let done = false;
  const over = work.then(() => {
    done = true;
  });
  while (!done) await time.run(time.now() + 10_000, () => done);
  await over;
}

const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 });
const meterProvider = new MeterProvider({ readers: [reader] });
const spans = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });

async function live([kind, trouble]: [string, (request: Request) => Response]): Promise<void> {
  const providers = providersOf(fetchOf(trouble));
  // Time enough for what is tried again and again, and for the disk.
  const time = createVirtualTime({ start: Date.now(), quiet: () => new Promise((resolve) => setTimeout(resolve, 1)) });
  const telemetry = createTelemetry({ meterProvider, tracerProvider, time });
  const observe = (event: Parameters<typeof telemetry.observe>[0]) => {
    telemetry.observe(event);
    say("event", event);
  };
  const sync = createSync({ providers, store: sqlite(`${file}-${kind}.db`, { time }), observe, time });
  const unwatch = telemetry.watch(sync);
  const url = `https://127.0.0.1/${secret.zapierPath}`;
  await attempt("outlet", () => webhooks(sync, { name: "out", secret: secret.outletSecret, url, time }));
  const rudder = { name: "rudder", url: "https://127.0.0.1:1", writeKey: secret.writeKey, time };
  await attempt("outlet", () => rudderstack(sync, { ...rudder, user: () => ({ userId: "u" }) }));
  const handler = createHandler(sync, { token: secret.httpToken, time });
  await sync.start();
  const asked: Promise<void>[] = [];
  for (const [name, { resources }] of Object.entries(providers)) {
    await knock(sync, name);
    const [type = ""] = Object.keys(resources);
    const scope = { github: "acme/app", gitlab: "7", shopify: "acme.myshopify.com" }[name] ?? "";
    asked.push(attempt(`get ${name}`, () => sync.get(`${name}.${type}` as never, "1", { maxAge: 0, scope })));
  }
  await time.run(time.now() + 30_000);
  await passing(time, Promise.all(asked));
  for (const path of [
    "/health",
    "/changes",
    "/changes?after=x",
    "/resources/desk.note/1?maxAge=x",
    "/livez",
    "/readyz",
  ]) {
    for (const token of [secret.httpToken, `${secret.httpToken}x`]) {
      const response = await handler(new Request(`http://x${path}`, { headers: { authorization: `Bearer ${token}` } }));
      say(path, `${response.status} ${await response.text()}`);
    }
  }
  say("health", await sync.health());
  await reader.forceFlush();
  unwatch();
  await passing(time, sync.stop());
}

// Each waits for most of its time.
await Promise.all(Object.entries(troubles).map(live));
say(
  "spans",
  spans.getFinishedSpans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
);
say("metrics", metrics.getMetrics());

// Options that are wrong: the message may not show what was given.
const fetch: Fetch = () => assert.fail("nothing is asked");
const note = noteOf(fetch);
for (const wrong of [secret.standardWebhook.slice(0, 20), `${secret.standardWebhook}\n`]) {
  await attempt("wrong", () => standardWebhooks({ secret: wrong, resources: note }));
  await attempt("wrong", () => gitlab({ token: `${secret.gitlabToken}\n`, webhookSecret: wrong, projects: ["7"] }));
}
await attempt("wrong", () => workos({ key: secret.restToken, secret: "", fetch }));
await attempt("wrong", () => createHandler(undefined as never, { token: secret.httpToken.slice(0, 12) }));
console.log("done", secret === undefined);
