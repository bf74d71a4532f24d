/**
 * Waits by our own clock, which may be put back.
 * @module
 */

/**
 * Milliseconds that a credential waits at most, whatever a provider says and the clock does: who makes its span sees to that.
 * What is left alone beside it, see `rests.ts`, is so as long as it was told.
 */
export const LONGEST = 3_600_000;

/** So many milliseconds from a time on. */
export class Span {
  #since: number;
  readonly #ms: number;

  constructor(since: number, ms: number) {
    this.#since = since;
    this.#ms = ms;
  }

  /** How much of it is left, in ms. A clock that is put back would make it longer: then it begins anew. */
  left(now: number): number {
    if (now < this.#since) this.#since = now;
    return Math.max(0, this.#since + this.#ms - now);
  }
}
