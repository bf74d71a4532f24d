/**
 * Asks the purse in the store.
 * @module
 */
import type { Store } from "../store.ts";
import type { Tick, Time } from "../time.ts";
import { askPurse, type Given, type Question } from "./ask.ts";
import { purseOf } from "./state.ts";
import type { Terms } from "./terms.ts";

/** Where it is asked, and who asks. */
export interface Place {
  store: Pick<Store, "checkpoint">;
  time: Time;
  /** The process's own name among all those of the store. */
  owner: string;
}

/** Milliseconds that the store's clock may be ahead of ours before it is believed to stand. */
const AHEAD = 5_000;

/**
 * A question that a power cut undid is a second's worth of calls.
 * @param name that of the purse's checkpoint
 * @param number the asker's own: a step that runs again changes nothing
 */
export async function askStored(
  { store, time, owner }: Place,
  name: string,
  terms: Terms,
  question: Question,
  number: number,
): Promise<Given & { now: Tick }> {
  let given: Given | undefined;
  const { tick } = await store.checkpoint(
    {
      name,
      step: (at, tick) => {
        const purse = purseOf(at, terms, tick);
        if (purse.members[owner]?.[1] === number) return undefined;
        // While the clock that the ticks come from stands, because it was ahead, nothing would come in.
        const stands = tick / 1_000 - time.now() > AHEAD;
        const elapsed = stands ? question.elapsed : 0;
        const answer = askPurse(purse, terms, { ...question, owner, number, elapsed }, tick);
        given = answer.given;
        return { ...at, value: JSON.stringify(answer.purse), at: tick };
      },
    },
    { lazy: true },
  );
  if (!given) throw new Error(`${name}: the store did not run the step`);
  return { ...given, now: tick };
}
