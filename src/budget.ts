/**
 * How many calls, and for whom first.
 *
 *   wallets   what a credential may spend, shared by the processes of the store
 *   lines     when it is a row's turn
 *   places    how many reads of a scope go on at once
 *   rests     what is left alone
 *
 * A row's `due` is a reservation: who makes a row dirty takes the scope's next place in that class. So a flood of one scope
 * spreads over the time its own rate allows, and another scope's hint is due at once. A scope whose places are all taken
 * has the rows that come up moved to the end of its line.
 * @module
 */

import { Lines } from "./budget/lines.ts";
import { Places } from "./budget/places.ts";
import { Rests } from "./budget/rests.ts";
import type { Terms } from "./budget/terms.ts";
import type { Permit, Wallet } from "./budget/wallet.ts";
import { type KnownWallet, Wallets, type WalletsOptions } from "./budget/wallets.ts";
import type { EngineEvent } from "./events.ts";
import { type Class, classes } from "./row.ts";
import { type Tick, ticks } from "./time.ts";
import { type Batch, SharedPlaces } from "./work/places.ts";

/** A provider and one of its scopes. */
export const scopeKey = (provider: string, scope: string): string => `${provider}|${scope}`;

/** A type in one of its scopes. The type has a full stop before any bar, and a provider has none: no scope's name makes one of the other. */
export const typeKey = (provider: string, scope: string, type: string): string =>
  `${type}|${scopeKey(provider, scope)}`;

/** Where a call is made, and what for. */
export interface Spot {
  provider: string;
  scope: string;
  class: Class;
}

/** How many milliseconds' worth of places may be taken at once: a burst of webhooks is read as it comes. */
const BURST = 5_000;
/** Each class comes first in at least this share of the claims, so that none is starved by the more urgent ones. */
const SHARE = 0.1;

/** What the budget is made of. */
export interface BudgetOptions extends Omit<WalletsOptions, "rests"> {
  /** Reads at once per scope. */
  concurrency: number;
  emit(event: EngineEvent): void;
}

export class Budget {
  readonly #wallets: Wallets;
  readonly #lines = new Lines();
  readonly #waiting = new SharedPlaces();
  readonly #movedBack = new SharedPlaces();
  readonly #places: Places;
  readonly #rests: Rests;
  #limited = false;

  constructor({ concurrency, emit, ...options }: BudgetOptions) {
    const rests = (provider: string, credential: string, ms: number) => {
      this.#limited = true;
      emit({ kind: "rest", provider, credential, ms });
    };
    this.#wallets = new Wallets({ ...options, rests });
    this.#places = new Places(concurrency);
    this.#rests = new Rests(options.time);
  }

  /** What Tidemark may spend of a provider's credentials. */
  terms(provider: string): Terms {
    return this.#wallets.terms(provider);
  }

  /** The name of what a scope shares its limits with. */
  credentialOf(provider: string, scope: string): string {
    return this.#wallets.credentialOf(provider, scope);
  }

  /** The wallet of a scope's credential. */
  wallet(provider: string, scope: string): Wallet {
    return this.#wallets.of(provider, scope);
  }

  /** The wallets at hand. */
  wallets(): Iterable<KnownWallet> {
    return this.#wallets.all();
  }

  /**
   * The scope's next place in a class: when a row that becomes dirty now may be read. One that has to wait shares the place
   * of others of its batch.
   */
  reserve(provider: string, scope: string, cls: Class, now: Tick, batch?: Batch): Tick {
    return this.#waiting.of(batch, now, () => Math.max(now, this.#next(provider, scope, cls, now) - ticks(BURST)));
  }

  /** The end of the scope's line in a class, without a burst. */
  place(provider: string, scope: string, cls: Class, now: Tick, batch?: Batch): Tick {
    return this.#movedBack.of(batch, now, () => this.#next(provider, scope, cls, now));
  }

  #next(provider: string, scope: string, cls: Class, now: Tick): Tick {
    const { rate } = this.wallet(provider, scope);
    return this.#lines.next(`${cls}|${scopeKey(provider, scope)}`, rate, this.terms(provider).rate, now);
  }

  /** Whether one more read of the scope may start, beside `more` that are about to. One place is kept for live ones. */
  admits(key: string, cls: Class, more: number): boolean {
    return this.#places.admits(key, cls, more);
  }

  enter(key: string): void {
    this.#places.enter(key);
  }

  leave(key: string): void {
    this.#places.leave(key);
  }

  /** How many times are kept. */
  get size(): number {
    return this.#lines.size + this.#rests.size;
  }

  /** A call may begin at once, or when it is its turn. Throws `BudgetSpent` if that is not soon. */
  permit({ provider, scope, class: cls }: Spot): Permit | Promise<Permit> {
    return this.wallet(provider, scope).permit(cls);
  }

  /** The scope, or a type of it, is to be left alone until a time in ms by our own clock. */
  rest(key: string, until: number): void {
    this.#limited = true;
    this.#rests.rest(key, until);
  }

  /** Whether anything that this process asked met a limit, or was to be left alone. */
  get limited(): boolean {
    return this.#limited;
  }

  /** Until when the scope rests, by itself or with its credential; `undefined` if it does not. */
  resting(provider: string, scope: string, now: number): number | undefined {
    const rest = this.wallet(provider, scope).resting();
    const until = this.restingAt(scopeKey(provider, scope), now);
    return rest === undefined ? until : Math.max(now + rest, until ?? 0);
  }

  /** The same for what was left alone by this name. */
  restingAt(key: string, now: number): number | undefined {
    return this.#rests.at(key, now);
  }

  /** In which order the classes are asked for work. `draw` is from 0 to 1. */
  order(draw: number): readonly Class[] {
    const favoured = classes[classes.length - 1 - Math.floor(draw / SHARE)];
    if (favoured === undefined || favoured === classes[0]) return classes;
    return [favoured, ...classes.filter((cls) => cls !== favoured)];
  }

  /** The engine stops: who waits is turned away, what is held is given back. */
  async close(): Promise<void> {
    await this.#wallets.close();
  }
}
