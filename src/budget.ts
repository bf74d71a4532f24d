/**
 * How many reads at once, and whose turn it is.
 *
 * A row's `due` is a reservation: who makes a row dirty takes the scope's next place in that class. So a flood of one
 * scope spreads over the time its own rate allows, and another scope's hint is due at once. A scope that was told to
 * wait rests; a scope whose places are all taken has the rows that come up moved to the end of its line.
 * @module
 */
import { type Class, classes } from "./row.ts";
import { type Tick, ticks } from "./time.ts";

/** A provider and one of its scopes. */
export const scopeKey = (provider: string, scope: string): string => `${provider}|${scope}`;

/** How many milliseconds' worth of places may be taken at once: a burst of webhooks is read as it comes. */
const BURST = 5_000;
/** Each class comes first in at least this share of the claims, so that none is starved by the more urgent ones. */
const SHARE = 0.1;

/** So many times are kept though they may be past. */
const FEW = 1_024;

/** A time that is past says no more than none. Answers how many may be kept until this is worth its while again. */
function forgetPast(times: Map<string, number>, now: number): number {
  for (const [key, time] of times) if (time <= now) times.delete(key);
  return Math.max(FEW, 2 * times.size);
}

export class Budget {
  readonly #atOnce: number;
  readonly #rateOf: (provider: string) => number;
  readonly #reserved = new Map<string, Tick>();
  readonly #flying = new Map<string, number>();
  /** In ms by our own clock. */
  readonly #resting = new Map<string, number>();
  /** Beyond so many, what is past is forgotten: scopes come and go. */
  #mostReserved = FEW;
  #mostResting = FEW;

  /**
   * @param atOnce reads at once per scope
   * @param rateOf reads per second and scope that a provider bears
   */
  constructor(atOnce: number, rateOf: (provider: string) => number) {
    this.#atOnce = atOnce;
    this.#rateOf = rateOf;
  }

  /** The scope's next place in a class: when a row that becomes dirty now may be read. */
  reserve(provider: string, scope: string, cls: Class, now: Tick): Tick {
    return Math.max(now, this.place(provider, scope, cls, now) - ticks(BURST));
  }

  /** The end of the scope's line in a class, without a burst. */
  place(provider: string, scope: string, cls: Class, now: Tick): Tick {
    const key = `${cls}|${scopeKey(provider, scope)}`;
    const place = Math.max(now, this.#reserved.get(key) ?? 0) + ticks(1_000 / this.#rateOf(provider));
    this.#reserved.set(key, place);
    if (this.#reserved.size > this.#mostReserved) this.#mostReserved = forgetPast(this.#reserved, now);
    return place;
  }

  /** Whether one more read of the scope may start, beside `more` that are about to. */
  admits(key: string, more: number): boolean {
    return (this.#flying.get(key) ?? 0) + more < this.#atOnce;
  }

  /** How many times are kept. */
  get size(): number {
    return this.#reserved.size + this.#resting.size;
  }

  enter(key: string): void {
    this.#flying.set(key, (this.#flying.get(key) ?? 0) + 1);
  }

  leave(key: string): void {
    const left = (this.#flying.get(key) ?? 1) - 1;
    if (left > 0) this.#flying.set(key, left);
    else this.#flying.delete(key);
  }

  /** The scope was told to wait, until a time in ms by our own clock. */
  rest(key: string, until: number): void {
    this.#resting.set(key, Math.max(until, this.#resting.get(key) ?? 0));
  }

  /** Until when the scope rests; `undefined` if it does not. */
  resting(key: string, now: number): number | undefined {
    if (this.#resting.size > this.#mostResting) this.#mostResting = forgetPast(this.#resting, now);
    const until = this.#resting.get(key);
    if (until === undefined || until > now) return until;
    this.#resting.delete(key);
    return undefined;
  }

  /** In which order the classes are asked for work. `draw` is from 0 to 1. */
  order(draw: number): readonly Class[] {
    const favoured = classes[classes.length - 1 - Math.floor(draw / SHARE)];
    if (favoured === undefined || favoured === classes[0]) return classes;
    return [favoured, ...classes.filter((cls) => cls !== favoured)];
  }
}
