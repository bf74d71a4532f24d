/**
 * Far below the limit a process spends without a word: up to a second's worth, which it tells the others with its next
 * question, and forgets where it is too little to matter.
 * @module
 */
import type { Class } from "../row.ts";
import type { Time } from "../time.ts";

/** The part of the rate that a process may spend without ever telling. */
const UNTOLD = 0.02;
/** Milliseconds' worth of calls in a full pocket. */
const POCKET = 1_000;

export class Pocket {
  readonly #time: Time;
  #spent = 0;
  /** When it was looked at last, in ms by our own clock. */
  #at: number;
  /** Calls a second that the credential bears for now, and in the long run. */
  rate: number;

  constructor(time: Time, rate: number) {
    this.#time = time;
    this.#at = time.now();
    this.rate = rate;
  }

  /** Calls or points spent since the others were told last. Below 0: given back. */
  get spent(): number {
    const now = this.#time.now();
    const ms = Math.max(0, now - this.#at);
    this.#at = now;
    if (this.#spent > 0) this.#spent = Math.max(0, this.#spent - (ms * this.rate * UNTOLD) / 1_000);
    return this.#spent;
  }

  spend(cost: number): void {
    this.#spent = this.spent + cost;
  }

  /** What was spent, which the others are told now. */
  tell(): number {
    const { spent } = this;
    this.#spent = 0;
    return spent;
  }

  /** How many calls it has for a class. */
  calls(cls: Class, cost: number): number {
    const whole = (this.rate * POCKET) / 1_000;
    // A webhook is to find something in it whatever the polls do.
    const most = Math.max(cost, cls === "live" ? whole : whole / 2);
    return Math.max(0, Math.floor((most - this.spent) / cost));
  }
}
