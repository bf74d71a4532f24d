/**
 * What the loops share: the store, the clock, the providers' types, the budget, and how they wake each other.
 * @module
 */
import type { Budget } from "./budget.ts";
import type { Caller } from "./call.ts";
import type { EngineEvent } from "./events.ts";
import type { Kind, Providers } from "./kind.ts";
import type { Bell } from "./loop.ts";
import type { Pauses } from "./pause.ts";
import type { Scopes } from "./scopes.ts";
import type { Store } from "./store.ts";

export interface Engine extends Caller {
  store: Store;
  providers: Providers;
  kinds: ReadonlyMap<string, Kind>;
  budget: Budget;
  scopes: Scopes;
  pauses: Pauses;
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
}
