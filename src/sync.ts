/**
 * `createSync`: the whole, wired together.
 *
 *      webhook ──► receive ─┐                              ┌─► changes()      the application pulls
 *                           ├─ hint ─► rows ─► work ─► log ┤
 *   feed ──► poll ──────────┤            ▲      │          └─► subscribe()    pushed to a handler
 *   app  ──► hint / get ────┘            │    fetch
 *                                        │
 *   list ──► sweep ── accept / suspect ──┘
 *
 *   receive    verifies a webhook and saves its hints before it answers
 *   poll       asks a feed what changed, and saves hints with the feed's cursor
 *   sweep      lists everything now and then: accepts each item, and suspects what it did not see
 *   work       leases dirty rows, fetches them, and lets row.ts decide what that means
 *   log        every change, in one gapless order; what is read from it is durable
 *   deliver    follows the log for each subscriber
 *
 * Nothing but a `fetch` or a `list` says what a resource is. The loops only decide when to look.
 * @module
 */
import { Keyv } from "keyv";
import { Budget } from "./budget.ts";
import { BoundedCache } from "./cache.ts";
import type { ChangeOf, StateOf, TypeOf } from "./change.ts";
import { createDelivery, type Delivery, type Handler, type SubscribeOptions } from "./deliver.ts";
import type { Engine } from "./engine.ts";
import { describe } from "./errors.ts";
import type { EngineEvent } from "./events.ts";
import { fetchState, type GetOptions, type Known } from "./get.ts";
import { type Health, health } from "./health.ts";
import { saveHints } from "./hints.ts";
import { compileKinds, type Providers } from "./kind.ts";
import { createLedger } from "./ledger.ts";
import { Bell, type Loop, startLoop } from "./loop.ts";
import { checkOptions, checkScope, checkSubscription, checkType, type SyncOptions } from "./options.ts";
import { wantSweep } from "./plan.ts";
import { type Incoming, type Reply, receive } from "./receive.ts";
import { createReconciler } from "./reconcile.ts";
import { type SweepReport, sweepNow } from "./repair.ts";
import { Scopes } from "./scopes.ts";
import { type Changes, type ChangesOptions, streamChanges } from "./stream.ts";
import { randomName } from "./time.ts";
import { incomingOf, responseOf } from "./web.ts";
import { createWorker, LOOK } from "./work.ts";

/** What the application holds. Every member works without `start`: the store opens on first use. */
export interface Sync<P extends Providers> extends AsyncDisposable {
  /**
   * Answers a provider's webhook: verified, its hints saved, then 202. Never throws. 401 forged or of another scope than
   * the one given, 400 signed but unreadable, 404 unknown provider, 405, 408, 413, and 503 with `Retry-After` when it
   * could not be saved, so that the sender tries again.
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
   * The changes pushed to a handler; how far it came is saved under the name. In order for each resource, at least once.
   * A change whose handler throws is tried again, and holds back its own resource only.
   */
  subscribe<T extends TypeOf<P> = TypeOf<P>>(name: string, handler: Handler<ChangeOf<P, T>>): void;
  subscribe<T extends TypeOf<P> = TypeOf<P>>(
    name: string,
    options: SubscribeOptions<T>,
    handler: Handler<ChangeOf<P, T>>,
  ): void;
  /** Lists everything now, of one type or of all, and reads what is missing. Resolves to what that found. */
  sweep(type?: TypeOf<P>, options?: { scope?: string }): Promise<SweepReport[]>;
  /** How the whole is: what waits, what fails, what was found by what. */
  health(): Promise<Health>;
  /** Starts the background loops. They keep the process alive until `stop`. */
  start(): Promise<void>;
  /** Lets what is under way end, stops the loops and closes the store. */
  stop(): Promise<void>;
  /** Does all that is due now, then resolves: for tests, cron jobs and scripts. */
  drain(): Promise<void>;
}

/** How a host without web `Request` and `Response` gives its requests. Used by `tidemark/node`. */
export const incoming: unique symbol = Symbol("tidemark.incoming");
export interface Receiver {
  [incoming](provider: string, request: Incoming, scope?: string): Promise<Reply>;
}

/**
 * Creates a sync over some providers. Their keys name them in the stream.
 * @throws TypeError for an option or a plugin that is wrong, with what to write instead
 */
export function createSync<const P extends Providers>(options: SyncOptions<P>): Sync<P> {
  const { providers, store, cache, concurrency, sweepEvery, observe, time } = checkOptions(options);
  const stopper = new AbortController();
  const ledger = createLedger();
  const loops: { work?: Loop; reconcile?: Loop; deliver: Loop[] } = { deliver: [] };
  const deliveries = new Map<string, Delivery>();

  const emit = (event: EngineEvent) => {
    ledger.record(event, time.now());
    observe(event);
  };
  const engine: Engine = {
    ...{ store, time, providers, sweepEvery, emit },
    cache: cache ?? new Keyv({ store: new BoundedCache() }),
    kinds: compileKinds(providers),
    budget: new Budget(concurrency, (provider) => providers[provider]?.rate ?? DEFAULT_RATE),
    scopes: new Scopes(providers, time),
    owner: randomName(time),
    stopping: stopper.signal,
    // What is due later is found when the worker looks by itself: no timer for each row that backs off.
    workDue: (ms) => {
      if (ms < LOOK) loops.work?.wake(ms);
    },
    reconcileDue: () => loops.reconcile?.wake(),
    grown: new Bell(),
  };
  const worker = createWorker(engine);
  const reconciler = createReconciler(engine, () => engine.reconcileDue());

  const failed = (what: string) => (error: unknown) => {
    if (!engine.stopping.aborted) emit({ kind: "failed", what, error: describe(error), ms: 1_000 });
  };
  const startDelivery = (name: string, deliver: Delivery): Loop => {
    const run = async () => {
      const { sleep } = await deliver();
      await engine.grown.wait(time, sleep, engine.stopping);
      return 0;
    };
    return startLoop(time, run, failed(`the subscription ${name}`));
  };
  /** After a lost cursor nothing that is recorded can be trusted to be the latest: everything is looked at again. */
  const sweepAll = async () => {
    for (const kind of engine.kinds.values()) {
      for (const scope of await engine.scopes.of(kind.provider)) await wantSweep(engine, kind.name, scope);
    }
  };
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    stopper.abort();
    await Promise.all([loops.work, loops.reconcile, ...loops.deliver].map((loop) => loop?.stop()));
    await Promise.all([worker.idle(), reconciler.idle()]);
    await store.close();
  };

  const sync: Sync<P> & Receiver = {
    async webhook(provider, request, { scope } = {}) {
      return responseOf(await receive(engine, provider, incomingOf(request, time), scope));
    },
    [incoming]: (provider, request, scope) => receive(engine, provider, request, scope),
    get: (type, id, options = {}) => fetchState(engine, worker, checkType(engine, type), id, options),
    async hint(type, id, { scope = "" } = {}) {
      const kind = checkType(engine, type);
      await checkScope(engine, kind.provider, scope);
      const hint = { type: kind.type, id };
      await saveHints(engine, [{ type, scope, hint }], { class: "live", via: "app" });
    },
    changes: (options = {}) => streamChanges(engine, options, sweepAll) as Changes<never>,
    subscribe(name: string, ...rest: [Handler<never>] | [SubscribeOptions, Handler<never>]) {
      const subscription = checkSubscription(engine, deliveries, name, rest);
      const deliver = createDelivery(engine, subscription);
      deliveries.set(name, deliver);
      if (loops.work) loops.deliver.push(startDelivery(name, deliver));
    },
    sweep: (type, { scope } = {}) => sweepNow(engine, worker, type && checkType(engine, type), scope),
    health: () => health(engine, ledger),
    async start() {
      if (loops.work || stopped) return;
      await store.open();
      loops.work = startLoop(time, worker.run, failed("the work"));
      loops.reconcile = startLoop(time, reconciler.run, failed("the reconciler"));
      loops.deliver = [...deliveries].map(([name, deliver]) => startDelivery(name, deliver));
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
    async drain() {
      for (let done = 1; done > 0; ) {
        done = (await reconciler.drain()) + (await worker.drain());
        for (const deliver of deliveries.values()) done += (await deliver()).handled;
      }
    },
    [Symbol.asyncDispose]: () => sync.stop(),
  };
  return sync;
}

/** Reads per second and scope, where a provider does not say what it bears. */
const DEFAULT_RATE = 20;
