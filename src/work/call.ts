/**
 * Calls a plugin when its budget lets it, and gives up when it takes too long or the engine stops. Whatever is asked of a
 * provider's API is asked here.
 * @module
 */
import type { Keyv } from "keyv";
import type { Permit } from "../budget/wallet.ts";
import { type Budget, type Spot, scopeKey } from "../budget.ts";
import { CallTimeout, RetryLater } from "../errors.ts";
import type { Context, Hint, Limit } from "../provider.ts";
import type { Time } from "../time.ts";

/** What a call needs of the engine. */
export interface Caller {
  time: Time;
  cache: Keyv;
  budget: Budget;
  /** Aborts when the engine stops. */
  stopping: AbortSignal;
}

/** The longest that one call of a plugin may take; well within the lease of a row. */
export const DEADLINE = 40_000;

/** How a plugin is called. */
export interface Calling {
  /** What the plugin hints at on the way is put there. */
  found?: Hint[];
  /** Bypass validators. */
  fresh?: boolean;
  /** The call was admitted already. Left out: it waits for its turn. */
  permit?: Permit | undefined;
}

/**
 * Calls a plugin with a context, and gives up after {@link DEADLINE} even if the plugin ignores the signal: its late
 * answer is then nobody's.
 *
 * @throws BudgetSpent if it is not its turn soon; nothing was asked then
 */
export async function call<T>(
  caller: Caller,
  spot: Spot,
  run: (context: Context) => Promise<T>,
  { permit, ...calling }: Calling = {},
): Promise<T> {
  const admitted = permit ?? (await caller.budget.permit(spot));
  try {
    return await callNow(caller, spot.scope, run, calling, admitted);
  } catch (error) {
    if (error instanceof RetryLater) {
      const { provider, scope } = spot;
      if (error.busy) caller.budget.rest(scopeKey(provider, scope), caller.time.now() + error.ms);
      else admitted.refused(error.ms);
    }
    throw error;
  } finally {
    admitted.end();
  }
}

function callNow<T>(
  { time, cache, stopping }: Caller,
  scope: string,
  run: (context: Context) => Promise<T>,
  { found = [], fresh = false }: Calling,
  { answered }: Permit,
): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const context: Context = {
    ...{ scope, signal, cache, fresh },
    now: () => time.now(),
    hint: (hint) => void found.push(hint),
    limit: (limit) => answered(checked(limit)),
  };
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

/** A number that is none is what a header said that could not be read: nothing. */
function checked({ left, of, resets, restores, cost }: Limit) {
  const number = (value: number | undefined) =>
    value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined;
  return {
    ...{ left: number(left), of: number(of), resets: number(resets) },
    ...{ restores: restores === 0 ? undefined : number(restores), cost: number(cost) ?? 1 },
  };
}

/** The engine stops: what was under way is not a failure, and is done again after the next start. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}
