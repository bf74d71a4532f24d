/**
 * A checkpoint is a named value with a holder: the cursor of a feed, the page of a sweep, the position of a subscriber.
 *
 * Who holds it may advance it until the hold is over; another may acquire it then. An `advance` by one who has lost it
 * is refused, so two workers never move one cursor in turn.
 * @module
 */
import type { z } from "zod";
import type { Tick } from "./time.ts";

/** A named cursor with its holder. */
export interface Checkpoint {
  name: string;
  /** JSON text; null before the first advance. */
  value: string | null;
  /** Who works on it now. */
  holder: string | null;
  /** The hold is over at this tick. */
  until: Tick;
  /** The tick of the last advance; 0 before the first. */
  at: Tick;
}

/** A checkpoint that nobody has moved yet. */
export const fresh = (name: string): Checkpoint => ({ name, value: null, holder: null, until: 0, at: 0 });

/** What it holds; `never` if it was never moved, or holds what nobody here wrote. */
export function read<T>({ value }: Pick<Checkpoint, "value">, shape: z.ZodType<T>, never: T): T {
  if (value === null) return never;
  try {
    return shape.safeParse(JSON.parse(value)).data ?? never;
  } catch {
    return never;
  }
}

/** Says nothing, and nobody holds it: it may be forgotten. */
export const isBlank = ({ value, holder }: Checkpoint): boolean => value === null && holder === null;

/** Whether `holder` holds it, or may: it is free, its hold is over, or it is held by the same. */
const mayHold = (at: Checkpoint, tick: Tick, holder: string): boolean =>
  at.holder === null || at.holder === holder || at.until <= tick;

/** Take or keep hold for `ttl` ticks. Undefined: another holds it. */
export const acquire = (at: Checkpoint, tick: Tick, holder: string, ttl: Tick): Checkpoint | undefined =>
  mayHold(at, tick, holder) ? { ...at, holder, until: tick + ttl } : undefined;

/** Save a new value and keep hold for `ttl` ticks. Undefined: it was lost to another meanwhile, and nothing is saved. */
export const advance = (
  at: Checkpoint,
  tick: Tick,
  holder: string,
  ttl: Tick,
  value: string,
): Checkpoint | undefined => (at.holder === holder ? { ...at, value, until: tick + ttl, at: tick } : undefined);

/** Let go. Undefined: it is no longer held by `holder`. */
export const release = (at: Checkpoint, holder: string): Checkpoint | undefined =>
  at.holder === holder ? { ...at, holder: null, until: 0 } : undefined;
