/**
 * What a subscription remembers in its checkpoint: how far it came, and what is parked. Pure, but for reading it.
 *
 * A person may change it at any time, from any process: the subscription takes that over when it saves the next time.
 * @module
 */
import { z } from "zod";
import type { Checkpoint } from "../checkpoint.ts";
import { keyOf } from "../hints.ts";
import type { Ref } from "../row.ts";

/** A change whose handler threw, and what waits behind it. */
const parkedEntry = z.object({
  type: z.string(),
  scope: z.string(),
  id: z.string(),
  /** The entry that is tried next. */
  position: z.number(),
  attempts: z.number(),
  /** In ms since 1970. */
  due: z.number(),
  error: z.string(),
});
export type Parked = z.infer<typeof parkedEntry>;

/** Why, and at which change, the whole subscription stands still. */
const haltEntry = z.object({
  type: z.string(),
  scope: z.string(),
  id: z.string(),
  position: z.number(),
  tick: z.number(),
  attempts: z.number(),
  /** In ms since 1970; null: when a person says so. */
  due: z.number().nullable(),
  error: z.string(),
});
export type Halt = z.infer<typeof haltEntry>;

/** How far a subscription is. All up to `position` is handled, or parked. */
export const subscriptionState = z.object({
  log: z.string(),
  position: z.number(),
  tick: z.number(),
  /** As in a `Place`. */
  since: z.number().optional(),
  parked: z.array(parkedEntry),
  /** How often it was set to another place by a person. */
  rewound: z.number().default(0),
  halt: haltEntry.nullable().default(null),
});
export type SubscriptionState = z.infer<typeof subscriptionState>;

/** With so many parked a subscription stands still. */
export const MOST_PARKED = 100;

const PREFIX = "subscriber|";
export const subscriptionName = (name: string): string => `${PREFIX}${name}`;

/** What a checkpoint says of a subscription; undefined if it never ran, or holds what nobody here wrote. */
export function subscriptionOf({ value }: Pick<Checkpoint, "value">): SubscriptionState | undefined {
  if (value === null) return undefined;
  return subscriptionState.safeParse(JSON.parse(value)).data;
}

/** A person set the subscription to another place: what was going on is void. */
export class Rewound extends Error {
  override readonly name = "Rewound";
}

/**
 * What is to be saved, when a person changed what is stored since it was read: their changes of what is parked win.
 * @throws Rewound if the place itself was changed
 */
export function merge(read: SubscriptionState, stored: SubscriptionState, next: SubscriptionState): SubscriptionState {
  if (stored.rewound !== read.rewound) throw new Rewound("the subscription was set to another place");
  const was = byKey(read.parked);
  const is = byKey(stored.parked);
  const edited = (key: string) => JSON.stringify(was.get(key)) !== JSON.stringify(is.get(key));
  const parked = next.parked.map((one) => {
    const key = keyOf(one);
    const edit = edited(key) ? is.get(key) : undefined;
    if (!edit || edit.position > one.position) return edit ?? one;
    // What was handled meanwhile is not handled again because a person wanted it tried.
    return { ...one, due: Math.min(one.due, edit.due) };
  });
  return { ...next, parked };
}

const byKey = (parked: readonly Parked[]) => new Map(parked.map((one) => [keyOf(one), one]));

/** All that is parked is tried again now, and so is the change at which it stands still. */
export const retryAll = (state: SubscriptionState): SubscriptionState => ({
  ...state,
  halt: null,
  parked: state.parked.map((one) => ({ ...one, due: 0 })),
});

/** The change that fails is left out; what waits behind it comes next. */
export function skipOne(state: SubscriptionState, ref: Ref): SubscriptionState {
  const { halt } = state;
  if (halt === null || keyOf(halt) !== keyOf(ref)) return skipParked(state, ref);
  if (halt.position <= state.position) return skipParked({ ...state, halt: null }, ref);
  // It goes on from another place, as after a rewind: what is under way is void.
  return { ...state, position: halt.position, tick: halt.tick, halt: null, rewound: state.rewound + 1 };
}

const skipParked = (state: SubscriptionState, ref: Ref): SubscriptionState => ({
  ...state,
  parked: state.parked.map((one) =>
    keyOf(one) === keyOf(ref) ? { ...one, position: one.position + 1, attempts: 0, due: 0 } : one,
  ),
});

/** From another place on, and nothing is parked. */
export const rewindTo = (
  state: SubscriptionState | undefined,
  place: Pick<SubscriptionState, "log" | "position" | "tick">,
): SubscriptionState => ({ ...place, parked: [], rewound: (state?.rewound ?? 0) + 1, halt: null });
