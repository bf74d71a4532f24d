/**
 * Calls a plugin, and gives up when it takes too long or the engine stops.
 * @module
 */
import type { Keyv } from "keyv";
import { CallTimeout } from "./errors.ts";
import type { Context, Hint } from "./provider.ts";
import type { Time } from "./time.ts";

/** What a call needs of the engine. */
export interface Caller {
  time: Time;
  cache: Keyv;
  /** Aborts when the engine stops. */
  stopping: AbortSignal;
}

/** The longest that one call of a plugin may take; well within the lease of a row. */
export const DEADLINE = 40_000;

/**
 * Calls a plugin with a context, and gives up after {@link DEADLINE} even if the plugin ignores the signal: its late
 * answer is then nobody's.
 *
 * @param found what the plugin hints at on the way is put there
 */
export async function call<T>(
  { time, cache, stopping }: Caller,
  scope: string,
  run: (context: Context) => Promise<T>,
  { found = [], fresh = false }: { found?: Hint[]; fresh?: boolean } = {},
): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const context = { scope, signal, cache, fresh, now: () => time.now(), hint: (hint: Hint) => void found.push(hint) };
  return new Promise<T>((resolve, reject) => {
    const give = (reason: Error) => {
      controller.abort(reason);
      reject(reason);
    };
    const cancel = time.after(DEADLINE, () => give(new CallTimeout(`no answer within ${DEADLINE / 1_000} s`)));
    const stop = () => give(new Stopped("the engine stops"));
    const end = () => {
      cancel();
      stopping.removeEventListener("abort", stop);
    };
    if (stopping.aborted) stop();
    else stopping.addEventListener("abort", stop);
    Promise.resolve()
      .then(() => run(context))
      .then(resolve, reject)
      .finally(end);
  });
}

/** The engine stops: what was under way is not a failure, and is done again after the next start. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}
