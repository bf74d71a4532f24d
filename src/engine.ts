/**
 * What the loops share: the store, the clock, the providers' types, the budget, and how they wake each other.
 * @module
 */

import type { EngineEvent } from "./events.ts";
import type { HookState, Hooks } from "./hook/hooks.ts";
import type { Kind, Providers } from "./kind.ts";
import type { Bell } from "./loop.ts";
import type { Loss } from "./loss/rates.ts";
import type { LossHour } from "./loss/series.ts";
import type { Pauses } from "./pause.ts";
import type { Feed } from "./provider.ts";
import type { Bounds, Paced, Swept } from "./reconcile/tempo.ts";
import type { Note, Row } from "./row.ts";
import type { Scopes } from "./scopes.ts";
import type { Store } from "./store.ts";
import type { Tick } from "./time.ts";
import type { Caller } from "./work/call.ts";
import type { Outages } from "./work/outage.ts";

export interface Engine extends Caller {
  store: Store;
  providers: Providers;
  kinds: ReadonlyMap<string, Kind>;
  scopes: Scopes;
  pauses: Pauses;
  outages: Outages;
  losses: Losses;
  /** A name for the next hold of a checkpoint: this engine's, and another one each time. */
  holder(): string;
  /** Milliseconds from the beginning of a sweep to the next one's, at the longest. */
  sweepEvery: number;
  schedule: Schedule;
  emit(event: EngineEvent): void;
  /** Rows became dirty, and are due in `ms`. */
  workDue(ms: number): void;
  /** A poll or a sweep is wanted: the one of this checkpoint; without a name whatever may be due is looked at. */
  reconcileDue(name?: string): void;
  /** Rings when the log grew. */
  grown: Bell;
  hooks: Hooks;
  /** What is known of the hook of a scope, from memory. */
  hookState(provider: string, scope: string): HookState;
}

export type { HookState } from "./hook/hooks.ts";

/** The loss ledger, as loss/losses.ts makes it. */
export interface Losses {
  /** A note was put to its row, which is as `before` and becomes `after`. */
  judge(before: Row, after: Row, note: Note, tick: Tick): void;
  /** A webhook told of a type, and of no resource. */
  heard(type: string, scope: string): void;
  /** No webhook told of a change. */
  missed(type: string, scope: string): void;
  record(event: EngineEvent): void;
  /** Saves what was counted. Rejects if the store does; then it is saved later. */
  flush(): Promise<void>;
  /** Flushes; tells `observe` each time a slot is over. Answers how many milliseconds to sleep. */
  run(): Promise<number>;
  report(): Promise<Loss[]>;
  /** The last hours, the one under way included. */
  series(hours: number): Promise<LossHour[]>;
}

/** When polls and sweeps are due, as schedule.ts makes it. Types by their full names; intervals in ms. */
export interface Schedule {
  pollBounds(provider: string, feed: Feed): Bounds;
  /** From a poll to the next. */
  poll(provider: string, scope: string, feed: Feed, state: Paced): number;
  /** The interval that a poll leaves. `busy`: it named something. */
  polled(provider: string, scope: string, feed: Feed, state: Paced, busy: boolean): number;
  /** From the beginning of a sweep to the next one's: by its state; and where the last one found a loss. */
  sweep(state: Paced): number;
  shortestSweep(state: Pick<Swept, "took">): number;
  /** What a sweep leaves that is complete. `draw` is from 0 to 1. */
  swept(type: string, state: Swept, now: Tick, draw: number): Pick<Swept, "every" | "took">;
  /** Whether a feed of the type names what webhooks bring. */
  isNamed(type: string): boolean;
  /** Whether a change of the type that a poll or a sweep finds may tell of a loss: of a webhook, or between two sweeps. */
  mayMiss(type: string): boolean;
  /** Between the quickest polls of the type; of one that no feed covers, an hour. */
  quickest(type: string): number;
}
