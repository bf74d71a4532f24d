/**
 * Locks what the wishes of a group name: rows in the order of their keys, due rows that nobody else has, checkpoints by name.
 *
 * All of a group's keys are locked by one statement, in one order for all processes, so that they wait for each other and do
 * not stand in each other's way. What may be claimed is never waited for.
 * @module
 */
import type { Checkpoint } from "../../checkpoint.ts";
import type { Class, Ref, Row } from "../../row.ts";
import type { Tick } from "../../time.ts";
import type { Wish } from "./batch.ts";
import { type Answer, ask, type PostgresClient } from "./client.ts";
import type { Taken } from "./inbox.ts";
import { checkpointFrom, qualified, refFrom, rowFrom } from "./schema.ts";
import { changedBy, refuseSeen, selectUnseen } from "./unseen.ts";

/** What a group holds. */
export interface Locked {
  /** By key; one that is not there is missing. */
  rows: Map<string, Row>;
  checkpoints: Map<string, Checkpoint>;
  /** The keys that each wish selected, if it named none itself. By the wish's place. */
  selected: Map<number, string[]>;
  /** The latest tick of what saved any of it. */
  touched: Tick;
}

export const keyOf = ({ type, scope, id }: Ref): string => JSON.stringify([type, scope, id]);

export async function lockAll(
  client: PostgresClient,
  schema: string,
  wishes: readonly Wish[],
  tick: Tick,
  taken: Taken,
): Promise<Locked> {
  const locked: Locked = { rows: new Map(), checkpoints: new Map(), selected: new Map(), touched: taken.tick };
  const refs = new Map<string, Ref>(taken.refs.map((ref) => [keyOf(ref), ref]));
  const others = refs.size;
  for (const [i, { select }] of wishes.entries()) {
    if (select && "refs" in select) for (const ref of select.refs) refs.set(keyOf(ref), ref);
    if (!select || !("unseen" in select)) continue;
    const unseen = await selectUnseen(client, schema, {
      ...select,
      limit: select.limit + changedBy(wishes, i) + others,
    });
    for (const ref of unseen) refs.set(keyOf(ref), ref);
    locked.selected.set(i, unseen.map(keyOf));
  }
  await lockRows(client, schema, [...refs.values()], locked);
  refuseSeen(wishes, locked);
  await claim(client, schema, wishes, tick, locked, taken.refs);
  await lockCheckpoints(client, schema, wishes, locked);
  return locked;
}

/** Locks rows by their keys, and puts those that are there into `locked`. */
export async function lockRows(
  client: PostgresClient,
  schema: string,
  refs: readonly Ref[],
  locked: Pick<Locked, "rows" | "touched">,
): Promise<void> {
  if (refs.length === 0) return;
  const sql = `select ${qualified("r")}, r.touched from ${schema}.row r
    join unnest($1::text[], $2::text[], $3::text[]) as k (type, scope, id)
      on r.type = k.type and r.scope = k.scope and r.id = k.id
    order by r.type, r.scope, r.id for update of r`;
  keep(locked, await ask(client, sql, [refs.map((r) => r.type), refs.map((r) => r.scope), refs.map((r) => r.id)]));
}

function keep(locked: Pick<Locked, "rows" | "touched">, { rows }: Answer): void {
  for (const columns of rows) {
    const row = rowFrom(columns);
    locked.rows.set(keyOf(row), row);
    locked.touched = Math.max(locked.touched, Number(columns["touched"]));
  }
}

/**
 * Each claim takes as many as all claims of its class in the group may want: an earlier one of them takes the first. What
 * was taken out of the inbox may have come to be due by that, which only its step can tell.
 */
async function claim(
  client: PostgresClient,
  schema: string,
  wishes: readonly Wish[],
  tick: Tick,
  locked: Locked,
  taken: readonly Ref[],
): Promise<void> {
  const claims = wishes.flatMap(({ select }, at) => (select && "class" in select ? [{ at, ...select }] : []));
  if (claims.length === 0) return;
  const most = (cls: Class) => claims.reduce((sum, one) => sum + (one.class === cls ? one.limit : 0), 0);
  const sql = `select c.at, ${qualified("r")}, r.touched
    from unnest($1::integer[], $2::text[], $3::text[], $4::integer[]) as c (at, class, providers, most)
    cross join lateral (
      select * from ${schema}.row x
      where x.class = c.class and x.due <= $5 and (x.lease is null or x.lease <= $5)
        and position('|' || x.provider || '|' in c.providers) > 0
      order by x.due limit c.most for update skip locked) r`;
  const answer = await ask(client, sql, [
    claims.map(({ at }) => at),
    claims.map((one) => one.class),
    claims.map(({ providers }) => `|${providers.join("|")}|`),
    claims.map((one) => Math.min(most(one.class) + taken.length, 100_000)),
    tick,
  ]);
  keep(locked, answer);
  for (const { at, providers } of claims) {
    const own = taken.filter(({ type }) => providers.includes(type.slice(0, type.indexOf("."))));
    locked.selected.set(at, own.map(keyOf));
  }
  for (const columns of answer.rows) locked.selected.get(Number(columns["at"]))?.push(keyOf(refFrom(columns)));
}

async function lockCheckpoints(
  client: PostgresClient,
  schema: string,
  wishes: readonly Wish[],
  locked: Locked,
): Promise<void> {
  const names = wishes.flatMap(({ move }) => (move ? [move.name] : []));
  if (names.length === 0) return;
  const sql = `select name, value, holder, until, at, touched from ${schema}.checkpoint
    where name = any($1::text[]) order by name for update`;
  for (const columns of (await ask(client, sql, [[...new Set(names)]])).rows) {
    const at = checkpointFrom(columns);
    locked.checkpoints.set(at.name, at);
    locked.touched = Math.max(locked.touched, Number(columns["touched"]));
  }
}
