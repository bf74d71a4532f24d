/**
 * Whether reads of a type fail because the service is in trouble, and not the resource: then what failed before waits
 * together, and a few reads a minute find out when it is over.
 *
 * Each resource that fails backs off by itself. But three hundred of them, in an outage of an hour, asked 4,000 times. What
 * was never tried is tried all the same: a resource that nobody can read holds up no other.
 * @module
 */

/** Failures in a row, of whatever resources, from which on it is an outage. */
const MANY = 8;
/** The shortest and the longest wait, in ms. */
const WAIT = [1_000, 60_000] as const;
/** So many are remembered though they may be over. */
const FEW = 1_024;

export class Outages {
  readonly #failing = new Map<string, { count: number; until: number }>();

  /** @param key where: a provider, a scope and a type */
  failed(key: string, now: number): void {
    const count = (this.#failing.get(key)?.count ?? 0) + 1;
    const wait = count < MANY ? 0 : Math.min(WAIT[1], WAIT[0] * 2 ** Math.min(16, count - MANY));
    if (this.#failing.size >= FEW) this.#forget(now);
    this.#failing.set(key, { count, until: now + wait });
  }

  worked(key: string): void {
    this.#failing.delete(key);
  }

  /** Milliseconds for which what has failed there is still to wait; 0: it may be tried. */
  wait(key: string, now: number): number {
    const until = this.#failing.get(key)?.until ?? now;
    // A clock that was put back would make it longer.
    return Math.min(WAIT[1], Math.max(0, until - now));
  }

  /** How many are remembered. */
  get size(): number {
    return this.#failing.size;
  }

  #forget(now: number): void {
    for (const [key, { until }] of this.#failing) if (until <= now) this.#failing.delete(key);
  }
}
