/**
 * Virtual time: an agenda of what is to happen, run in order; nothing waits for a real clock, and the same seed gives
 * the same trace.
 */
import type { Time } from "../../src/time.ts";

interface Item {
  at: number;
  order: number;
  run: () => void;
  cancelled: boolean;
}

/** sfc32: small, fast, and the same everywhere. */
export function createRandom(seed: number) {
  let [a, b, c, d] = [seed >>> 0, 0x9e3779b9 ^ seed, 0x85ebca6b, 1];
  const next = (): number => {
    const t = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) next();
  const int = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  const pick = <T>(list: readonly T[]): T => {
    const item = list[Math.floor(next() * list.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  };
  return { next, int, pick, chance: (p: number) => next() < p };
}
export type Random = ReturnType<typeof createRandom>;

export interface VirtualTime extends Time {
  /** Runs everything up to `end` (ms), or until `stop` says so. Answers how many steps that were. */
  run(end: number, stop?: () => boolean): Promise<number>;
  /** What is still planned. */
  pending(): number;
}

/** All promises that can go on have gone on when a macrotask runs. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** @param quiet resolves when nothing goes on any more until time does: what a server is asked for, too */
export function createVirtualTime(start: number, random: Random, quiet = settled): VirtualTime {
  let now = start;
  let planned = 0;
  const heap: Item[] = [];
  const before = (x: Item, y: Item) => x.at < y.at || (x.at === y.at && x.order < y.order);
  const at = (i: number): Item => heap[i] as Item;
  const swap = (i: number, j: number) => {
    [heap[i], heap[j]] = [at(j), at(i)];
  };

  const push = (item: Item) => {
    let i = heap.push(item) - 1;
    for (let up = (i - 1) >> 1; i > 0 && before(at(i), at(up)); up = (i - 1) >> 1) {
      swap(i, up);
      i = up;
    }
  };
  const pop = (): Item | undefined => {
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    heap[0] = last;
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < heap.length && before(at(child), at(least))) least = child;
      if (least === i) return top;
      swap(i, least);
      i = least;
    }
  };

  return {
    now: () => now,
    random: random.next,
    after(ms, run) {
      const item = { at: now + Math.max(0, ms), order: planned++, run, cancelled: false };
      push(item);
      return () => {
        item.cancelled = true;
      };
    },
    async run(end, stop = () => false) {
      let steps = 0;
      await quiet();
      for (let next = heap[0]; next && next.at <= end && !stop(); next = heap[0]) {
        pop();
        if (next.cancelled) continue;
        now = Math.max(now, next.at);
        next.run();
        steps++;
        await quiet();
      }
      now = Math.max(now, Number.isFinite(end) && !stop() ? end : now);
      return steps;
    },
    pending: () => heap.length,
  };
}
