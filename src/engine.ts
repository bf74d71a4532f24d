/**
 * What the loops share: the store, the clock, the providers' types, the budget, and how they wake each other.
 * @module
 */
import type { Keyv } from "keyv";
import type { Budget } from "./budget.ts";
import { CallTimeout } from "./errors.ts";
import type { EngineEvent } from "./events.ts";
import type { Kind, Providers } from "./kind.ts";
import type { Bell } from "./loop.ts";
import type { Pauses } from "./pause.ts";
import type { Context, Hint } from "./provider.ts";
import type { Scopes } from "./scopes.ts";
import type { Store } from "./store.ts";
import type { Time } from "./time.ts";

export interface Engine {
  store: Store;
  time: Time;
  cache: Keyv;
  providers: Providers;
  kinds: ReadonlyMap<string, Kind>;
  budget: Budget;
  scopes: Scopes;
  pauses: Pauses;
  /** Names this engine as the holder of checkpoints. */
  owner: string;
  /** Milliseconds from the beginning of a sweep to the next one's. */
  sweepEvery: number;
  /** Aborts when the engine stops. */
  stopping: AbortSignal;
  emit(event: EngineEvent): void;
  /** Rows became dirty, and are due in `ms`. */
  workDue(ms: number): void;
  /** A poll or a sweep is wanted. */
  reconcileDue(): void;
  /** Rings when the log grew. */
  grown: Bell;
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
  { time, cache, stopping }: Pick<Engine, "time" | "cache" | "stopping">,
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
