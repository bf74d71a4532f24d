/**
 * Hints are kept as they come, those of a group in few rows of a narrow table, and put to their rows before anybody looks at rows.
 * @module
 */
import { blank, type Row } from "../../row.ts";
import type { Fold } from "../../store.ts";
import { arraysOf, byRef, notesOf, textOf } from "../notes.ts";
import type { Wish } from "./batch.ts";
import { ask, type PostgresClient, withClient } from "./client.ts";
import { keyOf, lockRows } from "./lock.ts";
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
  const take = `select seq, notes, (select max(seq) from ${schema}.inbox) as last
    from ${schema}.inbox order by seq limit ${SLICE} for update`;
  const kept = (await ask(client, take)).rows;
  const newest = kept.at(-1);
  if (newest === undefined) {
    await ask(client, "rollback");
    return false;
  }
  const groups = byRef(kept.flatMap(({ notes }) => notesOf(String(notes))));
  const locked = { rows: new Map<string, Row>(), checkpoints: new Map(), selected: new Map(), touched: 0 };
  await lockRows(client, schema, [...groups.keys()], locked);
  const rows = new Map<string, Row>();
  for (const [ref, notes] of groups) {
    const before = locked.rows.get(keyOf(ref)) ?? blank(ref);
    // A note that was kept before another one, and comes to the row after it, is not to hide that.
    const row = notes.reduce((at, note) => into(at, note, Math.max(note.tick, at.hinted ?? 0)), before);
    if (row !== before) rows.set(keyOf(ref), row);
  }
  const outcome = { results: [], rows, entries: [], checkpoints: new Map(), tick: Math.max(tick, locked.touched) };
  await saveAll(client, schema, outcome, locked);
  await ask(client, `delete from ${schema}.inbox where seq = any($1::bigint[])`, [kept.map(({ seq }) => seq)]);
  await ask(client, "commit");
  return Number(newest["seq"]) < Number(newest["last"]);
}
