/**
 * What a person needs when a handler fails: what is parked, try again now, leave one out, start from another place.
 * @module
 */
import { placeOf } from "../change.ts";
import type { Checkpoint } from "../checkpoint.ts";
import type { Engine } from "../engine.ts";
import { Misuse } from "../errors.ts";
import { keyOf } from "../hints.ts";
import type { Ref } from "../row.ts";
import { groupOf, withGroup } from "./partition.ts";
import { retryAll, rewindTo, type SubscriptionState, skipOne, subscriptionName } from "./subscription.ts";

/** A resource whose change a handler could not take. What came later for it waits behind. */
export interface ParkedChange {
  /** The full name: `"stripe.invoice"`. */
  type: string;
  scope: string;
  id: string;
  /** How often the handler threw on the change that is tried next. */
  attempts: number;
  /** When it is tried again. */
  due: Date;
  /** What the handler threw, in one line without payload. */
  error: string;
}

/** @throws TypeError if no subscription of that name ever ran */
export async function parkedOf(engine: Engine, name: string): Promise<ParkedChange[]> {
  const parked = (await partsOf(engine, name)).flatMap((part) => part.parked);
  return parked.map(({ type, scope, id, attempts, due, error }) => {
    return { type, scope, id, attempts, due: new Date(due), error };
  });
}

/** Answers how many are tried again. */
export async function retryParked(engine: Engine, name: string): Promise<number> {
  const parts = await partsOf(engine, name);
  const refs = parts.flatMap(({ parked, halt }) => (halt ? [...parked, halt] : parked));
  await change(engine, name, (state) => state && retryAll(state));
  return new Set(refs.map(keyOf)).size;
}

/** Answers whether it was parked, or what all of the subscription stood still at. */
export async function skipParked(engine: Engine, name: string, ref: Ref): Promise<boolean> {
  const parts = await partsOf(engine, name);
  const refs = parts.flatMap(({ parked, halt }) => (halt ? [...parked, halt] : parked));
  if (!refs.some((one) => keyOf(one) === keyOf(ref))) return false;
  await change(engine, name, (state) => state && skipOne(state, ref));
  return true;
}

/**
 * The subscription goes on after a cursor; null: from the beginning.
 * @throws CursorLost if the cursor is none of this log, or lies in a part that was compacted
 */
export async function rewindSubscription(engine: Engine, name: string, cursor: string | null): Promise<void> {
  const place = await placeOf(engine.store, cursor);
  const { log } = await engine.store.head();
  await change(engine, name, (state) => rewindTo(state, { log, ...place }));
}

/** Nothing is known of a subscription any more. */
export async function forgetSubscription({ store }: Engine, name: string): Promise<void> {
  const step = (at: Checkpoint): Checkpoint => ({ ...at, value: null, holder: null, until: 0 });
  await store.checkpoint({ name: subscriptionName(name), step });
}

async function partsOf({ store }: Engine, name: string): Promise<SubscriptionState[]> {
  const full = subscriptionName(name);
  const at = (await store.checkpoints(full, "", 1)).find((one) => one.name === full);
  const group = at && groupOf(at);
  if (group) return group.parts;
  throw new Misuse(`there is no subscription "${name}" in this store: look at the subscriptions of health()`);
}

/** Changes each partition's state; of a subscription that never ran, the one that it begins with. */
async function change(
  { store, grown }: Engine,
  name: string,
  step: (state: SubscriptionState | undefined) => SubscriptionState | undefined,
): Promise<void> {
  const move = (at: Checkpoint): Checkpoint | undefined => {
    const group = groupOf(at);
    if (group) return withGroup(at, { ...group, parts: group.parts.map((part) => ({ ...part, ...step(part) })) });
    const state = step(undefined);
    return state && { ...at, value: JSON.stringify(state) };
  };
  await store.checkpoint({ name: subscriptionName(name), step: move });
  grown.ring();
}
