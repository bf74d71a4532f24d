/**
 * What the provider's own answers say is left of a credential's limit, as all processes share it. Pure.
 *
 * It knows of the application's calls, too. Answers overtake each other, and servers round the time at which all is
 * there again.
 * @module
 */
import { type Tick, ticks } from "../time.ts";
import type { Terms } from "./terms.ts";

/** What the provider said is left for everybody. Times are ticks. */
export interface Told {
  left: number;
  /** When none is left: 0 to `of`. */
  of: number;
  /** When all of it is there again, at once. */
  resets: Tick;
  /** Or calls a second that come back; null: at once. */
  restores: number | null;
  /** Milliseconds from one reset to the next, as far as was seen. */
  per: number;
  /** The window slides: each answer names a later end of it, so that it is no schedule. */
  slides: boolean;
  at: Tick;
}

/** What an answer said of the credential. Times are ms. */
export interface Said {
  left: number;
  /** Undefined: it did not say. */
  of: number | undefined;
  /** From now. */
  resets: number;
  restores: number | null;
  /** How long ago that was. */
  age: number;
}

/** Milliseconds. Two times of a reset are the same if they are no more than this apart: servers round them. */
export const SAME = 2_000;

/** What is left for us of what the provider said, without the application's part. */
export const usable = ({ left, of }: Pick<Told, "left" | "of">, { reserve }: Pick<Terms, "reserve">): number =>
  left - reserve * of;

/** With what an answer said: of one time the least that was said, since answers overtake each other. */
export function tell(told: Told | null, said: Said, now: Tick): Told {
  const at = now - ticks(said.age);
  const resets = now + ticks(said.resets);
  const same = told !== null && said.restores === null && Math.abs(told.resets - resets) <= ticks(SAME);
  if (told && !same && (at < told.at || (said.restores === null && resets < told.resets))) return told;
  const left = same ? Math.min(told.left, said.left) : said.left;
  const of = said.of ?? Math.max(left, told?.of ?? 0);
  const until = same ? Math.max(told.resets, resets) : resets;
  const per = Math.max(told?.per ?? 0, (until - at) / 1_000);
  const later = told !== null && now < told.resets - ticks(SAME) && resets > told.resets + ticks(SAME);
  const slides = told?.slides === true || (later && said.restores === null);
  return { left, of, resets: until, restores: said.restores, per, slides, at };
}

/** After so many milliseconds; null: it says nothing any more. */
export function toldAt(told: Told | null, ms: number, now: Tick): Told | null {
  if (told === null || now >= told.resets) return null;
  if (told.restores === null) return told;
  return { ...told, left: Math.min(told.of, told.left + (told.restores * ms) / 1_000) };
}

/** Milliseconds until something is left for us. 0: now. */
export function waitForTold(told: Told | null, terms: Terms, now: Tick): number {
  if (told === null || usable(told, terms) > 0) return 0;
  if (told.restores === null) return Math.max(1, (told.resets - now) / 1_000);
  return 1 - (usable(told, terms) / told.restores) * 1_000;
}
