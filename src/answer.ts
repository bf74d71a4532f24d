/**
 * What an answer of a service means.
 * @module
 */
import { AccessLost, RetryLater } from "./errors.ts";
import { parseJson } from "./json.ts";

/** Milliseconds to wait after a limit that names no time. */
const PAUSE = 10_000;
/** Milliseconds: an answer that asks for less, or for a time that has passed, is given this. */
const LEAST = 1_000;

/**
 * A request that brought no answer to work with. `code` says why in a word, because health shows an error's name, code and
 * status, and no message: `"status"`, `"no-json"`, `"too-large"`, `"unreachable"`, or `"other-origin"`.
 */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly code: "status" | "no-json" | "too-large" | "unreachable" | "other-origin";
  /** The HTTP status, where the service answered with one. */
  readonly status?: number;

  constructor(
    code: ServiceError["code"],
    message: string,
    { status, ...details }: { status?: number; cause?: unknown } = {},
  ) {
    super(message, details);
    this.code = code;
    if (status !== undefined) this.status = status;
  }
}

/** The request that was answered, and what of the answer is taken for one. */
export interface Asked {
  /** The service's name. */
  name: string;
  /** Method and path, for messages. */
  what: string;
  /** Statuses besides 2xx that are an answer. */
  allow: readonly number[];
  /** The largest body accepted, in bytes. */
  limit: number;
  now(): number;
}

/** What an answer holds; throws what its status means. */
export async function judge(response: Response, { name, what, allow, limit, now }: Asked): Promise<unknown> {
  const { status, headers } = response;
  if (response.ok || allow.includes(status)) {
    const text = await textOf(response, limit, `${name} answers ${what} with more than ${limit} bytes`);
    if (text.trim() === "") return undefined;
    try {
      return parseJson(text);
    } catch (cause) {
      // Where the status itself is the answer, nobody asked for more.
      if (!response.ok) return undefined;
      const help = "does the URL lead to its API?";
      throw new ServiceError("no-json", `${name} answers ${status} to ${what} with what is no JSON: ${help}`, {
        cause,
      });
    }
  }
  discard(response);
  const wait = waitOf(headers, now());
  if (status === 429) throw new RetryLater(wait ?? PAUSE, `${name} limits: 429 to ${what}`);
  if (status === 503 && headers.has("retry-after"))
    throw new RetryLater(wait ?? PAUSE, `${name} rests: 503 to ${what}`, { busy: true });
  if (status === 401) throw new AccessLost(`${name} answers 401 to ${what}: give it a valid credential`);
  if (status === 403) throw new AccessLost(`${name} answers 403 to ${what}: the credential may not read this`);
  throw new ServiceError("status", `${name} answers ${status} to ${what}`, { status });
}

/** Ends an answer that nobody reads. Not waited for: of a response that was cloned it ends only with the clone. */
export function discard({ body }: Response): void {
  body?.cancel().catch(() => {});
}

async function textOf(response: Response, limit: number, tooLarge: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > limit) throw new ServiceError("too-large", tooLarge);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/**
 * How long an answer asks to wait, in ms: by `Retry-After` (seconds or a date), else by `RateLimit-Reset` or
 * `X-RateLimit-Reset` (seconds, or seconds since 1970). Undefined if it says nothing, or nothing that can be read.
 * @param now the time in ms since 1970
 */
export function waitOf(headers: Headers, now: number): number | undefined {
  const after = headers.get("retry-after");
  const reset = headers.get("ratelimit-reset") ?? headers.get("x-ratelimit-reset");
  const wait = after !== null ? secondsOf(after, now) : reset !== null ? secondsOf(reset, now) : Number.NaN;
  return Number.isNaN(wait) ? undefined : Math.max(LEAST, wait);
}

/** A number this large is a point in time (September 2001 or later), a smaller one a span. */
const EPOCH = 1_000_000_000;

/** Milliseconds from now that a header names: seconds, seconds since 1970, or a date. NaN if it is none of them. */
export function secondsOf(text: string, now: number): number {
  if (!/^\s*\d+(\.\d+)?\s*$/.test(text)) return Date.parse(text) - now;
  const seconds = Number(text);
  return seconds >= EPOCH ? seconds * 1_000 - now : seconds * 1_000;
}
