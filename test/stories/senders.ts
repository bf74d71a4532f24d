/** Every bundled provider that takes webhooks by itself, and how its service signs one that names an event of your choice. */
import type { Provider } from "tidemark";
import { shopify } from "tidemark/shopify";
import { standardWebhooks } from "tidemark/standard-webhooks";
import { stripe } from "tidemark/stripe";
import type { Delivery } from "tidemark/testing";
import { SECRET as GITHUB, plugin as github, HOME, sign as signGitHub } from "../providers/github.kit.ts";
import { plugin as gitlab, SIGNING, signed as signGitLab } from "../providers/gitlab.kit.ts";
import { noteResource } from "../providers/notes.emulator.ts";
import { plugin as paypal, sign as signPayPal, WEBHOOK_ID } from "../providers/paypal.kit.ts";
import { signWorkOs } from "../providers/rest.emulator.ts";
import { workos } from "../providers/rest.workos.ts";
import { SHOPS, delivery as signShopify, TOKEN } from "../providers/shopify.emulator.ts";
import { keyOf, sign as signStandard } from "../providers/standard-webhooks.kit.ts";
import { signed as signStrapi } from "../providers/strapi.emulator.ts";
import { SECRET as STRAPI, plugin as strapi } from "../providers/strapi.kit.ts";
import { idleClient, SECRET as STRIPE, sign as signStripe } from "../providers/stripe.kit.ts";

/** A service that sends webhooks. */
export interface Sender {
  provider: Provider;
  /** Signs a body, which may be any text; `name` is that of its event where a header has it. */
  sign(body: string, name: string, at: number): Delivery;
  /** The body of an event. */
  bodyOf(name: string, id: string, at: number): object;
}

const nobody = async () => new Response(null, { status: 503 });
const SHOP = SHOPS[0];

export const senders: Readonly<Record<string, Sender>> = {
  stripe: {
    provider: stripe({ client: idleClient, webhookSecret: STRIPE }),
    sign: (body, _, at) => ({
      body,
      headers: { "stripe-signature": signStripe(body, STRIPE, Math.floor(at / 1_000)) },
    }),
    bodyOf: (type, id, at) => ({
      ...{ id: `evt_${id}`, object: "event", type, created: Math.floor(at / 1_000) },
      data: { object: { id, object: "hologram" } },
    }),
  },
  github: {
    provider: github({ repos: [HOME] }),
    sign: (body, name) => ({
      body,
      headers: {
        "x-hub-signature-256": signGitHub(body, GITHUB),
        ...{ "x-github-event": name, "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958" },
      },
    }),
    bodyOf: (_, id) => ({ action: "rotated", hologram: { id }, repository: { id: 1, full_name: HOME } }),
  },
  gitlab: {
    provider: gitlab(),
    sign: (body, _, at) => ({ body, headers: signGitLab(body, SIGNING[0], at) }),
    bodyOf: (object_kind, id) => ({ object_kind, object_attributes: { id }, project: { id: 7 } }),
  },
  shopify: {
    provider: shopify({ shops: [...SHOPS], token: () => TOKEN, webhookSecret: "hush", fetch: nobody }),
    sign: (body, name) => signShopify(name, SHOP, body, "hush"),
    bodyOf: (_, id) => ({ id, admin_graphql_api_id: `gid://shopify/Hologram/${id}` }),
  },
  strapi: {
    provider: strapi(),
    sign: (body) => ({ body, headers: signStrapi(body, STRAPI, "token") }),
    bodyOf: (event, id, at) => ({ event, createdAt: new Date(at), model: "hologram", entry: { documentId: id } }),
  },
  paypal: {
    provider: paypal(),
    sign: (body, _, at) => signPayPal(body, WEBHOOK_ID, at),
    bodyOf: (event_type, id) => ({ id: `WH-${id}`, event_type, resource_type: "hologram", resource: { id } }),
  },
  workos: {
    provider: workos({ key: "key", secret: "a secret of WorkOS", fetch: nobody }),
    sign: (body, _, at) => signWorkOs(body, "a secret of WorkOS", at),
    bodyOf: (event, id, at) => ({ id: `event_${id}`, event, data: { id }, created_at: new Date(at) }),
  },
  standard: {
    provider: standardWebhooks({ secret: keyOf(1), resources: { note: noteResource(nobody) } }),
    sign: (body, _, at) => signStandard({ body }, keyOf(1), at),
    bodyOf: (type, id, at) => ({ type, timestamp: new Date(at), data: { id } }),
  },
};

/** The request that a host is given. */
export const requestOf = ({ body, headers }: Delivery): Request =>
  new Request("http://localhost/", { method: "POST", body: Buffer.from(body), headers });
