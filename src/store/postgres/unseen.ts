/**
 * What a sweep has not seen: selected without a lock, locked with all other rows of the group, and then looked at again.
 * Fewer than were asked for means that there are no more, so that none may be left out for what another did meanwhile.
 * @module
 */
import type { Ref, Row } from "../../row.ts";
import type { Tick } from "../../time.ts";
import type { Wish } from "./batch.ts";
import { ask, type PostgresClient } from "./client.ts";
import { refFrom } from "./schema.ts";
import { Overtaken } from "./trouble.ts";

/** How many rows the other wishes of the group may change: so many more are selected, for less than asked for is the end. */
export const changedBy = (wishes: readonly Wish[], at: number): number =>
  wishes.reduce((sum, { select }, i) => {
    if (!select || i === at) return sum;
    return sum + ("refs" in select ? select.refs.length : select.limit);
  }, 0);

interface Held {
  rows: ReadonlyMap<string, Row>;
  selected: ReadonlyMap<number, readonly string[]>;
}

/** One that another process has changed meanwhile leaves a place that the next row should have had. */
export function refuseSeen(wishes: readonly Wish[], { rows, selected }: Held): void {
  for (const [i, keys] of selected) {
    const select = wishes[i]?.select;
    if (!select || !("unseen" in select)) continue;
    for (const key of keys)
      if (!isUnseen(rows.get(key), select.unseen)) throw new Overtaken("another process changed it");
  }
}

/** Live, clean, and not seen since a tick. */
export const isUnseen = (row: Row | undefined, tick: Tick): boolean =>
  row?.present === true && row.due === null && (row.seen === null || row.seen < tick);

/** Those without a lock: what is locked later is looked at again. */
export async function selectUnseen(
  client: PostgresClient,
  schema: string,
  select: { unseen: Tick; type: string; scope: string; after: string; before?: string; limit: number },
): Promise<Ref[]> {
  const { unseen, type, scope, after, before = null, limit } = select;
  const sql = `select type, scope, id from ${schema}.row where type = $1 and scope = $2 and id > $3
    and ($4::text is null or id < $4) and present and due is null and (seen is null or seen < $5)
    order by type, scope, id limit $6`;
  return (await ask(client, sql, [type, scope, after, before, unseen, limit])).rows.map(refFrom);
}
