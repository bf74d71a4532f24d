/**
 * What of a provider is left alone for a while though its credential does not rest: a scope that is down, a type to which
 * access was lost.
 * @module
 */
import type { Time } from "../time.ts";
import { FEW, forget } from "./forget.ts";
import { Span } from "./span.ts";

export class Rests {
  readonly #time: Time;
  readonly #resting = new Map<string, Span>();
  #most = FEW;

  constructor(time: Time) {
    this.#time = time;
  }

  /** How many are kept. */
  get size(): number {
    return this.#resting.size;
  }

  /** Until a time in ms by our own clock, or longer if it rests already. */
  rest(key: string, until: number): void {
    const now = this.#time.now();
    this.#resting.set(key, new Span(now, Math.max(until, this.at(key, now) ?? 0) - now));
  }

  /** Until when it rests; `undefined`: it does not. */
  at(key: string, now: number): number | undefined {
    if (this.#resting.size > this.#most) this.#most = forget(this.#resting, (rest) => rest.left(now) === 0);
    const left = this.#resting.get(key)?.left(now) ?? 0;
    if (left > 0) return now + left;
    this.#resting.delete(key);
    return undefined;
  }
}
