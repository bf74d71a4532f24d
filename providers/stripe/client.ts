/**
 * Requests to Stripe through the application's own client, and what their errors mean.
 * @module
 */
import pRetry from "p-retry";
import type Stripe from "stripe";
import { AccessLost, type Context, RetryLater } from "tidemark";
import { waitOf } from "tidemark/client";

/** Milliseconds for one request: well within the engine's own limit. The client cannot be given a signal. */
const TIMEOUT = 20_000;
/** Milliseconds to wait after a 429 that names no time: Stripe's do not (docs.stripe.com/rate-limits), a gateway's may. */
const PAUSE = 2_000;
/** After a 429 without a reason: another request holds a lock on the object, for a moment. */
const LOCK_PAUSE = 500;

/** What Stripe's errors say of themselves. */
export interface StripeFailure {
  type?: string;
  code?: string;
  param?: string;
  statusCode?: number;
  message?: string;
  headers?: Record<string, string>;
  /** What broke a connection. */
  detail?: { code?: string };
}

/** Where to read, and for how long. */
export type Access = Pick<Context, "scope" | "signal" | "now"> & Partial<Pick<Context, "limit">>;

/**
 * Reads a path below `/v1/`.
 * @param access its scope is the connected account to read in, `""` the client's own; its signal stops a second try
 * @throws RetryLater, AccessLost, or what the client throws
 */
export async function get(
  client: Stripe,
  path: string,
  query: Readonly<Record<string, string>>,
  access: Access,
): Promise<unknown> {
  const search = new URLSearchParams(query).toString();
  return ask(client, `/v1/${path}${search === "" ? "" : `?${search}`}`, access);
}

/**
 * Asks for a path; with a body, asks to change something.
 * @throws as {@link get}
 */
export async function ask(
  client: Stripe,
  path: string,
  { scope, signal, now, limit }: Access,
  body?: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const options = { maxNetworkRetries: 0, timeout: TIMEOUT, ...(scope !== "" && { stripeAccount: scope }) };
  const method = body === undefined ? "GET" : "POST";
  const read = async () => {
    try {
      const answer = successful(await client.rawRequest(method, path, body, options));
      limit?.({});
      return answer;
    } catch (error) {
      if (failureOf(error).statusCode !== undefined) limit?.({});
      throw error;
    }
  };
  try {
    // What changes something may have been done when the connection broke: it is not asked for twice.
    if (body !== undefined) return await read();
    return await pRetry(read, { retries: 1, minTimeout: 100, signal, shouldRetry: ({ error }) => broke(error) });
  } catch (error) {
    throw meaningOf(error, now());
  }
}

/** What an error says of itself; nothing if it is none. */
export const failureOf = (error: unknown): StripeFailure => (error instanceof Error ? (error as StripeFailure) : {});

/** The connection broke; one that was too slow has used its time. */
function broke(error: unknown): boolean {
  const { type, detail } = failureOf(error);
  return type === "StripeConnectionError" && detail?.code !== "ETIMEDOUT";
}

/** The client takes any JSON without an `error` for the answer, whatever its status: a gateway's 503, a proxy's 404. */
function successful(answer: { lastResponse?: { statusCode?: number } }): unknown {
  const statusCode = answer.lastResponse?.statusCode ?? 200;
  if (statusCode < 300) return answer;
  throw Object.assign(new Error(`what answered ${statusCode} is not Stripe: look at the client's host`), {
    statusCode,
  });
}

function meaningOf(cause: unknown, now: number): unknown {
  const { statusCode, code, headers } = failureOf(cause);
  if (statusCode === 429 || code === "rate_limit") {
    const reason = headers?.["stripe-rate-limited-reason"];
    const asked = waitOf(new Headers(headers), now);
    // Without a reason it is this object that is busy, and no limit.
    const busy = statusCode === 429 && reason === undefined;
    const ms = asked ?? (busy ? LOCK_PAUSE : PAUSE);
    return new RetryLater(ms, `Stripe limits: ${reason ?? code ?? "no reason given"}`, { cause, busy });
  }
  // To a key that may not, or no longer, act for a connected account (docs.stripe.com/error-codes#account-invalid).
  if (code === "account_invalid") {
    return new AccessLost("Stripe gives this key no access to the account: was it disconnected from the platform?", {
      cause,
    });
  }
  if (statusCode === 401) return new AccessLost("Stripe answers 401: give the client a valid key", { cause });
  if (statusCode === 403) {
    return new AccessLost(
      "Stripe answers 403: give the key read access to this type and to events, or reconnect the account",
      {
        cause,
      },
    );
  }
  return cause;
}
