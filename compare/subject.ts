/**
 * What a case is run against: a way to keep a copy of what a service has.
 * @module
 */
import type { RequestListener } from "node:http";
import type { Clock } from "./clock.ts";
import type { Kind } from "./service/account.ts";
import type { Dialect } from "./service/dialect.ts";

/**
 * What a subject says of itself that it does. `webhooks`: keeps what they tell. `reads`: asks the service before it
 * believes one. `looks`: finds what no webhook told.
 */
export type Ability = "webhooks" | "reads" | "looks";

/** Where a subject keeps its own, and which service it follows. */
export interface Place {
  /** Of the service's API. */
  url: string;
  /** A folder of the case's own, empty at first. */
  folder: string;
  /** A database of the subject's own, if it wants one. */
  database: string | undefined;
}

/** One process of a subject. */
export interface Running {
  listener: RequestListener;
  /** Resolves when what was taken is worked off. */
  settle(): Promise<void>;
  /** Does what is due: polls and sweeps, or the backfill that its README has. Rejects where that failed. */
  look(): Promise<void>;
  /** The numbers of the states that it had of a thing, as far as it keeps them; the last one is what it has now. */
  states(kind: Kind, id: number): Promise<(number | null)[]>;
  close(): Promise<void>;
}

export interface Subject {
  /** Of its column. */
  name: string;
  /** Of its module. */
  file: string;
  /** Several have the same column: it is right where all of them are. */
  column: string;
  /** `undefined`: it is this project. */
  package: string | undefined;
  dialect: Dialect;
  does: readonly Ability[];
  /** How it does that, if a reader should know. */
  remarks?: Partial<Record<Ability, string>>;
  /** Whether it wants a Postgres database. */
  database: boolean;
  open(place: Place, clock?: Clock): Promise<Running>;
  /** Empties what a case before left in the database. */
  clear?(database: string): Promise<void>;
  /** Nothing can be written until what this answers was called, as if the disk or the database hung; then it is restarted. */
  stall(place: Place): Promise<() => Promise<void>>;
}
