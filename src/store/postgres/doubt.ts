/**
 * A commit whose answer was lost may have leased rows, and whoever claimed them never heard of it. The repeat would find them
 * leased, and nobody would read them until the lease is over. So what may have been leased so is let go first.
 *
 * A row that anybody saved since has another tick, and is left as it is.
 * @module
 */
import type { Row } from "../../row.ts";
import type { Tick } from "../../time.ts";
import { ask } from "./client.ts";
import { type Locked, lockRows } from "./lock.ts";
import type { Place } from "./place.ts";
import { begin, transact } from "./session.ts";
import type { Outcome } from "./steps.ts";

/** What a commit leases. */
export interface Doubt {
  tick: Tick;
  leased: readonly Row[];
}

export const doubtOf = ({ rows, tick }: Outcome, locked: Locked): Doubt => ({
  tick,
  leased: [...rows].flatMap(([key, row]) => {
    const before = locked.rows.get(key)?.lease ?? null;
    return row.lease !== null && row.lease !== before ? [row] : [];
  }),
});

/** Lets go of what the commit leased, if it was done, or still is. */
export async function letGo(place: Place, { tick, leased }: Doubt): Promise<void> {
  if (leased.length === 0) return;
  const { schema } = place;
  await transact(place, async (client) => {
    await begin(client, place, 1, true);
    // The server may not have noticed yet that we are gone: only then is it over.
    const locked: Locked = { rows: new Map(), checkpoints: new Map(), selected: new Map(), touched: 0 };
    await lockRows(client, schema, leased, locked);
    const sql = `update ${schema}.row r set lease = null
      from unnest($2::text[], $3::text[], $4::text[]) as k (type, scope, id)
      where r.type = k.type and r.scope = k.scope and r.id = k.id and r.touched = $1`;
    const column = (name: "type" | "scope" | "id") => leased.map((row) => row[name]);
    await ask(client, sql, [tick, column("type"), column("scope"), column("id")]);
    await ask(client, "commit");
  });
}
