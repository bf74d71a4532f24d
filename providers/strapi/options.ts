/**
 * The options of `strapi`, and what is wrong with them.
 * @module
 */
import type { Fetch } from "tidemark/client";
import type { Secrets } from "tidemark/verify";
import type { ContentType } from "./types.ts";

/** The options of `strapi`. */
export interface StrapiOptions<Types extends Readonly<Record<string, ContentType>>> {
  /** The URL of the REST API, `"https://cms.example.com/api"`. */
  url: string;
  /** An API token that may `find` and `findOne` each of the types. */
  token: string;
  /**
   * The secret in the webhook's header `Authorization: Bearer <secret>`; two while one is being replaced. May be left
   * out only where there is a `signingSecret`.
   */
  webhookSecret?: Secrets;
  /** Another header with the secret, and nothing but the secret, in it. Default `"authorization"`. */
  webhookHeader?: string;
  /**
   * The secret under which bodies are signed, `X-Strapi-Signature-256: sha256=<hex>`: by a proxy, or by a Strapi that
   * learned to. Strapi 5.54 does not. With both secrets, both must hold.
   */
  signingSecret?: Secrets;
  /**
   * An admin token that may read, create and update webhooks: with it the provider can see to its own. Strapi's API tokens
   * may not.
   */
  adminToken?: string;
  /** The URL of the admin's API. Default: the url with `admin` for its last part, `"https://cms.example.com/admin"`. */
  adminUrl?: string;
  /** What to synchronize, by the name that it has in the stream. */
  types: Types;
  /** What there was before: `"all"` (default); a date, for what was created since; `"none"`, for what is named. */
  backfill?: "all" | "none" | Date;
  /** Milliseconds between polls of a type. Default 300,000. */
  pollEvery?: number;
  /** Milliseconds that an answer may be behind: by a cache before Strapi, a replica behind it. Default 0: neither. */
  readLag?: number;
  /** Default: the global one, looked up at each request. */
  fetch?: Fetch;
}

/** @throws TypeError for an option that is wrong, with what to write instead */
export function checkOptions(options: StrapiOptions<Readonly<Record<string, ContentType>>>): void {
  const { token, adminToken, webhookSecret, signingSecret, webhookHeader = "authorization", types } = options;
  const { backfill = "all", pollEvery = 1, readLag = 0 } = options;
  if (typeof token !== "string" || !/^[!-~]+$/.test(token)) {
    throw new TypeError("strapi({ token }) must be an API token, as Strapi shows it once when it is made");
  }
  if (adminToken !== undefined && (typeof adminToken !== "string" || !/^[!-~]+$/.test(adminToken))) {
    throw new TypeError("strapi({ adminToken }) must be an admin token, as Strapi shows it once when it is made");
  }
  if (webhookSecret === undefined && signingSecret === undefined) {
    throw new TypeError("strapi({ webhookSecret }) must be the secret in the webhook's header Authorization");
  }
  if (!/^[\w-]+$/.test(webhookHeader)) {
    throw new TypeError('strapi({ webhookHeader }) must be the name of a header, like "x-webhook-secret"');
  }
  checkTypes(types);
  const isDate = backfill instanceof Date && !Number.isNaN(backfill.getTime());
  if (backfill !== "all" && backfill !== "none" && !isDate) {
    throw new TypeError('strapi({ backfill }) must be "all", "none" or a valid Date');
  }
  if (!(Number.isFinite(pollEvery) && pollEvery > 0)) {
    throw new TypeError("strapi({ pollEvery }) must be milliseconds, more than 0");
  }
  if (!(Number.isFinite(readLag) && readLag >= 0)) {
    throw new TypeError("strapi({ readLag }) must be milliseconds, 0 or more");
  }
}

function checkTypes(types: Readonly<Record<string, ContentType>> | undefined): void {
  const all = Object.values(types ?? {});
  if (all.length === 0 || !all.every((type) => Array.isArray(type?.statuses))) {
    throw new TypeError("strapi({ types }) must name what collection(…), single(…) and media() give, at least one");
  }
}
