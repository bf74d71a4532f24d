/**
 * What the loops share: the store, the clock, the providers' types, the budget, and how they wake each other.
 * @module
 */
import type { Budget } from "./budget.ts";
import type { Caller } from "./call.ts";
import type { EngineEvent } from "./events.ts";
import type { HookState, Hooks } from "./hook/hooks.ts";
import type { Kind, Providers } from "./kind.ts";
import type { Bell } from "./loop.ts";
import type { Pauses } from "./pause.ts";
import type { Loss } from "./rates.ts";
import type { Note, Row } from "./row.ts";
import type { Scopes } from "./scopes.ts";
import type { Store } from "./store.ts";
import type { Tick } from "./time.ts";

export interface Engine extends Caller {
  store: Store;
  providers: Providers;
  kinds: ReadonlyMap<string, Kind>;
  budget: Budget;
  scopes: Scopes;
  pauses: Pauses;
  losses: Losses;
  /** A name for the next hold of a checkpoint: this engine's, and another one each time. */
  holder(): string;
  /** Milliseconds from the beginning of a sweep to the next one's. */
  sweepEvery: number;
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

/** The loss ledger, as losses.ts makes it. */
export interface Losses {
  /** A note was put to its row, which is as `before` and becomes `after`. */
  judge(before: Row, after: Row, note: Note, tick: Tick): void;
  /** A webhook told of a type, and of no resource. */
  heard(type: string, scope: string): void;
  record(event: EngineEvent): void;
  /** Saves what was counted. Rejects if the store does; then it is saved later. */
  flush(): Promise<void>;
  /** Flushes; tells `observe` each time a slot is over. Answers how many milliseconds to sleep. */
  run(): Promise<number>;
  report(): Promise<Loss[]>;
}
