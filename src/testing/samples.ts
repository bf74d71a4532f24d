/**
 * What `testProvider` is given: how to make the provider, and what its service sends and answers.
 * @module
 */
import type { Awaitable, Hint, Provider } from "../provider.ts";
import type { Secrets } from "../verify.ts";

/** What a provider is proved with. What its service does not have is left out, and so are the checks of it. */
export interface Samples {
  /**
   * Makes the provider as an application does. Called many times: two that were made share nothing. It has every type
   * that the emulator has, and asks nobody but through `fetch`.
   */
  provider(options: ProviderOptions): Provider;
  /** Left out for a provider without webhooks. */
  webhooks?: Webhooks;
  /** Left out for what only verifies webhooks. */
  api?: Api;
}

/** What the kit gives each provider that it has made. */
export interface ProviderOptions {
  /**
   * The webhook secrets, to be passed on as they are: one, several, a function, or something wrong that the provider
   * must refuse with an error. A provider that has no secret takes what it has instead, such as a list of topics.
   */
  secrets: Secrets;
  /** The only way to the API. It follows redirects as `fetch` does, unless told not to by `redirect`. */
  fetch: typeof globalThis.fetch;
}

/** How the service signs, and what it sends. A service with two ways of signing is proved twice, under two names. */
export interface Webhooks {
  /** Two secrets, both as the service could have given them. */
  secrets: readonly [string, string];
  /**
   * Signs a webhook as the service does. The same arguments give the same delivery.
   * @param payload its `headers` must be in the delivery
   * @param secret a good one, or an empty text
   * @param at the time, in ms since 1970
   */
  sign(payload: Pick<Payload, "body" | "headers">, secret: string, at: number): Delivery;
  /**
   * The headers that the signature consists of or covers, in lower case: a change of one letter or digit in any of them
   * must be refused, and so must a delivery without it. None for a signature within the body.
   */
  headers: readonly string[];
  /**
   * What of the body is signed. `"bytes"`: all, as it is. `"fields"`: some of its fields; a body that was changed must be
   * refused or give the same hints. `"nothing"`: the secret is sent along as it is.
   */
  covers: "bytes" | "fields" | "nothing";
  /** By how many ms a signature's time may differ from the machine's, either way. Left out if no time is signed. */
  tolerance?: number;
  /** Answers what the provider asks for to verify a webhook: a certificate. Left out: it must ask for nothing. */
  fetch?(request: Request): Awaitable<Response>;
  /** Recorded payloads, of each event of use at least one, and of some that are of none. */
  payloads: readonly Payload[];
}

/** A recorded webhook, not signed, and what it must give. */
export interface Payload {
  /** For messages: `"issues.opened"`. */
  name: string;
  body: string | Uint8Array;
  /** Those beside the signature's, in lower case: `{ "x-github-event": "issues" }`. */
  headers?: Readonly<Record<string, string>>;
  /**
   * The hints, in any order; of each at least what is given here must be as it is here. `"ignored"`: none.
   * `"answered"`: a `Response`, as to a ping.
   */
  hints: readonly Hint[] | "ignored" | "answered";
}

/** A webhook as it is sent. */
export interface Delivery {
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: string | Uint8Array;
  /** For a service that signs or calls a certain URL. Default `"http://localhost/"`. */
  url?: string;
  /** For an application with an endpoint for each scope: that of the endpoint. */
  scope?: string;
}

/** The service's API. */
export interface Api {
  /** What the provider may ask: `["https://api.github.com"]`. */
  origins: readonly string[];
  /**
   * A new, empty service. What it does depends on nothing but its `now`, its `secret`, and what it was asked: the kit has
   * two do the same, and one of them a moment later, to have reads that are behind.
   */
  emulator(options: EmulatorOptions): Awaitable<Emulator>;
  /**
   * The answers that mean "too many requests", besides a 429 with every kind of `Retry-After` or without. By default none.
   */
  throttled?: readonly Throttled[];
  /**
   * Answers of an outage that break the service's own client, so that no provider can bear them, by the names that a
   * failed check shows. By default none.
   */
  unbearable?: readonly string[];
  /** `false` for a service where nothing is ever deleted. */
  deletes?: false;
}

/** What an emulator is given. */
export interface EmulatorOptions {
  /** Ms since 1970. */
  now(): number;
  /** Signs the webhooks: the first of `webhooks.secrets`. */
  secret: string;
}

/** A service that keeps state in memory, as a test has it. Nothing in it waits: delays and faults are made by the kit. */
export interface Emulator {
  /** Answers as the API does. */
  fetch(request: Request): Awaitable<Response>;
  /** Creates, updates or deletes one thing, as a user would; each now and then. Let some tens be there, not hundreds. */
  write(random: () => number): void;
  /** The webhooks of the writes since the last call, signed now. */
  sent(): readonly Delivery[];
  /** All there is now, of every type of the provider. Those whose access was lost are there, too. */
  truth(): Iterable<Truth>;
  /** `false`: from now on the API answers as it does to a credential that was revoked; `true`: as before. */
  access(allowed: boolean): void;
}

/** A resource that is there. */
export interface Truth {
  type: string;
  scope: string;
  id: string;
  /** What `fetch` must give. Left out: what it does give when nothing is wrong. */
  state?: object;
}

/** An answer that means "too many requests". */
export interface Throttled {
  /** For messages: `"403, nothing remaining"`. */
  name: string;
  /**
   * What the API answers.
   * @param now ms since 1970
   */
  answer(now: number): Response;
  /** How long it asks to wait, in ms; left out where it does not say. */
  ms?: number;
}
