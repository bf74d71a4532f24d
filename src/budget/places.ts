/**
 * How many calls may go on at once. Of the places of a scope, and of a credential, one is kept for live reads: a backfill
 * must not have all of them.
 * @module
 */
import type { Class } from "../row.ts";

/** How many of all places a class may have. */
export const placesOf = (all: number, cls: Class): number => (cls === "live" || all === 1 ? all : all - 1);

/** The places of scopes. */
export class Places {
  readonly #all: number;
  readonly #taken = new Map<string, number>();

  /** @param all those of each scope */
  constructor(all: number) {
    this.#all = all;
  }

  /** Whether one more read of the scope may start, beside `more` that are about to. */
  admits(key: string, cls: Class, more: number): boolean {
    return (this.#taken.get(key) ?? 0) + more < placesOf(this.#all, cls);
  }

  enter(key: string): void {
    this.#taken.set(key, (this.#taken.get(key) ?? 0) + 1);
  }

  leave(key: string): void {
    const left = (this.#taken.get(key) ?? 1) - 1;
    if (left > 0) this.#taken.set(key, left);
    else this.#taken.delete(key);
  }
}
