/**
 * `tidemark/outlet`: what outlets have in common, and what one of your own is made of.
 *
 * An outlet is a subscription whose handler tells somebody else. It delivers at least once, in order for each resource, each
 * change under an id that stays the same. When its target is down all of it waits, and nothing is dropped.
 * @module
 */
import type { Sync } from "./api.ts";
import type { Change, ChangeOf, TypeOf } from "./change.ts";
import type { Providers } from "./kind.ts";
import { dataOf } from "./outlet/event.ts";

export { ServiceError } from "./answer.ts";
export type { Resolve } from "./outlet/address.ts";
export {
  changeId,
  checkEnvelope,
  dataOf,
  type Envelope,
  type EnvelopeOptions,
  envelopeOf,
  nameOf,
} from "./outlet/event.ts";
export { checkTarget, createPost, judgeStatus, type Message, type Post, type ReachOptions } from "./outlet/post.ts";
export { systemTime } from "./time.ts";

/** What every outlet takes. All but `name` and `data` are as in `subscribe`. */
export interface OutletOptions<T extends string = string, C = Change> {
  /** The subscription's name: how far it came is saved under it. */
  name: string;
  /** Only these types. Default all. */
  types?: readonly T[];
  /** Where it begins when it is new. Default `"start"`. */
  from?: "start" | "now";
  /** Whether what was there before we looked is told. Default true. */
  initial?: boolean;
  /** Messages at once, for different resources. */
  concurrency?: number;
  /** Into how many parts the resources are divided, so that processes share them. Default 1. */
  partitions?: number;
  /** What is said of a change. Undefined: nothing, it is left out. Default: all of the change but its cursor. */
  data?(change: C): unknown;
}

/**
 * Subscribes an outlet.
 *
 * @param send tells the target. What it throws is what `subscribe` says: `RetryLater`, all waits; `TargetGone`, all waits for a
 *   person; anything else, the change is refused, and parked
 * @throws TypeError as `subscribe` does
 */
export function openOutlet<P extends Providers, Handle, T extends TypeOf<P>>(
  sync: Sync<P, Handle>,
  options: OutletOptions<T, ChangeOf<P, T>>,
  send: (change: Change, data: unknown) => Promise<void>,
): void {
  const { name, types, from, initial, concurrency, partitions, data = dataOf } = options;
  const given = Object.entries({ types, from, initial, concurrency, partitions }).filter(
    ([, one]) => one !== undefined,
  );
  sync.subscribe<T>(name, Object.fromEntries(given), async (change) => {
    const said = data(change as never);
    if (said !== undefined) await send(change as Change, said);
  });
}
