/**
 * Where a store is: what all its parts need to know.
 * @module
 */
import type { Time } from "../../time.ts";
import type { PostgresPool } from "./client.ts";

export interface Place {
  pool: PostgresPool;
  /** The name of the schema, and the same quoted. */
  name: string;
  schema: string;
  time: Time;
  /** The time of a tick, in microseconds, as SQL. */
  clock: () => string;
  /** What `synchronous_commit` is set to where it must last. */
  durable: "on" | "remote_apply";
}
