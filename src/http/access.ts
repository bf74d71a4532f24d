/**
 * Who may see what. Closed by default: without a token and without `authorize` nothing is shown but that the process
 * lives and is ready, and nothing is taken but webhooks, which prove themselves.
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Awaitable } from "../provider.ts";
import { refusal } from "./reply.ts";

/**
 * What a caller may see. `true`: everything. With `scope` or `types` only the changes and resources of these, and no health.
 * `false`: nothing.
 */
export type Grant = boolean | { scope?: string; types?: readonly string[] };

export interface AccessOptions {
  /**
   * What `Authorization: Bearer …` must carry to see everything: at least 16 characters; several while one is being
   * exchanged for another.
   */
  token?: string | readonly string[];
  /**
   * The host's own answer to who may see what: by its session, its users' rights. Asked where no token fits. A `Response`
   * is sent as it is.
   */
  authorize?(request: Request): Awaitable<Grant | Response>;
}

/** What a caller may see, as it was found out. Left out: all of it. */
export interface View {
  scope?: string;
  types?: readonly string[];
}

/** @throws TypeError for a token that is too short to be a secret */
export function createAccess({ token = [], authorize }: AccessOptions): (request: Request) => Promise<View | Response> {
  const tokens = typeof token === "string" ? [token] : token;
  for (const one of tokens) {
    if (typeof one !== "string" || one.length < SHORTEST) {
      throw new TypeError(`createHandler: token must have at least ${SHORTEST} characters: \`openssl rand -hex 32\``);
    }
  }
  const digests = tokens.map(digest);
  const fits = (given: string | undefined) => {
    if (given === undefined) return false;
    const asked = digest(given);
    return digests.filter((known) => timingSafeEqual(known, asked)).length > 0;
  };
  return async (request) => {
    if (fits(bearerOf(request))) return {};
    if (!authorize) return digests.length === 0 ? refusal(403, CLOSED) : unauthorized();
    const grant = await authorize(request);
    if (grant instanceof Response) return grant;
    if (grant === true) return {};
    return grant || unauthorized();
  };
}

const SHORTEST = 16;
const CLOSED = "closed: give createHandler a token, or authorize(request)";

/** Of one length, so that they can be compared in constant time. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

const bearerOf = (request: Request): string | undefined =>
  /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];

const unauthorized = () => refusal(401, "not for you, or not without a token", { "www-authenticate": "Bearer" });
