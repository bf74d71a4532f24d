/**
 * What the Postgres store reads without a lock.
 * @module
 */
import type { Checkpoint } from "../../checkpoint.ts";
import type { Row } from "../../row.ts";
import type { Entry, EntryQuery, Head, RowQuery, Survey } from "../../store.ts";
import { clause } from "../statements.ts";
import { askAnew, type PostgresClient } from "./client.ts";
import { checkpointFrom, entryFrom, numberOrNull, rowColumns, rowFrom } from "./schema.ts";

/** Conditions, and the values they name by number. */
function conditions(parts: readonly (readonly [sql: string, ...values: unknown[]] | false | undefined)[]) {
  const values: unknown[] = [];
  const where = parts.flatMap((part) => {
    if (!part) return [];
    const [sql, ...given] = part;
    return [sql.replaceAll("?", () => `$${values.push(given.shift())}`)];
  });
  return { where: clause(where), values };
}

const STATES = { dirty: "due is not null", failing: "error is not null", live: "present" } as const;

export async function selectRows(client: PostgresClient, schema: string, query: RowQuery): Promise<Row[]> {
  const { type, scope, state, after, limit } = query;
  const { where, values } = conditions([
    type !== undefined && ["type = ?", type],
    scope !== undefined && ["scope = ?", scope],
    state && [STATES[state]],
    after && ["(type, scope, id) > (?, ?, ?)", after.type, after.scope, after.id],
  ]);
  const sql = `select ${rowColumns} from ${schema}.row ${where} order by type, scope, id limit $${values.length + 1}`;
  return (await askAnew(client, sql, [...values, limit])).rows.map(rowFrom);
}

export async function selectEntries(client: PostgresClient, schema: string, query: EntryQuery): Promise<Entry[]> {
  const { after, limit, types, scope, ref, newest = false } = query;
  const { where, values } = conditions([
    ["e.position > ?", after],
    types && ["e.type = any(?::text[])", types],
    scope !== undefined && ["e.scope = ?", scope],
    ref && ["e.type = ? and e.scope = ? and e.id = ?", ref.type, ref.scope, ref.id],
  ]);
  const sql = `select e.position, e.tick, e.type, e.scope, e.id, e.at, e.via, e.causes, e.state, b.state as before
    from ${schema}.entry e left join ${schema}.entry b on b.position = e.previous
    ${where} order by e.position ${newest ? "desc" : "asc"} limit $${values.length + 1}`;
  return (await askAnew(client, sql, [...values, limit])).rows.map(entryFrom);
}

export async function selectHead(client: PostgresClient, schema: string): Promise<Head> {
  const sql = `select h.log, h.position, h.compacted, t.at as tick from ${schema}.head h cross join ${schema}.tick t`;
  const { log, position, compacted, tick } = (await askAnew(client, sql)).rows[0] ?? {};
  return { log: String(log), position: Number(position), compacted: Number(compacted), tick: Number(tick) };
}

export async function selectCheckpoints(
  client: PostgresClient,
  schema: string,
  prefix: string,
  after: string,
  limit: number,
): Promise<Checkpoint[]> {
  const sql = `select name, value, holder, until, at from ${schema}.checkpoint
    where name >= $1 and name < $1 || chr(1114111) and starts_with(name, $1) and name > $2 order by name limit $3`;
  return (await askAnew(client, sql, [prefix, after, limit])).rows.map(checkpointFrom);
}

/** What is live is counted as it changes, and what is owed or failing is few: no part of it reads all rows. */
export async function survey(client: PostgresClient, schema: string): Promise<Survey[]> {
  const sql = `select type, scope, sum(live) as live, sum(dirty) as dirty, sum(failing) as failing, min(due) as oldest
    from (
      select type, scope, count as live, 0 as dirty, 0 as failing, null::bigint as due from ${schema}.live
      union all
      select type, scope, 0, count(*), 0, min(due) from ${schema}.row where due is not null group by type, scope
      union all
      select type, scope, 0, 0, count(*), null from ${schema}.row where error is not null group by type, scope
    ) as part group by type, scope order by type, scope`;
  return (await askAnew(client, sql)).rows.map(({ type, scope, live, dirty, failing, oldest }) => ({
    ...{ type: String(type), scope: String(scope) },
    ...{ live: Number(live), dirty: Number(dirty), failing: Number(failing), oldest: numberOrNull(oldest) },
  }));
}
