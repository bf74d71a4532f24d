/**
 * A credential as one process uses it: what it has at hand of the shared budget, and who waits for more.
 *
 *   pocket   far below the limit a process spends without a word: up to a second's worth, which it tells the others with
 *            its next question, and forgets where it is too little to matter
 *   held     beyond that it asks the purse in the store for a block of calls at a time, as many as it can use in a second
 *   queue    polls and pages wait here, the urgent first. Reads of rows do not: their rows are not leased before
 *
 * A process that dies loses what it held.
 * @module
 */
import { BudgetSpent } from "../errors.ts";
import { type Class, classes } from "../row.ts";
import type { Time } from "../time.ts";
import type { Given, Said } from "./purse.ts";

/** What the provider said with an answer, as `Context.limit` was given it; times in ms since 1970. */
export interface Answered {
  left: number | undefined;
  of: number | undefined;
  resets: number | undefined;
  restores: number | undefined;
  cost: number;
}

/** What a wallet asks the purse, less what only the budget knows. */
export interface Question {
  wants: readonly number[];
  spent: number;
  said: Said | undefined;
  refused: number | undefined;
  elapsed: number;
}

/** What a wallet needs of the budget. */
export interface Bank {
  time: Time;
  /**
   * Calls a second to begin with, and in the long run, where a quota allows fewer; requests at once for all processes; the
   * part that is the application's.
   */
  terms: { rate: number; longRun: number; atOnce: number; reserve: number };
  ask(question: Question): Promise<Given & { now: number }>;
  /** More may be begun in so many ms. */
  rang(ms: number): void;
  /** It begins to rest, for so many ms. */
  rests(ms: number): void;
}

/** A call that was admitted. */
export interface Permit {
  /** An answer came. The first one is paid for already. */
  answered(what: Answered): void;
  refused(ms: number): void;
  /** It is over. */
  end(): void;
}

/** The part of the rate that a process may spend without ever telling. */
const UNTOLD = 0.02;
/** Milliseconds' worth of calls in the pocket, and in the largest block. */
const POCKET = 1_000;
const BLOCK = 1_000;
/** Milliseconds for which nothing is spent untold after something had to wait. */
const CAREFUL = 10_000;
/** The longest that a poll or a page waits, in ms. */
export const PATIENCE = 10_000;
/** Milliseconds until a store that failed is asked again. */
const UNSAVED = 1_000;
/** How much the cost of the latest call counts. */
const WEIGHT = 0.2;
/** Milliseconds that a rest lasts at least: who is refused and asked to wait for none would ask as fast as ever. */
const SHORTEST_REST = 100;
/** Milliseconds that a rest lasts at most, whatever the clock does. */
const LONGEST_REST = 3_600_000;

/** From a time by our own clock, in ms, and how long. */
interface Span {
  since: number;
  ms: number;
}

interface Waiting {
  /** Milliseconds, by the timers and not by a clock that may be put back. */
  waited: number;
  resolve(permit: Permit): void;
  reject(error: Error): void;
}

export class Wallet {
  readonly #bank: Bank;
  readonly #held: number[] = classes.map(() => 0);
  readonly #wanted: number[] = classes.map(() => 0);
  readonly #queues: Waiting[][] = classes.map(() => []);
  /** Since when, and for how many ms, asking is of no use. */
  readonly #denied: (Span | undefined)[] = classes.map(() => undefined);
  #spent = 0;
  #spentAt: number;
  #careful: Span | undefined;
  #rate: number;
  #members = 1;
  #cost = 1;
  #block = 1;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;
  #again = false;
  #flying = 0;
  #said: (Answered & { left: number; at: number; resets: number }) | undefined;
  #news = false;
  #refused: number | undefined;
  /** After a refusal one call at a time tries whether it is over. */
  #trying = false;
  #rest: Span | undefined;
  #cancel = () => {};

  constructor(bank: Bank) {
    this.#bank = bank;
    this.#rate = bank.terms.rate;
    this.#spentAt = bank.time.now();
  }

  /** Calls a second for now. */
  get rate(): number {
    return this.#rate;
  }

  /**
   * What it knows and the purse may not: calls or points spent since it asked last, and what the provider's latest answer left
   * for Tidemark; null: it said nothing, or that is over.
   */
  get untold(): { spent: number; remaining: number | null } {
    this.#forget();
    const usable = this.#usable();
    return { spent: this.#spent, remaining: Number.isFinite(usable) ? Math.max(0, usable) : null };
  }

  /** How many wait in the queue. */
  get waiting(): number {
    let sum = 0;
    for (const queue of this.#queues) sum += queue.length;
    return sum;
  }

  /** Whether nothing would be lost with it. */
  get isIdle(): boolean {
    this.#forget();
    // What was said of a time that is over says nothing any more, though nobody asks.
    if (this.#said && this.#allowed() === Number.POSITIVE_INFINITY) this.#news = false;
    const kept = this.#spent > 0 || this.#flying > 0 || this.#news || this.#asking !== undefined || this.waiting > 0;
    return !kept && this.#held.every((held) => held === 0) && this.resting() === undefined && this.#said === undefined;
  }

  /** How many more calls of a class may begin now. */
  room(cls: Class): number {
    if (this.resting() !== undefined) return 0;
    return Math.max(0, Math.min(this.#places(cls), this.#tokens(cls), this.#allowed()));
  }

  /** Milliseconds until it is worth looking again; 0: now, or nobody knows. */
  wait(cls: Class): number {
    return Math.max(this.resting() ?? 0, this.#left(this.#denied[classes.indexOf(cls)]), this.#untilAllowed());
  }

  /** Begins a call, whether there is room or not. */
  begin(cls: Class): Permit {
    const cost = this.#cost;
    this.#pay(cls, cost);
    this.#flying++;
    let over = false;
    let answers = 0;
    const tries = this.#trying;
    let was = false;
    const end = () => {
      if (over) return;
      over = true;
      this.#flying--;
      // One that was refused has set it anew.
      if (tries && !was) this.#trying = false;
      if (this.waiting > 0) this.#serve();
    };
    return {
      end,
      answered: (what) => {
        this.#learnCost(what.cost);
        this.#spend(answers++ === 0 ? what.cost - cost : what.cost);
        this.#hear(what);
      },
      refused: (ms) => {
        was = true;
        this.#refuse(ms);
      },
    };
  }

  /** Resolves when a call may begin. Throws {@link BudgetSpent} if that takes too long. */
  permit(cls: Class): Permit | Promise<Permit> {
    const i = classes.indexOf(cls);
    if (this.#queues[i]?.length === 0 && this.room(cls) > 0) return this.begin(cls);
    if (this.wait(cls) > PATIENCE) throw this.#spentError(cls);
    return new Promise((resolve, reject) => {
      this.#queues[i]?.push({ waited: 0, resolve, reject });
      void this.want(cls, 0);
    });
  }

  /** Rows of a class could be read if there were more: it asks for so many, unless that is of no use yet. */
  want(cls: Class, calls: number): Promise<void> {
    const i = classes.indexOf(cls);
    if (this.#places(cls) <= 0 || this.wait(cls) > 0) {
      this.#later();
      return Promise.resolve();
    }
    this.#wanted[i] = Math.max(this.#wanted[i] ?? 0, calls);
    return this.#ask();
  }

  /** Milliseconds that it still rests; undefined: it does not. */
  resting(): number | undefined {
    return this.#left(this.#rest) || undefined;
  }

  /** How much of a span is left, in ms. A clock that is put back would make it longer: then it begins anew. */
  #left(span: Span | undefined): number {
    if (!span) return 0;
    const now = this.#bank.time.now();
    if (now < span.since) span.since = now;
    return Math.max(0, span.since + span.ms - now);
  }

  #span(ms: number): Span {
    return { since: this.#bank.time.now(), ms: Math.min(LONGEST_REST, ms) };
  }

  /** The engine stops: nobody waits any more, and what was not used is given back. */
  async close(): Promise<void> {
    this.#cancel();
    for (const queue of this.#queues) {
      for (const one of queue.splice(0)) one.reject(this.#spentError("live"));
    }
    for (const [i, held] of this.#held.entries()) this.#spend(-Math.max(0, held), i);
    if (this.#spent !== 0 && this.#askedAt > Number.NEGATIVE_INFINITY) await this.#question([]);
  }

  /** What a call is refused with when the budget does not let it begin in time. */
  #spentError(cls: Class): BudgetSpent {
    return new BudgetSpent(Math.max(1, this.wait(cls)));
  }

  /** One place is kept for live reads: a backfill must not have all of them. */
  #places(cls: Class): number {
    const { atOnce, reserve } = this.#bank.terms;
    if (this.#trying) return 1 - this.#flying;
    if (atOnce === Number.POSITIVE_INFINITY) return atOnce;
    const part = Math.max(1, Math.floor((atOnce * (1 - reserve)) / this.#members));
    return part - this.#flying - (cls === "live" || part === 1 ? 0 : 1);
  }

  /** Calls at hand. What was given to another class is its own: else the urgent ones would have the share of all. */
  #tokens(cls: Class): number {
    const held = this.#held[classes.indexOf(cls)] ?? 0;
    return Math.ceil(held / this.#cost) + Math.max(0, this.#pocket(cls));
  }

  #pocket(cls: Class): number {
    // Who is denied something must not have it from here.
    if (this.#left(this.#careful) > 0 || this.#denied.some((denied) => this.#left(denied) > 0)) return 0;
    this.#forget();
    const whole = (this.#slow * POCKET) / 1_000;
    // A webhook is to find something in it whatever the polls do.
    const most = Math.max(this.#cost, cls === "live" ? whole : whole / 2);
    return Math.floor((most - this.#spent) / this.#cost);
  }

  /** What is spent so slowly that it does not matter is told nobody. */
  #forget(): void {
    const now = this.#bank.time.now();
    const ms = Math.max(0, now - this.#spentAt);
    this.#spentAt = now;
    if (this.#spent > 0) this.#spent = Math.max(0, this.#spent - (ms * this.#slow * UNTOLD) / 1_000);
  }

  get #slow(): number {
    return Math.min(this.#rate, this.#bank.terms.longRun);
  }

  /** How many calls that is which the provider itself said is left. */
  #allowed(): number {
    return Math.floor(this.#usable() / this.#cost);
  }

  /** What the provider itself said is left, without what is under way, and without the application's part. */
  #usable(): number {
    const said = this.#said;
    if (!said) return Number.POSITIVE_INFINITY;
    const now = this.#bank.time.now();
    if (now >= said.resets || now < said.at) {
      this.#said = undefined;
      return Number.POSITIVE_INFINITY;
    }
    const restored = said.restores === undefined ? 0 : ((now - said.at) / 1_000) * said.restores;
    return said.left + restored - this.#bank.terms.reserve * (said.of ?? 0);
  }

  #untilAllowed(): number {
    if (this.#allowed() > 0 || !this.#said) return 0;
    const { resets, restores } = this.#said;
    if (restores === undefined) return Math.min(LONGEST_REST, resets - this.#bank.time.now());
    return ((1 - this.#allowed()) * this.#cost * 1_000) / restores;
  }

  #pay(cls: Class, cost: number): void {
    const i = classes.indexOf(cls);
    if (this.#said) this.#said.left -= cost;
    const held = this.#held[i] ?? 0;
    this.#held[i] = Math.max(0, held - cost);
    this.#spend(Math.max(0, cost - held));
  }

  #spend(cost: number, i?: number): void {
    if (i !== undefined) this.#held[i] = 0;
    this.#forget();
    this.#spent += cost;
  }

  #learnCost(cost: number): void {
    // An answer that costs nothing says nothing of the next one.
    if (cost > 0) this.#cost += (cost - this.#cost) * WEIGHT;
  }

  #hear(what: Answered): void {
    const { left, resets, restores } = what;
    if (left === undefined) return;
    const now = this.#bank.time.now();
    const known = this.#said;
    const until = resets ?? now + (restores ? (((what.of ?? left) - left) / restores) * 1_000 + 1_000 : 0);
    if (until <= now) return;
    // Those under way beside it are not counted yet.
    const rest = left - (this.#flying - 1) * this.#cost;
    const same = known && restores === undefined && Math.abs(known.resets - until) <= 2_000;
    this.#said = { ...what, left: same ? Math.min(known.left, rest) : rest, resets: until, at: now };
    this.#news = true;
    // Others should know before it is used up.
    if (this.#allowed() <= this.#block) this.#careful = this.#span(CAREFUL);
  }

  #refuse(ms: number): void {
    const rest = Math.min(LONGEST_REST, Math.max(SHORTEST_REST, ms));
    this.#restFor(rest);
    this.#refused = Math.max(this.#refused ?? 0, rest);
    this.#trying = true;
    for (const [i, held] of this.#held.entries()) this.#spend(-Math.max(0, held), i);
    void this.#ask();
  }

  #restFor(ms: number): void {
    const left = this.resting();
    if (ms <= (left ?? 0)) return;
    if (left === undefined) this.#bank.rests(ms);
    this.#rest = this.#span(ms);
    this.#careful = this.#span(ms + CAREFUL);
  }

  #ask(): Promise<void> {
    this.#again = true;
    this.#asking ??= this.#askAll().finally(() => {
      this.#asking = undefined;
      this.#serve();
    });
    return this.#asking;
  }

  async #askAll(): Promise<void> {
    try {
      do {
        this.#again = false;
        const wants = this.#wants();
        const due = this.#refused !== undefined || wants.some((wanted) => wanted > 0);
        if (due) await this.#question(wants);
      } while (this.#again);
    } catch {
      // The store does not answer, and says so elsewhere. What was wanted is wanted again.
      for (const i of classes.keys()) this.#denied[i] = this.#span(UNSAVED);
    }
  }

  /** As much as waits, and more where blocks are soon used up, but no more than a second's worth. */
  #wants(): number[] {
    const now = this.#bank.time.now();
    const soon = Math.abs(now - this.#askedAt) < BLOCK;
    const most = Math.max(1, (this.#rate * BLOCK) / 1_000 / this.#cost);
    this.#block = soon ? Math.min(most, this.#block * 2) : 1;
    return classes.map((cls, i) => {
      const asked = (this.#queues[i]?.length ?? 0) + (this.#wanted[i] ?? 0);
      if (asked === 0 || this.wait(cls) > 0) return 0;
      return Math.min(most, Math.max(asked, this.#block)) * this.#cost;
    });
  }

  async #question(wants: readonly number[]): Promise<void> {
    const { time, ask } = this.#bank;
    const asked = time.now();
    this.#forget();
    const [spent, said, refused] = [this.#spent, this.#news ? this.#said : undefined, this.#refused];
    this.#spent = 0;
    this.#news = false;
    this.#refused = undefined;
    const elapsed = Math.max(0, Math.min(LONGEST_REST, asked - this.#askedAt));
    this.#askedAt = asked;
    for (const i of classes.keys()) this.#wanted[i] = 0;
    const told = said && {
      ...{ left: said.left, of: said.of, restores: said.restores ?? null },
      ...{ resets: Math.max(0, said.resets - asked), age: Math.max(0, asked - said.at) },
    };
    try {
      this.#take(wants, await ask({ wants, spent, said: told, refused, elapsed }));
    } catch (error) {
      this.#spent += spent;
      this.#news ||= said !== undefined;
      this.#refused ??= refused;
      throw error;
    }
  }

  #take(wants: readonly number[], given: Given & { now: number }): void {
    this.#rate = given.rate;
    this.#members = given.members;
    this.#restFor((given.until - given.now) / 1_000);
    wants.forEach((wanted, i) => {
      if (wanted === 0) return;
      const some = given.calls[i] ?? 0;
      this.#held[i] = (this.#held[i] ?? 0) + some;
      this.#denied[i] = some > 0 ? undefined : this.#span(given.waits[i] ?? 0);
      if (some < wanted) this.#careful = this.#span(CAREFUL);
    });
    const asked = classes.filter((_, i) => (wants[i] ?? 0) > 0);
    if (asked.length > 0) this.#bank.rang(Math.ceil(Math.min(...asked.map((cls) => this.wait(cls)))));
  }

  /** Lets begin who may, the urgent first; turns away who has waited too long; asks for the others. */
  #serve(): void {
    for (const [i, queue] of this.#queues.entries()) {
      const cls = classes[i] ?? "sweep";
      while (queue.length > 0 && this.room(cls) > 0) queue.shift()?.resolve(this.begin(cls));
      const wait = this.wait(cls);
      for (const one of queue.filter(({ waited }) => waited + wait > PATIENCE)) {
        queue.splice(queue.indexOf(one), 1);
        one.reject(this.#spentError(cls));
      }
    }
    this.#later();
  }

  /** Who still waits is looked at again when that is of use. */
  #later(): void {
    this.#cancel();
    this.#cancel = () => {};
    // What waits for a place is served when a call ends.
    const open = classes.filter((cls, i) => (this.#queues[i]?.length ?? 0) > 0 && this.#places(cls) > 0);
    if (open.length === 0) return;
    const wait = Math.max(1, Math.min(...open.map((cls) => this.wait(cls))));
    this.#cancel = this.#bank.time.after(wait, () => {
      for (const one of this.#queues.flat()) one.waited += wait;
      void this.#ask();
    });
  }
}
