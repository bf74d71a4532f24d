/**
 * The tables of the Postgres store, and what a row of them is in memory.
 *
 * Names and order are compared by their bytes (`collate "C"`), so that every server, process and store agrees on them.
 * No index has a column that a sweep writes (`seen`, `last`), so that what is only seen again stays in its place.
 * @module
 */
import type { Checkpoint } from "../../checkpoint.ts";
import type { Ref, Row, Via } from "../../row.ts";
import type { Entry } from "../../store.ts";
import { causesFromText, causesToText, rowNames } from "../schema.ts";
import type { Columns } from "./client.ts";

/** A version of the tables. Each only adds to the one before. */
export interface Migration {
  /** `$` stands for the schema. */
  sql: string;
  /** The oldest version whose code can still work with the tables of this one. */
  oldest: number;
}

export const migrations: readonly Migration[] = [
  {
    oldest: 1,
    sql: `
  create table $.head (one boolean primary key default true check (one), log text not null,
    position bigint not null default 0, compacted bigint not null default 0) with (fillfactor = 10);
  create table $.tick (one boolean primary key default true check (one), at bigint not null default 0)
    with (fillfactor = 10);
  create table $.entry (position bigint primary key, tick bigint not null, type text collate "C" not null,
    scope text collate "C" not null, id text collate "C" not null, previous bigint, at bigint not null,
    via text not null, causes text not null, state text);
  create index entry_ref on $.entry (type, scope, id, position);
  create table $.row (type text collate "C" not null, scope text collate "C" not null, id text collate "C" not null,
    provider text not null, position bigint, present boolean not null, print text, raw text,
    version double precision, incarnation double precision, first bigint, last bigint, epoch bigint,
    regressions integer not null, "regressedAt" bigint, seen bigint, hinted bigint, floor double precision,
    unversioned boolean not null, confirm bigint, class text, due bigint, attempts integer not null, lease bigint,
    error text, via text, causes text not null, touched bigint not null,
    primary key (type, scope, id)) with (fillfactor = 80);
  create index row_due on $.row (class, due) where due is not null;
  create index row_owed on $.row (type, scope, id) where due is not null;
  create index row_failing on $.row (type, scope, id) where error is not null;
  create index row_gone on $.row (type, scope, id) where not present and due is null;
  create table $.live (type text collate "C" not null, scope text collate "C" not null, count bigint not null,
    primary key (type, scope)) with (fillfactor = 50);
  create table $.checkpoint (name text collate "C" primary key, value text, holder text, until bigint not null,
    at bigint not null, touched bigint not null) with (fillfactor = 50);
  create table $.inbox (seq bigserial primary key, notes text not null);
  insert into $.tick default values`,
  },
  // The start of the server that issued the latest tick.
  { oldest: 1, sql: "alter table $.tick add column started timestamptz" },
];

/** What the database calls the columns of a row in memory, in their order. */
export const rowColumns = rowNames.map((name) => `"${name}"`).join(", ");
export const qualified = (table: string): string => rowNames.map((name) => `${table}."${name}"`).join(", ");

const FLAGS: readonly string[] = ["present", "unversioned"];
const FLOATS: readonly string[] = ["version", "incarnation", "floor"];
const COUNTS: readonly string[] = ["regressions", "attempts"];
const TEXTS: readonly string[] = ["type", "scope", "id", "print", "raw", "class", "error", "via", "causes"];

/** The database's type of a column. */
export const typeOf = (name: string): string => {
  if (FLAGS.includes(name)) return "boolean";
  if (FLOATS.includes(name)) return "double precision";
  if (COUNTS.includes(name)) return "integer";
  return TEXTS.includes(name) ? "text" : "bigint";
};

/** The values of a column, for all rows that are saved. */
export const columnOf = (rows: readonly Row[], name: keyof Row): unknown[] =>
  rows.map((row) => (name === "causes" ? causesToText(row.causes) : row[name]));

const numeric = rowNames.filter((name) => !TEXTS.includes(name) && !FLAGS.includes(name));

export function rowFrom(columns: Columns): Row {
  const row: Record<string, unknown> = {};
  for (const name of rowNames) row[name] = columns[name];
  for (const name of numeric) row[name] = numberOrNull(columns[name]);
  for (const name of FLAGS) row[name] = columns[name] === "t";
  row["causes"] = causesFromText(columns["causes"]);
  return row as unknown as Row;
}

export const refFrom = ({ type, scope, id }: Columns): Ref => ({
  ...{ type: String(type), scope: String(scope), id: String(id) },
});

export const checkpointFrom = ({ name, value, holder, until, at }: Columns): Checkpoint => ({
  ...{ name: String(name), value: value ?? null, holder: holder ?? null, until: Number(until), at: Number(at) },
});

export const entryFrom = (columns: Columns): Entry => ({
  ...{ position: Number(columns["position"]), tick: Number(columns["tick"]), at: Number(columns["at"]) },
  ...refFrom(columns),
  ...{ state: columns["state"] ?? null, before: columns["before"] ?? null },
  via: columns["via"] as Via,
  causes: causesFromText(columns["causes"]),
});

export const numberOrNull = (value: string | null | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);
