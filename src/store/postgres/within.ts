/**
 * The application's own transaction, which moves a checkpoint with it.
 * @module
 */
import type { Checkpoint } from "../../checkpoint.ts";
import type { Move } from "../../store.ts";
import type { Tick } from "../../time.ts";
import { ask, type PostgresClient } from "./client.ts";
import { lockAll } from "./lock.ts";
import type { Place } from "./place.ts";
import { saveAll } from "./save.ts";
import { begin, planFreely, transact } from "./session.ts";
import { runSteps } from "./steps.ts";
import { troubleWith } from "./trouble.ts";
import { tickAfter } from "./write.ts";

/** What became of a transaction. */
export interface Within<T> {
  /** What `work` resolved to. */
  value: T;
  /** The checkpoint as it is then. If the move left it as it was, what `work` did is undone. */
  at: Checkpoint;
  tick: Tick;
}

/** It is not repeated: nobody but the application knows whether its work may be done twice. */
export async function runWithin<T>(
  place: Place,
  work: (client: PostgresClient) => Promise<T>,
  move: Move,
): Promise<Within<T>> {
  let own: unknown;
  const thrown = (error: unknown): never => {
    own = error;
    throw error;
  };
  const mine = (client: PostgresClient) => work(client).catch(thrown);
  const step: Move["step"] = (at, tick) => {
    try {
      return move.step(at, tick);
    } catch (error) {
      return thrown(error);
    }
  };
  try {
    return await transact(place, (client) => runOn(client, place, mine, { ...move, step }));
  } catch (cause) {
    throw cause === own ? cause : troubleWith(place.name, "written", cause);
  }
}

async function runOn<T>(
  client: PostgresClient,
  place: Place,
  work: (client: PostgresClient) => Promise<T>,
  move: Move,
): Promise<Within<T>> {
  const begun = await begin(client, place, 1, false);
  await planFreely(client);
  const value = await work(client);
  const wishes = [{ move, lazy: false }];
  const locked = await lockAll(client, place.schema, wishes, begun.tick);
  const tick = await tickAfter(client, place, begun.tick, 1, locked);
  const outcome = runSteps(wishes, locked, tick);
  const [result] = outcome.results;
  if (result?.status !== "fulfilled" || result.value.at === undefined) throw (result as PromiseRejectedResult).reason;
  if (outcome.checkpoints.size > 0) await saveAll(client, place.schema, outcome, locked);
  await ask(client, outcome.checkpoints.size > 0 ? "commit" : "rollback");
  return { value, at: result.value.at, tick };
}
