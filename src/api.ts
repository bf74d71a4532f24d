/**
 * What `createSync` gives the application.
 * @module
 */

import type { ChangeOf, StateOf, TypeOf } from "./change.ts";
import type { ParkedChange } from "./deliver/parked.ts";
import type { Handler, TransactionHandler } from "./deliver/push.ts";
import type { SubscribeOptions } from "./deliver.ts";
import type { GetOptions, Known } from "./get.ts";
import type { Health } from "./health.ts";
import type { SetupOptions, SetupReport } from "./hook/setup.ts";
import type { Providers } from "./kind.ts";
import type { LossHour } from "./loss/series.ts";
import type { Incoming, Reply } from "./receive.ts";
import type { ResourcesOptions, ResourcesPage } from "./resources.ts";
import type { Changes, ChangesOptions, NewestOptions } from "./stream.ts";
import type { AuditReport } from "./sweep/audit.ts";
import type { SweepReport } from "./sweep/repair.ts";

/**
 * What the application holds. Every member works without `start`: the store opens on first use.
 *
 * @typeParam Handle what a handler with `transaction: true` writes with: that of the store
 */
export interface Sync<P extends Providers, Handle = unknown> extends AsyncDisposable {
  /** The providers it was made with. */
  readonly providers: P;
  /** The names of what is subscribed in this process. */
  readonly subscriptions: readonly string[];
  /**
   * Answers a provider's webhook: verified, its hints saved, then 202. Never throws. 401 forged or of another scope than
   * the one given, 400 signed but unreadable, 404 unknown provider, 405, 408, 413, 500 when something in the host read
   * the body first, and 503 with `Retry-After` when it could not be saved, so that the sender tries again.
   */
  webhook(provider: keyof P & string, request: Request, options?: { scope?: string }): Promise<Response>;
  /**
   * What is recorded of a resource; `undefined` if it was never seen. With `maxAge` (ms) at least that fresh, asking the
   * provider if need be, and what it answers goes into the stream, too: after a checkout, `maxAge: 0`.
   * @throws DOMException `TimeoutError` if the provider did not answer within `timeout` ms (default 10,000)
   */
  get<T extends TypeOf<P>>(type: T, id: string, options?: GetOptions): Promise<Known<StateOf<P, T>> | undefined>;
  /**
   * This resource may have changed: it is read soon. Resolves when that is saved.
   * @throws TypeError for a type or a scope that there is not
   */
  hint(type: TypeOf<P>, id: string, options?: { scope?: string }): Promise<void>;
  /** The changes after a cursor, pulled; the application keeps the cursor. Throws `CursorLost` when it is iterated. */
  changes<T extends TypeOf<P> = TypeOf<P>>(options?: ChangesOptions<T>): Changes<ChangeOf<P, T>>;
  /**
   * The newest changes, the newest first: for pages and polls that show what happened lately, and with an `id` how a resource
   * came to be what it is.
   * @throws TypeError for a type that there is not, and for a limit that is not from 1 to 1,000
   */
  newest<T extends TypeOf<P> = TypeOf<P>>(options?: NewestOptions<T>): Promise<ChangeOf<P, T>[]>;
  /**
   * The changes pushed to a handler; how far it came is saved under the name. In order for each resource, at least once.
   * A change whose handler throws is tried again, and holds back its own resource only. A handler that throws `RetryLater`
   * or `TargetGone` says that its target is down, or gone: then all of the subscription waits.
   *
   * With `transaction: true` exactly once, for what the handler writes with its second argument.
   * @throws TypeError for an option that is wrong, and for `transaction` with a store that has none
   */
  subscribe<T extends TypeOf<P> = TypeOf<P>>(name: string, handler: Handler<ChangeOf<P, T>>): void;
  /** The same, with options. */
  subscribe<T extends TypeOf<P> = TypeOf<P>>(
    name: string,
    options: SubscribeOptions<T> & { transaction?: false },
    handler: Handler<ChangeOf<P, T>>,
  ): void;
  /** The same, in the store's own transaction. */
  subscribe<T extends TypeOf<P> = TypeOf<P>>(
    name: string,
    options: SubscribeOptions<T> & { transaction: true },
    handler: TransactionHandler<ChangeOf<P, T>, Handle>,
  ): void;
  /**
   * Ends a subscription for good: it delivers nothing any more in this process, and how far it came is forgotten. Do not wait
   * for it in its own handler. Another process that subscribes under the name begins anew.
   */
  unsubscribe(name: string): Promise<void>;
  /**
   * Resources whose change the handler of a subscription could not take, and that wait until it can.
   * @throws TypeError if no subscription of that name ever ran; so do `retry` and `skip`
   */
  parked(name: string): Promise<ParkedChange[]>;
  /** All that is parked, and the change at which all stands still, is handled again now. Resolves to how many resources that are. */
  retry(name: string): Promise<number>;
  /**
   * Leaves out the change that a resource is parked at, or that all stands still at; what waits behind it comes next.
   * Resolves to whether there was one.
   */
  skip(name: string, ref: { type: TypeOf<P>; scope?: string; id: string }): Promise<boolean>;
  /**
   * Has a subscription go on after this cursor; null: from the beginning. Nothing is parked then. One that never ran begins there:
   * a name that is typed wrongly is a subscription from then on.
   * @throws CursorLost if the cursor is none of this log
   */
  rewind(name: string, cursor: string | null): Promise<void>;
  /**
   * Resolves when the first sweep of a type, or of all, is complete, and what it named was read: what there was before
   * we looked is recorded. At once in every later run. Needs `start`, here or in another process.
   * @throws DOMException `AbortError` when the signal aborts or the engine stops
   */
  synced(type?: TypeOf<P>, options?: { scope?: string; signal?: AbortSignal }): Promise<void>;
  /**
   * Lists everything now, of one type or of all, and reads what is missing. Resolves to what that found.
   * @throws TypeError if the provider is paused
   */
  sweep(type?: TypeOf<P>, options?: { scope?: string }): Promise<SweepReport[]>;
  /** Compares what is recorded with what the API says, and writes nothing. Throws what the provider throws. */
  audit(type?: TypeOf<P>, options?: { scope?: string }): Promise<AuditReport[]>;
  /** The changes of one resource that the log still holds, the oldest first. */
  history<T extends TypeOf<P>>(type: T, id: string, options?: { scope?: string }): AsyncIterable<ChangeOf<P, T>>;
  /**
   * Which resources are recorded, wait to be read or cannot be read, and why; without their states, by pages.
   * @throws TypeError for a type that there is not, for a limit that is not from 1 to 1,000, and for an `after` of no page
   */
  resources<T extends TypeOf<P> = TypeOf<P>>(options?: ResourcesOptions<T>): Promise<ResourcesPage<T>>;
  /**
   * What webhooks brought and lost in each of the last hours, by type, all scopes together and of all processes of the store.
   * The hour under way is the last one.
   *
   * @param options.hours how many; default 168, at most 192: what is older is not kept
   * @throws TypeError for another number of hours
   */
  losses(options?: { hours?: number }): Promise<LossHour[]>;
  /**
   * Removes every state of a resource from the log for good, for privacy requests; a tombstone stays. Resolves when it
   * is gone from the disk. What the provider still has is recorded anew when something hints at it: erase it there first.
   */
  erase(type: TypeOf<P>, id: string, options?: { scope?: string }): Promise<void>;
  /**
   * Nothing of a provider, or of one scope, is read, polled or swept until `resume`, also after a restart; webhooks are
   * taken, and wait. Other processes follow within 30 seconds. `get` with `maxAge` asks all the same.
   */
  pause(provider: keyof P & string, options?: { scope?: string }): Promise<void>;
  /** Ends a pause; that of a provider ends those of its scopes. What waited in a scope is read within a minute. */
  resume(provider: keyof P & string, options?: { scope?: string }): Promise<void>;
  /**
   * Says where a provider's webhooks go. Each hook is looked at now, and made or mended; from then on the reconciler of this
   * process looks after it. Call it at each start: what is right stays as it is. What the provider throws is in the reports.
   * @throws TypeError for an option that is wrong, and for a provider whose hooks cannot be seen
   */
  setup(provider: keyof P & string, options: SetupOptions): Promise<SetupReport[]>;
  /** How the whole is: what waits, what fails, what was found by what. */
  health(): Promise<Health>;
  /** Starts the background loops. They keep the process alive until `stop`. */
  start(): Promise<void>;
  /** Lets what is under way end, stops the loops and closes the store. */
  stop(): Promise<void>;
  /**
   * Does all that is due now, then resolves: for tests, cron jobs and scripts. With `budgetMs` nothing more is begun
   * after so many milliseconds. Resolves to whether all was done.
   */
  drain(options?: { budgetMs?: number }): Promise<boolean>;
}

/**
 * An option of `changes` and `get`: where they begin, and in which scope, is what a stranger said. A cursor that is lost proves nothing
 * of the log then, or anybody could have everything swept; and nothing is asked in a scope that the provider has not.
 */
export const hearsay: unique symbol = Symbol("tidemark.hearsay");
/** For `tidemark/http`. */
export interface Hearsay {
  [hearsay]?: boolean;
}

/** How a host without web `Request` and `Response` gives its requests. Used by `tidemark/node`. */
export const incoming: unique symbol = Symbol("tidemark.incoming");
export interface Receiver {
  [incoming](provider: string, request: Incoming, scope?: string): Promise<Reply>;
}
