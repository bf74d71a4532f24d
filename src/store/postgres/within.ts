/**
 * The application's own transaction, which moves a checkpoint with it.
 * @module
 */
import { HandlerError } from "../../errors.ts";
import type { Move, Within } from "../../store.ts";
import type { Tick } from "../../time.ts";
import { ask, askAll, type PostgresClient } from "./client.ts";
import { NOTHING } from "./inbox.ts";
import { lockAll } from "./lock.ts";
import type { Place } from "./place.ts";
import { saveAll } from "./save.ts";
import { begin, planFreely, transact } from "./session.ts";
import { runSteps } from "./steps.ts";
import { Overtaken, troubleWith } from "./trouble.ts";
import { tickAfter } from "./write.ts";

/** Is there as long as the transaction in which it was set, whatever savepoints the application sets in it. */
const MARK = "tidemark_within";
/** How often a checkpoint that others create and forget is looked for. */
const MOST = 10;

/** It is not repeated: nobody but the application knows whether its work may be done twice. */
export async function runWithin<T>(
  place: Place,
  work: (client: PostgresClient) => T | Promise<T>,
  move: Move,
): Promise<Within<T>> {
  let own: unknown;
  const thrown = (error: unknown): never => {
    own = error;
    throw error;
  };
  const mine = async (client: PostgresClient) => {
    try {
      return await work(client);
    } catch (error) {
      return thrown(error);
    }
  };
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
    throw cause === own || cause instanceof HandlerError ? cause : troubleWith(place.name, "written", cause);
  }
}

async function runOn<T>(
  client: PostgresClient,
  place: Place,
  work: (client: PostgresClient) => Promise<T>,
  move: Move,
): Promise<Within<T>> {
  const begun = await begin(client, place, 1, false);
  await planFreely(client, `savepoint ${MARK}`);
  const value = await work(client);
  // The same name again: to what the work did the move may come back, if it has to look again.
  await askAll(client, [`release savepoint ${MARK}`, `savepoint ${MARK}`]).catch(ended);
  for (let attempt = 1; ; attempt++) {
    try {
      return { value, ...(await moveOn(client, place, move, begun.tick)) };
    } catch (error) {
      // Another created the checkpoint after it was looked for. The work need not be done twice for that.
      if (!(error instanceof Overtaken) || attempt === MOST) throw error;
      await ask(client, `rollback to savepoint ${MARK}`);
    }
  }
}

async function moveOn(client: PostgresClient, place: Place, move: Move, first: Tick) {
  const wishes = [{ move, lazy: false }];
  const locked = await lockAll(client, place.schema, wishes, first, NOTHING);
  const tick = await tickAfter(client, place, first, 1, locked);
  const outcome = runSteps(wishes, locked, tick, new Map());
  const [result] = outcome.results;
  if (result?.status !== "fulfilled" || result.value.at === undefined) throw (result as PromiseRejectedResult).reason;
  if (outcome.checkpoints.size > 0) await saveAll(client, place.schema, outcome, locked);
  await ask(client, outcome.checkpoints.size > 0 ? "commit" : "rollback");
  return { at: result.value.at, tick };
}

/** Not in a transaction, in another one, or in one that failed: its SQLSTATE. What is not an answer of the server is thrown on. */
function ended(cause: unknown): never {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (!["25P01", "3B001", "25P02"].includes(code)) throw cause;
  const help = "take its commit and rollback out, and let what a query throws end it";
  throw new HandlerError(
    `a handler with transaction: true ended the transaction itself, or went on after a query had failed: ${help}`,
    { cause },
  );
}
