/**
 * Requests to PayPal, and what its refusals mean.
 * @module
 */
import { AccessLost, RetryLater } from "tidemark";
import { type Access, type Answer, createClient, waitOf } from "tidemark/client";
import { fieldOf, valuesAt } from "./fields.ts";
import { type Credential, createTokens } from "./token.ts";
import type { Query } from "./types.ts";

/** Milliseconds to wait after a 429 that names no time. PayPal publishes no limits. */
const PAUSE = 30_000;

/** What a request may say besides its path. */
interface Asked {
  query?: Query | undefined;
  headers?: Query | undefined;
  /** Sent as JSON. */
  body?: unknown;
  /** Statuses besides 2xx that are an answer. */
  allow?: readonly number[];
}

type Sent = Asked & { method: string };

/** PayPal's API. */
export interface PayPal {
  get(path: string, access: Access, asked?: Asked): Promise<Answer>;
  /**
   * @throws RetryLater for 429, AccessLost for 401 with a new token and for 403, an Error for what else is no answer
   */
  request(method: string, path: string, access: Access, asked?: Asked): Promise<Answer>;
}

/** A client with a token of its own. */
export function createPayPal(credential: Credential): PayPal {
  const tokens = createTokens(credential);
  const { url, fetch } = credential;
  const client = createClient({ name: "PayPal", url, ...(fetch && { fetch }) });
  const ask = async (path: string, access: Access, { method, query, headers, body, allow = [] }: Sent) => {
    const token = await tokens.current(access);
    const answer = await client.request(method, path, access, {
      ...(query && { query }),
      ...(body !== undefined && { body }),
      headers: { ...headers, authorization: `Bearer ${token}` },
      allow: [...allow, 401, 429],
    });
    return { answer, token };
  };
  const paypal: PayPal = {
    get: (path, access, asked) => paypal.request("GET", path, access, asked),
    async request(method, path, access, given = {}) {
      const asked = { ...given, method };
      const first = await ask(path, access, asked);
      // A token may end before its time.
      if (first.answer.status === 401) tokens.refuse(first.token);
      const { answer } = first.answer.status === 401 ? await ask(path, access, asked) : first;
      if (answer.status === 401) {
        throw new AccessLost(`PayPal answers 401 to ${method} ${path} with a new token: look at the app's credentials`);
      }
      if (answer.status !== 429) return answer;
      throw new RetryLater(waitOf(answer.headers, access.now()) ?? PAUSE, `PayPal limits: 429 to ${method} ${path}`);
    },
  };
  return paypal;
}

/** Whether a 404 says that there is no such resource: what is between us and PayPal answers 404, too. */
export function isNotFound({ status, body }: Answer): boolean {
  if (status !== 404) return false;
  const said = [fieldOf(body, "name"), ...valuesAt(body, "details.*.issue")];
  return said.some((name) => name === "RESOURCE_NOT_FOUND" || name === "INVALID_RESOURCE_ID");
}
