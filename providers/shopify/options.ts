/**
 * The options of `shopify`, and what is wrong with them.
 * @module
 */
import type { Awaitable } from "tidemark";
import type { Fetch } from "tidemark/client";
import type { Secrets } from "tidemark/verify";
import type { Token } from "./graphql.ts";
import type { PrivacyRequest } from "./privacy.ts";
import { checkShops, type Shops } from "./shops.ts";
import { definitions, isType, type ShopifyType } from "./types.ts";

/** The options of `shopify`. */
export interface ShopifyOptions<T extends ShopifyType = ShopifyType> {
  /** The shops, each a scope: `"example.myshopify.com"`; or a function that knows the current ones, asked every few minutes. */
  shops: Shops;
  /**
   * The access token of the one shop; a function where there are several, or where tokens expire. It is asked before each
   * request, and once more with the token that Shopify refused.
   */
  token: Token;
  /**
   * The app's client secret; the old one and the new one while it is rotated. A function is given the shop, for apps that
   * have one in each.
   */
  webhookSecret: Secrets;
  /** What to synchronize. Default: every type, which needs every access scope. */
  types?: readonly T[];
  /**
   * What there was before: `"all"` (default); a date, for what was updated since, where a list can be asked so; `"none"`,
   * for what webhooks and feeds name from now on. Sweeps then read again what is recorded.
   */
  backfill?: "all" | "none" | Date;
  /** What a state holds besides, by type, in GraphQL: `{ order: "lineItems(first: 50) { nodes { id quantity } }" }`. */
  fields?: { readonly [Name in T]?: string };
  /** The version of the Admin API. Default `"2026-10"`, for which the types are written. */
  apiVersion?: string;
  /**
   * Called when Shopify asks for a customer's data or to forget it, before the webhook is answered; it has some seconds.
   * If it fails, the webhook is not accepted, and Shopify sends it again. Left out: such webhooks are accepted, and nothing
   * comes of them.
   */
  onPrivacy?: (request: PrivacyRequest) => Awaitable<void>;
  /** Milliseconds between polls of a type. Default 300,000; customers and discounts are polled at most every hour. */
  pollEvery?: number;
  /** Default: the global one, looked up at each request. */
  fetch?: Fetch;
}

/** @throws TypeError for an option that is wrong, with what to write instead */
export function checkOptions(options: ShopifyOptions): void {
  const { shops, token, backfill = "all", apiVersion = "2026-10", pollEvery = 1, onPrivacy } = options;
  checkShops(shops);
  const one = Array.isArray(shops) && shops.length === 1;
  if (typeof token !== "function" && !(one && typeof token === "string" && /^[!-~]+$/.test(token))) {
    throw new TypeError(
      "shopify({ token }) must be a function that gives the access token of a shop, or the token itself where shops lists one",
    );
  }
  checkTypes(options);
  const isDate = backfill instanceof Date && !Number.isNaN(backfill.getTime());
  if (backfill !== "all" && backfill !== "none" && !isDate) {
    throw new TypeError('shopify({ backfill }) must be "all", "none" or a valid Date');
  }
  if (!/^(\d{4}-\d{2}|unstable)$/.test(apiVersion)) {
    throw new TypeError('shopify({ apiVersion }) must be a version of the Admin API, like "2026-10"');
  }
  if (!(Number.isFinite(pollEvery) && pollEvery > 0)) {
    throw new TypeError("shopify({ pollEvery }) must be milliseconds, more than 0");
  }
  if (onPrivacy !== undefined && typeof onPrivacy !== "function") {
    throw new TypeError("shopify({ onPrivacy }) must be a function");
  }
}

function checkTypes({ types = ["product"], fields = {} }: ShopifyOptions): void {
  const known = Object.keys(definitions).join(", ");
  if (!Array.isArray(types) || types.length === 0) {
    throw new TypeError(`shopify({ types }) must name at least one type, or be left out for all: ${known}`);
  }
  for (const type of types) {
    if (!isType(type)) throw new TypeError(`shopify({ types }): there is no "${type}"; there are: ${known}`);
  }
  for (const [type, text] of Object.entries(fields)) {
    if (!isType(type) || typeof text !== "string") {
      throw new TypeError('shopify({ fields }) must give GraphQL by type: { order: "lineItems(first: 50) { … }" }');
    }
  }
}
