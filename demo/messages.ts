/**
 * What the demo and the engine's process say to each other.
 * @module
 */
import type { Change, EngineEvent } from "tidemark";

/** Where everything is. */
export interface Settings {
  /** The SQLite file. */
  file: string;
  /** Where to listen for webhooks, and for who looks at the inspector; 0: anywhere. */
  port: number;
  /** Who has it sees everything, and may act. */
  token: string;
  githubUrl: string;
  stripeUrl: string;
  githubSecret: string;
  stripeSecret: string;
  /** Milliseconds from one poll, and from one sweep, to the next. */
  pollEvery: number;
  sweepEvery: number;
  /** The cursor of the last change that the demo received. Null: from the beginning. */
  after: string | null;
}

/** To the engine's process. */
export type Order = { do: "start"; settings: Settings } | { do: "stop" };

/** From the engine's process. */
export type Report =
  | { kind: "listening"; port: number }
  | { kind: "change"; change: Change<string, object> }
  | { kind: "event"; event: EngineEvent }
  /** A request to a provider's API. */
  | { kind: "request" };
