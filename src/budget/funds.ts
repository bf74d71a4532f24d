/**
 * What one process has at hand of a credential's budget, what it asks the purse for, and what it tells it.
 *
 *   pocket      far below the limit it spends without a word
 *   blocks      beyond that it asks for a block of calls at a time
 *   remaining   what the provider's own answers say is left, which is not passed
 *
 * While the credential rests there is nothing.
 * @module
 */
import { type Class, classes } from "../row.ts";
import type { Tick, Time } from "../time.ts";
import type { Given, Question } from "./ask.ts";
import { Blocks } from "./blocks.ts";
import { Pocket } from "./pocket.ts";
import { type Answered, Remaining } from "./remaining.ts";
import { LONGEST, Span } from "./span.ts";

/** What they begin with, and whom they tell. */
export interface FundsOptions {
  time: Time;
  /** Calls a second to begin with, and in the long run, where a quota allows fewer; the part that is the application's. */
  terms: { rate: number; longRun: number; reserve: number };
  /** More may be begun in so many ms. */
  rang(ms: number): void;
  /** The credential begins to rest, for so many ms. */
  rests(ms: number): void;
}

/** Milliseconds for which nothing is spent untold after something had to wait. */
const CAREFUL = 10_000;
/** How much the cost of the latest call counts. */
const WEIGHT = 0.2;
/** Milliseconds that a rest lasts at least: who is refused and asked to wait for none would ask as fast as ever. */
const SHORTEST = 100;

export class Funds {
  readonly #options: FundsOptions;
  readonly #pocket: Pocket;
  readonly #blocks: Blocks;
  readonly #remaining: Remaining;
  #rate: number;
  #members = 1;
  /** What a call costs, as far as was seen. */
  #cost = 1;
  #careful: Span | undefined;
  #rest: Span | undefined;
  /** The purse is to know of a refusal. */
  #refused: number | undefined;

  constructor(options: FundsOptions) {
    const { time, terms } = options;
    this.#options = options;
    this.#rate = terms.rate;
    this.#pocket = new Pocket(time, Math.min(terms.rate, terms.longRun));
    this.#blocks = new Blocks(time);
    this.#remaining = new Remaining(time, terms.reserve);
  }

  /** Calls a second for now. */
  get rate(): number {
    return this.#rate;
  }

  /** How many processes share the purse. */
  get members(): number {
    return this.#members;
  }

  /**
   * What it knows and the purse may not: calls or points spent since it asked last, and what the provider's latest answer left
   * for Tidemark; null: it said nothing, or that is over.
   */
  get untold(): { spent: number; remaining: number | null } {
    const { points } = this.#remaining;
    return { spent: this.#pocket.spent, remaining: Number.isFinite(points) ? Math.max(0, points) : null };
  }

  /** Whether nothing would be lost with them. */
  get isIdle(): boolean {
    const { spent, remaining } = this.untold;
    return spent <= 0 && remaining === null && this.#blocks.isEmpty && this.resting() === undefined;
  }

  /** For how many calls of a class there is enough. */
  calls(cls: Class): number {
    if (this.resting() !== undefined) return 0;
    return Math.min(this.#tokens(cls), this.#remaining.calls(this.#cost));
  }

  /** Milliseconds until it is worth looking again; 0: now, or nobody knows. */
  wait(cls: Class): number {
    return Math.max(this.resting() ?? 0, this.#blocks.denied(cls), this.#remaining.wait(this.#cost));
  }

  /** Milliseconds that it still rests; undefined: it does not. */
  resting(): number | undefined {
    return this.#rest?.left(this.#options.time.now()) || undefined;
  }

  /** A call begins. Answers what it has paid. */
  pay(cls: Class): number {
    const cost = this.#cost;
    this.#remaining.pay(cost);
    this.#pocket.spend(this.#blocks.pay(cls, cost));
    return cost;
  }

  /**
   * An answer came.
   * @param paid what was paid for it before
   * @param beside calls under way beside it
   */
  answered(what: Answered, paid: number, beside: number): void {
    // An answer that costs nothing says nothing of the next one.
    if (what.cost > 0) this.#cost += (what.cost - this.#cost) * WEIGHT;
    this.#pocket.spend(what.cost - paid);
    if (!this.#remaining.hear(what, beside * this.#cost)) return;
    // Others should know before it is used up.
    if (this.#remaining.calls(this.#cost) <= this.#blocks.size) this.#careful = this.#span(CAREFUL);
  }

  /** A call was refused, and is to wait for so many ms. */
  refused(ms: number): void {
    const rest = Math.min(LONGEST, Math.max(SHORTEST, ms));
    this.#restFor(rest);
    this.#refused = Math.max(this.#refused ?? 0, rest);
    this.#pocket.spend(-this.#blocks.giveBack());
  }

  /** More calls of a class could be used. */
  want(cls: Class, calls: number): void {
    this.#blocks.want(cls, calls);
  }

  /** What the purse is asked and told now; undefined: nothing. `waits`: how many calls of a class wait. */
  question(waits: (cls: Class) => number): Question | undefined {
    const most = this.#blocks.wants(this.#rate, this.#cost, waits);
    // Of a class that wants nothing nobody asks how long it waits: that would drop what was heard, if it is over, untold.
    const wants = classes.map((cls, i) => ((most[i] ?? 0) === 0 || this.wait(cls) > 0 ? 0 : (most[i] ?? 0)));
    return this.#refused !== undefined || wants.some((wanted) => wanted > 0) ? this.#tell(wants) : undefined;
  }

  /** The engine stops: what was not used is given back. What the purse is told of it; undefined: nothing. */
  close(): Question | undefined {
    this.#pocket.spend(-this.#blocks.giveBack());
    return this.#pocket.spent !== 0 && this.#blocks.hasAsked ? this.#tell([]) : undefined;
  }

  #tell(wants: readonly number[]): Question {
    const refused = this.#refused;
    this.#refused = undefined;
    return { wants, spent: this.#pocket.tell(), said: this.#remaining.tell(), refused, elapsed: this.#blocks.ask() };
  }

  /** The purse was not told after all. */
  untell({ spent, said, refused }: Question): void {
    this.#pocket.spend(spent);
    if (said) this.#remaining.untell();
    this.#refused ??= refused;
  }

  /** The purse has answered. */
  take({ wants }: Question, given: Given & { now: Tick }): void {
    this.#rate = given.rate;
    this.#pocket.rate = Math.min(given.rate, this.#options.terms.longRun);
    this.#members = given.members;
    this.#restFor((given.until - given.now) / 1_000);
    if (!this.#blocks.take(wants, given)) this.#careful = this.#span(CAREFUL);
    const asked = classes.filter((_, i) => (wants[i] ?? 0) > 0);
    if (asked.length > 0) this.#options.rang(Math.ceil(Math.min(...asked.map((cls) => this.wait(cls)))));
  }

  /** The purse cannot be asked. */
  fail(): void {
    this.#blocks.fail();
  }

  /** Calls at hand. */
  #tokens(cls: Class): number {
    const held = this.#blocks.calls(cls, this.#cost);
    // Who is denied something must not have it from the pocket.
    if (this.#isCareful || classes.some((one) => this.#blocks.denied(one) > 0)) return held;
    return held + this.#pocket.calls(cls, this.#cost);
  }

  get #isCareful(): boolean {
    return (this.#careful?.left(this.#options.time.now()) ?? 0) > 0;
  }

  #restFor(ms: number): void {
    const left = this.resting();
    if (ms <= (left ?? 0)) return;
    if (left === undefined) this.#options.rests(ms);
    this.#rest = this.#span(ms);
    this.#careful = this.#span(ms + CAREFUL);
  }

  #span(ms: number): Span {
    return new Span(this.#options.time.now(), Math.min(LONGEST, ms));
  }
}
