/**
 * Signing certificates that a webhook names by URL: fetched once, kept, and never from a place that was not allowed.
 *
 * Anyone can send a webhook, so anyone can name a URL. What is not allowed costs nothing; what is allowed and fails is
 * remembered, and when many failed, nothing new is asked for: nobody can have us send many requests to somebody else.
 * @module
 */
import type { X509Certificate } from "node:crypto";
import { RetryLater, WebhookRejected } from "../errors.ts";
import { fetchChain } from "./chain.ts";

/** Gives the certificates at a URL, the signing one first. `now` is the webhook's time of arrival. */
export type CertificatesOf = (url: string, now: number) => Promise<readonly X509Certificate[]>;

/** Where certificates may come from, and how. */
export interface CertificatesOptions {
  /**
   * Whether a URL is of the provider: decides on host and path. That it is https, on the usual port, with no user, query
   * or fragment, and written as it is asked for, was checked before.
   */
  allow(url: URL): boolean;
  /** Default: the global one, looked up at each request. */
  fetch?: (request: Request) => Promise<Response>;
  /** Milliseconds for which a certificate is kept. Default one day. */
  ttl?: number;
  /** Milliseconds for an answer, body included. Default 5,000: senders wait for ours. */
  timeout?: number;
}

/** URLs that are kept; beyond them the one that was used the longest ago goes. A provider has one or a few. */
const KEPT = 50;
/** Milliseconds for which a failure is remembered. */
const FAILED_FOR = 30_000;
/** Requests that are under way or failed lately; from then on nothing is asked for that never was there. */
const FAILURES = 20;
const LONGEST_URL = 1_024;

/** What to answer for a URL until then. */
interface Failure {
  error: WebhookRejected | RetryLater;
  until: number;
}
interface Kept {
  chain: readonly X509Certificate[];
  until: number;
}

/**
 * A bounded cache of certificates. Requests for one URL that arrive while it is being fetched share the answer.
 *
 * It checks no certificate: whether it is in force and whose it is, is the plugin's to say.
 * @returns a function that throws WebhookRejected for a URL that is not allowed, or where there is nothing (404, 410),
 *   and RetryLater where no certificate could be had: the sender tries again
 */
export function certificates({
  allow,
  fetch = (request) => globalThis.fetch(request),
  ttl = 86_400_000,
  timeout = 5_000,
}: CertificatesOptions): CertificatesOf {
  const kept = new Map<string, Kept>();
  const failed = new Map<string, Failure>();
  const pending = new Map<string, Promise<readonly X509Certificate[]>>();

  const load = async (url: string, now: number): Promise<readonly X509Certificate[]> => {
    try {
      const chain = await fetchChain(url, fetch, timeout);
      keep(kept, url, { chain, until: now + ttl });
      return chain;
    } catch (cause) {
      const error = failureOf(cause);
      failed.set(url, { error, until: now + FAILED_FOR });
      throw error;
    } finally {
      pending.delete(url);
    }
  };

  return async (text, now) => {
    const url = checkUrl(text, allow);
    const known = kept.get(url);
    if (known && now < known.until) {
      keep(kept, url, known);
      return known.chain;
    }
    for (const [one, { until }] of failed) if (now >= until) failed.delete(one);
    const failure = failed.get(url);
    if (failure) throw failure.error;
    const joined = pending.get(url);
    if (joined) return joined;
    if (!known && failed.size + pending.size >= FAILURES) {
      throw new RetryLater(FAILED_FOR, "many signing certificates could not be had: no other is asked for now");
    }
    const loading = load(url, now);
    pending.set(url, loading);
    return loading;
  };
}

/** Puts an entry to the end, and lets go of the first where there are too many. */
function keep(kept: Map<string, Kept>, url: string, entry: Kept): void {
  kept.delete(url);
  kept.set(url, entry);
  const [oldest = ""] = kept.keys();
  if (kept.size > KEPT) kept.delete(oldest);
}

/** The URL, if it may be asked. One that a parser would rewrite is none: what was checked is what is asked for. */
function checkUrl(text: string, allow: CertificatesOptions["allow"]): string {
  const url = text.length <= LONGEST_URL ? URL.parse(text) : null;
  const plain = url?.href === text && url.protocol === "https:" && url.port === "" && url.username === "";
  if (!plain || url.password !== "" || /[?#]/.test(text) || !allow(url)) {
    throw new WebhookRejected("the signing certificate is at a place that is not the provider's");
  }
  return text;
}

function failureOf(cause: unknown): WebhookRejected | RetryLater {
  if (cause instanceof WebhookRejected) return cause;
  return new RetryLater(FAILED_FOR, "the signing certificate could not be had", { cause });
}
