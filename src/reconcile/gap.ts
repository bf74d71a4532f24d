/**
 * A gap: a time of which nobody told us what changed, because a feed or a hook could not. Pure.
 *
 * It is a checkpoint of its own, so that it outlives the process that found it and is the same for all. Only a proof
 * closes it: of each of its types a complete sweep that began after it was opened, and after it had ended.
 * @module
 */
import { z } from "zod";
import type { Checkpoint } from "../checkpoint.ts";
import { type Tick, ticks } from "../time.ts";

const gapState = z.object({
  /** What changed from then on may be missing, in ms since 1970; null: nobody knows since when. */
  from: z.number().nullable(),
  /** And up to then; null: it goes on. */
  to: z.number().nullable(),
  /** When it was opened, or last became longer: only a sweep that began later proves anything. */
  since: z.number(),
  /** The full types that are still to be swept. */
  types: z.array(z.string()),
});
export type GapState = z.infer<typeof gapState>;

/** Bounds of a gap, as whoever found it knows them: `from` null since nobody knows when, `to` null while it goes on. */
export interface Bounds {
  from: Date | null;
  to: Date | null;
  /** Full types, as `"stripe.invoice"`. */
  types: readonly string[];
}

export const GAPS = "gap|";
export const gapsOf = (provider: string, scope: string): string => `${GAPS}${provider}|${encodeURIComponent(scope)}|`;

/** What a checkpoint holds. Undefined: no gap, or what nobody here wrote. */
export function gapOf({ value }: Pick<Checkpoint, "value">): GapState | undefined {
  try {
    return gapState.safeParse(JSON.parse(value ?? "null")).data;
  } catch {
    return undefined;
  }
}

/**
 * The gap with what was found now. What was known already changes nothing; what makes it longer than the sweeps under way
 * can prove has all of its types swept again.
 */
export function joinGap(known: GapState | undefined, { from, to, types }: Bounds, now: Tick): GapState {
  const [begin, end] = [from?.getTime() ?? null, to?.getTime() ?? null];
  if (!known) return { from: begin, to: end, since: now, types: [...new Set(types)] };
  const all = [...new Set([...known.types, ...types])];
  return {
    from: begin === null || known.from === null ? null : Math.min(begin, known.from),
    to: end === null || known.to === null ? end : Math.max(end, known.to),
    since: isLonger(known, end) ? now : known.since,
    types: all.length === known.types.length ? known.types : all,
  };
}

function isLonger({ to, since }: GapState, end: number | null): boolean {
  if (end === null || to === null) return end !== to;
  return end > to && ticks(end) > since;
}

/** Whether a sweep that began then shows all that the gap hid so far. `lag`: how far behind the truth a list may be. */
export const isSeen = ({ to, since }: GapState, begun: Tick | null, lag: Tick): boolean =>
  begun !== null && begun > since && begun - lag > Math.min(since, to === null ? since : ticks(to));

/**
 * Whether a sweep is worth its calls, after one that began then: none came since the gap was found, or one that begins now
 * shows all. In between, while a list may still be behind, one after another would be asked for and prove nothing.
 */
export const isWorthSweeping = (gap: GapState, begun: Tick | null, lag: Tick, now: Tick): boolean =>
  !isSeen(gap, begun, lag) && (begun === null || begun <= gap.since || isSeen(gap, now, lag));

/** Whether a complete sweep that began then closes the gap for its type: one that goes on cannot be closed. */
export const isMet = (gap: GapState, completed: Tick | null, lag: Tick): boolean =>
  gap.to !== null && isSeen(gap, completed, lag);
