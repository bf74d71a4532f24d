/**
 * How many polls may begin: after a restart, or a long stop, all that is overdue is spread over its period.
 * @module
 */

/** How much faster than its schedule asks a backlog is worked off. */
const CATCH_UP = 1.25;
/** So many may begin at once, and so many a second in any case. */
const BURST = 64;
const LEAST = 16;

export class Pace {
  #rate = LEAST / 1_000;
  #free = BURST;
  #at = Number.NEGATIVE_INFINITY;

  /** @param perMs how many the schedules ask for in a millisecond, in all scopes together */
  set demand(perMs: number) {
    this.#rate = Math.max(LEAST / 1_000, perMs * CATCH_UP);
  }

  /** Milliseconds until one more may begin. */
  wait(now: number): number {
    this.#fill(now);
    return this.#free >= 1 ? 0 : (1 - this.#free) / this.#rate;
  }

  /** So many begin. */
  take(count: number, now: number): void {
    this.#fill(now);
    this.#free -= count;
  }

  /** A clock that was put back fills nothing. */
  #fill(now: number): void {
    const since = Math.max(0, now - this.#at);
    this.#at = now;
    this.#free = Math.min(BURST, this.#free + since * this.#rate);
  }
}
