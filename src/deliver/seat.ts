/**
 * A member's hold on one partition: to who holds it, the partition is a checkpoint of its own.
 * @module
 */
import { type Checkpoint, fresh } from "../checkpoint.ts";
import type { Engine } from "../engine.ts";
import { type Held, hold } from "../hold.ts";
import type { Ref } from "../row.ts";
import type { Durability, Move } from "../store.ts";
import type { Tick } from "../time.ts";
import {
  type Group,
  groupOf,
  heardOf,
  isSurplus,
  limitOf,
  mayTake,
  partitionOf,
  stateOf,
  withGroup,
} from "./partition.ts";
import type { HeldPart } from "./push.ts";
import { subscriptionName, subscriptionOf } from "./subscription.ts";

/** Which partition, of how many, of which subscription, and for whom. */
export interface Seat {
  subscription: string;
  index: number;
  count: number;
  member: string;
}

/** What a partition is to a run, and whether the member has more than its share, so that this one is to be let go. */
export interface SeatHeld extends HeldPart {
  isSurplus(): boolean;
}

/**
 * Holds a partition while `work` runs, as {@link hold} does. Does nothing if it is not free, the member's share is full, or
 * the subscription was divided anew.
 *
 * @param owner a name for this hold: `member:…`
 */
export async function holdSeat(
  { store, time }: Pick<Engine, "store" | "time">,
  seat: Seat,
  owner: string,
  work: (part: SeatHeld) => Promise<void>,
): Promise<void> {
  const { index, count, member } = seat;
  const name = subscriptionName(seat.subscription);
  // As it was in the latest transaction.
  let all: { group: Group; tick: Tick } | undefined;
  const saw = (group: Group, tick: Tick) => {
    all = { group, tick };
  };
  const wire = (move: Move): Move => ({ name, step: (at, tick) => moveSeat(seat, move, at, tick, saw) });
  const checkpoint = async (move: Move, how?: Durability) => {
    const { at, tick } = await store.checkpoint(wire(move), how);
    return { at: seatAt(at, seat), tick };
  };
  const part = (held: Held): SeatHeld => ({
    ...{ held, wire },
    has: (ref: Ref) => partitionOf(ref, count) === index,
    limit: () => all && limitOf(all.group),
    isSurplus: () => all !== undefined && isSurplus(all.group, index, all.tick, member),
  });
  await hold({ time, store: { checkpoint }, holder: () => owner }, name, (held) => work(part(held)));
}

/** A partition as a checkpoint; one that is not there any more is held by nobody who could let go. */
function seatAt(at: Checkpoint, { index, count }: Seat): Checkpoint {
  const group = groupOf(at);
  const part = group?.parts.length === count ? group.parts[index] : undefined;
  if (!part) return { ...fresh(at.name), holder: "divided anew", until: Number.POSITIVE_INFINITY };
  return { ...at, value: JSON.stringify(stateOf(part)), holder: part.holder, until: part.until };
}

/** Moves a partition, and with it the checkpoint in which all of them are. */
function moveSeat(
  seat: Seat,
  move: Move,
  at: Checkpoint,
  tick: Tick,
  saw: (group: Group, tick: Tick) => void,
): Checkpoint | undefined {
  const { index, member } = seat;
  const was = seatAt(at, seat);
  const moved = move.step(was, tick);
  const group = groupOf(at);
  const part = group?.parts[index];
  if (!group || !part || !moved) return undefined;
  const takes = moved.holder !== null && moved.holder !== was.holder;
  if (takes && !mayTake(group, index, tick, member)) return undefined;
  const state = subscriptionOf(moved) ?? stateOf(part);
  const parts = group.parts.with(index, { ...state, holder: moved.holder, until: moved.until });
  const next = heardOf({ ...group, parts }, member, tick);
  saw(next, tick);
  return withGroup({ ...at, at: moved.at }, next);
}
