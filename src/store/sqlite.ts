/**
 * `tidemark/sqlite`: the embedded store, one file, on `node:sqlite`. Nothing is compiled.
 *
 * Write-ahead log and `synchronous = FULL`: what a resolved promise wrote was fsynced first. Several processes of one
 * machine may share a file; two stores on one file in one process share the connection.
 * @module
 */
import { type Checkpoint, fresh } from "../checkpoint.ts";
import { blank, type Ref, type Row } from "../row.ts";
import type { Entry, EntryQuery, Move, RowQuery, Selection, Step, Store, Survey } from "../store.ts";
import { systemTime, type Tick, type Time } from "../time.ts";
import { type Connection, connect } from "./connection.ts";
import {
  type Columns,
  checksum,
  entryFromColumns,
  rowColumns,
  rowFromColumns,
  rowPlaces,
  rowToColumns,
} from "./schema.ts";
import { headOf, type Statements, type Writing } from "./statements.ts";

/** The options of `sqlite`. */
export interface SqliteOptions {
  time?: Time;
  maxBytes?: number;
}

/**
 * A store in a SQLite file.
 *
 * @param path of the file, created if it is not there; `":memory:"` for one that ends with the process
 * @param options.time clock for ticks; tests give a virtual one
 * @param options.maxBytes how large the file may grow; beyond it writes fail as on a full disk. Default: no limit
 * @throws TypeError at once for a path that cannot be one. At first use: Error if the directory cannot be written, the
 *   file is damaged, or the runtime has no `node:sqlite`
 */
export function sqlite(path: string, { time = systemTime, maxBytes }: SqliteOptions = {}): Store {
  if (typeof path !== "string" || path.trim() === "" || path.includes("\0") || /^file:/i.test(path)) {
    throw new TypeError('sqlite: give the path of a file, such as "tidemark.db", or ":memory:"; no file: URI');
  }
  let opened: Promise<Connection> | undefined;
  let closed = false;
  let surveyed: { at: number; surveys: Survey[] } | undefined;

  const connection = (): Promise<Connection> => {
    if (closed) return Promise.reject(new Error(`sqlite("${path}") is closed: open it again before use`));
    opened ??= connect(path, time, maxBytes).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  const write = async <T>(job: (db: Statements, writing: Writing) => T): Promise<T> => {
    const { group } = await connection();
    return group(({ statements, writing }) => job(statements, writing));
  };
  const read = async <T>(job: (db: Statements) => T): Promise<T> => job((await connection()).statements);

  return {
    async open() {
      closed = false;
      await connection();
    },
    update: (select, step, also) => write((db, writing) => update(db, writing, select, step, also, time)),
    checkpoint: (move) =>
      write((db, writing) => {
        const tick = nextTick(writing, time);
        return { at: moveCheckpoint(db, writing, move, tick), tick };
      }),
    checkpoints: (prefix, after, limit) =>
      read((db) => db.all("checkpoints", CHECKPOINTS, { prefix, after, limit }).map(checkpointFrom)),
    rows: (query) => read((db) => selectRows(db, query)),
    entries: (query) => read((db) => selectEntries(db, query)),
    async survey() {
      if (surveyed && time.now() - surveyed.at < SURVEY_AGE) return surveyed.surveys;
      const surveys = await read((db) => db.all("survey", SURVEY, {}) as unknown as Survey[]);
      surveyed = { at: time.now(), surveys };
      return surveys;
    },
    head: () => read((db) => headOf(db)),
    compact: (below, forget) => write((db, writing) => compact(db, writing, below, forget, time)),
    erase: (select) => write((db, writing) => erase(db, writing, select, time)),
    async close() {
      closed = true;
      const mine = opened;
      opened = undefined;
      await (await mine?.catch(() => undefined))?.release();
    },
  };
}

/** Milliseconds for which a survey may be repeated. */
const SURVEY_AGE = 2_000;

const CHECKPOINT = "select name, value, holder, until, at from checkpoint where name = :name";
const CHECKPOINTS = `select name, value, holder, until, at from checkpoint
  where name >= :prefix and substr(name, 1, length(:prefix)) = :prefix and name > :after order by name limit :limit`;
const SAVE_CHECKPOINT =
  "replace into checkpoint (name, value, holder, until, at) values (:name, :value, :holder, :until, :at)";
const SAVE_ROW = `replace into row (${rowColumns}) values (${rowPlaces})`;
const ROW = `select ${rowColumns} from row where type = :type and scope = :scope and id = :id`;
// Keys first, then each row by its key: where nothing is due, which is most of the time, that takes a third of the time.
const DUE = `select type, scope, id from row where class = :class and due <= :tick and (lease is null or lease <= :tick)
  and instr(:providers, '|' || provider || '|') > 0 order by due limit :limit`;
const UNSEEN = `select type, scope, id from row where type = :type and scope = :scope and id > :after
  and present = 1 and due is null and (seen is null or seen < :unseen) order by id limit :limit`;
const APPEND = `insert into entry (position, tick, type, scope, id, state, previous, at, via, causes, sum)
  values (:position, :tick, :type, :scope, :id, :state, :previous, :at, :via, :causes, :sum)`;
const SURVEY = `select type, scope, sum(present) as live, sum(due is not null) as dirty,
  sum(error is not null) as failing, min(due) as oldest from row group by type, scope order by type, scope`;

function nextTick(writing: Writing, time: Time): Tick {
  const tick = Math.max(writing.head.tick + 1, Math.floor(time.now() * 1_000));
  writing.head = { ...writing.head, tick };
  return tick;
}

/** Steps run before anything is written, so that one that throws has written nothing. */
function update(
  db: Statements,
  writing: Writing,
  select: Selection,
  step: (row: Row, tick: Tick) => Step | undefined,
  also: Move | undefined,
  time: Time,
): { rows: Row[]; tick: Tick } {
  const tick = nextTick(writing, time);
  const steps = selectForUpdate(db, select, tick).flatMap((row) => step(row, tick) ?? []);
  if (also) moveCheckpoint(db, writing, also, tick);
  const rows = steps.map((one) => saveStep(db, writing, one, tick));
  if (rows.length > 0) writing.wrote = true;
  return { rows, tick };
}

function selectForUpdate(db: Statements, select: Selection, tick: Tick): Row[] {
  if ("refs" in select) {
    const unique = new Map(select.refs.map((ref) => [`${ref.type}\n${ref.scope}\n${ref.id}`, ref]));
    const sorted = [...unique].sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.map(([, ref]) => rowOf(db, ref));
  }
  if ("class" in select) {
    const { class: cls, providers, limit } = select;
    const values = { class: cls, tick, providers: `|${providers.join("|")}|`, limit };
    return db.all("due", DUE, values).map((key) => rowOf(db, refOf(key)));
  }
  return db.all("unseen", UNSEEN, select).map((key) => rowOf(db, refOf(key)));
}

const refOf = ({ type, scope, id }: Columns): Ref => ({ type: String(type), scope: String(scope), id: String(id) });

function rowOf(db: Statements, { type, scope, id }: Ref): Row {
  const known = db.get("row", ROW, { type, scope, id });
  return known ? rowFromColumns(known) : blank({ type, scope, id });
}

/** Appends a step's drafts to the log and saves its row, which points to the last of them. */
function saveStep(db: Statements, writing: Writing, { row, append = [] }: Step, tick: Tick): Row {
  let { position } = row;
  for (const { state, at, via, causes } of append) {
    const previous = position;
    position = writing.head.position + 1;
    writing.head = { ...writing.head, position };
    const { type, scope, id } = row;
    const entry = { position, tick, type, scope, id, state };
    const told = causes.length === 0 ? "[]" : JSON.stringify(causes);
    db.run("append", APPEND, { ...entry, previous, at, via, causes: told, sum: checksum(entry) });
  }
  const saved = position === row.position ? row : { ...row, position };
  db.run("save row", SAVE_ROW, rowToColumns(saved));
  return saved;
}

const checkpointFrom = ({ name, value, holder, until, at }: Columns): Checkpoint => ({
  name: String(name),
  value: value === null ? null : String(value),
  holder: holder === null ? null : String(holder),
  until: Number(until),
  at: Number(at),
});

function moveCheckpoint(db: Statements, writing: Writing, { name, step }: Move, tick: Tick): Checkpoint {
  const known = db.get("checkpoint", CHECKPOINT, { name });
  const at = known ? checkpointFrom(known) : fresh(name);
  const moved = step(at, tick);
  if (moved === undefined) return at;
  db.run("save checkpoint", SAVE_CHECKPOINT, { ...moved, name });
  writing.wrote = true;
  return { ...moved, name };
}

const STATES = {
  dirty: "due is not null",
  failing: "error is not null",
  live: "present = 1",
} as const;

function selectRows(db: Statements, { type, scope, state, after, limit }: RowQuery): Row[] {
  const where = [
    ...(type === undefined ? [] : ["type = :type"]),
    ...(scope === undefined ? [] : ["scope = :scope"]),
    ...(state === undefined ? [] : [STATES[state]]),
    ...(after === undefined ? [] : ["(type, scope, id) > (:afterType, :afterScope, :afterId)"]),
  ];
  const sql = `select ${rowColumns} from row ${clause(where)} order by type, scope, id limit :limit`;
  const values: Columns = {
    limit,
    ...(type !== undefined && { type }),
    ...(scope !== undefined && { scope }),
    ...(after && { afterType: after.type, afterScope: after.scope, afterId: after.id }),
  };
  return db.all(sql, sql, values).map(rowFromColumns);
}

function selectEntries(db: Statements, { after, limit, types, scope, ref, newest = false }: EntryQuery): Entry[] {
  const where = [
    "e.position > :after",
    ...(types ? ["e.type in (select value from json_each(:types))"] : []),
    ...(scope === undefined ? [] : ["e.scope = :scope"]),
    ...(ref ? ["e.type = :refType and e.scope = :refScope and e.id = :refId"] : []),
  ];
  const sql = `select e.position, e.tick, e.type, e.scope, e.id, e.state, e.at, e.via, e.causes, e.sum,
      b.state as before, b.position as beforePosition, b.tick as beforeTick, b.sum as beforeSum
    from entry e left join entry b on b.position = e.previous
    ${clause(where)} order by e.position ${newest ? "desc" : "asc"} limit :limit`;
  const values: Columns = {
    ...{ after, limit },
    ...(types && { types: JSON.stringify(types) }),
    ...(scope !== undefined && { scope }),
    ...(ref && { refType: ref.type, refScope: ref.scope, refId: ref.id }),
  };
  return db.all(sql, sql, values).map(checkedEntry);
}

const clause = (where: readonly string[]): string => (where.length === 0 ? "" : `where ${where.join(" and ")}`);

function checkedEntry(columns: Columns): Entry {
  const entry = entryFromColumns(columns);
  const { beforePosition, beforeTick, beforeSum } = columns;
  const earlier = { ...entry, state: entry.before, position: Number(beforePosition), tick: Number(beforeTick) };
  const good = checksum(entry) === columns["sum"] && (beforePosition === null || checksum(earlier) === beforeSum);
  if (good) return entry;
  throw new Error(
    `the log is damaged at position ${entry.position}: what is stored is not what was written. Restore the file from ` +
      "a backup, or move it away: a new one is filled from the providers, and cursors of the old one are then lost",
  );
}

const COMPACT_ENTRIES = `delete from entry where position < :below and (state is null or exists (
  select 1 from entry n where n.type = entry.type and n.scope = entry.scope and n.id = entry.id
    and n.position > entry.position and n.position < :below))`;
const COMPACT_ROWS = `delete from row where present = 0 and due is null and coalesce(last, 0) < :before
  and (position is null or position < :below)`;

function compact(db: Statements, writing: Writing, below: number, forget: Tick, time: Time): void {
  const to = Math.min(below, writing.head.position + 1);
  if (to - 1 <= writing.head.compacted) return;
  const tick = nextTick(writing, time);
  db.run("compact entries", COMPACT_ENTRIES, { below: to });
  db.run("compact rows", COMPACT_ROWS, { below: to, before: tick - forget });
  writing.head = { ...writing.head, compacted: to - 1 };
  writing.wrote = true;
}

const ERASED = `select ${rowColumns} from row where (provider = :provider and scope = :scope)
  or (type = :type and scope = :scope and id = :id)`;
const ENTRIES_OF = "select position, tick from entry where type = :type and scope = :scope and id = :id";
const ERASE_ENTRY = "update entry set state = null, causes = '[]', sum = :sum where position = :position";

/** States become tombstones in their places, so that positions keep their order, and a live resource ends with one. */
function erase(
  db: Statements,
  writing: Writing,
  select: { ref: Ref } | { provider: string; scope: string },
  time: Time,
): void {
  const tick = nextTick(writing, time);
  const values: Columns =
    "ref" in select
      ? { provider: null, type: select.ref.type, scope: select.ref.scope, id: select.ref.id }
      : { provider: select.provider, type: null, scope: select.scope, id: null };
  for (const row of db.all("erased", ERASED, values).map(rowFromColumns)) {
    const { type, scope, id } = row;
    for (const { position, tick: at } of db.all("entries of", ENTRIES_OF, { type, scope, id })) {
      const entry = { position: Number(position), tick: Number(at), type, scope, id, state: null };
      db.run("erase entry", ERASE_ENTRY, { position: entry.position, sum: checksum(entry) });
    }
    const append = row.present ? [{ state: null, at: tick, via: "app", causes: [] } as const] : [];
    const blanked: Row = { ...blank(row), position: row.position, first: tick, last: tick };
    saveStep(db, writing, { row: blanked, append }, tick);
  }
  writing.wrote = true;
}
