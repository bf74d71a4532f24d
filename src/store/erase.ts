/**
 * Erasing in the SQLite store: what was recorded of a resource goes for good, its places in the log stay.
 * @module
 */
import { blank, type Ref } from "../row.ts";
import type { Tick, Time } from "../time.ts";
import { rowOf, saveStep } from "./rows.ts";
import { entrySum, refOf, stateSum } from "./schema.ts";
import { nextTick, type Statements, type Writing } from "./statements.ts";

/** Resources erased in one transaction: others write between two of them. */
const SLICE = 200;

const ONE = "select type, scope, id from row where type = :type and scope = :scope and id = :id";
// The types of a provider are those between `provider.` and what sorts just after it: a dot is followed by a slash.
const SOME = `select type, scope, id from row where type > :provider || '.' and type < :provider || '/'
  and scope = :scope and (type, id) > (:afterType, :afterId) order by type, scope, id limit ${SLICE}`;

/** Erases a resource, if anything is known of it. */
export function eraseOne(db: Statements, writing: Writing, { type, scope, id }: Ref, time: Time): void {
  const tick = nextTick(writing, time);
  for (const known of db.all("erased", ONE, { type, scope, id })) erase(db, writing, refOf(known), tick);
}

/** Erases the next resources of a provider and scope. Answers the last of them; undefined: there is no other. */
export function eraseSlice(
  db: Statements,
  writing: Writing,
  { provider, scope }: { provider: string; scope: string },
  after: Ref | undefined,
  time: Time,
): Ref | undefined {
  const tick = nextTick(writing, time);
  const values = { provider, scope, afterType: after?.type ?? "", afterId: after?.id ?? "" };
  const refs = db.all("erased of a scope", SOME, values).map(refOf);
  for (const ref of refs) erase(db, writing, ref, tick);
  return refs.at(-1);
}

const ENTRIES = `select position, tick, type, scope, id, previous, at, via from entry
  where type = :type and scope = :scope and id = :id`;
const ERASE = `update entry set state = null, causes = '[]', sum = :sum, stateSum = :stateSum
  where position = :position`;

/** States become tombstones in their places, so that positions keep their order, and a live resource ends with one. */
function erase(db: Statements, writing: Writing, ref: Ref, tick: Tick): void {
  const { type, scope, id } = ref;
  for (const known of db.all("entries of", ENTRIES, { type, scope, id })) {
    const position = Number(known["position"]);
    const entry = { ...known, causes: "[]", state: null, stateSum: stateSum(null, position) };
    db.run("erase entry", ERASE, { position, stateSum: entry.stateSum, sum: entrySum(entry) });
  }
  const { position, present } = rowOf(db, ref);
  const append = present ? [{ state: null, at: tick, via: "app", causes: [] } as const] : [];
  const row = { ...blank(ref), position, first: tick, last: tick };
  saveStep(db, writing, { row, append }, present, tick);
}

/** The write-ahead log still has what was erased until it is written anew. */
export const foldLog = (db: Statements): void => void db.all("fold log", "pragma wal_checkpoint(truncate)", {});
