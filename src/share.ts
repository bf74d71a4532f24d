/**
 * Delivers the partitions of a subscription, as a member among others.
 *
 * A member looks which partitions have something to deliver, takes free ones up to its share, brings each to the end of
 * the log and lets it go again. A partition is held as a checkpoint is: whoever dies loses it after a while. When a member
 * joins the shares become smaller, and who has more lets go of the rest after the page that it is at.
 * @module
 */
import { checkPlace } from "./change.ts";
import { type Checkpoint, fresh } from "./checkpoint.ts";
import type { Engine } from "./engine.ts";
import { type Held, hold } from "./hold.ts";
import {
  divide,
  divided,
  type Group,
  groupOf,
  heardOf,
  isSurplus,
  limitOf,
  mayTake,
  type Part,
  partitionOf,
  passEmpty,
  SILENCE,
  want,
  withGroup,
  without,
} from "./partition.ts";
import { createRun, type Pushed, upTo } from "./push.ts";
import type { Durability, Move } from "./store.ts";
import { LOOK, readPage } from "./stream.ts";
import { MOST_PARKED, Rewound, type SubscriptionState, subscriptionName, subscriptionOf } from "./subscription.ts";
import type { Tick } from "./time.ts";

/** A subscription with partitions. */
export interface Shared extends Pushed {
  partitions: number;
}

/** A membership that a power cut undid costs others a share for a while. */
const LAZY = { lazy: true };
/** Milliseconds after which a member is heard of again. */
const BEAT = SILENCE / 3_000;

/** Partitions that have nothing of theirs between two places, but for the busy ones. */
type Empty = Parameters<typeof passEmpty>[1];

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
  /** Where it had nothing left to do, so that an idle member writes next to nothing. */
  let rest: { position: number; until: number; value: string | null } | undefined;

  const read = async (): Promise<Checkpoint> => {
    const [known] = await store.checkpoints(name, "", 1);
    return known?.name === name ? known : fresh(name);
  };

  /** What concerns all partitions: who takes part, how many there are, which have nothing to do. */
  async function tend(empty?: Empty, isNew = false): Promise<Group | undefined> {
    const begun = isNew ? await begin() : undefined;
    const step = (at: Checkpoint, tick: Tick): Checkpoint | undefined => {
      const group = groupOf(at);
      const [only, another] = group?.parts ?? [];
      if (!group || !another) {
        // One process works on all of it, until it lets go.
        const free = at.holder === null || at.until <= tick;
        const state = only ? stateOf(only) : begun;
        if (asked || partitions === 1 || !free || !state) return undefined;
        const parts = divided([state], partitions);
        return withGroup({ ...at, at: tick }, heardOf({ parts, members: {}, wanted: null }, member, tick));
      }
      const ordered = asked ? group : want(group, partitions);
      const passed = empty ? passEmpty(ordered, empty) : ordered;
      const next = divide(heardOf(passed, member, tick), tick);
      return withGroup({ ...at, at: passed === ordered ? at.at : tick }, next);
    };
    const { at } = await store.checkpoint({ name, step }, LAZY);
    const group = groupOf(at);
    if (group && (group.parts.length === partitions || group.wanted === partitions)) asked = true;
    if (group && member in group.members) beat = time.now();
    return group;
  }

  /** Holds one partition as if it were a checkpoint. `saw` is told what there is whenever it was moved. */
  function view(index: number, count: number, saw: (group: Group, tick: Tick) => void) {
    const partAt = (at: Checkpoint): Checkpoint => {
      const group = groupOf(at);
      const part = group?.parts.length === count ? group.parts[index] : undefined;
      if (!part) return { ...fresh(at.name), holder: "divided anew", until: Number.POSITIVE_INFINITY };
      return { ...at, value: JSON.stringify(stateOf(part)), holder: part.holder, until: part.until };
    };
    const wire = (move: Move): Move => ({
      name,
      step(at, tick) {
        const group = groupOf(at);
        const part = group?.parts[index];
        const was = partAt(at);
        const moved = move.step(was, tick);
        if (!group || !part || !moved) return undefined;
        const takes = moved.holder !== null && moved.holder !== was.holder;
        if (takes && !mayTake(group, index, tick, member)) return undefined;
        const state = subscriptionOf(moved) ?? stateOf(part);
        const parts = group.parts.with(index, { ...state, holder: moved.holder, until: moved.until });
        const next = heardOf({ ...group, parts }, member, tick);
        saw(next, tick);
        return withGroup({ ...at, at: moved.at }, next);
      },
    });
    const checkpoint = async (move: Move, how?: Durability) => {
      const { at, tick } = await store.checkpoint(wire(move), how);
      return { at: partAt(at), tick };
    };
    return { wire, holds: { time, store: { checkpoint }, holder: () => `${member}:${++holds}` } };
  }

  /** Takes a partition, if it may, and delivers what there is. Answers how much, and whether it came on. */
  async function work(
    index: number,
    count: number,
    ended: () => boolean,
  ): Promise<{ handled: number; moved: boolean }> {
    let all: { group: Group; tick: Tick } | undefined;
    const { wire, holds } = view(index, count, (group, tick) => {
      all = { group, tick };
    });
    let handled = 0;
    let moved = false;
    const deliver = async (held: Held) => {
      const begun = subscriptionOf(held.at);
      if (!begun) return;
      const has = (ref: Parameters<typeof partitionOf>[0]) => partitionOf(ref, count) === index;
      const limit = () => all && limitOf(all.group);
      const run = createRun(engine, subscription, { held, wire, has, limit }, begun);
      const more = () =>
        run.state.parked.length < MOST_PARKED && !ended() && !(all && isSurplus(all.group, index, all.tick, member));
      try {
        await checkPlace(store, begun, begun.log);
        await run.retryParked();
        while (more() && (await run.deliverPage()));
      } finally {
        handled = run.handled();
        moved = run.state !== begun;
      }
    };
    await hold(holds, name, deliver);
    return { handled, moved };
  }

  /** What there is to take. `again`: some of it was passed meanwhile, and there may be more behind it. */
  async function look(skip: (index: number) => boolean): Promise<{ count: number; take: number[]; again: boolean }> {
    const at = await read();
    let group = groupOf(at);
    const tended = beat !== undefined && time.now() < beat + BEAT && group && member in group.members && asked;
    if (!tended || divide(group as Group, Number.POSITIVE_INFINITY) !== group) group = await tend(undefined, !group);
    rest = undefined;
    if (!group || group.parts.length === 1) return { count: 1, take: [], again: false };
    const { parts } = group;
    const { position } = await store.head();
    const end = limitOf(group)?.position ?? position;
    const owes = (part: Part) => group.wanted === null && part.parked.some(({ due }) => due <= time.now());
    const behind = (part: Part) => part.position !== end && part.parked.length < MOST_PARKED;
    const wanting = parts.flatMap((part, i) => (behind(part) || owes(part) ? [i] : []));
    const until = Math.min(...parts.flatMap(({ parked }) => parked.map(({ due }) => due)));
    if (wanting.length === 0) rest = { position, until, value: (await read()).value };
    const open = wanting.filter((i) => !skip(i));
    // Whether a hold is over is asked where it is taken.
    const take = open.filter((i) => parts[i]?.holder !== null || owes(parts[i] as Part));
    const free = open.filter((i) => !take.includes(i));
    const first = free.map((i) => parts[i] as Part).sort((a, b) => a.position - b.position)[0];
    if (!first) return { count: parts.length, take, again: false };
    await checkPlace(store, first, first.log);
    const { entries, end: to } = upTo(await readPage(engine, first, filter), limitOf(group));
    const busy = new Set<number>();
    for (const entry of entries) {
      const i = partitionOf(entry, parts.length);
      if (entry.position > (parts[i]?.position ?? 0)) busy.add(i);
    }
    const passing = free.some((i) => !busy.has(i) && (parts[i]?.position ?? 0) < to.position);
    if (passing) await tend({ from: first, to, busy });
    return { count: parts.length, take: [...take, ...free.filter((i) => busy.has(i))], again: passing };
  }

  const idle = async () => {
    if (rest === undefined || beat === undefined || time.now() >= Math.min(rest.until, beat + BEAT)) return false;
    const { position } = await store.head();
    return position === rest.position && (await read()).value === rest.value;
  };

  /** As a `Delivery`. Undefined: there is only one partition, and others than this member's wishes made it so. */
  async function deliver(enough: () => boolean): Promise<{ handled: number; sleep: number } | undefined> {
    if (await idle()) return { handled: 0, sleep: LOOK };
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
    return { handled, sleep: Math.max(0, Math.min(LOOK, (rest?.until ?? time.now() + LOOK) - time.now())) };
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

const stateOf = ({ holder: _, until: __, ...state }: Part): SubscriptionState => state;
