/**
 * Erasing in the Postgres store: what was recorded of a resource goes for good, its places in the log stay.
 * @module
 */
import { blank, type Ref, type Row } from "../../row.ts";
import type { Tick } from "../../time.ts";
import { ask, type PostgresClient } from "./client.ts";
import { keyOf, lockRows } from "./lock.ts";
import type { Place } from "./place.ts";
import { persist } from "./retry.ts";
import { saveAll } from "./save.ts";
import { refFrom } from "./schema.ts";
import { begin, transact } from "./session.ts";
import { type Outcome, PENDING } from "./steps.ts";
import { tickAfter } from "./write.ts";

/** Resources erased in one transaction: others write between two of them. */
const SLICE = 200;

export async function erase(place: Place, select: { ref: Ref } | { provider: string; scope: string }): Promise<void> {
  const some = (find: (client: PostgresClient) => Promise<Ref[]>) =>
    persist(place.time, () => transact(place, (client) => eraseSome(client, place, find)));
  if ("ref" in select) {
    await some(async () => [select.ref]);
    return;
  }
  const next = (after?: Ref) => some((client) => findSome(client, place.schema, select, after));
  for (let last = await next(); last; last = await next(last));
}

// The types of a provider are those between `provider.` and what sorts just after it: a dot is followed by a slash.
async function findSome(
  client: PostgresClient,
  schema: string,
  { provider, scope }: { provider: string; scope: string },
  after: Ref | undefined,
): Promise<Ref[]> {
  const sql = `select type, scope, id from ${schema}.row where type > $1 and type < $2 and scope = $3
    and (type, id) > ($4, $5) order by type, scope, id limit ${SLICE}`;
  const values = [`${provider}.`, `${provider}/`, scope, after?.type ?? "", after?.id ?? ""];
  return (await ask(client, sql, values)).rows.map(refFrom);
}

/** Answers the last of them. States become tombstones in their places, and a live resource ends with one. */
async function eraseSome(
  client: PostgresClient,
  place: Place,
  find: (client: PostgresClient) => Promise<Ref[]>,
): Promise<Ref | undefined> {
  const { schema } = place;
  const begun = await begin(client, place, 1, false);
  const refs = await find(client);
  const locked = { rows: new Map<string, Row>(), checkpoints: new Map(), selected: new Map(), touched: 0 };
  await lockRows(client, schema, refs, locked);
  const tick = await tickAfter(client, place, begun.tick, 1, locked);
  const known = [...locked.rows.values()];
  const sql = `update ${schema}.entry e set state = null, causes = '[]'
    from unnest($1::text[], $2::text[], $3::text[]) as k (type, scope, id)
    where e.type = k.type and e.scope = k.scope and e.id = k.id`;
  await ask(client, sql, [known.map((r) => r.type), known.map((r) => r.scope), known.map((r) => r.id)]);
  await saveAll(client, schema, erased(known, tick), locked);
  await ask(client, "commit");
  return refs.at(-1);
}

function erased(known: readonly Row[], tick: Tick): Outcome {
  const outcome: Outcome = { results: [], rows: new Map(), entries: [], checkpoints: new Map(), tick };
  for (const { type, scope, id, position, present } of known) {
    const ref = { type, scope, id };
    const tombstone = { state: null, at: tick, via: "app", causes: [], ref, tick, previous: position } as const;
    const at = present ? PENDING + outcome.entries.push(tombstone) : position;
    outcome.rows.set(keyOf(ref), { ...blank(ref), position: at, first: tick, last: tick });
  }
  return outcome;
}
