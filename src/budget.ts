/**
 * How many calls, and for whom first.
 *
 * What a credential may spend is in its wallet, shared by the processes of the store. Here is what a scope may: a row's
 * `due` is a reservation: who makes a row dirty takes the scope's next place in that class. So a flood of one scope
 * spreads over the time its own rate allows, and another scope's hint is due at once. A scope whose places are all taken
 * has the rows that come up moved to the end of its line.
 * @module
 */

import { askPurse, type Given, purseOf, type Terms } from "./budget/purse.ts";
import { type Permit, type Question, Wallet } from "./budget/wallet.ts";
import type { EngineEvent } from "./events.ts";
import type { Providers } from "./kind.ts";
import type { Limits } from "./provider.ts";
import { type Class, classes } from "./row.ts";
import type { Store } from "./store.ts";
import { type Tick, type Time, ticks } from "./time.ts";
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
/**
 * Milliseconds that a line may be long by a rate that was learned; the rest of it is as long as the declared one makes it. What
 * waits has its place until then, however soon the rate is a better one: at a call a minute that were hours.
 */
const LINE = 60_000;
/** Each class comes first in at least this share of the claims, so that none is starved by the more urgent ones. */
const SHARE = 0.1;
/** Calls a second, where a provider does not say what it bears. */
const RATE = 20;
/** Milliseconds that the store's clock may be ahead of ours before it is believed to stand. */
const AHEAD = 5_000;

/** So many times and wallets are kept though they may say nothing any more. */
const FEW = 1_024;

/** Before the name of a purse. */
export const BUDGET = "budget|";
export const budgetName = (provider: string, credential: string): string =>
  `${BUDGET}${provider}|${encodeURIComponent(credential)}`;

/** What a provider's limits leave for Tidemark. */
export const termsOf = ({ rate = RATE, quota }: Limits = {}, reserve: number): Terms => ({
  ...{ rate: rate * (1 - reserve), reserve },
  quota: quota && { calls: quota.calls * (1 - reserve), per: quota.per },
});

/** Calls a second that a quota lets one make all the time. */
const longRunOf = ({ rate, quota }: Terms): number =>
  quota ? Math.min(rate, (quota.calls * 1_000) / quota.per) : rate;

/** What the budget is made of. */
export interface BudgetOptions {
  providers: Providers;
  /** Reads at once per scope. */
  concurrency: number;
  /** The part of each credential that is left to the application, 0 to less than 1. */
  reserve: number;
  store: Pick<Store, "checkpoint">;
  time: Time;
  /** The process's own name among all those of the store. */
  owner: string;
  emit(event: EngineEvent): void;
  /** Reads that had to wait may begin in so many ms. */
  rang(ms: number): void;
}

/** A time that is past says no more than none. Answers how many may be kept until this is worth its while again. */
function forgetPast<T>(times: Map<string, T>, now: number, timeOf: (one: T) => number): number {
  for (const [key, one] of times) if (timeOf(one) <= now) times.delete(key);
  return Math.max(FEW, 2 * times.size);
}

/** When a rest began and ends, in ms by our own clock. */
interface Rest {
  since: number;
  until: number;
}

export class Budget {
  readonly #options: BudgetOptions;
  readonly #reserved = new Map<string, Tick>();
  readonly #waiting = new SharedPlaces();
  readonly #movedBack = new SharedPlaces();
  readonly #flying = new Map<string, number>();
  /** In ms by our own clock. */
  readonly #resting = new Map<string, Rest>();
  readonly #wallets = new Map<string, Wallet>();
  #limited = false;
  /** Beyond so many, what is past is forgotten: scopes come and go. */
  #mostReserved = FEW;
  #mostResting = FEW;
  #mostWallets = FEW;
  #asked = 0;

  constructor(options: BudgetOptions) {
    this.#options = options;
  }

  /** What Tidemark may spend of a provider's credentials. */
  terms(provider: string): Terms {
    return termsOf(this.#options.providers[provider]?.limits, this.#options.reserve);
  }

  /** The name of what a scope shares its limits with. */
  credentialOf(provider: string, scope: string): string {
    try {
      return this.#options.providers[provider]?.limits?.credential?.(scope) ?? scope;
    } catch {
      // One scope's name that a plugin cannot read must not hold up the others.
      return scope;
    }
  }

  wallet(provider: string, scope: string): Wallet {
    const credential = this.credentialOf(provider, scope);
    const key = scopeKey(provider, credential);
    const known = this.#wallets.get(key);
    if (known) return known;
    if (this.#wallets.size >= this.#mostWallets) this.#forgetIdle();
    const wallet = this.#open(provider, credential);
    this.#wallets.set(key, wallet);
    return wallet;
  }

  /** The wallets at hand, by provider and credential. */
  *wallets(): Generator<{ provider: string; credential: string; wallet: Wallet }> {
    for (const [key, wallet] of this.#wallets) {
      const bar = key.indexOf("|");
      yield { provider: key.slice(0, bar), credential: key.slice(bar + 1), wallet };
    }
  }

  #forgetIdle(): void {
    for (const [key, wallet] of this.#wallets) if (wallet.isIdle) this.#wallets.delete(key);
    this.#mostWallets = Math.max(FEW, 2 * this.#wallets.size);
  }

  #open(provider: string, credential: string): Wallet {
    const { providers, reserve, time, emit, rang } = this.#options;
    const limits = providers[provider]?.limits;
    const terms = this.terms(provider);
    const name = budgetName(provider, credential);
    return new Wallet({
      ...{ time, rang },
      terms: {
        rate: terms.rate,
        longRun: longRunOf(terms),
        atOnce: limits?.atOnce ?? Number.POSITIVE_INFINITY,
        reserve,
      },
      ask: (question) => this.#ask(name, terms, question),
      rests: (ms) => {
        this.#limited = true;
        emit({ kind: "rest", provider, credential, ms });
      },
    });
  }

  /** Asks the purse in the store. A question that a power cut undid is a second's worth of calls. */
  async #ask(name: string, terms: Terms, question: Question): Promise<Given & { now: Tick }> {
    const { store, time, owner } = this.#options;
    const number = ++this.#asked;
    let given: Given | undefined;
    const { tick } = await store.checkpoint(
      {
        name,
        step: (at, tick) => {
          const purse = purseOf(at, terms, tick);
          if (purse.members[owner]?.[1] === number) return undefined;
          // While the clock that the ticks come from stands, because it was ahead, nothing would come in.
          const stands = tick / 1_000 - time.now() > AHEAD;
          const answer = askPurse(
            purse,
            terms,
            { ...question, owner, number, elapsed: stands ? question.elapsed : 0 },
            tick,
          );
          given = answer.given;
          return { ...at, value: JSON.stringify(answer.purse), at: tick };
        },
      },
      { lazy: true },
    );
    if (!given) throw new Error(`${name}: the store did not run the step`);
    return { ...given, now: tick };
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
    const key = `${cls}|${scopeKey(provider, scope)}`;
    const end = Math.max(now, this.#reserved.get(key) ?? 0);
    const slow = end + ticks(1_000 / this.wallet(provider, scope).rate);
    const place = slow <= now + ticks(LINE) ? slow : end + ticks(1_000 / this.terms(provider).rate);
    this.#reserved.set(key, place);
    if (this.#reserved.size > this.#mostReserved)
      this.#mostReserved = forgetPast(this.#reserved, now, (place) => place);
    return place;
  }

  /** Whether one more read of the scope may start, beside `more` that are about to. One place is kept for live ones. */
  admits(key: string, cls: Class, more: number): boolean {
    const { concurrency } = this.#options;
    const places = cls === "live" || concurrency === 1 ? concurrency : concurrency - 1;
    return (this.#flying.get(key) ?? 0) + more < places;
  }

  /** How many times are kept. */
  get size(): number {
    return this.#reserved.size + this.#resting.size;
  }

  enter(key: string): void {
    this.#flying.set(key, (this.#flying.get(key) ?? 0) + 1);
  }

  leave(key: string): void {
    const left = (this.#flying.get(key) ?? 1) - 1;
    if (left > 0) this.#flying.set(key, left);
    else this.#flying.delete(key);
  }

  /** A call may begin at once, or when it is its turn. Throws `BudgetSpent` if that is not soon. */
  permit({ provider, scope, class: cls }: Spot): Permit | Promise<Permit> {
    return this.wallet(provider, scope).permit(cls);
  }

  /** The scope, or a type of it, is to be left alone until a time in ms by our own clock. */
  rest(key: string, until: number): void {
    const since = this.#options.time.now();
    this.#limited = true;
    this.#resting.set(key, { since, until: Math.max(until, this.restingAt(key, since) ?? 0) });
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
    if (this.#resting.size > this.#mostResting)
      this.#mostResting = forgetPast(this.#resting, now, ({ until }) => until);
    const rest = this.#resting.get(key);
    if (rest === undefined) return undefined;
    // Put back, the clock would make the rest longer than asked for: it begins anew.
    if (now < rest.since) Object.assign(rest, { since: now, until: rest.until - rest.since + now });
    if (rest.until > now) return rest.until;
    this.#resting.delete(key);
    return undefined;
  }

  /** In which order the classes are asked for work. `draw` is from 0 to 1. */
  order(draw: number): readonly Class[] {
    const favoured = classes[classes.length - 1 - Math.floor(draw / SHARE)];
    if (favoured === undefined || favoured === classes[0]) return classes;
    return [favoured, ...classes.filter((cls) => cls !== favoured)];
  }

  /** The engine stops: who waits is turned away, what is held is given back. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#wallets.values()].map((wallet) => wallet.close()));
  }
}
