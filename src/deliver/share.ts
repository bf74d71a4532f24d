/**
 * Delivers the partitions of a subscription, as a member among others.
 *
 * A member looks which partitions have something to deliver, takes free ones up to its share, brings each to the end of
 * the log and lets it go again. A partition is held as a checkpoint is: whoever dies loses it after a while. When a member
 * joins the shares become smaller, and who has more lets go of the rest after the page that it is at.
 * @module
 */
import { checkPlace, type Place } from "../change.ts";
import { type Checkpoint, fresh } from "../checkpoint.ts";
import type { Engine } from "../engine.ts";
import { LOOK, readPage } from "../stream.ts";
import type { Tick } from "../time.ts";
import { haltedUntil, isHalted } from "./halt.ts";
import {
  divide,
  type Empty,
  type Group,
  groupOf,
  limitOf,
  type Part,
  partitionOf,
  SILENCE,
  tended,
  withGroup,
  without,
} from "./partition.ts";
import { createRun, type Pushed, upTo } from "./push.ts";
import { holdSeat } from "./seat.ts";
import { MOST_PARKED, Rewound, type SubscriptionState, subscriptionName, subscriptionOf } from "./subscription.ts";

/** A subscription with partitions. */
export interface Shared extends Pushed {
  partitions: number;
}

/** A membership that a power cut undid costs others a share for a while. */
const LAZY = { lazy: true };
/** Milliseconds after which a member is heard of again. */
const BEAT = SILENCE / 3_000;

/** @param begin where a subscription begins that is new */
export function createShare(engine: Engine, subscription: Shared, begin: () => Promise<SubscriptionState>) {
  const { store, time, stopping, grown } = engine;
  const { partitions, types } = subscription;
  const name = subscriptionName(subscription.name);
  const filter = types ? { types } : {};
  const member = engine.holder();
  let holds = 0;
  /** The number of partitions is asked for once: of members that differ, the one that started last decides. */
  let asked = false;
  /** When it was heard of last; undefined: it takes no part. */
  let beat: number | undefined;
  /** When what is parked is due, in ms since 1970. */
  let due = Number.POSITIVE_INFINITY;

  const read = async (): Promise<Checkpoint> => {
    const [known] = await store.checkpoints(name, "", 1);
    return known?.name === name ? known : fresh(name);
  };

  /** What concerns all partitions: who takes part, how many there are, which have nothing to do. */
  async function tend(empty?: Empty, isNew = false): Promise<Group | undefined> {
    const word = { member, count: asked ? undefined : partitions, begun: isNew ? await begin() : undefined, empty };
    const step = (at: Checkpoint, tick: Tick) => tended(at, tick, word);
    const { at } = await store.checkpoint({ name, step }, LAZY);
    const group = groupOf(at);
    if (group && (group.parts.length === partitions || group.wanted === partitions)) asked = true;
    if (group && member in group.members) beat = time.now();
    return group;
  }

  /** Takes a partition, if it may, and delivers what there is. Answers how much, and whether it came on. */
  async function work(
    index: number,
    count: number,
    ended: () => boolean,
  ): Promise<{ handled: number; moved: boolean }> {
    const done = { handled: 0, moved: false };
    const seat = { subscription: subscription.name, index, count, member };
    await holdSeat(engine, seat, `${member}:${++holds}`, async (part) => {
      const begun = subscriptionOf(part.held.at);
      if (!begun) return;
      const run = createRun(engine, subscription, part, begun);
      const more = () => run.state.parked.length < MOST_PARKED && !run.isHalted() && !ended() && !part.isSurplus();
      try {
        await checkPlace(store, begun, begun.log);
        await run.retryParked();
        while (more() && (await run.deliverPage()));
      } finally {
        done.handled = run.handled();
        done.moved = run.state !== begun;
      }
    });
    return done;
  }

  /** What there is to take. `again`: some of it was passed meanwhile, and there may be more behind it. */
  async function look(skip: (index: number) => boolean): Promise<{ count: number; take: number[]; again: boolean }> {
    const at = await read();
    let group = groupOf(at);
    const heard = asked && beat !== undefined && time.now() < beat + BEAT && group && member in group.members;
    if (!heard || divide(group as Group, Number.POSITIVE_INFINITY) !== group) group = await tend(undefined, !group);
    if (!group || group.parts.length === 1) return { count: 1, take: [], again: false };
    const { parts } = group;
    const { position } = await store.head();
    const end = limitOf(group)?.position ?? position;
    const owes = (part: Part) => group.wanted === null && part.parked.some(({ due }) => due <= time.now());
    const behind = (part: Part) => part.position !== end && part.parked.length < MOST_PARKED;
    const wanting = parts.flatMap((part, i) =>
      !isHalted(part, time.now()) && (behind(part) || owes(part)) ? [i] : [],
    );
    due = Math.min(...parts.flatMap((part) => (part.halt ? [haltedUntil(part)] : part.parked.map((one) => one.due))));
    const open = wanting.filter((i) => !skip(i));
    // Whether a hold is over is asked where it is taken.
    const take = open.filter((i) => parts[i]?.holder !== null || owes(parts[i] as Part));
    const free = open.filter((i) => !take.includes(i));
    const first = free.map((i) => parts[i] as Part).sort((a, b) => a.position - b.position)[0];
    if (!first) return { count: parts.length, take, again: false };
    const empty = await peek(first, parts, limitOf(group));
    const passing = free.some((i) => !empty.busy.has(i) && (parts[i]?.position ?? 0) < empty.to.position);
    if (passing) await tend(empty);
    return { count: parts.length, take: [...take, ...free.filter((i) => empty.busy.has(i))], again: passing };
  }

  /** Which partitions have something of theirs on the page after a place. */
  async function peek(from: Part, parts: readonly Part[], limit: Place | undefined): Promise<Empty> {
    await checkPlace(store, from, from.log);
    const { entries, end: to } = upTo(await readPage(engine, from, filter), limit);
    const busy = new Set<number>();
    for (const entry of entries) {
      const i = partitionOf(entry, parts.length);
      if (entry.position > (parts[i]?.position ?? 0)) busy.add(i);
    }
    return { from, to, count: parts.length, busy };
  }

  /** As a `Delivery`. Undefined: there is only one partition, and others than this member's wishes made it so. */
  async function deliver(enough: () => boolean): Promise<{ handled: number; sleep: number } | undefined> {
    const active = new Map<number, Promise<void>>();
    let refused = new Set<number>();
    let handled = 0;
    let trouble: { cause: unknown } | undefined;
    const ended = () => trouble !== undefined || stopping.aborted || enough();
    const start = (index: number, count: number) => {
      const task = work(index, count, ended)
        .then((done) => {
          handled += done.handled;
          if (!done.moved) refused.add(index);
        })
        .catch((cause: unknown) => {
          if (!(cause instanceof Rewound)) trouble ??= { cause };
        })
        .finally(() => active.delete(index));
      active.set(index, task);
    };
    let known = { count: 0, take: [] as number[], again: false };
    do {
      const heard = grown.rings;
      known = { ...known, take: [], again: false };
      if (!ended()) {
        known = await look((i) => active.has(i) || refused.has(i)).catch((cause: unknown) => {
          trouble ??= { cause };
          return known;
        });
      }
      for (const index of known.take) start(index, known.count);
      if (active.size === 0 || known.again) continue;
      const over = new AbortController();
      const rings = grown.wait(time, LOOK, over.signal, heard).then(() => {
        if (!over.signal.aborted) refused = new Set();
      });
      await Promise.race([...active.values(), rings]);
      over.abort();
      await rings;
    } while (active.size > 0 || known.again || known.take.length > 0);
    if (trouble) throw trouble.cause;
    if (known.count === 1 && (asked || partitions === 1)) return undefined;
    // What is due and was not taken is another's for now.
    const pause = due - time.now();
    return { handled, sleep: pause > 0 ? Math.min(LOOK, pause) : LOOK };
  }

  return {
    deliver,
    /** Others need not wait until this member was silent for long. */
    async leave(): Promise<void> {
      if (beat === undefined) return;
      beat = undefined;
      const step = (at: Checkpoint) => {
        const group = groupOf(at);
        return group && member in group.members ? withGroup(at, without(group, member)) : undefined;
      };
      await store.checkpoint({ name, step }, LAZY);
    },
  };
}
