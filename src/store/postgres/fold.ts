/**
 * Puts hints that wait in the inbox to their rows, in transactions of their own: for who reads rows, and when many wait.
 * @module
 */
import { blank, type Row } from "../../row.ts";
import type { Fold } from "../../store.ts";
import { ask, type PostgresClient, withClient } from "./client.ts";
import { type Taken, take } from "./inbox.ts";
import { keyOf, type Locked, lockRows } from "./lock.ts";
import type { Place } from "./place.ts";
import { persist } from "./retry.ts";
import { saveAll } from "./save.ts";
import { begin, transact } from "./session.ts";

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
