/**
 * The rows of the SQLite store: selecting, stepping, saving, listing and counting them.
 * @module
 */
import { blank, type Ref, type Row } from "../row.ts";
import type { Move, RowQuery, Selection, Step, Survey } from "../store.ts";
import type { Tick, Time } from "../time.ts";
import { moveCheckpoint } from "./checkpoints.ts";
import { append } from "./log.ts";
import { type Columns, refOf, rowColumns, rowFromColumns, rowNames, rowToValues, SAVE_ROW } from "./schema.ts";
import { clause, nextTick, type Statements, type Writing } from "./statements.ts";

const ROW = `select ${rowColumns} from row where type = :type and scope = :scope and id = :id`;
// Keys first, then each row by its key: where nothing is due, which is most of the time, that takes a third of the time.
const DUE = `select type, scope, id from row where class = :class and due <= :tick and (lease is null or lease <= :tick)
  and instr(:providers, '|' || provider || '|') > 0 order by due limit :limit`;
const UNSEEN = `select type, scope, id from row where type = :type and scope = :scope and id > :after
  and (:before is null or id < :before) and present = 1 and due is null and (seen is null or seen < :unseen) order by id limit :limit`;

/** Steps run before anything is written, so that one that throws has written nothing. */
export function update(
  db: Statements,
  writing: Writing,
  select: Selection,
  step: (row: Row, tick: Tick) => Step | undefined,
  also: Move | undefined,
  time: Time,
): { rows: Row[]; tick: Tick } {
  const tick = nextTick(writing, time);
  const steps = selectForUpdate(db, select, tick).flatMap((row) => {
    const made = step(row, tick);
    return made ? [{ ...made, before: row }] : [];
  });
  if (also) moveCheckpoint(db, writing, also, tick);
  const rows = steps.map((made) => {
    if (made.append === undefined && isOnlySeen(made.before, made.row)) return saveSeen(db, writing, made.row);
    return saveStep(db, writing, made, made.before.present, tick);
  });
  return { rows, tick };
}

function selectForUpdate(db: Statements, select: Selection, tick: Tick): Row[] {
  if ("refs" in select) {
    const unique = new Map(select.refs.map((ref) => [JSON.stringify([ref.type, ref.scope, ref.id]), ref]));
    return [...unique.values()].sort(byKey).map((ref) => rowOf(db, ref));
  }
  if ("class" in select) {
    const { class: cls, providers, limit } = select;
    const values = { class: cls, tick, providers: `|${providers.join("|")}|`, limit };
    return db.all("due", DUE, values).map((key) => rowOf(db, refOf(key)));
  }
  return db.all("unseen", UNSEEN, { before: null, ...select }).map((key) => rowOf(db, refOf(key)));
}

const byKey = (a: Ref, b: Ref): number => order(a.type, b.type) || order(a.scope, b.scope) || order(a.id, b.id);
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function rowOf(db: Statements, { type, scope, id }: Ref): Row {
  const known = db.get("row", ROW, { type, scope, id });
  return known ? rowFromColumns(known) : blank({ type, scope, id });
}

const SEEN = "update row set seen = :seen, last = :last where type = :type and scope = :scope and id = :id";

/** What a sweep leaves of most rows: seen again, and the same. Nothing else of them is written. */
function isOnlySeen(before: Row, after: Row): boolean {
  if (before.position === null || (before.seen === after.seen && before.last === after.last)) return false;
  return rowNames.every((name) => name === "seen" || name === "last" || before[name] === after[name]);
}

function saveSeen(db: Statements, writing: Writing, row: Row): Row {
  const { type, scope, id, seen, last } = row;
  db.runValues("seen", SEEN, [seen, last, type, scope, id]);
  writing.wrote = true;
  return row;
}

const COUNT_LIVE = `insert into live (type, scope, count) values (:type, :scope, :by)
  on conflict do update set count = count + :by`;

/** Appends a step's drafts to the log and saves its row, which points to the last of them. */
export function saveStep(
  db: Statements,
  writing: Writing,
  { row, append: drafts = [] }: Step,
  wasPresent: boolean,
  tick: Tick,
): Row {
  let { position } = row;
  for (const draft of drafts) position = append(db, writing, row, draft, position, tick);
  const saved = position === row.position ? row : { ...row, position };
  db.runValues("save row", SAVE_ROW, rowToValues(saved));
  if (saved.present !== wasPresent) {
    const { type, scope } = saved;
    db.run("count live", COUNT_LIVE, { type, scope, by: saved.present ? 1 : -1 });
  }
  writing.wrote = true;
  return saved;
}

const STATES = {
  dirty: "due is not null",
  failing: "error is not null",
  live: "present = 1",
} as const;

export function selectRows(db: Statements, { type, scope, state, after, limit }: RowQuery): Row[] {
  const where = [
    ...(type === undefined ? [] : ["type = :type"]),
    ...(scope === undefined ? [] : ["scope = :scope"]),
    ...(state === undefined ? [] : [STATES[state]]),
    ...(after === undefined ? [] : ["(type, scope, id) > (:afterType, :afterScope, :afterId)"]),
  ];
  const index = state === "dirty" ? "indexed by row_owed" : state === "failing" ? "indexed by row_failing" : "";
  const sql = `select ${rowColumns} from row ${index} ${clause(where)} order by type, scope, id limit :limit`;
  const values: Columns = {
    limit,
    ...(type !== undefined && { type }),
    ...(scope !== undefined && { scope }),
    ...(after && { afterType: after.type, afterScope: after.scope, afterId: after.id }),
  };
  return db.all(sql, sql, values).map(rowFromColumns);
}

// Counting 300,000 rows took a quarter of a second: what is live is counted as it changes, and what is owed is few.
const SURVEY = `select type, scope, sum(live) as live, sum(dirty) as dirty, sum(failing) as failing, min(due) as oldest
  from (
    select type, scope, count as live, 0 as dirty, 0 as failing, null as due from live
    union all
    select type, scope, 0, count(*), 0, min(due) from row indexed by row_due where due is not null group by type, scope
    union all
    select type, scope, 0, 0, count(*), null from row indexed by row_failing where error is not null
      group by type, scope
  ) group by type, scope order by type, scope`;

export const survey = (db: Statements): Survey[] =>
  db.all("survey", SURVEY, {}).map(({ type, scope, live, dirty, failing, oldest }) => ({
    ...{ type: String(type), scope: String(scope) },
    ...{ live: Number(live), dirty: Number(dirty), failing: Number(failing) },
    oldest: typeof oldest === "number" ? oldest : null,
  }));
