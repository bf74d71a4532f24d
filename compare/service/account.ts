/**
 * What a service holds, whichever it is: things with a number each, every state that they had, and what happened. A state
 * has a number of its own, so that it can be seen which of two is newer.
 * @module
 */
import type { Clock } from "../clock.ts";

export type Json = Record<string, unknown>;
/** Stripe's types; at GitHub everything is an issue. */
export type Kind = "product" | "charge" | "subscription";

export interface State {
  id: number;
  kind: Kind;
  /** Grows with every change in the account. */
  n: number;
  /** Milliseconds. */
  created: number;
  updated: number;
  /** Lists leave it out unless they are asked for all. */
  closed: boolean;
  /** What else there is of it, as the service spells it. */
  fields: Json;
}
export interface Happened {
  id: string;
  /** `created`, `updated`, `deleted`, or what the case calls it. */
  action: string;
  /** What it was about, as it was then. */
  state: State;
  /** Milliseconds: when it happened, and when the list of events begins to show it. */
  at: number;
  visible: number;
}

export interface PutOptions {
  kind?: Kind;
  action?: string;
  closed?: boolean;
  fields?: Json;
}

export class Account {
  readonly events: Happened[] = [];
  readonly #histories = new Map<number, { at: number; state: State | null }[]>();
  readonly #clock: Clock;
  /** Milliseconds that a read of one thing is behind. */
  behind = 0;
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get now(): number {
    return this.#clock.now();
  }

  put(id: number, { kind = "product", action, closed = false, fields = {} }: PutOptions = {}): Happened {
    const known = this.current(id);
    const at = this.now;
    const n = ++this.#count;
    const state: State = {
      ...{ id, n, closed, fields, created: known?.created ?? at, updated: at, kind: known?.kind ?? kind },
    };
    return this.#happen(action ?? (known ? "updated" : "created"), state, state);
  }

  remove(id: number): Happened {
    const known = this.current(id);
    if (!known) throw new Error(`There is no ${id} to remove`);
    return this.#happen("deleted", known, null);
  }

  #happen(action: string, state: State, becomes: State | null): Happened {
    const at = becomes?.updated ?? this.now;
    this.#histories.set(state.id, [...(this.#histories.get(state.id) ?? []), { at, state: becomes }]);
    const event = { id: `evt_${this.events.length + 1}`, action, state, at, visible: at };
    this.events.push(event);
    return event;
  }

  current = (id: number): State | null => this.#histories.get(id)?.at(-1)?.state ?? null;
  /** What a read of it shows: what was, while it is behind. */
  shown(id: number): State | null {
    const until = this.now - this.behind;
    return this.#histories.get(id)?.findLast(({ at }) => at <= until)?.state ?? null;
  }
  /** Whether there ever was one. */
  was = (id: number): boolean => this.#histories.has(id);
  all = (): State[] => [...this.#histories.keys()].flatMap((id) => this.current(id) ?? []);
  visible(): Happened[] {
    const now = this.now;
    return this.events.filter(({ visible }) => visible <= now);
  }
}
