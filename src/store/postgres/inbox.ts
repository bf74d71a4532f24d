/**
 * Hints are kept as they come, those of a group in few rows of a narrow table, and put to their rows before anybody looks at rows.
 * @module
 */
import type { Note, Ref } from "../../row.ts";
import type { Tick } from "../../time.ts";
import { arraysOf, byRef, type Kept, notesOf, textOf } from "../notes.ts";
import type { Wish } from "./batch.ts";
import { ask, type PostgresClient } from "./client.ts";

/** Rows of the inbox that are put to their rows in one transaction: others have their turn between two of them. */
const SLICE = 32;

/** How the wishes of a group ended, and the tick of the last one. */
interface Ended {
  results: readonly PromiseSettledResult<unknown>[];
  tick: Tick;
}

/** The notes of a group as texts for the rows of the inbox; each job's have its tick. Of a job that threw nothing is kept. */
export function keep(wishes: readonly Wish[], { results, tick }: Ended): string[] {
  const texts = wishes.flatMap(({ notes = [] }, i) => {
    const at = tick - wishes.length + 1 + i;
    return results[i]?.status === "fulfilled" ? notes.map((note) => textOf(note, at)) : [];
  });
  return arraysOf(texts);
}

/** What was taken out of the inbox, for good when the transaction is committed. */
export interface Taken {
  notes: ReadonlyMap<Note, readonly Kept[]>;
  /** The resources it is about. */
  refs: readonly Ref[];
  empty: boolean;
  /** More waits than one transaction should take. */
  more: boolean;
  /** The latest tick of any note. */
  tick: Tick;
}

export const NOTHING: Taken = { notes: new Map(), refs: [], empty: true, more: false, tick: 0 };

/** Takes the oldest rows out of the inbox. Before any row is locked: who holds one never waits for the inbox. */
export async function take(client: PostgresClient, schema: string): Promise<Taken> {
  const sql = `delete from ${schema}.inbox
    where seq in (select seq from ${schema}.inbox order by seq limit ${SLICE} for update)
    returning seq, notes, (select max(seq) from ${schema}.inbox) as last`;
  const kept = (await ask(client, sql)).rows.sort((a, b) => Number(a["seq"]) - Number(b["seq"]));
  const all = kept.flatMap(({ notes }) => notesOf(String(notes)));
  const notes = byRef(all);
  const newest = kept.at(-1);
  return {
    ...{ notes, refs: [...notes.keys()], empty: kept.length === 0 },
    more: Number(newest?.["seq"]) < Number(newest?.["last"]),
    tick: all.reduce((latest, { tick }) => Math.max(latest, tick), 0),
  };
}
