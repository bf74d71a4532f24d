/**
 * What the application sees: typed changes, and cursors to come back to them.
 * @module
 */
import { CursorLost } from "./errors.ts";
import type { Providers } from "./kind.ts";
import type { Cause } from "./provider.ts";
import type { Told, Via } from "./row.ts";
import type { Entry, Head, Store } from "./store.ts";
import { dateOf, type Tick } from "./time.ts";

/**
 * One change of one resource. Deleted: `after` is null. Created: `before` is null and it is not `initial`; while the backfill
 * is under way that may also be one that was there and has changed.
 */
export interface Change<Type extends string = string, State = unknown> {
  /** Save it, and resume after it. */
  cursor: string;
  /** The provider's key and the type: `"stripe.invoice"`. */
  type: Type;
  /** The scope it was read in; `""` where the provider has only one. */
  scope: string;
  id: string;
  /** The state recorded before; null if there was none. */
  before: State | null;
  /** The state now, as the API gave it; null if the resource is gone. */
  after: State | null;
  /** `after` is at least this fresh. */
  at: Date;
  /** What found it. */
  via: "webhook" | "poll" | "sweep" | "app";
  /**
   * Found by the first complete sweep of its type and scope: it was there before we looked. What a webhook or a poll told of
   * before its page was read is not: it is a live change, though its `before` is null.
   */
  initial: boolean;
  /**
   * The provider's events that hinted at it since the change before, at most 16. One that named a version which was recorded
   * already is among those of no change.
   */
  causes: Cause[];
}

/** The state of a type as its plugin declares it. */
type StateIn<Resources, Type> = Type extends keyof Resources
  ? Resources[Type] extends { id(state: infer State): string }
    ? State
    : never
  : never;

/** The full names of all types: `"stripe.invoice" | "github.issue" | …`. */
export type TypeOf<P extends Providers> = {
  [K in keyof P & string]: `${K}.${keyof P[K]["resources"] & string}`;
}[keyof P & string];

/** The state of a type, by its full name. */
export type StateOf<P extends Providers, Type extends string> = Type extends `${infer K}.${infer N}`
  ? K extends keyof P
    ? StateIn<P[K]["resources"], N>
    : never
  : never;

/** The union of the changes of some types; of all, if none are named. `change.type` narrows it. */
export type ChangeOf<P extends Providers, Type extends TypeOf<P> = TypeOf<P>> = Type extends Type
  ? Change<Type, StateOf<P, Type>>
  : never;

/** A place in a log: after the entry at `position`, whose tick is `tick`. */
export interface Place {
  position: number;
  tick: Tick;
  /**
   * Of a reader who began at the start and is still in what was compacted: the border as it was then. While it stays there, what
   * the log holds after the place is all that the reader has still to see; once it has moved a deletion may be missing.
   */
  since?: number | undefined;
}

/** The beginning of every log. */
export const START: Place = { position: 0, tick: 0 };

export const cursorOf = (log: string, { position, tick, since }: Place): string =>
  `${log}.${position}.${tick}${since === undefined ? "" : `.${since}`}`;

/** The place after an entry, of a reader who began at the start when `since` was the border. */
export const placeAfter = ({ position, tick }: Pick<Entry, "position" | "tick">, since: number | undefined): Place =>
  since !== undefined && position < since ? { position, tick, since } : { position, tick };

/** Whether something after a place may have been compacted since its reader was there. */
export const isBehind = ({ position, since }: Place, { compacted }: Pick<Head, "compacted">): boolean =>
  position > 0 && position < compacted && since !== compacted;

/**
 * The place that a cursor names in this log.
 * @throws CursorLost if it is none of this log, was rolled back, or lies in a part that was compacted
 */
export async function placeOf(store: Store, cursor: string | null): Promise<Place> {
  if (cursor === null) return START;
  const parts = /^([0-9a-f]{1,64})\.(\d{1,16})\.(\d{1,16})(?:\.(\d{1,16}))?$/.exec(cursor);
  if (!parts) throw new CursorLost("the cursor is not one of Tidemark's: start again from null");
  const since = parts[4] === undefined ? undefined : Number(parts[4]);
  const place = { position: Number(parts[2]), tick: Number(parts[3]), since };
  await checkPlace(store, place, parts[1] ?? "");
  return place;
}

/**
 * Checks that the log still holds what a place says.
 * @throws CursorLost as {@link placeOf} does
 */
export async function checkPlace(store: Store, place: Place, log: string): Promise<Head> {
  const head = await store.head();
  const { position, tick } = place;
  if (log !== head.log) throw new CursorLost("the cursor is of another log: start again from null", BACK);
  if (position > head.position) {
    throw new CursorLost(
      `the log ends at ${head.position}, before the cursor at ${position}: it was rolled back`,
      BACK,
    );
  }
  if (position === 0) return head;
  if (isBehind(place, head)) {
    throw new CursorLost(`the history up to ${head.compacted} was compacted, the cursor is at ${position}`);
  }
  const [entry] = await store.entries({ after: position - 1, limit: 1 });
  // At the border itself the entry may be gone; what comes after it is whole.
  const there = entry?.position === position ? entry.tick === tick : position === head.compacted;
  if (!there)
    throw new CursorLost(`another change stands at ${position} than the cursor says: the log was rolled back`, BACK);
  return head;
}

const BACK = { rolledBack: true };

/** The place after all that the log holds now. */
export async function endOf(store: Store): Promise<Place> {
  const { position } = await store.head();
  if (position === 0) return START;
  const [entry] = await store.entries({ after: position - 1, limit: 1 });
  return { position, tick: entry?.tick ?? 0 };
}

/** An entry as the application sees it. `since`: of the {@link Place} of who reads. */
export function changeOf(log: string, entry: Entry, since?: number): Change {
  const { type, scope, id, before, state, at, via, causes } = entry;
  return {
    cursor: cursorOf(log, placeAfter(entry, since)),
    type,
    scope,
    id,
    before: before === null ? null : JSON.parse(before),
    after: state === null ? null : JSON.parse(state),
    at: dateOf(at),
    via: viaOf(via),
    initial: via === "backfill" && before === null && state !== null,
    causes: causes.map(causeOf),
  };
}

/** A backfill is a sweep to whoever looks from outside. */
export const viaOf = (via: Via): Change["via"] => (via === "backfill" ? "sweep" : via);

export const causeOf = ({ id, name, at }: Told): Cause => (at === null ? { id, name } : { id, name, at: new Date(at) });
