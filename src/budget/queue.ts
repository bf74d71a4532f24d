/**
 * Who waits for a turn: polls and pages. Reads of rows do not: their rows are not leased before.
 * @module
 */
import { type Class, classes } from "../row.ts";

/** The longest that a poll or a page waits, in ms. */
export const PATIENCE = 10_000;

interface Waiting<T> {
  /** Milliseconds, by the timers and not by a clock that may be put back. */
  waited: number;
  resolve(turn: T): void;
  reject(error: Error): void;
}

/** A line for each class. `T` is what one gets whose turn it is. */
export class Queue<T> {
  readonly #lines = new Map(classes.map((cls): [Class, Waiting<T>[]] => [cls, []]));

  get isEmpty(): boolean {
    return classes.every((cls) => this.size(cls) === 0);
  }

  /** How many of a class wait. */
  size(cls: Class): number {
    return this.#of(cls).length;
  }

  /** Resolves when it is its turn. */
  join(cls: Class): Promise<T> {
    return new Promise((resolve, reject) => void this.#of(cls).push({ waited: 0, resolve, reject }));
  }

  /** It is the turn of the first of a class. */
  next(cls: Class, turn: T): void {
    this.#of(cls).shift()?.resolve(turn);
  }

  /** All of them have waited so much longer. */
  pass(ms: number): void {
    for (const line of this.#lines.values()) for (const one of line) one.waited += ms;
  }

  /** Turns away who would have waited for too long after so many ms more. */
  turnAway(cls: Class, wait: number, error: () => Error): void {
    const line = this.#of(cls);
    for (const one of line.filter(({ waited }) => waited + wait > PATIENCE)) {
      line.splice(line.indexOf(one), 1);
      one.reject(error());
    }
  }

  #of(cls: Class): Waiting<T>[] {
    return this.#lines.get(cls) ?? [];
  }
}
