/**
 * Hints are kept as they come, those of a group in few rows of a narrow table, and put to their rows before anybody looks at rows.
 * @module
 */
import { blank, type Note, type Ref, type Row } from "../../row.ts";
import type { Fold } from "../../store.ts";
import type { Tick } from "../../time.ts";
import { arraysOf, byRef, type Kept, notesOf, textOf } from "../notes.ts";
import type { Wish } from "./batch.ts";
import { ask, type PostgresClient, withClient } from "./client.ts";
import { keyOf, type Locked, lockRows } from "./lock.ts";
import type { Place } from "./place.ts";
import { persist } from "./retry.ts";
import { saveAll } from "./save.ts";
import { begin, transact } from "./session.ts";
import type { Outcome } from "./steps.ts";

/** Rows of the inbox that are put to their rows in one transaction: others have their turn between two of them. */
const SLICE = 32;

/** The notes of a group as texts for the rows of the inbox; each job's have its tick. Of a job that threw nothing is kept. */
export function keep(wishes: readonly Wish[], { results, tick }: Outcome): string[] {
  const texts = wishes.flatMap(({ notes = [] }, i) => {
    const at = tick - wishes.length + 1 + i;
    return results[i]?.status === "fulfilled" ? notes.map((note) => textOf(note, at)) : [];
  });
  return arraysOf(texts);
}

/** Puts what waits to its rows, if anything does. */
export async function foldWaiting(place: Place, into: Fold): Promise<void> {
  const sql = `select exists (select from ${place.schema}.inbox) as waiting`;
  const { rows } = await withClient(place.pool, place.time, (client) => ask(client, sql));
  if (rows[0]?.["waiting"] === "t") await foldAll(place, into);
}

/** Puts all that waits to its rows. */
export async function foldAll(place: Place, into: Fold): Promise<void> {
  const fold = () => transact(place, (client) => foldSlice(client, place, into));
  while (await persist(place.time, fold));
}

/**
 * Whoever folds at the same time waits until what this one took is saved. A crash before that leaves all of it in the inbox;
 * for the same reason the commit may be lazy. Answers whether more waits.
 */
async function foldSlice(client: PostgresClient, place: Place, into: Fold): Promise<boolean> {
  const { schema } = place;
  const { tick } = await begin(client, place, 1, true);
  const taken = await take(client, schema);
  if (taken.empty) {
    await ask(client, "rollback");
    return false;
  }
  const locked: Locked = { rows: new Map(), checkpoints: new Map(), selected: new Map(), touched: taken.tick };
  await lockRows(client, schema, taken.refs, locked);
  const rows = folded(taken, locked.rows, into);
  const outcome = { results: [], rows, entries: [], checkpoints: new Map(), tick: Math.max(tick, locked.touched) };
  await saveAll(client, schema, outcome, locked);
  await ask(client, "commit");
  return taken.more;
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

/** The rows that are others once the notes are put to them, by key. */
export function folded({ notes }: Taken, rows: ReadonlyMap<string, Row>, into: Fold): Map<string, Row> {
  const changed = new Map<string, Row>();
  for (const [ref, kept] of notes) {
    const before = rows.get(keyOf(ref)) ?? blank(ref);
    // A note that was kept before another one, and comes to the row after it, is not to hide that.
    const row = kept.reduce((at, note) => into(at, note, Math.max(note.tick, at.hinted ?? 0)), before);
    if (row !== before) changed.set(keyOf(ref), row);
  }
  return changed;
}
