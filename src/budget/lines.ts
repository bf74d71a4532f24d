/**
 * The lines of scopes: each class of a scope has one, and it moves as fast as the scope's credential may be used.
 * @module
 */
import { type Tick, ticks } from "../time.ts";
import { FEW, forget } from "./forget.ts";

/**
 * Milliseconds that a line may be long by a rate that was learned; the rest of it is as long as the declared one makes it. What
 * waits has its place until then, however soon the rate is a better one: at a call a minute that were hours.
 */
const LINE = 60_000;

export class Lines {
  readonly #ends = new Map<string, Tick>();
  #most = FEW;

  /** How many are kept. */
  get size(): number {
    return this.#ends.size;
  }

  /** The place at the end of a line, which is taken then. Rates are calls a second: the one of now, and the declared one. */
  next(line: string, rate: number, declared: number, now: Tick): Tick {
    const end = Math.max(now, this.#ends.get(line) ?? 0);
    const slow = end + ticks(1_000 / rate);
    const place = slow <= now + ticks(LINE) ? slow : end + ticks(1_000 / declared);
    this.#ends.set(line, place);
    if (this.#ends.size > this.#most) this.#most = forget(this.#ends, (place) => place <= now);
    return place;
  }
}
