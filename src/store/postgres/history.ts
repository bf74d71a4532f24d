/**
 * Forgetting history in the Postgres store, slice by slice: others write between two of them.
 * @module
 */
import type { Tick } from "../../time.ts";
import { ask, type PostgresClient } from "./client.ts";
import type { Place } from "./place.ts";
import { persist } from "./retry.ts";
import { begin, transact } from "./session.ts";

/** Positions, or rows, that are forgotten in one transaction. */
const SLICE = 5_000;

export async function compact(place: Place, below: number, forget: Tick): Promise<void> {
  const slice = (run: (client: PostgresClient) => Promise<boolean>) => persist(place.time, () => transact(place, run));
  while (!(await slice((client) => compactEntries(client, place, below))));
  while (!(await slice((client) => compactRows(client, place, forget))));
}

/** Answers whether it was the last slice. */
async function compactEntries(client: PostgresClient, place: Place, below: number): Promise<boolean> {
  const { schema } = place;
  await begin(client, place, 1, false);
  const head = (await ask(client, `select position, compacted from ${schema}.head for update`)).rows[0];
  const compacted = Number(head?.["compacted"]);
  const border = Math.min(below, Number(head?.["position"]) + 1);
  const to = Math.min(border, compacted + 1 + SLICE);
  if (to > compacted + 1) {
    // Below the slice compaction has been before, so all that the slice supersedes is what its own entries follow.
    const sql = `delete from ${schema}.entry where position in (
      select previous from ${schema}.entry where position > $1 and position < $2
      union select position from ${schema}.entry where position > $1 and position < $2 and state is null)`;
    await ask(client, sql, [compacted, to]);
    await ask(client, `update ${schema}.head set compacted = $1`, [to - 1]);
  }
  await ask(client, "commit");
  return to >= border;
}

/** Rows of gone resources whose tombstone is forgotten. One that somebody works on is left for the next time. */
async function compactRows(client: PostgresClient, place: Place, forget: Tick): Promise<boolean> {
  const { schema } = place;
  const { tick } = await begin(client, place, 1, false);
  const sql = `delete from ${schema}.row r using (
      select type, scope, id from ${schema}.row
      where not present and due is null and coalesce(last, 0) < $1
        and (position is null or position <= (select compacted from ${schema}.head))
      order by type, scope, id limit ${SLICE} for update skip locked) as old
    where r.type = old.type and r.scope = old.scope and r.id = old.id`;
  const { rowCount } = await ask(client, sql, [tick - forget]);
  await ask(client, "commit");
  return (rowCount ?? 0) < SLICE;
}
