/**
 * What the checks of a provider have in common: a promise and what shows it; calling a plugin without an engine.
 * @module
 */
import { Keyv } from "keyv";
import { RetryLater, WebhookRejected } from "../../errors.ts";
import type { Context, Hint, Provider } from "../../provider.ts";
import type { Secrets } from "../../verify.ts";
import type { Delivery, Payload, Samples, Webhooks } from "../samples.ts";

/** One test: what is promised, and what throws if it does not hold. */
export interface Check {
  promise: string;
  run(): void | Promise<void>;
}

/** Where the kit's clocks begin, in ms since 1970: 15 January 2027. */
export const NOW = 1_800_000_000_000;

/** What a plugin is given where there is no engine. */
export const contextOf = (scope: string, over: Partial<Context> = {}): Context => ({
  ...{ scope, signal: new AbortController().signal, cache: new Keyv(), fresh: false },
  now: () => NOW,
  hint: () => {},
  limit: () => {},
  ...over,
});

/** The secret that a provider is made with where none is in question. */
export const secretOf = ({ webhooks }: Samples): string => webhooks?.secrets[0] ?? "a secret";

/** A `fetch` for a provider that should ask nobody. */
export const nobody: typeof globalThis.fetch = async () => {
  throw new TypeError("a webhook is verified and read without asking the API");
};

/** What a provider says to a delivery. */
export type Verdict =
  | { kind: "hints"; hints: readonly Hint[] }
  | { kind: "answered" }
  /** `WebhookRejected`. */
  | { kind: "rejected" }
  /** `RetryLater`: nothing was believed, and the sender comes again. */
  | { kind: "later" }
  /** Anything else was thrown. */
  | { kind: "threw"; error: unknown };

/** Hands a delivery to a provider. */
export async function receive(provider: Provider, delivery: Delivery, now = NOW): Promise<Verdict> {
  const { body, url = "http://localhost/", scope } = delivery;
  const headers = new Headers(delivery.headers);
  const request = { method: "POST", url, headers, body: Buffer.from(body), now, ...(scope !== undefined && { scope }) };
  try {
    const given = (await provider.webhook?.(request)) ?? [];
    return given instanceof Response ? { kind: "answered" } : { kind: "hints", hints: given };
  } catch (error) {
    if (error instanceof WebhookRejected) return { kind: "rejected" };
    if (error instanceof RetryLater) return { kind: "later" };
    return { kind: "threw", error };
  }
}

/** A verdict for messages. Never what was in the body. */
export function told(verdict: Verdict): string {
  if (verdict.kind === "hints") return `${verdict.hints.length} hints`;
  return verdict.kind === "threw" ? `threw ${nameOf(verdict.error)}` : verdict.kind;
}

/** An error in a word or two. */
export const nameOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message.slice(0, 200)}` : "what is no Error";

/** A provider that is asked to verify and read webhooks, and may ask for nothing but what that needs. */
export const receiverOf = (
  { provider }: Samples,
  webhooks: Webhooks,
  secrets: Secrets = webhooks.secrets[0],
): Provider =>
  provider({ secrets, fetch: webhooks.fetch ? (input, init) => answer(webhooks, new Request(input, init)) : nobody });

const answer = async ({ fetch = nobody }: Webhooks, request: Request): Promise<Response> => fetch(request);

/** The payload that the checks of signatures use: the smallest that gives hints. */
export function subjectOf({ payloads }: Webhooks): Payload {
  const good = payloads.filter(({ hints }) => typeof hints !== "string");
  const [smallest] = good.toSorted((a, b) => a.body.length - b.body.length);
  if (!smallest) throw new TypeError("webhooks.payloads: give at least one that has hints");
  return smallest;
}
