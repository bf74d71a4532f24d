/**
 * Subscribers: the log is pushed to a handler, and how far it came is saved.
 *
 * The order is kept for each resource. A change whose handler throws holds back its own resource only: it is parked,
 * and tried again with backoff, and what comes later for that resource waits behind it. With too many parked the
 * subscription stands still, because then not the changes are at fault but the handler.
 * @module
 */
import { type Change, changeOf, checkPlace, type Place } from "./change.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Engine } from "./engine.ts";
import { describe } from "./errors.ts";
import { keyOf } from "./hints.ts";
import { type Held, hold } from "./hold.ts";
import type { Entry } from "./store.ts";
import { LOOK, readPage } from "./stream.ts";
import {
  MOST_PARKED,
  merge,
  type Parked,
  Rewound,
  type SubscriptionState,
  subscriptionName,
  subscriptionOf,
} from "./subscription.ts";

/** What a handler is. It may be called again with the same change after a crash. */
export type Handler<C> = (change: C) => unknown;

/** How a subscription begins and runs. */
export interface SubscribeOptions<Type extends string = string> {
  /** Where a subscription that is new begins: at the `"start"` of the log, or with what comes from `"now"` on. */
  from?: "start" | "now";
  /** Whether changes that were there before we looked (`change.initial`) are delivered. Default true. */
  initial?: boolean;
  /** Only these types. Default all. */
  types?: readonly Type[];
  /** Handlers at once, for different resources. Default 1: in the order of the log. */
  concurrency?: number;
}

export interface Subscription extends Required<Omit<SubscribeOptions, "types">> {
  name: string;
  types: readonly string[] | undefined;
  handler: Handler<Change>;
}

/** Shortest and longest pause before a handler is tried again, in milliseconds. */
const PAUSE = [1_000, 3_600_000] as const;

/**
 * Delivers what there is to deliver. Answers how many changes were handled, and the milliseconds to sleep. `enough` is
 * asked before each page: true ends it there.
 */
export type Delivery = (enough?: () => boolean) => Promise<{ handled: number; sleep: number }>;

export function createDelivery(engine: Engine, subscription: Subscription): Delivery {
  const { store, time, stopping } = engine;
  const name = subscriptionName(subscription.name);
  // Where it had nothing left to do, so that an idle subscription writes nothing.
  let done: { position: number; until: number; value: string | null } | undefined;

  const idle = async () => {
    const { position } = await store.head();
    if (done === undefined || done.position !== position || time.now() >= done.until) return false;
    const [known] = await store.checkpoints(name, "", 1);
    return known?.name === name && known.value === done.value;
  };

  return async (enough = () => false) => {
    if (await idle()) return { handled: 0, sleep: LOOK };
    let handled = 0;
    let sleep = LOOK;
    await hold(engine, name, async (held) => {
      const run = createRun(engine, subscription, held, await stateAt(engine, subscription, held.at));
      if (subscriptionOf(held.at) === undefined) await run.begin();
      await checkPlace(store, run.state, run.state.log);
      await run.retryParked();
      const more = () => run.state.parked.length < MOST_PARKED && !stopping.aborted && !enough();
      while (more() && (await run.deliverPage()));
      const until = Math.min(...run.state.parked.map(({ due }) => due));
      done = { position: run.state.position, until, value: held.at.value };
      handled = run.handled();
      sleep = Math.max(0, Math.min(LOOK, until - time.now()));
    }).catch((error: unknown) => {
      if (!(error instanceof Rewound)) throw error;
      done = undefined;
      sleep = 0;
    });
    return { handled, sleep };
  };
}

async function stateAt(engine: Engine, { from }: Subscription, at: Checkpoint): Promise<SubscriptionState> {
  const known = subscriptionOf(at);
  if (known) return known;
  const { log, position } = await engine.store.head();
  const fresh = { log, position: 0, tick: 0, parked: [], rewound: 0 };
  if (from === "start" || position === 0) return fresh;
  const [entry] = await engine.store.entries({ after: position - 1, limit: 1 });
  return { ...fresh, position, tick: entry?.tick ?? 0 };
}

/** One turn of a subscription, while its checkpoint is held. */
function createRun(engine: Engine, subscription: Subscription, held: Held, begun: SubscriptionState) {
  const { store, time, stopping } = engine;
  const { name, types, initial, concurrency, handler } = subscription;
  const filter = types ? { types } : {};
  let state = begun;
  let handled = 0;

  const save = async (next: SubscriptionState) => {
    let merged = next;
    const move = held.advance((at) => {
      merged = merge(state, subscriptionOf(at) ?? state, next);
      return JSON.stringify(merged);
    });
    const { tick } = await store.checkpoint(move);
    held.moved(tick);
    state = merged;
  };

  /** Handles one change. Answers what is to be parked if the handler threw. */
  const attempt = async (entry: Entry, attempts: number): Promise<Parked | undefined> => {
    const change = changeOf(state.log, entry);
    if (change.initial && !initial) return undefined;
    handled++;
    try {
      await handler(change);
      return undefined;
    } catch (cause) {
      const { type, scope, id, position } = entry;
      const error = describe(cause);
      const pause = Math.min(PAUSE[1], PAUSE[0] * 2 ** attempts) * (0.5 + time.random() / 2);
      engine.emit({ kind: "parked", subscription: name, type, scope, id, attempts: attempts + 1, error });
      return { type, scope, id, position, attempts: attempts + 1, due: time.now() + pause, error };
    }
  };

  /** Handles a page in log order, several resources at once where asked for. Answers what was parked and how far it came. */
  async function handlePage(
    entries: readonly Entry[],
  ): Promise<{ parked: Map<string, Parked>; last: Place | undefined }> {
    const parked = new Map(state.parked.map((one) => [keyOf(one), one]));
    const before = new Map<string, Promise<void>>();
    const active = new Set<Promise<void>>();
    let last: Place | undefined;
    for (const entry of entries) {
      while (active.size >= concurrency) await Promise.race(active);
      if (stopping.aborted || parked.size >= MOST_PARKED) break;
      last = entry;
      const key = keyOf(entry);
      const done = (before.get(key) ?? Promise.resolve()).then(async () => {
        if (parked.has(key)) return;
        const failed = await attempt(entry, 0);
        if (failed) parked.set(key, failed);
      });
      const tracked: Promise<void> = done.finally(() => active.delete(tracked));
      before.set(key, tracked);
      active.add(tracked);
    }
    await Promise.all(active);
    return { parked, last };
  }

  /** Tries one parked resource again: the change that failed, and what came behind it. */
  async function retry(one: Parked): Promise<Parked | undefined> {
    const { type, scope, id } = one;
    let attempts = one.attempts;
    for (let after = one.position - 1; ; ) {
      const entries = await store.entries({ after, limit: 100, ref: { type, scope, id } });
      for (const entry of entries) {
        if (entry.position > state.position) return undefined;
        if (stopping.aborted) return { ...one, position: entry.position };
        const failed = await attempt(entry, attempts);
        if (failed) return failed;
        attempts = 0;
        after = entry.position;
      }
      if (entries.length === 0) return undefined;
    }
  }

  return {
    get state() {
      return state;
    },
    handled: () => handled,
    /** Remembers where a new subscription begins. */
    begin: () => save(state),
    async retryParked() {
      for (const one of state.parked.filter(({ due }) => due <= time.now())) {
        if (stopping.aborted) return;
        const still = await retry(one);
        const parked = state.parked.flatMap((other) => (keyOf(other) !== keyOf(one) ? [other] : still ? [still] : []));
        await save({ ...state, parked });
      }
    },
    /** Answers whether there may be more. */
    async deliverPage(): Promise<boolean> {
      const { entries, end } = await readPage(engine, state, filter);
      if (end.position === state.position) return false;
      const { parked, last } = await handlePage(entries);
      const whole = entries.length === 0 || last?.position === entries.at(-1)?.position;
      const { position, tick } = whole ? end : (last ?? state);
      await save({ ...state, position, tick, parked: [...parked.values()] });
      return whole;
    },
  };
}
