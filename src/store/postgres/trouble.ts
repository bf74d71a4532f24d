/**
 * What an error of Postgres, or of the way to it, asks for.
 * @module
 */
import { StoreError } from "../../errors.ts";

/** Another process changed or created what we looked at, before we had its lock: the group must look again. */
export class Overtaken extends Error {
  readonly code = "40001";
}

/**
 * `again`: nothing was saved, or nobody knows; the same on a new connection may succeed. `job`: the database refuses what one
 * job wants to save. `never`: a person must do something first.
 */
export type Remedy = "again" | "job" | "never";

const AGAIN = [
  "40001",
  "40P01",
  "55P03",
  "53300",
  "25006",
  "25P03",
  "26000",
  "42P05",
  "57P01",
  "57P02",
  "57P03",
  "57P05",
];

export function remedyFor(error: unknown): Remedy {
  const state = stateOf(error);
  if (state === undefined) return isConnection(error) ? "again" : "never";
  if (AGAIN.includes(state) || state.startsWith("08")) return "again";
  return state.startsWith("22") || state.startsWith("23") || state === "54000" ? "job" : "never";
}

/** The SQLSTATE of an error: five characters (postgresql.org/docs/current/errcodes-appendix.html). */
function stateOf(error: unknown): string | undefined {
  const code = codeOf(error);
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code) ? code : undefined;
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

/** Errors of sockets have a code; those of `pg` itself have a message only. */
function isConnection(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof StoreError || /after calling end/.test(error.message)) return false;
  const code = codeOf(error);
  if (code !== undefined) return /^E[A-Z]{3,}$/.test(code);
  return /connection|not queryable|does not answer|timeout exceeded/i.test(error.message);
}

/** An error of the database as one that says what to do. Our own stay as they are. */
export const troubleWith = (schema: string, done: "opened" | "read" | "written", cause: unknown): StoreError =>
  cause instanceof StoreError
    ? cause
    : new StoreError(`postgres (schema "${schema}") could not be ${done}: ${whatToDo(cause)}`, { cause });

/** By whole state first, then by its class. */
const HELP: Readonly<Record<string, string>> = {
  "08": "the connection failed: check that the server runs and can be reached",
  "22": "a value cannot be stored; text must not contain a zero byte. See the cause",
  "23": "a value cannot be stored: see the cause",
  "25": "the session is in a state in which it cannot write: see the cause",
  "25006": "the server is read-only: give the pool the address of the primary",
  "28": "the server does not let this user in: check user, password and pg_hba.conf",
  "3D": "the database does not exist: create it, or correct the connection's database",
  "3F": "the schema is gone: open the store again, and it is created",
  "40": "other transactions stood in the way again and again: try again",
  "42501": "this user lacks a permission: grant it usage on the schema and all on its tables",
  "42P01": "a table is gone: restore it from a backup, or drop the schema and open the store again",
  "53": "the server lacks a resource: see the cause",
  "53100": "its disk is full: make room, and it goes on by itself",
  "53200": "the server is out of memory: give it more, or lower the size of its pools",
  "53300": "too many connections: lower the size of the pools, or raise max_connections",
  "55P03": "another transaction keeps a lock: find it in pg_stat_activity and end it",
  "57": "the server was told to stop: wait until it is up again",
  "57014": "a statement took too long and was cancelled: see how busy the server is",
  "57P03": "the server is starting or stopping: wait until it is up",
  "58": "the server's disk or system failed: look at its log",
  XX: "the server found damage: look at its log, restore a backup",
};

function whatToDo(error: unknown): string {
  const state = stateOf(error);
  if (state === undefined) {
    return isConnection(error) ? (HELP["08"] ?? "") : "see the cause";
  }
  return `${HELP[state] ?? HELP[state.slice(0, 2)] ?? "see the cause"} (SQLSTATE ${state})`;
}
