/**
 * The one source of clock, timers and randomness. Everything else in the engine takes them from here, so that a test
 * can run the whole engine in virtual time and get the same trace from the same seed.
 * @module
 */

/** Clock, timers and randomness. The default is `systemTime`; tests give a virtual one. */
export interface Time {
  /** Milliseconds since 1970; may have a fraction, may jump. */
  now(): number;
  /** A number from 0 (included) to 1 (not included). */
  random(): number;
  /**
   * Calls `run` once after `ms` milliseconds and returns what cancels it. `0` means: as soon as this turn of the event
   * loop has brought all it had (`setImmediate`). A pending timer does not keep the process alive unless `hold` is set.
   */
  after(ms: number, run: () => void, hold?: boolean): () => void;
}

/** The longest delay a Node.js timer can hold; a longer one would fire at once. */
const LONGEST = 2 ** 31 - 1;

/** The clock of the machine. */
export const systemTime: Time = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(ms, run, hold = false) {
    if (ms <= 0) {
      const immediate = setImmediate(run);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(run, Math.min(ms, LONGEST));
    if (!hold) timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Measures how long something real takes, whatever the engine's clock says: answers the milliseconds since then. */
export function stopwatch(): () => number {
  const begin = performance.now();
  return () => performance.now() - begin;
}

/** Resolves after `ms` milliseconds, or at once when `signal` aborts. Never rejects. */
export function sleep(time: Time, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const cancel = time.after(ms, done, true);
    function done() {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    }
    signal?.addEventListener("abort", done);
  });
}

/** A short random name: 16 hexadecimal digits. Not a secret. */
export function randomName(time: Time): string {
  const half = () =>
    Math.floor(time.random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return half() + half();
}

/**
 * A point in time as the store counts it, in microseconds since 1970: issued by the store, after what it stamps, and
 * never the same twice. Ticks are compared with ticks only.
 */
export type Tick = number;

/** Milliseconds as ticks. */
export const ticks = (ms: number): Tick => Math.round(ms * 1000);

/** A tick as a date, for people. */
export const dateOf = (tick: Tick): Date => new Date(Math.floor(tick / 1000));
