/**
 * Places in the queue that several rows share, because one call reads them together: as long as they wait, more of them cost
 * nothing more.
 * @module
 */
import type { Tick } from "../time.ts";

/** The rows that one call may read together with this one. */
export interface Batch {
  /** What they have in common. */
  key: string;
  /** How many they are at most, with it. */
  most: number;
}

/** Beyond so many, places that have passed are forgotten. */
const FEW = 1_024;

/** Places in the queue: rows that have to wait share that of one call. */
export class SharedPlaces {
  readonly #open = new Map<string, { place: Tick; room: number }>();

  /** @param alone takes a place of its own */
  of(batch: Batch | undefined, now: Tick, alone: () => Tick): Tick {
    if (!batch) return alone();
    const open = this.#open.get(batch.key);
    if (open && open.room > 0 && open.place > now) {
      open.room--;
      return open.place;
    }
    const place = alone();
    if (place <= now) this.#open.delete(batch.key);
    else this.#open.set(batch.key, { place, room: batch.most - 1 });
    if (this.#open.size > FEW) for (const [key, one] of this.#open) if (one.place <= now) this.#open.delete(key);
    return place;
  }
}
