/** Every way in which a webhook proves itself to a bundled provider, and whether it does as it was written here once more. */
import { createPrivateKey, sign as signWith } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Provider } from "tidemark";
import { parseJson } from "tidemark/client";
import { shopify } from "tidemark/shopify";
import { sns } from "tidemark/sns";
import { standardWebhooks } from "tidemark/standard-webhooks";
import { stripe } from "tidemark/stripe";
import type { Delivery } from "tidemark/testing";
import { SECRET as GITHUB, plugin as github, HOME, sign as signGitHub } from "../providers/github.kit.ts";
import { plugin as gitlab, PLAIN, SIGNING, signed as signGitLab } from "../providers/gitlab.kit.ts";
import { noteResource } from "../providers/notes.emulator.ts";
import { plugin as paypal, sign as signPayPal, WEBHOOK_ID } from "../providers/paypal.kit.ts";
import { signLive, signWorkOs } from "../providers/rest.emulator.ts";
import { liveapi } from "../providers/rest.liveapi.ts";
import { workos } from "../providers/rest.workos.ts";
import { SHOPS, delivery as signShopify, TOKEN } from "../providers/shopify.emulator.ts";
import { answerSns, deliveryOf, TOPIC } from "../providers/sns.emulator.ts";
import { keyOf, sign as signStandard } from "../providers/standard-webhooks.kit.ts";
import { signed as signStrapi } from "../providers/strapi.emulator.ts";
import { SECRET as STRAPI, plugin as strapi } from "../providers/strapi.kit.ts";
import { idleClient, SECRET as STRIPE, sign as signStripe } from "../providers/stripe.kit.ts";
import * as oracle from "./oracle.ts";

/** A way to sign. */
export interface Way {
  provider: Provider;
  /** As the service signs, with the secret that the provider has. */
  sign(body: string, at: number): Delivery;
  /** The headers that prove it; none where the proof is in the body. */
  headers: readonly string[];
  /** What of the body is proved, as in the samples of `testProvider`. */
  covers: "bytes" | "fields" | "nothing";
  /** A body that says where to look. */
  body: string;
  /** Whether it is proved: from the service's documentation, with none of our code. */
  holds: oracle.Holds;
}

const nobody = async () => new Response(null, { status: 503 });
const LIVE = "a secret of LiveAPI";
const WORKOS = "a secret of WorkOS";
const SHOP = SHOPS[0];
const json = (value: unknown) => JSON.stringify(value);

const vectors = JSON.parse(
  readFileSync(new URL("../fixtures/standard-webhooks/vectors.json", import.meta.url), "utf8"),
);
const { public_key: PUBLIC, signing_key: PRIVATE }: Record<string, string> = vectors.own_ed25519;
const seed = Buffer.from((PRIVATE ?? "").slice("whsk_".length), "base64").subarray(0, 32);
const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
const privateKey = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
const STANDARD = ["webhook-id", "webhook-timestamp", "webhook-signature"] as const;

function signAsymmetric(body: string, at: number): Delivery {
  const time = String(Math.floor(at / 1_000));
  const signature = signWith(null, Buffer.from(`msg_1.${time}.${body}`), privateKey).toString("base64");
  return {
    headers: { "webhook-id": "msg_1", "webhook-timestamp": time, "webhook-signature": `v1a,${signature}` },
    body,
  };
}

const notes = { note: noteResource(nobody) };
const ofTopic = (more = {}) =>
  sns({
    ...{ topics: TOPIC, inner: { resources: notes }, fetch: async (request: Request) => answerSns(request), ...more },
    hints: (message) => [{ type: "note", id: String(Object(parseJson(message)).note) }],
  }) as Provider;
const RAW = "the password of the endpoint";
const note = json({ note: "n1" });
const standardBody = json({ type: "note.updated", data: { id: "n1" } });
const issue = json({ object_kind: "issue", object_attributes: { id: 1, iid: 5 }, project: { id: 7 } });
const entry = json({ event: "entry.update", uid: "api::note.note", entry: { documentId: "abcdefghijklmnopqrstuvwx" } });

export const ways: Readonly<Record<string, Way>> = {
  stripe: {
    provider: stripe({ client: idleClient, webhookSecret: STRIPE }),
    sign: (body, at) => ({
      body,
      headers: { "stripe-signature": signStripe(body, STRIPE, Math.floor(at / 1_000)) },
    }),
    headers: ["stripe-signature"],
    covers: "bytes",
    body: json({ id: "evt_1", type: "customer.updated", data: { object: { object: "customer", id: "cus_1" } } }),
    holds: oracle.stripe(STRIPE),
  },
  github: {
    provider: github({ repos: [HOME] }),
    sign: (body) => ({
      body,
      headers: { "x-hub-signature-256": signGitHub(body, GITHUB), "x-github-event": "issues" },
    }),
    headers: ["x-hub-signature-256"],
    covers: "bytes",
    body: json({ action: "opened", issue: { number: 5 }, repository: { id: 1, full_name: HOME } }),
    holds: oracle.text("x-hub-signature-256", GITHUB, "sha256=", "hex"),
  },
  "gitlab, signed": {
    provider: gitlab(),
    sign: (body, at) => ({ body, headers: signGitLab(body, SIGNING[0], at) }),
    ...{ headers: STANDARD, covers: "bytes", body: issue },
    holds: oracle.standard(SIGNING[0]),
  },
  "gitlab, by token": {
    provider: gitlab({ webhookSecret: PLAIN[0] }),
    sign: (body, at) => ({ body, headers: signGitLab(body, PLAIN[0], at) }),
    ...{ headers: ["x-gitlab-token"], covers: "nothing", body: issue },
    holds: oracle.token("x-gitlab-token", PLAIN[0]),
  },
  shopify: {
    provider: shopify({ shops: [...SHOPS], token: () => TOKEN, webhookSecret: "hush", fetch: nobody }),
    sign: (body) => signShopify("products/update", SHOP, body, "hush"),
    headers: ["x-shopify-hmac-sha256"],
    covers: "bytes",
    body: json({ id: 1, admin_graphql_api_id: "gid://shopify/Product/1" }),
    holds: oracle.text("x-shopify-hmac-sha256", "hush", "", "base64"),
  },
  "strapi, signed": {
    provider: strapi({ webhookSecret: undefined, signingSecret: STRAPI }),
    sign: (body) => ({ body, headers: signStrapi(body, STRAPI, "hmac") }),
    ...{ headers: ["x-strapi-signature-256"], covers: "bytes", body: entry },
    holds: oracle.text("x-strapi-signature-256", STRAPI, "sha256=", "hex"),
  },
  "strapi, by token": {
    provider: strapi(),
    sign: (body) => ({ body, headers: signStrapi(body, STRAPI, "token") }),
    ...{ headers: ["authorization"], covers: "nothing", body: entry },
    holds: oracle.token("authorization", `Bearer ${STRAPI}`),
  },
  paypal: {
    provider: paypal(),
    sign: (body, at) => signPayPal(body, WEBHOOK_ID, at),
    headers: ["id", "time", "sig"].map((name) => `paypal-transmission-${name}`).concat("paypal-cert-url"),
    covers: "bytes",
    body: json({ id: "WH-1", event_type: "CATALOG.PRODUCT.CREATED", resource: { id: "PROD-1" } }),
    holds: oracle.paypal(WEBHOOK_ID),
  },
  "rest, WorkOS": {
    provider: workos({ key: "key", secret: WORKOS, fetch: nobody }) as Provider,
    sign: (body, at) => signWorkOs(body, WORKOS, at),
    headers: ["workos-signature"],
    covers: "bytes",
    body: json({ id: "event_1", event: "user.updated", data: { id: "user_1" } }),
    holds: oracle.workos(WORKOS),
  },
  "rest, LiveAPI": {
    provider: liveapi({ token: "token", secret: LIVE, fetch: nobody }) as Provider,
    sign: (body) => signLive(body, LIVE),
    headers: ["x-signature"],
    covers: "bytes",
    body: json({ id: "evt_1", type: "stream.started", data: { stream_id: "str_1" } }),
    holds: oracle.text("x-signature", LIVE, "sha256=", "hex"),
  },
  "standard-webhooks, v1": {
    provider: standardWebhooks({ secret: keyOf(1), resources: notes }) as Provider,
    sign: (body, at) => signStandard({ body }, keyOf(1), at),
    ...{ headers: STANDARD, covers: "bytes", body: standardBody },
    holds: oracle.standard(keyOf(1)),
  },
  "standard-webhooks, v1a": {
    provider: standardWebhooks({ secret: PUBLIC ?? "", resources: notes }) as Provider,
    sign: signAsymmetric,
    ...{ headers: STANDARD, covers: "bytes", body: standardBody },
    holds: oracle.asymmetric(PUBLIC ?? ""),
  },
  "sns, version 1": {
    provider: ofTopic(),
    sign: (body, at) => deliveryOf("1")({ body }, TOPIC, at),
    ...{ headers: [], covers: "fields", body: note, holds: oracle.sns(TOPIC) },
  },
  "sns, version 2": {
    provider: ofTopic(),
    sign: (body, at) => deliveryOf("2")({ body }, TOPIC, at),
    ...{ headers: [], covers: "fields", body: note, holds: oracle.sns(TOPIC) },
  },
  "sns, raw": {
    provider: ofTopic({ rawSecret: RAW }),
    sign: (body) => ({
      body,
      headers: {
        authorization: `Basic ${Buffer.from(`sns:${RAW}`).toString("base64")}`,
        ...{ "x-amz-sns-rawdelivery": "true", "x-amz-sns-topic-arn": TOPIC, "x-amz-sns-message-id": "1" },
      },
    }),
    ...{ headers: ["authorization"], covers: "nothing", body: note },
    holds: oracle.basic(RAW),
  },
};

/** Every secret that the ways hold, as it would be found in a place where it does not belong. */
export const secrets: readonly string[] = [
  ...[STRIPE, GITHUB, SIGNING[0], PLAIN[0], "hush", STRAPI, WORKOS, LIVE, keyOf(1), RAW, TOKEN],
];

/** What a provider is given. */
export const requestOf = ({ body, headers }: Delivery, now: number) => ({
  ...{ method: "POST", url: "http://localhost/", headers: new Headers(headers), body: Buffer.from(body), now },
});
