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
 *   hooks      beside it: looks after the registration of the webhooks, and wants polls when it was wrong
 *   budget     under all that asks a provider: how many calls, and for whom first
 *
 * Nothing but a `fetch` or a `list` says what a resource is. The loops only decide when to look.
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { Keyv } from "keyv";
import { type Hearsay, hearsay, incoming, type Receiver, type Sync } from "./api.ts";
import { forgetBudgets } from "./budget/budgets.ts";
import { Budget } from "./budget.ts";
import { BoundedCache } from "./cache.ts";
import { compactDue } from "./compact.ts";
import { forgetSubscription, parkedOf, retryParked, rewindSubscription, skipParked } from "./deliver/parked.ts";
import { createDelivery, type Delivery, type SubscribeOptions } from "./deliver.ts";
import type { Engine } from "./engine.ts";
import { describe } from "./errors.ts";
import type { EngineEvent } from "./events.ts";
import { fetchState, type GetOptions } from "./get.ts";
import { createLedger } from "./health/ledger.ts";
import { health } from "./health.ts";
import { foldFor, saveHints } from "./hints.ts";
import { Hooks } from "./hook/hooks.ts";
import { setUp } from "./hook/setup.ts";
import { compileKinds, type Kind, type Providers } from "./kind.ts";
import { Bell, type Loop, startLoop } from "./loop.ts";
import { createLosses } from "./loss/losses.ts";
import {
  type AnyHandler,
  checkLosses,
  checkNewest,
  checkOptions,
  checkProvider,
  checkResources,
  checkScope,
  checkSubscription,
  checkType,
  type SyncOptions,
} from "./options.ts";
import { Pauses } from "./pause.ts";
import { receive } from "./receive.ts";
import { openGap } from "./reconcile/gaps.ts";
import { createMissed } from "./reconcile/missed.ts";
import { createSchedule } from "./reconcile/schedule.ts";
import { sweepBounds } from "./reconcile/tempo.ts";
import { createTrust } from "./reconcile/trust.ts";
import { createReconciler } from "./reconcile.ts";
import { listResources } from "./resources.ts";
import { Scopes } from "./scopes.ts";
import { type ChangesOptions, newestChanges, streamChanges, streamHistory } from "./stream.ts";
import { audit } from "./sweep/audit.ts";
import { sweepNow } from "./sweep/repair.ts";
import { waitSynced } from "./sweep/synced.ts";
import { randomName } from "./time.ts";
import { incomingOf, responseOf } from "./web.ts";
import { Outages } from "./work/outage.ts";
import { createWorker, LOOK } from "./work.ts";

export { incoming, type Receiver, type Sync } from "./api.ts";

/**
 * Creates a sync over some providers. Their keys name them in the stream. Without a store `Handle` is that of the default.
 * @throws TypeError for an option or a plugin that is wrong, with what to write instead
 */
export function createSync<const P extends Providers, Handle = DatabaseSync>(
  options: SyncOptions<P, Handle>,
): Sync<P, Handle> {
  const { providers, store, cache, concurrency, reserve, retention, pollEvery, sweepEvery, observe, time } =
    checkOptions(options);
  const stopper = new AbortController();
  const ledger = createLedger();
  const loops: { work?: Loop; reconcile?: Loop; compact?: Loop; count?: Loop; deliver: Map<string, Loop> } = {
    deliver: new Map(),
  };
  const deliveries = new Map<string, Delivery>();

  const emit = (event: EngineEvent) => {
    ledger.record(event, time.now());
    losses.record(event);
    missed.record(event);
    observe(event);
  };
  const owner = randomName(time);
  const losses = createLosses({ store, time, providers, emit, owner, named: (note, tick) => missed.named(note, tick) });
  const hooks = new Hooks(providers, (provider, scope) => part.budget.credentialOf(provider, scope));
  let holds = 0;
  const rang = (ms: number) => engine.workDue(ms);
  const part = {
    ...{ time, cache: cache ?? new Keyv({ store: new BoundedCache() }), stopping: stopper.signal },
    budget: new Budget({ providers, concurrency, reserve, store, time, owner, emit, rang }),
  };
  const ground = { store, time, providers, kinds: compileKinds(providers), scopes: new Scopes(providers, part) };
  const hookState: Engine["hookState"] = (provider, scope) => hooks.state(provider, scope, time.now());
  const trust = createTrust({ ...ground, hookState });
  const schedule = createSchedule(ground, trust, { pollEvery, sweepEvery });
  const missed = createMissed({ ...ground, losses, schedule });
  const engine: Engine = {
    ...{ ...ground, schedule, sweepEvery: sweepBounds(sweepEvery).max, losses, emit, ...part },
    pauses: new Pauses(store),
    outages: new Outages(),
    holder: () => `${owner}.${++holds}`,
    // What is due later is found when the worker looks by itself: no timer for each row that backs off.
    workDue: (ms) => {
      if (ms < LOOK) loops.work?.wake(ms);
    },
    reconcileDue: (name) => {
      reconciler.want(name);
      loops.reconcile?.wake();
    },
    grown: new Bell(),
    hooks,
    hookState,
  };
  const worker = createWorker(engine);
  const reconciler = createReconciler(engine, { trust, missed }, () => loops.reconcile?.wake());

  const failed = (what: string) => (error: unknown) => {
    if (!engine.stopping.aborted) emit({ kind: "failed", what, error: describe(error), ms: 1_000 });
  };
  const startDelivery = (name: string, deliver: Delivery): Loop => {
    const run = async () => {
      const heard = engine.grown.rings;
      const { sleep } = await deliver(undefined, LINGER);
      await engine.grown.wait(time, sleep, engine.stopping, heard);
      return 0;
    };
    return startLoop(time, run, failed(`the subscription ${name}`));
  };
  /** After a lost cursor nothing that is recorded can be trusted to be the latest: everything is looked at again. */
  let sweptAll = Number.NEGATIVE_INFINITY;
  const sweepAll = async () => {
    // Once for all readers who come back after it: each of them has a cursor that is lost.
    if (time.now() - sweptAll < SWEPT && time.now() >= sweptAll) return;
    sweptAll = time.now();
    for (const provider of Object.keys(providers)) {
      const types = [...engine.kinds.values()].filter((kind) => kind.provider === provider).map(({ name }) => name);
      const bounds = { from: null, to: new Date(time.now()), types };
      for (const scope of await engine.scopes.of(provider)) {
        await openGap(engine, { provider, scope, what: "log", ...bounds });
      }
    }
  };
  /** One report for each of the types, or for one of them, in each of the scopes, or in one. */
  const each = async <Report>(
    type: string | undefined,
    scope: string | undefined,
    run: (kind: Kind, scope: string) => Promise<Report>,
  ): Promise<Report[]> => {
    const reports: Report[] = [];
    for (const kind of type === undefined ? engine.kinds.values() : [checkType(engine, type)]) {
      if (scope !== undefined) await checkScope(engine, kind.provider, scope);
      const scopes = scope === undefined ? await engine.scopes.of(kind.provider) : [scope];
      for (const one of scopes) reports.push(await run(kind, one));
    }
    return reports;
  };
  let started: Promise<void> | undefined;
  let stopped: Promise<void> | undefined;
  let deafen: (() => void) | undefined;
  const stop = async () => {
    stopper.abort();
    const closed = part.budget.close();
    await started?.catch(() => {});
    deafen?.();
    const { work, reconcile, compact, count, deliver } = loops;
    await Promise.all([work, reconcile, compact, count, ...deliver.values()].map((loop) => loop?.stop()));
    await Promise.all([worker.idle(), reconciler.idle()]);
    await losses.flush().catch(failed("saving what was counted of webhooks"));
    await Promise.allSettled([...deliveries.values()].map((deliver) => deliver.leave()));
    await closed;
    await store.close();
  };

  // Nothing waits where nobody comes back for it: `drain` does what is due now.
  const fold = foldFor(engine, () => loops.work !== undefined);
  const tidy = async () => {
    await forgetBudgets(engine);
    return Math.min(TIDY, await compactDue(engine, retention));
  };

  const begin = async () => {
    await store.open(fold);
    if (!stopped) await engine.pauses.look();
    // It may have been stopped meanwhile.
    if (stopped) return;
    loops.work = startLoop(time, worker.run, failed("the work"));
    loops.reconcile = startLoop(time, reconciler.run, failed("the reconciler"));
    loops.compact = startLoop(time, tidy, failed("the compaction"));
    loops.count = startLoop(time, losses.run, failed("the loss ledger"));
    for (const [name, deliver] of deliveries) loops.deliver.set(name, startDelivery(name, deliver));
    // Another process has saved something.
    deafen = store.listen?.(() => {
      engine.grown.ring();
      engine.workDue(0);
    });
  };

  const sync: Sync<P, Handle> & Receiver = {
    providers,
    get subscriptions() {
      return [...deliveries.keys()];
    },
    async webhook(provider, request, { scope } = {}) {
      return responseOf(await receive(engine, provider, incomingOf(request, time), scope));
    },
    [incoming]: (provider, request, scope) => receive(engine, provider, request, scope),
    async get(type, id, options: GetOptions & Hearsay = {}) {
      const kind = checkType(engine, type);
      // A plugin makes a path of it: one that is none of its own would be read with its credential all the same.
      if (options[hearsay]) await checkScope(engine, kind.provider, options.scope ?? "");
      return fetchState(engine, worker, kind, id, options);
    },
    async hint(type, id, { scope = "" } = {}) {
      const kind = checkType(engine, type);
      await checkScope(engine, kind.provider, scope);
      const hint = { type: kind.type, id };
      await saveHints(engine, [{ type, scope, hint }], { class: "live", via: "app" });
    },
    changes: (options: ChangesOptions & Hearsay = {}) =>
      streamChanges(engine, options, options[hearsay] ? async () => {} : sweepAll) as never,
    newest: async (options = {}) => (await newestChanges(engine, checkNewest(engine, options))) as never,
    subscribe(name: string, ...rest: [AnyHandler] | [SubscribeOptions, AnyHandler]) {
      const subscription = checkSubscription(engine, deliveries, name, rest);
      const deliver = createDelivery(engine, subscription);
      deliveries.set(name, deliver);
      if (loops.work) loops.deliver.set(name, startDelivery(name, deliver));
    },
    async unsubscribe(name) {
      const [deliver, loop] = [deliveries.get(name), loops.deliver.get(name)];
      deliveries.delete(name);
      loops.deliver.delete(name);
      const over = Promise.all([deliver?.close(), loop?.stop()]);
      engine.grown.ring();
      await over;
      await forgetSubscription(engine, name);
    },
    parked: (name) => parkedOf(engine, name),
    retry: (name) => retryParked(engine, name),
    skip: (name, { type, scope = "", id }) => skipParked(engine, name, { type, scope, id }),
    rewind: (name, cursor) => rewindSubscription(engine, name, cursor),
    synced: (type, { scope, signal } = {}) => waitSynced(engine, type && checkType(engine, type), scope, signal),
    sweep: (type, { scope } = {}) => each(type, scope, (kind, one) => sweepNow(engine, worker, kind, one)),
    audit: (type, { scope } = {}) => each(type, scope, (kind, one) => audit(engine, kind, one)),
    history: (type, id, { scope = "" } = {}) =>
      streamHistory(engine, { type: checkType(engine, type).name, scope, id }) as AsyncIterable<never>,
    resources: async (options = {}) => (await listResources(engine, checkResources(engine, options))) as never,
    losses: async (options = {}) => losses.series(checkLosses(options)),
    async erase(type, id, { scope = "" } = {}) {
      await store.erase({ ref: { type: checkType(engine, type).name, scope, id } });
      engine.grown.ring();
    },
    async pause(provider, { scope } = {}) {
      if (scope !== undefined) await checkScope(engine, checkProvider(engine, provider), scope);
      await engine.pauses.set(checkProvider(engine, provider), scope, true);
    },
    async resume(provider, { scope } = {}) {
      await engine.pauses.set(checkProvider(engine, provider), scope, false);
      engine.workDue(0);
      engine.reconcileDue();
    },
    setup: (provider, options) => setUp(engine, provider, options),
    health: () => health(engine, ledger),
    async start() {
      if (stopped) return;
      started ??= begin().catch((error: unknown) => {
        started = undefined;
        throw error;
      });
      await started;
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
    async drain({ budgetMs = Number.POSITIVE_INFINITY } = {}) {
      const end = time.now() + budgetMs;
      const enough = () => time.now() >= end;
      await store.open(fold);
      await engine.pauses.look();
      await compactDue(engine, retention);
      for (let done = 1; done > 0 && !enough(); ) {
        // After a limit what was hinted at comes first: a sweep would meet it again, and have its scope rest again.
        const first = engine.budget.limited ? () => worker.drain(enough) : undefined;
        done = (await reconciler.drain(enough, first)) + (await worker.drain(enough));
        for (const deliver of deliveries.values()) done += (await deliver(enough)).handled;
      }
      await losses.flush();
      return !enough();
    },
    [Symbol.asyncDispose]: () => sync.stop(),
  };
  return sync;
}

/**
 * Milliseconds that a subscription holds its place for the next change: to let go, take it again and look whether the log
 * is still the same one takes two transactions and two reads, as much as the rest of a delivery.
 */
const LINGER = 100;
/** Milliseconds in which all is swept once at most, however many cursors are lost. */
const SWEPT = 600_000;
/** Milliseconds from one look at what can be forgotten to the next. */
const TIDY = 3_600_000;
