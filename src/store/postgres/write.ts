/**
 * One group of jobs in one transaction: locked, run in memory, saved, committed; repeated when that may help.
 * @module
 */
import type { Fold } from "../../store.ts";
import type { Committed, Job } from "../group.ts";
import { Batch, type Granted, type Wish } from "./batch.ts";
import { ask, type PostgresClient } from "./client.ts";
import { type Doubt, doubtOf, letGo } from "./doubt.ts";
import { folded } from "./fold.ts";
import { keep, NOTHING, take } from "./inbox.ts";
import { type Locked, lockAll } from "./lock.ts";
import type { Place } from "./place.ts";
import { persist } from "./retry.ts";
import { saveAll } from "./save.ts";
import { begin, reissue, transact } from "./session.ts";
import { placed, runSteps } from "./steps.ts";
import { remedyFor, troubleWith } from "./trouble.ts";

export interface Writer {
  place: Place;
  /** How a hint is put to its row. */
  fold: Fold;
  /** Puts all hints of the inbox to their rows. */
  foldAll(): Promise<void>;
  /** Something was saved that others wait for. */
  grown(): void;
}

/** What `createGroup` commits with. */
export const commitOf =
  (writer: Writer) =>
  async (jobs: readonly Job<Batch>[]): Promise<Committed> => {
    const batch = new Batch();
    const settled = Promise.allSettled(jobs.map((job) => job(batch)));
    batch.answer(await write(writer, batch.wishes));
    return { results: await settled };
  };

/**
 * A group whose commit was not answered is run again: each step, run on its own result, changes nothing, once what it may
 * have leased is free again. When the database refuses what one of the jobs wants to save, each is run alone, and that one fails alone.
 */
async function write(writer: Writer, wishes: readonly Wish[]): Promise<PromiseSettledResult<Granted>[]> {
  const { place } = writer;
  let doubt: Doubt | undefined;
  const once = async () => {
    const before = doubt;
    if (before) await letGo(place, before);
    return writeOnce(writer, wishes, (next) => {
      doubt = next;
    });
  };
  try {
    return await persist(place.time, once);
  } catch (cause) {
    if (remedyFor(cause) === "job" && wishes.length > 1) {
      const results: PromiseSettledResult<Granted>[] = [];
      for (const wish of wishes) results.push(...(await write(writer, [wish])));
      return results;
    }
    const reason = troubleWith(place.name, "written", cause);
    return wishes.map(() => ({ status: "rejected", reason }));
  }
}

/**
 * Whoever looks at rows finds the hints that were kept before it asked: they are put to their rows in the same transaction,
 * and what comes while that goes on is as if it came after. To wait until none is left would take as long as webhooks come.
 */
async function writeOnce(
  writer: Writer,
  wishes: readonly Wish[],
  doubted: (doubt: Doubt) => void,
): Promise<PromiseSettledResult<Granted>[]> {
  for (let looks = wishes.some(({ select }) => select); ; looks = false) {
    const results = await transact(writer.place, (client) => runGroup(client, writer, wishes, looks, doubted));
    if (results) return results;
    await writer.foldAll();
  }
}

/** Undefined: nothing was done, because more hints wait than this transaction should put to their rows. */
async function runGroup(
  client: PostgresClient,
  { place, fold, grown }: Writer,
  wishes: readonly Wish[],
  looks: boolean,
  doubted: (doubt: Doubt) => void,
): Promise<PromiseSettledResult<Granted>[] | undefined> {
  const { schema } = place;
  const lazy = wishes.every((wish) => wish.lazy);
  const begun = await begin(client, place, wishes.length, lazy);
  const taken = begun.waiting && looks ? await take(client, schema) : NOTHING;
  if (taken.more) {
    await ask(client, "rollback");
    return undefined;
  }
  const locked = await lockAll(client, schema, wishes, begun.tick, taken);
  const tick = await tickAfter(client, place, begun.tick, wishes.length, locked);
  const outcome = runSteps(wishes, locked, tick, folded(taken, locked.rows, fold));
  const { rows, entries, checkpoints } = outcome;
  const notes = keep(wishes, outcome);
  if (rows.size + checkpoints.size + notes.length === 0 && taken.empty) {
    await ask(client, "rollback");
    return outcome.results;
  }
  if (lazy && entries.length > 0) await ask(client, `set local synchronous_commit = ${place.durable}`);
  if (notes.length > 0) await ask(client, `insert into ${schema}.inbox (notes) select unnest($1::text[])`, [notes]);
  const base = await saveAll(client, schema, outcome, locked);
  doubted(doubtOf(outcome, locked));
  await ask(client, "commit");
  if (entries.length + notes.length > 0) grown();
  return outcome.results.map((result) =>
    result.status === "fulfilled" ? { ...result, value: placed(result.value, base) } : result,
  );
}

/**
 * Another process may have been given later ticks and have been quicker to the lock. What is saved of one row must be in the
 * order of its ticks, or a hint could be taken for older than a read that does not know of it.
 */
export const tickAfter = async (
  client: PostgresClient,
  place: Place,
  tick: number,
  count: number,
  { touched }: Pick<Locked, "touched">,
): Promise<number> => (touched < tick ? tick : reissue(client, place, count));
