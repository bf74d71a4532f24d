/**
 * Saves what a group made: its rows with one statement, its checkpoints, and last its entries with the head of the log.
 *
 * The head row is the lock that keeps positions without gaps and in order: it is taken by the last statement and held until
 * the commit, so that who waits for it waits for no more than that.
 * @module
 */
import { type Checkpoint, isBlank } from "../../checkpoint.ts";
import type { Row } from "../../row.ts";
import { causesToText, rowNames } from "../schema.ts";
import { type Answer, ask, type PostgresClient } from "./client.ts";
import { keyOf, type Locked } from "./lock.ts";
import { columnOf, rowColumns, typeOf } from "./schema.ts";
import { type Appended, type Outcome, PENDING } from "./steps.ts";
import { Overtaken } from "./trouble.ts";

/** Answers the position before the first of the group's entries. */
export async function saveAll(
  client: PostgresClient,
  schema: string,
  { rows, entries, checkpoints, tick }: Outcome,
  locked: Locked,
): Promise<number> {
  const changed = [...rows.values()];
  if (changed.length > 0) {
    const fresh = changed.filter((row) => !locked.rows.has(keyOf(row))).length;
    refuseOvertaken(await saveRows(client, schema, changed, locked, tick), fresh);
  }
  if (checkpoints.size > 0) {
    const moved = [...checkpoints.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const fresh = moved.filter(({ name }) => !locked.checkpoints.has(name)).length;
    refuseOvertaken(await saveCheckpoints(client, schema, moved, tick), fresh);
    const blank = moved.filter(isBlank).map(({ name }) => name);
    if (blank.length > 0) await forgetCheckpoints(client, schema, blank);
  }
  const counted = countLive(changed, locked);
  if (counted.length > 0) await saveLive(client, schema, counted);
  if (entries.length === 0) return 0;
  return Number((await append(client, schema, entries, changed)).rows[0]?.["base"]);
}

/** What was not there when we looked, and could not be locked, must not be there now. */
function refuseOvertaken({ rows }: Answer, fresh: number): void {
  if (rows.filter(({ inserted }) => inserted === "t").length !== fresh) {
    throw new Overtaken("another process created it meanwhile");
  }
}

const KEYS: readonly string[] = ["type", "scope", "id"];
const rowTypes = rowNames.map((name, i) => `$${i + 3}::${typeOf(name)}[]`).join(", ");
const rowSet = rowNames.filter((name) => !KEYS.includes(name)).map((name) => `"${name}" = excluded."${name}"`);

/** A position that is not known yet comes with the entries; until then the row keeps the one it has. */
function saveRows(
  client: PostgresClient,
  schema: string,
  rows: readonly Row[],
  locked: Locked,
  tick: number,
): Promise<Answer> {
  const now = rows.map((row) => {
    if (row.position === null || row.position <= PENDING) return row;
    return { ...row, position: locked.rows.get(keyOf(row))?.position ?? null };
  });
  const sql = `insert into ${schema}.row as r (touched, provider, ${rowColumns})
    select $1, k.* from unnest($2::text[], ${rowTypes}) as k (provider, ${rowColumns}) order by k.type, k.scope, k.id
    on conflict (type, scope, id) do update set touched = excluded.touched, ${rowSet.join(", ")}
    returning xmax = 0 as inserted`;
  const providers = now.map(({ type }) => type.slice(0, Math.max(0, type.indexOf("."))));
  return ask(client, sql, [tick, providers, ...rowNames.map((name) => columnOf(now, name))]);
}

function saveCheckpoints(
  client: PostgresClient,
  schema: string,
  moved: readonly Checkpoint[],
  tick: number,
): Promise<Answer> {
  const sql = `insert into ${schema}.checkpoint (touched, name, value, holder, until, at)
    select $1, k.* from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[]) k
    on conflict (name) do update set touched = excluded.touched, value = excluded.value, holder = excluded.holder,
      until = excluded.until, at = excluded.at
    returning xmax = 0 as inserted`;
  const column = (name: keyof Checkpoint) => moved.map((at) => at[name]);
  return ask(client, sql, [tick, ...(["name", "value", "holder", "until", "at"] as const).map(column)]);
}

/** Locked by their own insert or update, so that nobody has moved them meanwhile. */
const forgetCheckpoints = (client: PostgresClient, schema: string, names: readonly string[]): Promise<Answer> =>
  ask(client, `delete from ${schema}.checkpoint where name = any($1::text[])`, [names]);

interface Counted {
  type: string;
  scope: string;
  by: number;
}

/** How many more live resources there are, per type and scope. */
function countLive(rows: readonly Row[], locked: Locked): Counted[] {
  const counts = new Map<string, Counted>();
  for (const row of rows) {
    const { type, scope, present } = row;
    const by = Number(present) - Number(locked.rows.get(keyOf(row))?.present ?? false);
    const key = JSON.stringify([type, scope]);
    if (by !== 0) counts.set(key, { type, scope, by: (counts.get(key)?.by ?? 0) + by });
  }
  return [...counts.values()].sort((a, b) => (a.type < b.type || (a.type === b.type && a.scope < b.scope) ? -1 : 1));
}

function saveLive(client: PostgresClient, schema: string, counted: readonly Counted[]): Promise<Answer> {
  const sql = `insert into ${schema}.live as l (type, scope, count)
    select * from unnest($1::text[], $2::text[], $3::bigint[])
    on conflict (type, scope) do update set count = l.count + excluded.count`;
  const column = (name: keyof Counted) => counted.map((one) => one[name]);
  return ask(client, sql, [column("type"), column("scope"), column("by")]);
}

/** A reference to the head is what makes each part wait for its lock. */
function append(
  client: PostgresClient,
  schema: string,
  entries: readonly Appended[],
  rows: readonly Row[],
): Promise<Answer> {
  const sql = `with h as (
      update ${schema}.head set position = position + $1 returning position - $1 as base),
    e as (
      insert into ${schema}.entry (position, tick, type, scope, id, previous, at, via, causes, state)
      select h.base + k.n, k.tick, k.type, k.scope, k.id,
        case when k.previous > ${PENDING} then h.base + k.previous - ${PENDING} else k.previous end,
        k.at, k.via, k.causes, k.state
      from h, unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::text[],
        $9::text[], $10::text[]) with ordinality as k (tick, type, scope, id, previous, at, via, causes, state, n)),
    r as (
      update ${schema}.row r set position = h.base + k.place
      from h, unnest($11::text[], $12::text[], $13::text[], $14::bigint[]) as k (type, scope, id, place)
      where r.type = k.type and r.scope = k.scope and r.id = k.id)
    select base from h`;
  const pending = rows.filter((row) => row.position !== null && row.position > PENDING);
  return ask(client, sql, [
    entries.length,
    entries.map((entry) => entry.tick),
    ...(["type", "scope", "id"] as const).map((name) => entries.map(({ ref }) => ref[name])),
    ...(["previous", "at", "via"] as const).map((name) => entries.map((entry) => entry[name])),
    entries.map((entry) => causesToText(entry.causes)),
    entries.map((entry) => entry.state),
    ...(["type", "scope", "id"] as const).map((name) => pending.map((row) => row[name])),
    pending.map(({ position }) => (position ?? 0) - PENDING),
  ]);
}
