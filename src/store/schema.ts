/**
 * The tables of the SQLite store, and what a row of them is in memory.
 *
 * Rows are narrow and live in a table of their own, so that looking one up reads no state; states are stored once, in
 * the log, which has row ids because a body of some kilobytes in a WITHOUT ROWID table halves the speed of inserts.
 * @module
 */
import { crc32 } from "node:zlib";
import type { Ref, Row, Told, Via } from "../row.ts";
import type { Entry } from "../store.ts";
import type { Tick } from "../time.ts";

/** Each version's statements, in order; a database is brought from its `user_version` to the last. They only add. */
export const migrations: readonly string[] = [
  `
  create table head (one integer primary key check (one = 1), log text not null, position integer not null,
    compacted integer not null, tick integer not null) strict;
  create table entry (position integer primary key, tick integer not null, type text not null, scope text not null,
    id text not null, previous integer, at integer not null, via text not null, causes text not null,
    sum integer not null, stateSum integer not null, state text) strict;
  create index entry_ref on entry (type, scope, id, position);
  create table row (type text not null, scope text not null, id text not null, provider text not null,
    position integer, present integer not null, print text, raw text, version real, incarnation real,
    first integer, last integer, epoch integer, regressions integer not null, regressedAt integer, seen integer,
    hinted integer, floor real, unversioned integer not null, confirm integer, class text, due integer,
    attempts integer not null, lease integer, error text, via text, causes text not null,
    primary key (type, scope, id)) strict, without rowid;
  -- Each finds in few steps what is rare among many rows: what is due, owed, failing, or may be forgotten.
  create index row_due on row (class, due) where due is not null;
  create index row_owed on row (type, scope, id) where due is not null;
  create index row_failing on row (type, scope, id) where error is not null;
  create index row_gone on row (coalesce(last, 0)) where present = 0 and due is null;
  create table live (type text not null, scope text not null, count integer not null,
    primary key (type, scope)) strict, without rowid;
  create table checkpoint (name text primary key, value text, holder text, until integer not null,
    at integer not null) strict, without rowid;
  `,
  `
  create table inbox (seq integer primary key, notes text not null, sum integer not null) strict;
  `,
];

const columns = [
  ...["type", "scope", "id", "position", "present", "print", "raw", "version", "incarnation", "first", "last", "epoch"],
  ...["regressions", "regressedAt", "seen", "hinted", "floor", "unversioned", "confirm", "class", "due", "attempts"],
  ...["lease", "error", "via", "causes"],
];
export const rowNames = columns as (keyof Row)[];
/** What a row in memory has. */
export const rowColumns = columns.join(", ");

const saved = ["provider", ...columns];
const set = saved.filter((name) => !["type", "scope", "id", "provider"].includes(name));
// Not `replace`, which deletes the row first, and its place in each index.
export const SAVE_ROW = `insert into row (${saved.join(", ")}) values (${saved.map((name) => `:${name}`).join(", ")})
  on conflict do update set ${set.map((name) => `${name} = excluded.${name}`).join(", ")}`;

/** What the database takes and gives for a column. */
export type Value = string | number | null;
/** A row of a table. */
export type Columns = Record<string, Value>;

/** The values of {@link SAVE_ROW}, in their order: as an object with names they took a tenth of a hint's time. */
export const rowToValues = (row: Row): Value[] => [
  row.type.slice(0, Math.max(0, row.type.indexOf("."))),
  ...columns.map((name) => {
    if (name === "causes") return causesToText(row.causes);
    const value = (row as unknown as Record<string, Value | boolean>)[name] ?? null;
    return typeof value === "boolean" ? Number(value) : value;
  }),
];

export function rowFromColumns(columns: Columns): Row {
  const { present, unversioned, causes } = columns;
  const told = { present: present === 1, unversioned: unversioned === 1, causes: causesFromText(causes) };
  // Into the object that was made for it: a copy of 26 columns for each row took a tenth of an update's time.
  return Object.assign(columns as unknown as Row, told);
}

/** Most rows and entries have none. A row that is hinted often has 16, and is written each time: without names they are short. */
export const causesToText = (causes: readonly Told[]): string =>
  causes.length === 0
    ? "[]"
    : JSON.stringify(causes.map(({ id, name, at, tick, used, awaited }) => [id, name, at, tick, flags(used, awaited)]));
export const causesFromText = (text: Value | undefined): Told[] =>
  text === "[]" ? [] : JSON.parse(String(text)).map(causeFrom);
const causeFrom = ([id, name, at, tick, flags]: [string, string, number | null, Tick, number]): Told => ({
  ...{ id, name, at, tick },
  used: (flags & USED) !== 0,
  ...(flags >= NAMED && { awaited: flags >= JUDGED ? "judged" : "named" }),
});

/** Flags of a cause, in one number. */
const USED = 1;
const NAMED = 2;
const JUDGED = 4;
const flags = (used: boolean, awaited: Told["awaited"]): number =>
  (used ? USED : 0) + (awaited === undefined ? 0 : awaited === "judged" ? JUDGED : NAMED);

export const refOf = ({ type, scope, id }: Columns): Ref => ({
  type: String(type),
  scope: String(scope),
  id: String(id),
});
export const textOrNull = (value: Value | undefined): string | null => (typeof value === "string" ? value : null);

/** A state's checksum, which holds at its own position only. */
export const stateSum = (state: Value | undefined, position: Value | undefined): number =>
  crc32(textOrNull(state) ?? "", Number(position) >>> 0);

/** The checksum of all else that an entry says, and of which state belongs to it. */
export function entrySum(columns: Columns): number {
  const { position, tick, type, scope, id, previous, at, via, causes, stateSum, state } = columns;
  return crc32(
    `${position}\n${tick}\n${type}\n${scope}\n${id}\n${previous}\n${at}\n${via}\n${causes}\n${stateSum}\n${state === null}`,
  );
}

export function entryFromColumns(columns: Columns): Entry {
  const { position, tick, state, before, at, via, causes } = columns;
  return {
    ...{ position: Number(position), tick: Number(tick), at: Number(at) },
    ...refOf(columns),
    ...{ state: textOrNull(state), before: textOrNull(before) },
    via: via as Via,
    causes: causesFromText(causes),
  };
}
