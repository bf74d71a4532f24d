/**
 * The provider interface: all that Tidemark asks of a plugin.
 *
 * A provider is a plain object returned by a function. Only `resources` is required; what a provider cannot do, it
 * leaves out. A webhook gives hints ("look here"), a feed gives hints, and only `fetch` and `list` say what is.
 * @module
 */
import type { Keyv } from "keyv";

/** A value, or the promise of one. */
export type Awaitable<T> = T | Promise<T>;

/** What `fetch` answers when the API itself said that the resource is gone (HTTP 410, `deleted: true`). */
export const gone: unique symbol = Symbol.for("tidemark.gone");
/** The type of {@link gone}. */
export type Gone = typeof gone;

/**
 * A service, as a plugin.
 *
 * `Types` maps each type's name, without the provider's key, to its state: `{ invoice: Stripe.Invoice }`.
 */
// biome-ignore lint/suspicious/noExplicitAny: the states of a provider that is not known yet
export interface Provider<Types extends Record<string, object> = Record<string, any>> {
  /** What can be synchronized, by type. */
  resources: { [T in keyof Types]: Resource<Types[T], keyof Types & string> };
  /**
   * The scopes to reconcile, asked anew every few minutes, when a hint names an unknown one, and when access was lost.
   * One that is named no more is left alone; what is recorded of it stays.
   * Left out: one scope, `""`. There may be thousands.
   */
  scopes?(): Awaitable<Iterable<string> | AsyncIterable<string>>;
  /**
   * Verifies first, over the raw bytes, against every current secret, and throws {@link WebhookRejected} if none holds;
   * then says where to look. `[]` for an event of no use; a `Response` for a challenge or a ping. Any other error means
   * that the request was signed but cannot be read. No I/O but a cached certificate.
   */
  webhook?(request: WebhookRequest): Awaitable<Hint<keyof Types & string>[] | Response>;
  /** The largest webhook body accepted, in bytes. Default 1,048,576. A larger one is answered 413 before it is read. */
  bodyLimit?: number;
  /** The cheap ways to find webhooks that never came: an event feed, a list filtered by update time, a delivery log. */
  feeds?: Record<string, Feed<keyof Types & string>>;
  /**
   * Resolves if resources of this type can be read in this scope, and it is still the same scope; else throws
   * `AccessLost`. Asked before and after an absence is believed. Left out: the first page of `list` serves.
   */
  probe?(type: keyof Types & string, context: Context): Promise<void>;
  /** The webhook's registration at the provider. */
  endpoint?: Endpoint;
  /** What the provider bears. Left out: 20 calls a second for each scope. */
  limits?: Limits;
}

/** What a provider bears, by what it grants for one credential. All processes of a store share it. */
export interface Limits {
  /**
   * Names what scopes share their limits with: an installation, an account. A name, never the secret itself: it is stored,
   * and shown in health. Default: each scope has limits of its own.
   */
  credential?(scope: string): string;
  /** Calls per second in the long run, or points where calls cost different amounts. Default 20. Short bursts may go beyond. */
  rate?: number;
  /** Requests at once, over all processes. Default: no limit but `concurrency`. */
  atOnce?: number;
  /** At most so many calls, or points, in any `per` milliseconds: an hourly limit, an allocation per month. */
  quota?: { calls: number; per: number };
}

/** What an answer of the API said of its limits, or cost. All of it may be left out. */
export interface Limit {
  /** What is left for everybody who uses the credential, in calls or points. */
  left?: number;
  /** When none is used: the whole of it. */
  of?: number;
  /** When the whole of it is there again, in ms since 1970. */
  resets?: number;
  /** Instead of `resets`: what comes back per second, where it comes back bit by bit. */
  restores?: number;
  /** What this answer cost, in the unit of `Limits.rate`. Default 1; 0 for one that is free. */
  cost?: number;
}

/** A kind of resource: how to read it, and how two reads of it can be ordered. */
export interface Resource<State extends object, Type extends string = string> {
  /**
   * The current state. `null`: not found, perhaps only for us; believed between two good probes. {@link gone}: the API
   * said so. Must check that what came back *is* the resource. Throws {@link Hidden}, {@link RetryLater},
   * {@link AccessLost}; anything else is a failed read, repeated with backoff.
   */
  fetch(id: string, context: Context): Promise<State | null | Gone>;
  /**
   * Several at once where the API can; in the order of `ids`. An error in the place of a state, {@link Hidden} above all, is
   * of that one alone, as if its `fetch` had thrown it. What is thrown is of all: they are read again in smaller batches.
   */
  fetchMany?(ids: string[], context: Context): Promise<(State | null | Gone | Error)[]>;
  /** The most ids that `fetchMany` is given. Default 100. What one request of the API takes. */
  batch?: number;
  /**
   * A page of all of them. `page` is the plugin's own text (a cursor, a pass, both); `null` asks for the first.
   * Answers `items` only if they are what `fetch` gives, else `refs`: seen, and read if unknown or of a higher version.
   */
  list?(page: string | null, context: Context): Promise<Page<State>>;
  /**
   * Instead of `list`: listed per parent, after a change of it, and in a sweep for each recorded one. Ids begin with
   * `parent/`; a hint with that id alone has the parent's children listed. Needs the provider's `probe`.
   */
  within?: { type: Type; list(parent: string, page: string | null, context: Context): Promise<Page<State>> };
  /** The id by which `fetch` finds this state again. */
  id(state: State): string;
  /** A number that never falls while the resource lives: a revision, an updated-at in ms. */
  version?(state: State): number | undefined;
  /**
   * `strict`: every change raises the version, so a read of at least the hinted version is enough.
   * `coarse` (default): versions closer than `grain` do not order two states.
   */
  versionKind?: "strict" | "coarse";
  /** How far apart two coarse versions must be to order two states, in the version's unit. Default 2,000. */
  grain?: number;
  /** Grows when an id is deleted and created again: a created-at in ms. */
  incarnation?(state: State): number | undefined;
  /** How far behind the truth a read may be, in ms. Must be given, and finite, where there is no version. Default 0. */
  readLag?: { fetch: number; list: number };
  /** Paths left out of the comparison because they differ on every read: `"url"`, `"head.repo.stars"`, `"items.*.url"`. */
  volatile?: readonly string[];
  /** Where else to look when a fetch found it changed: what points here, what it points to. */
  related?(state: State): Hint<Type>[];
}

/** "This may have changed." Nothing in it is believed except where to look and, if given, a least version. */
export interface Hint<Type extends string = string> {
  type: Type;
  /** Left out: "something of this type changed in this scope": its feeds are polled now, or it is swept if it has none. */
  id?: string;
  /** Left out: the scope that the webhook was verified for, or that is being read. */
  scope?: string;
  /**
   * A read below it is repeated for a while; where it is recorded already none is made. Not for what may be a deletion, which
   * raises no version: it would be taken for what is known.
   */
  version?: number;
  /** Which event of the provider said so. Its id is the key by which repeats are recognised. */
  event?: Cause;
}

/** An event of the provider that said that something may have changed. */
export interface Cause {
  /** The provider's id of the event. */
  id: string;
  /** Its name: `"invoice.paid"`, `"issues.closed"`. */
  name: string;
  /** When it happened by the provider's clock, where it says so. */
  at?: Date;
}

/**
 * A page of a list. `next` is what to pass for the one after it; `null` after the last. `total`: how many there are in all,
 * where the API says so without another call; about is enough, since only the estimate of what is left is made of it.
 */
export type Page<State> = { next: string | null; total?: number } & (
  | { items: State[]; refs?: never }
  | { refs: { id: string; version?: number }[]; items?: never }
);

/** An incremental source: asked what changed since a cursor, it gives hints. */
export interface Feed<Type extends string = string> {
  types: readonly Type[];
  /** Milliseconds between polls. Default 300,000. What the provider bears. */
  every?: number;
  /** Milliseconds. An older cursor is a gap: the feed's types are swept, and health says so. */
  horizon?: number;
  /**
   * Its hints carry the ids of the events that the webhooks carry too: one that no webhook brings is counted as lost. `true`:
   * of all that a webhook should have brought. `"failed"`: of those alone that it failed to bring, as a log of deliveries
   * has them; what was never sent is not among them. Default false.
   */
  webhooks?: boolean | "failed";
  /**
   * `cursor` is `null` the first time. Called again at once while the cursor moves and hints come: what repeats an overlap
   * and takes several calls must end with one that gives no hints, or it is called for ever.
   *
   * `gap: true`: the cursor is no longer valid, so that what changed after it may be in no answer. The feed goes on from the
   * cursor it answers; its types are swept, and health says so. `cursor: null` after there was one: it cannot tell any more
   * what changes, because it may not; when it answers a cursor again, the time between is a gap, too.
   */
  poll(cursor: string | null, context: Context): Promise<{ hints: Hint<Type>[]; cursor: string | null; gap?: boolean }>;
}

/**
 * The webhook itself, at the provider: what has events sent to a URL. Here it is called a hook.
 *
 * All three are about the hook of `context.scope` whose URL is exactly the one given. No other hook is ever touched, and
 * none is deleted. Each throws {@link AccessLost} if the credential may not see the hooks, or not change them. Nothing
 * that is answered or thrown carries a secret, but `ensure`'s answer.
 */
export interface Endpoint {
  /** Looks at the hook, and changes nothing. What the provider does not show, as its secret, is taken to be right. */
  check(url: string, context: Context): Promise<EndpointCheck>;
  /**
   * Creates the hook, or mends it: switched on, with every event that the selected types need, in the form that `webhook`
   * reads. What it sends besides stays. Asked again, it leaves the hook as it is.
   *
   * Answers the secret only if it has just been made, or is shown by the provider: what the application is to keep in the
   * provider's option. One that the application itself gives is not answered.
   */
  ensure(url: string, context: Context): Promise<{ secret?: string }>;
  /**
   * Asks for what the hook failed to deliver since then to be sent again, and answers how much that is. Left out where there
   * is no such call. A limit ends it early; if nothing was asked for until then, it is a {@link RetryLater}.
   */
  redeliver?(url: string, since: Date, context: Context): Promise<number>;
  /**
   * The service makes the secret, and `ensure` answers it: `once`, when the hook is made, or `always`, until the provider's
   * option has it. Such a hook is made by itself only where the application keeps the secret. Left out: the application gives
   * the secret, or there is none.
   */
  givesSecret?: "once" | "always";
  /** Scopes for which it answers the same have one hook together. Left out: each scope has its own. */
  shared?(scope: string): string;
}

/** What `check` found. `problem` says what is wrong in words, for people. */
export type EndpointCheck = { ok: true } | { ok: false; fault: EndpointFault; problem: string };

/**
 * What may be wrong with a hook: there is none; there are some, all with other URLs; it is switched off; it does not send
 * every event that the types need; it does not send what `webhook` can read, or leaves some out; it signs with no secret,
 * or with none that the provider's option names.
 */
export type EndpointFault = "missing" | "elsewhere" | "disabled" | "events" | "form" | "secret";

/** A webhook as it arrived. `scope` is what the application said it is for, if it did. */
export interface WebhookRequest {
  method: string;
  url: string;
  headers: { get(name: string): string | null };
  /** The raw bytes, unchanged. */
  body: Uint8Array;
  scope?: string;
  /** The time of arrival, in ms since 1970: what a signature's timestamp is compared with. */
  now: number;
}

/** What a read or a poll is given. */
export interface Context {
  /** The scope to read in. */
  scope: string;
  /** Aborts when the read takes too long or the engine stops. Pass it to every request. */
  signal: AbortSignal;
  /** For validators and bodies of conditional requests. May be empty at any time. Keys are the plugin's own. */
  cache: Keyv;
  /** Bypass validators: the caller wants the API's own word. */
  fresh: boolean;
  /** Clock in ms since 1970, to be used instead of the machine's. */
  now(): number;
  /** Something else that may have changed, learned on the way. Saved before what is being read is. */
  hint(hint: Hint): void;
  /**
   * What an answer said of the limits, and that there was one: to be called once for each request that was answered, since
   * a call of the plugin is counted as one request otherwise. `tidemark/client` does it.
   */
  limit(limit: Limit): void;
}
