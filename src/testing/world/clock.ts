/** How time passes in a world: never twice at once, and no failure is passed over. */
import type { VirtualTime } from "../time.ts";

export interface Clock {
  /** Lets `ms` milliseconds pass. Throws TypeError unless that is a number that ends. */
  run(ms: number): Promise<void>;
  /** Lets time pass until the promise is settled, an hour at most. */
  until<T>(promise: Promise<T>): Promise<T>;
  /** A process could not start, and nobody waits for it: time stops, and whoever lets it pass is told. */
  fail(error: unknown): void;
}

/** The longest that something is waited for, in ms. */
const HOUR = 3_600_000;

export function createClock(time: VirtualTime, seed: number): Clock {
  let running = false;
  let failure: { cause: unknown } | undefined;

  async function pass(ms: number, stop: () => boolean): Promise<void> {
    if (running)
      throw new Error(`world ${seed}: time passes already: await each run, until and settle before the next`);
    running = true;
    try {
      await time.run(time.now() + ms, () => failure !== undefined || stop());
    } finally {
      running = false;
    }
    if (failure === undefined) return;
    const { cause } = failure;
    failure = undefined;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`world ${seed}: a process could not start: ${why}`, { cause });
  }
  return {
    async run(ms) {
      if (!(Number.isFinite(ms) && ms >= 0)) throw new TypeError(`world ${seed}: run takes milliseconds, 0 or more`);
      await pass(ms, () => false);
    },
    async until(promise) {
      let over = false;
      const end = () => {
        over = true;
      };
      promise.then(end, end);
      await pass(HOUR, () => over);
      if (!over) throw new Error(`world ${seed}: what was waited for did not come within an hour of its time`);
      return promise;
    },
    fail(error) {
      failure ??= { cause: error };
    },
  };
}
