/**
 * Requests to Stripe through the application's own client, and what their errors mean.
 * @module
 */
import pRetry from "p-retry";
import type Stripe from "stripe";
import { AccessLost, RetryLater } from "tidemark";

/** Milliseconds for one request: well within the engine's own limit. The client cannot be given a signal. */
const TIMEOUT = 30_000;
/** Milliseconds to wait after a 429: Stripe names none (docs.stripe.com/rate-limits). */
const PAUSE = 2_000;
/** After a 429 without a reason: another request holds a lock on the object, for a moment. */
const LOCK_PAUSE = 500;

/** What Stripe's errors say of themselves. */
export interface StripeFailure {
  type?: string;
  code?: string;
  param?: string;
  statusCode?: number;
  headers?: Record<string, string>;
}

/** Reads a path below `/v1/`. Throws `RetryLater`, `AccessLost`, or what the client throws. */
export async function get(
  client: Stripe,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const search = new URLSearchParams(query).toString();
  const url = `/v1/${path}${search === "" ? "" : `?${search}`}`;
  const options = { maxNetworkRetries: 0, timeout: TIMEOUT };
  try {
    return await pRetry(() => client.rawRequest("GET", url, undefined, options), {
      retries: 1,
      minTimeout: 100,
      shouldRetry: ({ error }) => failureOf(error).type === "StripeConnectionError",
    });
  } catch (error) {
    throw meaningOf(error);
  }
}

export const failureOf = (error: unknown): StripeFailure => (error instanceof Error ? (error as StripeFailure) : {});

function meaningOf(cause: unknown): unknown {
  const { statusCode, code, headers } = failureOf(cause);
  if (statusCode === 429 || code === "rate_limit") {
    const reason = headers?.["stripe-rate-limited-reason"];
    return new RetryLater(reason === undefined ? LOCK_PAUSE : PAUSE, `Stripe limits: ${reason ?? "locked"}`, { cause });
  }
  if (statusCode === 401 || statusCode === 403) {
    const help = statusCode === 401 ? "the key is not valid" : "the key lacks a permission";
    return new AccessLost(`Stripe answers ${statusCode}: ${help}`, { cause });
  }
  return cause;
}
