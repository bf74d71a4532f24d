/**
 * The shape of every subject: set up its contenders once, measure each of them in every round, tear all down.
 * @module
 */
import type { Database } from "./services.ts";

/** What one round of one contender gave: figures by name. */
export type Figures = Readonly<Record<string, number>>;

export interface Contender {
  name: string;
  round(): Promise<Figures>;
}

/** A ratio, or a difference, of two contenders of one round, and what it should be. */
export interface Goal {
  text: string;
  /** Which figure; of whom; to whose. Without `to`: the figure itself. */
  figure: string;
  of: string;
  to?: string;
  /** How much more it is than that of `to`, instead of how many times as much. */
  difference?: boolean;
  atLeast?: number;
  atMost?: number;
}

export interface Subject {
  name: string;
  title: string;
  /** What each figure is in; in the order of the table's columns. */
  units: Readonly<Record<string, string>>;
  goals: readonly Goal[];
  /** At most so many rounds: of what takes long and varies little. */
  rounds?: number;
  /** Whether a round is run first that does not count. Default true. */
  warm?: boolean;
  setup(bench: Bench): Promise<Contender[]>;
}

/** What a subject is given. */
export interface Bench {
  /** How long a round of a contender should take. */
  seconds: number;
  /** Few and small: to see that it works. */
  quick: boolean;
  /** Has something ended when the subject is done, the last first. */
  defer(end: () => unknown): void;
  /** A new directory on the disk. */
  directory(): string;
  /** A new PostgreSQL database, or why there is none. */
  database(): Promise<Database>;
  /** The port of a Redis of our own with `appendfsync always`. */
  redis(preload?: string): Promise<number>;
  /** Numbers of events that were never used before. */
  numbers(count: number): number;
  note(text: string): void;
}

/** The engine's name in every table. */
export const OURS = "tidemark";
/** The same with `tidemark/postgres`, a database of its own. */
export const POSTGRES = `${OURS}, Postgres`;
