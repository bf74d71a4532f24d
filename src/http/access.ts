/**
 * Who may see what. Closed by default: without a token and without `authorize` nothing is shown but that the process
 * lives and is ready, and nothing is taken but webhooks, which prove themselves.
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { Awaitable } from "../provider.ts";
import { given } from "./asked.ts";
import { refusal } from "./reply.ts";

/**
 * What a caller may see. `true`: everything. With `scope` or `types` only the changes and resources of these, and no health.
 * An object with neither, or with what is no text or no list of texts, and `false`: nothing.
 */
export type Grant = boolean | { scope?: string; types?: readonly string[] };

/** Who may see what. Without any of it nobody sees more than whether it is alive and ready. */
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

/** Whether it is a part of all there is. */
export const isNarrow = ({ scope, types }: View): boolean => scope !== undefined || types !== undefined;

/** @throws TypeError for a token that is too short to be a secret, or that no header can carry */
export function createAccess({ token = [], authorize }: AccessOptions): (request: Request) => Promise<View | Response> {
  const tokens = typeof token === "string" ? [token] : token;
  for (const one of tokens) {
    if (typeof one !== "string" || one.length < SHORTEST) {
      throw new TypeError(`createHandler: token must have at least ${SHORTEST} characters: \`openssl rand -hex 32\``);
    }
    if (!/^[\x21-\x7e]+$/.test(one)) {
      throw new TypeError(
        "createHandler: token must be of letters, digits and signs without a space: it is sent in a header",
      );
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
    if (!grant) return unauthorized();
    // A session without an account must not become the view of all of them, nor one that has null for it.
    const granted: View = given(narrow.safeParse(grant).data ?? {});
    return granted.scope === undefined && granted.types === undefined ? refusal(403, NOTHING) : granted;
  };
}

const SHORTEST = 16;
const NOTHING =
  "authorize(request) granted neither a scope nor types, a text and a list of texts: it answers true to show everything";
const narrow = z.object({ scope: z.string().optional(), types: z.array(z.string()).readonly().optional() });
const CLOSED = "closed: give createHandler a token, or authorize(request)";

/** Of one length, so that they can be compared in constant time. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

const bearerOf = (request: Request): string | undefined =>
  /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];

const unauthorized = () => refusal(401, "not for you, or not without a token", { "www-authenticate": "Bearer" });
