/**
 * What the provider's own answers say is left of a credential's limit, as this process knows it: before the others do.
 * @module
 */
import type { Time } from "../time.ts";
import { LONGEST } from "./span.ts";
import { SAME, type Said, usable } from "./told.ts";

/** What the provider said with an answer, as `Context.limit` was given it; times in ms since 1970. */
export interface Answered {
  left: number | undefined;
  of: number | undefined;
  resets: number | undefined;
  restores: number | undefined;
  cost: number;
}

/** What an answer said, at a time by our own clock. */
interface Heard extends Answered {
  left: number;
  resets: number;
  at: number;
  /** The others do not know it yet. */
  isNews: boolean;
}

export class Remaining {
  readonly #time: Time;
  readonly #reserve: number;
  #heard: Heard | undefined;

  /** @param reserve the part that is the application's */
  constructor(time: Time, reserve: number) {
    this.#time = time;
    this.#reserve = reserve;
  }

  /**
   * Calls or points that are left for Tidemark, less what is under way; infinite: the answers say nothing, or of a time that
   * is over.
   */
  get points(): number {
    const heard = this.#heard;
    const now = this.#time.now();
    if (!heard || now >= heard.resets || now < heard.at) {
      this.#heard = undefined;
      return Number.POSITIVE_INFINITY;
    }
    const restored = heard.restores === undefined ? 0 : ((now - heard.at) / 1_000) * heard.restores;
    return usable({ left: heard.left + restored, of: heard.of ?? 0 }, { reserve: this.#reserve });
  }

  /** How many calls that is. */
  calls(cost: number): number {
    return Math.floor(this.points / cost);
  }

  /** Milliseconds until there is one. 0: now. */
  wait(cost: number): number {
    const calls = this.calls(cost);
    if (calls > 0 || !this.#heard) return 0;
    const { resets, restores } = this.#heard;
    if (restores === undefined) return Math.min(LONGEST, resets - this.#time.now());
    return ((1 - calls) * cost * 1_000) / restores;
  }

  /** A call begins. */
  pay(cost: number): void {
    if (this.#heard) this.#heard.left -= cost;
  }

  /**
   * An answer came. Whether it said something.
   * @param beside what is under way beside it, and is not counted yet
   */
  hear(what: Answered, beside: number): boolean {
    const { left, resets, restores } = what;
    if (left === undefined) return false;
    const now = this.#time.now();
    const until = resets ?? now + (restores ? (((what.of ?? left) - left) / restores) * 1_000 + 1_000 : 0);
    if (until <= now) return false;
    const known = this.#heard;
    const rest = left - beside;
    const same = known && restores === undefined && Math.abs(known.resets - until) <= SAME;
    this.#heard = { ...what, left: same ? Math.min(known.left, rest) : rest, resets: until, at: now, isNews: true };
    return true;
  }

  /** What the others are told now: undefined if they know it. */
  tell(): Said | undefined {
    const heard = this.#heard;
    if (!heard?.isNews) return undefined;
    heard.isNews = false;
    const now = this.#time.now();
    return {
      ...{ left: heard.left, of: heard.of, restores: heard.restores ?? null },
      ...{ resets: Math.max(0, heard.resets - now), age: Math.max(0, now - heard.at) },
    };
  }

  /** They were not told after all. */
  untell(): void {
    if (this.#heard) this.#heard.isNews = true;
  }
}
