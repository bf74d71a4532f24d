/**
 * What comes next, of many: a heap that finds the earliest of ten thousand without a look at the others.
 * @module
 */

/** Something with a time; the agenda keeps its own note of where it stands. */
export interface Timed {
  /** When it comes, in ms. */
  when: number;
  /** Its place in the heap; -1: it stands in none. */
  place: number;
}

export class Agenda<T extends Timed> {
  readonly #heap: T[] = [];

  /** The earliest. */
  first(): T | undefined {
    return this.#heap[0];
  }

  /** Puts it where its time says, whether it stood here already or not. */
  put(item: T, when: number): void {
    item.when = when;
    if (item.place < 0) item.place = this.#heap.push(item) - 1;
    this.#sink(this.#rise(item.place));
  }

  /** Takes it out, if it stands here. */
  remove(item: T): void {
    const { place } = item;
    if (this.#heap[place] !== item) return;
    const last = this.#heap.pop() as T;
    item.place = -1;
    if (last === item) return;
    this.#set(place, last);
    this.#sink(this.#rise(place));
  }

  #set(place: number, item: T): void {
    this.#heap[place] = item;
    item.place = place;
  }

  #swap(i: number, j: number): void {
    const item = this.#heap[i] as T;
    this.#set(i, this.#heap[j] as T);
    this.#set(j, item);
  }

  #whenAt(place: number): number {
    return this.#heap[place]?.when ?? Number.POSITIVE_INFINITY;
  }

  #rise(place: number): number {
    for (let i = place; ; ) {
      const up = (i - 1) >> 1;
      if (i === 0 || this.#whenAt(up) <= this.#whenAt(i)) return i;
      this.#swap(i, up);
      i = up;
    }
  }

  #sink(place: number): void {
    for (let i = place; ; ) {
      const [left, right] = [2 * i + 1, 2 * i + 2];
      const least = this.#whenAt(right) < this.#whenAt(left) ? right : left;
      if (this.#whenAt(least) >= this.#whenAt(i)) return;
      this.#swap(i, least);
      i = least;
    }
  }
}
