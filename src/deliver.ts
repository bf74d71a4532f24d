/**
 * Subscribers: the log is pushed to a handler, and how far it came is saved.
 *
 * The order is kept for each resource. A change whose handler throws holds back its own resource only: it is parked,
 * and tried again with backoff, and what comes later for that resource waits behind it. With too many parked the
 * subscription stands still, because then not the changes are at fault but the handler. A handler that throws
 * `RetryLater` or `TargetGone` says so itself: then the subscription stands still at once, and nothing is parked.
 * @module
 */
import { checkPlace, endOf, START } from "./change.ts";
import { type Checkpoint, fresh } from "./checkpoint.ts";
import { haltedUntil } from "./deliver/halt.ts";
import { isShared } from "./deliver/partition.ts";
import { createRun, type HeldPart } from "./deliver/push.ts";
import { createShare, type Shared } from "./deliver/share.ts";
import {
  MOST_PARKED,
  Rewound,
  type SubscriptionState,
  subscriptionName,
  subscriptionOf,
} from "./deliver/subscription.ts";
import type { Engine } from "./engine.ts";
import { type Held, hold } from "./hold.ts";
import { LOOK } from "./stream.ts";

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
  /**
   * Gives the handler the store's own transaction, which saves what it writes together with how far the subscription
   * came: exactly once. One change at a time. Default false.
   */
  transaction?: boolean;
  /**
   * How many parts the resources are divided into. Processes that subscribe under one name share them, so that up to so
   * many handlers, each `concurrency` times, are at work. Default 1: one process at a time.
   */
  partitions?: number;
}

export interface Subscription extends Shared {
  from: "start" | "now";
}

/**
 * Delivers what there is to deliver. Answers how many changes were handled, and the milliseconds to sleep. `enough` is
 * asked before each page: true ends it there. `linger`: milliseconds to wait for more before it lets go of its place.
 */
export interface Delivery {
  (enough?: () => boolean, linger?: number): Promise<{ handled: number; sleep: number }>;
  /** It comes to its end: what others wait for is let go. */
  leave(): Promise<void>;
  /** Delivers nothing any more. Resolves when what is under way has ended. */
  close(): Promise<void>;
}

export function createDelivery(engine: Engine, subscription: Subscription): Delivery {
  const single = createSingle(engine, subscription);
  const share = createShare(engine, subscription, () => stateAt(engine, subscription, fresh("")));
  // What others made of it decides: one of the two answers nothing.
  const ways = subscription.partitions === 1 ? [single, share.deliver, single] : [share.deliver, single];
  let closed = false;
  let running: Promise<unknown> = Promise.resolve();
  const once = async (enough: () => boolean, linger: number) => {
    for (const way of ways) {
      const done = await way(() => closed || enough(), linger);
      if (done) return done;
    }
    return { handled: 0, sleep: LOOK };
  };
  const deliver = (enough = () => false, linger = 0) => {
    const run = once(enough, linger);
    running = run.catch(() => {});
    return run;
  };
  const close = async () => {
    closed = true;
    await running;
  };
  return Object.assign(deliver, { leave: share.leave, close });
}

/** All resources in one part, held by one process at a time. Answers undefined if it is divided. */
function createSingle(engine: Engine, subscription: Subscription) {
  const { store, time, stopping, grown } = engine;
  const name = subscriptionName(subscription.name);
  // Where it had nothing left to do, so that an idle subscription writes nothing.
  let done: { position: number; until: number; value: string | null; halted: boolean } | undefined;

  const sleepUntil = (until: number) => Math.max(0, Math.min(LOOK, until - time.now()));
  const idle = async () => {
    const { position } = await store.head();
    if (done === undefined || time.now() >= done.until) return false;
    if (done.position !== position && !done.halted) return false;
    const [known] = await store.checkpoints(name, "", 1);
    return known?.name === name && known.value === done.value;
  };

  return async (enough: () => boolean, linger: number) => {
    if (await idle()) return { handled: 0, sleep: sleepUntil(done?.until ?? 0) };
    let handled = 0;
    let sleep = LOOK;
    const deliver = async (held: Held) => {
      const run = createRun(engine, subscription, whole(held), await stateAt(engine, subscription, held.at));
      if (subscriptionOf(held.at) === undefined) await run.begin();
      // One that stands still for long may be behind what is kept: who has it go on is told then.
      if (!run.isHalted()) await checkPlace(store, run.state, run.state.log);
      await run.retryParked();
      const more = () => run.state.parked.length < MOST_PARKED && !run.isHalted() && !stopping.aborted && !enough();
      for (let heard = grown.rings; more(); heard = grown.rings) {
        if (await run.deliverPage()) continue;
        if (linger === 0 || run.state.parked.length > 0 || run.isHalted()) break;
        await grown.wait(time, linger, stopping, heard);
        if (grown.rings === heard) break;
      }
      const halted = run.isHalted();
      const until = halted ? haltedUntil(run.state) : Math.min(...run.state.parked.map(({ due }) => due));
      done = { position: run.state.position, until, value: held.at.value, halted };
      handled = run.handled();
      sleep = sleepUntil(until);
    };
    const turn = await hold(engine, name, deliver, (at) => !isShared(at)).catch((error: unknown) => {
      if (!(error instanceof Rewound)) throw error;
      done = undefined;
      sleep = 0;
    });
    return turn?.how === "early" ? undefined : { handled, sleep };
  };
}

async function stateAt(engine: Engine, { from }: Subscription, at: Checkpoint): Promise<SubscriptionState> {
  const known = subscriptionOf(at);
  if (known) return known;
  const { log } = await engine.store.head();
  const place = from === "start" ? START : await endOf(engine.store);
  return { log, ...place, parked: [], rewound: 0, halt: null };
}

/** All resources are one part. */
const whole = (held: Held): HeldPart => ({ held, wire: (move) => move, has: () => true, limit: () => undefined });
