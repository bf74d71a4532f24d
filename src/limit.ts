/**
 * What the headers of an answer say of its service's limits.
 * @module
 */
import { secondsOf } from "./answer.ts";
import type { Limit } from "./provider.ts";

/** Milliseconds. A time beyond this was not understood: no service counts longer than a month. */
const LONGEST = 32 * 86_400_000;

/** Characters of a header that is read. Room for some thirty policies; each costs a few patterns. */
const LONGEST_TEXT = 1_024;

/**
 * What an answer says is left, of how much, and when all of it is there again: by `RateLimit` (`"default";r=50;t=30`, or
 * `limit=100, remaining=50, reset=30`) or by `RateLimit-Remaining`, `-Limit` and `-Reset`, with or without `X-`. Nothing of
 * it without the time, or if it cannot be read. For `Context.limit`.
 * @param now the time in ms since 1970
 */
export function limitOf(headers: Headers, now: number): Limit {
  const { left, of, reset } = structured(headers) ?? named(headers);
  const wait = reset === undefined ? Number.NaN : secondsOf(reset, now);
  if (left === undefined || !(wait >= 0 && wait <= LONGEST)) return {};
  return { left, ...(of !== undefined && { of }), resets: now + wait };
}

interface Parts {
  left: number | undefined;
  of: number | undefined;
  reset: string | undefined;
}

/** Of several policies the one of which least is left. */
function structured(headers: Headers): Parts | undefined {
  const text = headers.get("ratelimit");
  if (text === null || text.length > LONGEST_TEXT) return undefined;
  const old = partsOf(text, { left: "remaining", of: "limit", reset: "reset" });
  if (old.left !== undefined) return old;
  const quota = headers.get("ratelimit-policy")?.match(/;\s*q=(\d+)/)?.[1];
  const policies = text.split(",").map((one) => partsOf(one, { left: "r", of: "q", reset: "t" }));
  const known = policies.filter(({ left }) => left !== undefined).sort((a, b) => (a.left ?? 0) - (b.left ?? 0));
  const [least] = known;
  return least && { ...least, of: least.of ?? (policies.length === 1 ? numberOf(quota) : undefined) };
}

function partsOf(text: string, names: Readonly<Record<keyof Parts, string>>): Parts {
  const partOf = (name: string) => text.match(new RegExp(`(?:^|[\\s,;])${name}\\s*=\\s*"?(\\d+)`, "i"))?.[1];
  return { left: numberOf(partOf(names.left)), of: numberOf(partOf(names.of)), reset: partOf(names.reset) };
}

function named(headers: Headers): Parts {
  const partOf = (name: string) => headers.get(`ratelimit-${name}`) ?? headers.get(`x-ratelimit-${name}`) ?? undefined;
  return { left: numberOf(partOf("remaining")), of: numberOf(partOf("limit")), reset: partOf("reset") };
}

/** Some name policies after the number: `100, 100;w=60`. */
function numberOf(text: string | undefined): number | undefined {
  const digits = text?.match(/^\s*(\d+)/)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
