/**
 * A subscription whose work several processes share: its resources are divided into partitions, each with its own place
 * in the log and its own holder. Pure.
 *
 * All partitions are in the one checkpoint of the subscription, so that what concerns all of them is one move: to divide
 * it anew, to rewind it. With one partition the checkpoint is what it is without any: a place, and its holder beside it.
 *
 * When the number changes nothing may be handled twice or left out, so first all partitions come to one place, the
 * furthest of any; there they are divided anew, with what is parked.
 * @module
 */
import { z } from "zod";
import type { Place } from "../change.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { keyOf } from "../hints.ts";
import type { Ref } from "../row.ts";
import { type Tick, ticks } from "../time.ts";
import { type SubscriptionState, subscriptionOf, subscriptionState } from "./subscription.ts";

/** A partition: where it is, and who works on it until when. */
const storedPart = subscriptionState.extend({ holder: z.string().nullable(), until: z.number() });
const storedGroup = z.object({
  parts: z.array(storedPart).min(2),
  /** Who takes part, until when unless it is heard of again. */
  members: z.record(z.string(), z.number()),
  /** How many partitions there are to be. */
  wanted: z.number().nullable(),
});
export type Part = z.infer<typeof storedPart>;
export type Group = z.infer<typeof storedGroup>;

/** Partitions of one subscription at most: all are saved when one moves. */
export const MOST_PARTITIONS = 100;
/** How long a member counts that is not heard of: as long as a hold. */
export const SILENCE: Tick = ticks(90_000);

/** What a checkpoint says of a subscription; undefined if it never ran. */
export function groupOf(at: Checkpoint): Group | undefined {
  const shared = at.value === null ? undefined : storedGroup.safeParse(JSON.parse(at.value)).data;
  if (shared) return shared;
  const state = subscriptionOf(at);
  return state && { parts: [{ ...state, holder: at.holder, until: at.until }], members: {}, wanted: null };
}

/** Whether a checkpoint holds more than one partition. */
export const isShared = (at: Checkpoint): boolean => (groupOf(at)?.parts.length ?? 1) > 1;

/** A checkpoint with a subscription in it. */
export function withGroup(at: Checkpoint, group: Group): Checkpoint {
  const [only, ...others] = group.parts;
  if (!only || others.length > 0) return { ...at, value: JSON.stringify(group), holder: null, until: 0 };
  const { holder, until, ...state } = only;
  return { ...at, value: JSON.stringify(state), holder, until };
}

/** The partition of a resource: the same in every process, for ever. */
export function partitionOf(ref: Ref, count: number): number {
  // FNV-1a over UTF-16, then mixed so that any count divides it evenly.
  let hash = 0x811c9dc5;
  for (const char of keyOf(ref)) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % count;
}

/** A partition without its holder. */
export const stateOf = ({ holder: _, until: __, ...state }: Part): SubscriptionState => state;

const isFree = ({ holder, until }: Part, tick: Tick): boolean => holder === null || until <= tick;

/** A hold is named `member:number`. */
const isOf = ({ holder }: Part, member: string): boolean => holder?.startsWith(`${member}:`) === true;

const indexesOf = (group: Group, tick: Tick, member: string): number[] =>
  group.parts.flatMap((part, i) => (isOf(part, member) && !isFree(part, tick) ? [i] : []));

/** How many partitions a member may hold at once: its share, rounded up. */
export function shareOf({ parts, members }: Group, tick: Tick, member: string): number {
  const others = Object.entries(members).filter(([name, until]) => name !== member && until > tick);
  return Math.ceil(parts.length / (others.length + 1));
}

/** Whether a member may take a partition: it is free, has not come to where all wait, and the member's share is not full. */
export function mayTake(group: Group, index: number, tick: Tick, member: string): boolean {
  const part = group.parts[index];
  if (!part || !isFree(part, tick)) return false;
  const limit = limitOf(group);
  if (limit && part.position >= limit.position) return false;
  return indexesOf(group, tick, member).length < shareOf(group, tick, member);
}

/** Whether a member holds more than its share, and this partition is what it lets go of. */
export const isSurplus = (group: Group, index: number, tick: Tick, member: string): boolean =>
  indexesOf(group, tick, member).indexOf(index) >= shareOf(group, tick, member);

/** Where all partitions wait to be divided anew; undefined: they are to stay as they are. */
export function limitOf({ parts, wanted }: Group): Place | undefined {
  if (wanted === null) return undefined;
  return parts.reduce((far, part) => (part.position > far.position ? part : far));
}

/** The same, with a member that was just heard of, and without those that were not for long. */
export function heardOf(group: Group, member: string, tick: Tick): Group {
  const living = Object.entries(group.members).filter(([, until]) => until > tick);
  return { ...group, members: { ...Object.fromEntries(living), [member]: tick + SILENCE } };
}

/** The same without a member. */
export function without(group: Group, member: string): Group {
  const { [member]: _, ...members } = group.members;
  return { ...group, members };
}

/** What a member says of the whole when it looks. */
export interface Word {
  member: string;
  /** So many partitions are to be; undefined: it has said so already, or leaves it to others. */
  count: number | undefined;
  /** Where a subscription begins that is new. */
  begun?: SubscriptionState | undefined;
  empty?: Empty | undefined;
}

/** A subscription after a member's word. Undefined: nothing changes, because one process works on all of it. */
export function tended(at: Checkpoint, tick: Tick, { member, count, begun, empty }: Word): Checkpoint | undefined {
  const group = groupOf(at);
  if (group && group.parts.length > 1) {
    const ordered = count === undefined ? group : want(group, count);
    const passed = empty ? passEmpty(ordered, empty) : ordered;
    return withGroup({ ...at, at: passed === ordered ? at.at : tick }, divide(heardOf(passed, member, tick), tick));
  }
  const state = group?.parts[0] ?? begun;
  const free = at.holder === null || at.until <= tick;
  if (count === undefined || count === 1 || !free || !state) return undefined;
  const parts = divided([state], count);
  return withGroup({ ...at, at: tick }, heardOf({ parts, members: {}, wanted: null }, member, tick));
}

/** Asks for a number of partitions. */
export const want = (group: Group, count: number): Group => ({
  ...group,
  wanted: count === group.parts.length ? null : count,
});

/** Divides it anew if that is wanted, nobody is at work, and all are at one place. Otherwise the same. */
export function divide(group: Group, tick: Tick): Group {
  const limit = limitOf(group);
  const ready = limit && group.parts.every((part) => isFree(part, tick) && part.position === limit.position);
  return ready ? { ...group, parts: divided(group.parts, group.wanted ?? 1), wanted: null } : group;
}

/** So many partitions at the place where all are. */
export function divided(parts: readonly SubscriptionState[], count: number): Part[] {
  const parked = parts.flatMap((part) => part.parked);
  const rewound = Math.max(...parts.map((part) => part.rewound));
  return Array.from({ length: count }, (_, i) => ({
    ...(parts[0] as SubscriptionState),
    ...{ parked: parked.filter((one) => partitionOf(one, count) === i), rewound, holder: null, until: 0 },
  }));
}

/** Of so many partitions, all but the busy ones have nothing of theirs between two places. */
export interface Empty {
  from: Place;
  to: Place;
  count: number;
  busy: ReadonlySet<number>;
}

/** Brings free partitions on that have nothing of theirs between two places. */
export function passEmpty(group: Group, { from, to, count, busy }: Empty): Group {
  if (group.parts.length !== count) return group;
  const parts = group.parts.map((part, i) => {
    const passes =
      part.holder === null && !busy.has(i) && part.position >= from.position && part.position < to.position;
    return passes ? { ...part, position: to.position, tick: to.tick, since: to.since } : part;
  });
  return parts.some((part, i) => part !== group.parts[i]) ? { ...group, parts } : group;
}
