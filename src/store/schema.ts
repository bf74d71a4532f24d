/**
 * The tables of the SQLite store, and what a row of them is in memory.
 *
 * Rows are narrow and live in a table of their own, so that looking one up reads no state; states are stored once, in
 * the log, which has row ids because a body of some kilobytes in a WITHOUT ROWID table halves the speed of inserts.
 * @module
 */
import { crc32 } from "node:zlib";
import type { Row, Told, Via } from "../row.ts";
import type { Draft, Entry } from "../store.ts";

/** Each version's statements, in order; a database is brought from its `user_version` to the last. They only add. */
export const migrations: readonly string[] = [
  `
  create table head (one integer primary key check (one = 1), log text not null, position integer not null,
    compacted integer not null, tick integer not null) strict;
  create table entry (position integer primary key, tick integer not null, type text not null, scope text not null,
    id text not null, state text, previous integer, at integer not null, via text not null, causes text not null,
    sum integer not null) strict;
  create index entry_ref on entry (type, scope, id, position);
  create table row (type text not null, scope text not null, id text not null, provider text not null,
    position integer, present integer not null, print text, raw text, version real, incarnation real,
    first integer, last integer, epoch integer, regressions integer not null, regressedAt integer, seen integer,
    hinted integer, floor real, unversioned integer not null, confirm integer, class text, due integer,
    attempts integer not null, lease integer, error text, via text, causes text not null,
    primary key (type, scope, id)) strict, without rowid;
  create index row_due on row (class, due) where due is not null;
  create table checkpoint (name text primary key, value text, holder text, until integer not null,
    at integer not null) strict, without rowid;
  `,
];

const columns = [
  ...["type", "scope", "id", "provider", "position", "present", "print", "raw", "version", "incarnation", "first"],
  ...["last", "epoch", "regressions", "regressedAt", "seen", "hinted", "floor", "unversioned", "confirm", "class"],
  ...["due", "attempts", "lease", "error", "via", "causes"],
];

export const rowColumns = columns.join(", ");
export const rowPlaces = columns.map((name) => `:${name}`).join(", ");

/** What the database takes and gives for a column. */
export type Value = string | number | null;
/** A row of a table. */
export type Columns = Record<string, Value>;

export const rowToColumns = ({ present, unversioned, causes, ...plain }: Row): Columns => ({
  ...plain,
  provider: plain.type.slice(0, Math.max(0, plain.type.indexOf("."))),
  present: present ? 1 : 0,
  unversioned: unversioned ? 1 : 0,
  causes: causes.length === 0 ? "[]" : JSON.stringify(causes),
});

export function rowFromColumns({ provider, present, unversioned, causes, ...plain }: Columns): Row {
  const told: Told[] = causes === "[]" ? [] : JSON.parse(String(causes));
  return { ...(plain as unknown as Row), present: present === 1, unversioned: unversioned === 1, causes: told };
}

/** What an entry says, in one number: a byte that the disk changed shows when it is read. */
export const checksum = (entry: Omit<Entry, "before" | keyof Draft> & Pick<Entry, "state">): number => {
  const { position, tick, type, scope, id, state } = entry;
  return crc32(JSON.stringify([position, tick, type, scope, id]), crc32(state ?? ""));
};

export function entryFromColumns(columns: Columns): Entry {
  const { position, tick, type, scope, id, state, before, at, via, causes } = columns;
  return {
    ...{ position: Number(position), tick: Number(tick), at: Number(at) },
    ...{ type: String(type), scope: String(scope), id: String(id) },
    ...{ state: textOrNull(state), before: textOrNull(before) },
    via: via as Via,
    causes: JSON.parse(String(causes)),
  };
}

const textOrNull = (value: Value | undefined): string | null => (typeof value === "string" ? value : null);
