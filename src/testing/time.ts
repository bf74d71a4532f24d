/**
 * Virtual time: an agenda of what is to happen, run in order. Nothing waits for a real clock, and the same seed gives
 * the same course of things.
 * @module
 */
import { systemTime, type Time } from "../time.ts";
import { createRandom, type Random } from "./random.ts";

/** A clock that stands until it is told to run. Pass it as `time` to `createSync` and to the store. */
export interface VirtualTime extends Time {
  /**
   * Runs everything that is planned up to `end` (ms since 1970), or until `stop` says so, and lets the clock stand there.
   * What a step throws, `run` throws. Answers how many steps that were.
   */
  run(end: number, stop?: () => boolean): Promise<number>;
  /** How much is still planned, with what was cancelled and not passed yet. */
  pending(): number;
}

/** What virtual time can be told; see {@link createVirtualTime}. */
export interface VirtualTimeOptions {
  /** What `time.random` draws from. Default: the numbers of seed 1. */
  random?: Random;
  /** Where the clock stands at first, in ms since 1970. Default: 15 January 2027, 8:00 UTC. */
  start?: number;
  /** Resolves when nothing goes on any more until time does. Default: when the event loop came round once; what asks a server waits for that. */
  quiet?: () => Promise<void>;
}

/** Resolves when all promises that can go on have gone on: a macrotask runs after them. */
export const settled = (): Promise<void> => new Promise((resolve) => systemTime.after(0, resolve));

/** A clock that goes on only when `run` is called, and then at once. */
export function createVirtualTime({
  random = createRandom(1),
  start = 1_800_000_000_000,
  quiet = settled,
}: VirtualTimeOptions = {}): VirtualTime {
  let now = start;
  let planned = 0;
  const agenda = createAgenda();
  return {
    now: () => now,
    random: random.next,
    after(ms, run) {
      const item = { at: now + Math.max(0, ms), order: planned++, run, cancelled: false };
      agenda.push(item);
      return () => {
        item.cancelled = true;
      };
    },
    async run(end, stop = () => false) {
      let steps = 0;
      await quiet();
      for (let next = agenda.first(); next && next.at <= end && !stop(); next = agenda.first()) {
        agenda.pop();
        if (next.cancelled) continue;
        now = Math.max(now, next.at);
        next.run();
        steps++;
        await quiet();
      }
      now = Math.max(now, Number.isFinite(end) && !stop() ? end : now);
      return steps;
    },
    pending: agenda.size,
  };
}

interface Item {
  at: number;
  /** What was planned first comes first of those at one time. */
  order: number;
  run: () => void;
  cancelled: boolean;
}

/** A binary heap: the earliest is always the first. */
function createAgenda() {
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
  return { push, pop, first: () => heap[0], size: () => heap.length };
}
