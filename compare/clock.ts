/**
 * The time of a case. It goes on by a millisecond whenever somebody looks, and else when the case says so: which second
 * something falls in, and what comes before what, does not hang on how fast the machine is.
 * @module
 */
import { systemTime, type Time } from "../src/time.ts";

export interface Clock extends Time {
  later(seconds: number): void;
  /** Goes on to the beginning of a second, if this one is more than half over. */
  settle(): void;
}

const HALF = 500;

export function createClock(): Clock {
  let now = Math.ceil(RealDate.now() / 1_000) * 1_000;
  return {
    ...systemTime,
    now: () => ++now,
    later(seconds) {
      now += seconds * 1_000;
    },
    settle() {
      if (now % 1_000 > HALF) now = Math.ceil(now / 1_000) * 1_000;
    },
  };
}

const RealDate = Date;

/** Lets this whole process see the clock as its `Date`, for who takes no clock of its own. Answers what ends that. */
export function useAsDate(clock: Clock): () => void {
  globalThis.Date = class extends RealDate {
    constructor(...given: [] | [number]) {
      super(...(given.length === 0 ? ([clock.now()] as const) : given));
    }
    static override now = () => clock.now();
  } as DateConstructor;
  return () => {
    globalThis.Date = RealDate;
  };
}
