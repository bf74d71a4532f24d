/**
 * Calls that a process took from the purse, a block at a time: as many as it can use in a second, more of them where blocks
 * are soon used up. A process that dies loses them.
 * @module
 */
import { type Class, classes } from "../row.ts";
import type { Time } from "../time.ts";
import type { Given } from "./ask.ts";
import { LONGEST, Span } from "./span.ts";

/** Milliseconds' worth of calls in the largest block. */
const BLOCK = 1_000;
/** Milliseconds until a store that failed is asked again. */
const UNSAVED = 1_000;

/** By class. What was given to one is its own: else the urgent ones would have the share of all. */
export class Blocks {
  readonly #time: Time;
  /** Calls or points. */
  readonly #held: number[] = classes.map(() => 0);
  /** Calls. */
  readonly #wanted: number[] = classes.map(() => 0);
  /** For how long asking is of no use. */
  readonly #denied: (Span | undefined)[] = classes.map(() => undefined);
  #size = 1;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(time: Time) {
    this.#time = time;
  }

  /** Calls in the latest block. */
  get size(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.#held.every((held) => held === 0);
  }

  /** How many calls of a class it holds. */
  calls(cls: Class, cost: number): number {
    return Math.ceil((this.#held[classes.indexOf(cls)] ?? 0) / cost);
  }

  /** Answers what is not paid with it. */
  pay(cls: Class, cost: number): number {
    const i = classes.indexOf(cls);
    const held = this.#held[i] ?? 0;
    this.#held[i] = Math.max(0, held - cost);
    return Math.max(0, cost - held);
  }

  /** Holds nothing any more. Answers what it held. */
  giveBack(): number {
    const held = this.#held.reduce((sum, one) => sum + one, 0);
    this.#held.fill(0);
    return held;
  }

  /** Milliseconds for which a class is given nothing. 0: nobody said so. */
  denied(cls: Class): number {
    return this.#denied[classes.indexOf(cls)]?.left(this.#time.now()) ?? 0;
  }

  /** More calls could be used. */
  want(cls: Class, calls: number): void {
    const i = classes.indexOf(cls);
    this.#wanted[i] = Math.max(this.#wanted[i] ?? 0, calls);
  }

  /**
   * What to ask for, in calls or points: for a class that wants something, or `waits`, as much as that, at least a block, and
   * no more than a second's worth.
   */
  wants(rate: number, cost: number, waits: (cls: Class) => number): number[] {
    const soon = Math.abs(this.#time.now() - this.#askedAt) < BLOCK;
    const most = Math.max(1, (rate * BLOCK) / 1_000 / cost);
    this.#size = soon ? Math.min(most, this.#size * 2) : 1;
    return classes.map((cls, i) => {
      const wanted = waits(cls) + (this.#wanted[i] ?? 0);
      return wanted === 0 ? 0 : Math.min(most, Math.max(wanted, this.#size)) * cost;
    });
  }

  /** Whether the purse was ever asked. */
  get hasAsked(): boolean {
    return this.#askedAt > Number.NEGATIVE_INFINITY;
  }

  /** The purse is asked now. Answers the milliseconds since the last time. */
  ask(): number {
    const now = this.#time.now();
    const elapsed = Math.max(0, Math.min(LONGEST, now - this.#askedAt));
    this.#askedAt = now;
    this.#wanted.fill(0);
    return elapsed;
  }

  /** The purse has answered. Whether all that was asked for was given. */
  take(wants: readonly number[], { calls, waits }: Pick<Given, "calls" | "waits">): boolean {
    for (const [i, wanted] of wants.entries()) {
      if (wanted === 0) continue;
      const some = calls[i] ?? 0;
      this.#held[i] = (this.#held[i] ?? 0) + some;
      this.#denied[i] = some > 0 ? undefined : this.#span(waits[i] ?? 0);
    }
    return wants.every((wanted, i) => wanted <= (calls[i] ?? 0));
  }

  /** The store did not answer. */
  fail(): void {
    for (const i of classes.keys()) this.#denied[i] = this.#span(UNSAVED);
  }

  #span(ms: number): Span {
    return new Span(this.#time.now(), Math.min(LONGEST, ms));
  }
}
