/**
 * Repeats a task until it is stopped: runs, sleeps until the task said or someone rings, runs again.
 * @module
 */
import type { Time } from "./time.ts";

/** A background task. */
export interface Loop {
  /** Run no later than in `ms` milliseconds; 0: now, and once more if it is running. */
  wake(ms?: number): void;
  /** Lets the current run end, then never runs again. */
  stop(): Promise<void>;
}

/** How long a loop waits after its task threw. */
const RETRY = 1_000;

/**
 * @param run does what is due and answers how many milliseconds it may sleep
 * @param failed is told what `run` threw; it runs again after a second
 */
export function startLoop(time: Time, run: () => Promise<number>, failed: (error: unknown) => void): Loop {
  let stopped = false;
  let rung = false;
  let ring = () => {};
  const timers = new Set<() => void>();

  const pause = async (ms: number) => {
    if (rung || stopped) return;
    await new Promise<void>((resolve) => {
      const cancel = Number.isFinite(ms) ? time.after(Math.max(ms, 0), resolve, true) : () => {};
      ring = () => {
        cancel();
        resolve();
      };
    });
  };
  const once = async () => {
    try {
      return await run();
    } catch (error) {
      failed(error);
      return RETRY;
    }
  };
  const done = (async () => {
    while (!stopped) {
      rung = false;
      await pause(await once());
    }
  })();

  const wake = (ms = 0) => {
    if (stopped) return;
    if (ms > 0) {
      const cancel = time.after(ms, () => {
        timers.delete(cancel);
        wake();
      });
      timers.add(cancel);
      return;
    }
    rung = true;
    ring();
  };
  const stop = () => {
    stopped = true;
    for (const cancel of timers) cancel();
    ring();
    return done;
  };
  return { wake, stop };
}

/** Something to wait for: who waits is woken when it rings, or after a while. */
export class Bell {
  readonly #waiting = new Set<() => void>();
  /** How often it has rung. */
  rings = 0;

  ring(): void {
    this.rings++;
    for (const wake of this.#waiting) wake();
  }

  /**
   * Resolves at the next ring, after `ms` milliseconds, or when the signal aborts. Never rejects.
   *
   * @param heard how often it had rung when the caller began to look: a ring since then is not slept through
   */
  wait(time: Time, ms: number, signal?: AbortSignal, heard = this.rings): Promise<void> {
    if (signal?.aborted || heard !== this.rings) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        cancel();
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const cancel = time.after(ms, wake, true);
      this.#waiting.add(wake);
      signal?.addEventListener("abort", wake);
    });
  }
}
