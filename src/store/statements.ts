/**
 * The prepared statements of a connection.
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Head } from "../store.ts";
import type { Columns } from "./schema.ts";

/** What one group of writes knows of the log's end. */
export interface Writing {
  head: Head;
  /** Something was written: without it the group needs no commit. */
  wrote: boolean;
}

/** Prepared statements of a connection, by name. */
export class Statements {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  #of(name: string, sql: string): StatementSync {
    const known = this.#prepared.get(name) ?? this.#db.prepare(sql);
    this.#prepared.set(name, known);
    return known;
  }
  all(name: string, sql: string, values: Columns): Columns[] {
    return this.#of(name, sql).all(values) as Columns[];
  }
  get(name: string, sql: string, values: Columns): Columns | undefined {
    return this.#of(name, sql).get(values) as Columns | undefined;
  }
  run(name: string, sql: string, values: Columns): number {
    return Number(this.#of(name, sql).run(values).changes);
  }
}

const HEAD = "select log, position, compacted, tick from head";

export function headOf(db: Statements): Head {
  const { log, position, compacted, tick } = db.get("head", HEAD, {}) ?? {};
  return { log: String(log), position: Number(position), compacted: Number(compacted), tick: Number(tick) };
}
