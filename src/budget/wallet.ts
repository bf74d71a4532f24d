/**
 * A credential as one process uses it: its calls, those under way and those that wait for their turn.
 *
 *   funds    what they may spend
 *   asking   brings more of it from the purse in the store
 *   queue    polls and pages wait here, the urgent first
 *
 * @module
 */
import { BudgetSpent } from "../errors.ts";
import { type Class, classes } from "../row.ts";
import { type Asker, Asking } from "./asking.ts";
import { Funds, type FundsOptions } from "./funds.ts";
import { placesOf } from "./places.ts";
import { PATIENCE, Queue } from "./queue.ts";
import type { Answered } from "./remaining.ts";

/** What a wallet needs of the budget. */
export interface Bank extends FundsOptions, Pick<Asker, "ask"> {
  /** Requests at once for all processes. */
  atOnce: number;
}

/** A call that was admitted. */
export interface Permit {
  /** An answer came. The first one is paid for already. */
  answered(what: Answered): void;
  refused(ms: number): void;
  /** It is over. */
  end(): void;
}

export class Wallet {
  readonly #bank: Bank;
  readonly #funds: Funds;
  readonly #asking: Asking;
  readonly #queue = new Queue<Permit>();
  #flying = 0;
  /** After a refusal one call at a time tries whether it is over. */
  #trying = false;
  #cancel = () => {};

  constructor(bank: Bank) {
    this.#bank = bank;
    this.#funds = new Funds(bank);
    this.#asking = new Asking(this.#funds, {
      ask: bank.ask,
      waits: (cls) => this.#queue.size(cls),
      asked: () => this.#serve(),
    });
  }

  /** Calls a second for now. */
  get rate(): number {
    return this.#funds.rate;
  }

  /** What it knows and the purse may not, see {@link Funds.untold}. */
  get untold(): { spent: number; remaining: number | null } {
    return this.#funds.untold;
  }

  /** Whether nothing would be lost with it. */
  get isIdle(): boolean {
    return this.#flying === 0 && this.#queue.isEmpty && this.#asking.isIdle && this.#funds.isIdle;
  }

  /** How many more calls of a class may begin now. */
  room(cls: Class): number {
    return Math.max(0, Math.min(this.#places(cls), this.#funds.calls(cls)));
  }

  /** Milliseconds until it is worth looking again; 0: now, or nobody knows. */
  wait(cls: Class): number {
    return this.#funds.wait(cls);
  }

  /** Milliseconds that it still rests; undefined: it does not. */
  resting(): number | undefined {
    return this.#funds.resting();
  }

  /** Begins a call, whether there is room or not. */
  begin(cls: Class): Permit {
    let paid = this.#funds.pay(cls);
    this.#flying++;
    let over = false;
    const tries = this.#trying;
    let was = false;
    const end = () => {
      if (over) return;
      over = true;
      this.#flying--;
      // One that was refused has set it anew.
      if (tries && !was) this.#trying = false;
      if (!this.#queue.isEmpty) this.#serve();
    };
    return {
      end,
      answered: (what) => {
        this.#funds.answered(what, paid, this.#flying - 1);
        paid = 0;
      },
      refused: (ms) => {
        was = true;
        this.#trying = true;
        this.#funds.refused(ms);
        void this.#asking.ask();
      },
    };
  }

  /** Resolves when a call may begin. Throws {@link BudgetSpent} if that takes too long. */
  permit(cls: Class): Permit | Promise<Permit> {
    if (this.#queue.size(cls) === 0 && this.room(cls) > 0) return this.begin(cls);
    if (this.wait(cls) > PATIENCE) throw this.#spentError(cls);
    const turn = this.#queue.join(cls);
    void this.want(cls, 0);
    return turn;
  }

  /** Rows of a class could be read if there were more: it asks for so many, unless that is of no use yet. */
  want(cls: Class, calls: number): Promise<void> {
    if (this.#places(cls) <= 0 || this.wait(cls) > 0) {
      this.#later();
      return Promise.resolve();
    }
    this.#funds.want(cls, calls);
    return this.#asking.ask();
  }

  /** The engine stops: nobody waits any more, and what was not used is given back. */
  async close(): Promise<void> {
    this.#cancel();
    for (const cls of classes) this.#queue.turnAway(cls, Number.POSITIVE_INFINITY, () => this.#spentError("live"));
    await this.#asking.close();
  }

  /** What a call is refused with when the budget does not let it begin in time. */
  #spentError(cls: Class): BudgetSpent {
    return new BudgetSpent(Math.max(1, this.wait(cls)));
  }

  /** How many more calls of a class may go on beside those that do. */
  #places(cls: Class): number {
    if (this.#trying) return 1 - this.#flying;
    const { atOnce, terms } = this.#bank;
    const part = Math.max(1, Math.floor((atOnce * (1 - terms.reserve)) / this.#funds.members));
    return placesOf(part, cls) - this.#flying;
  }

  /** Lets begin who may, the urgent first; turns away who has waited too long; asks for the others. */
  #serve(): void {
    for (const cls of classes) {
      while (this.#queue.size(cls) > 0 && this.room(cls) > 0) this.#queue.next(cls, this.begin(cls));
      this.#queue.turnAway(cls, this.wait(cls), () => this.#spentError(cls));
    }
    this.#later();
  }

  /** Who still waits is looked at again when that is of use. */
  #later(): void {
    this.#cancel();
    this.#cancel = () => {};
    // What waits for a place is served when a call ends.
    const open = classes.filter((cls) => this.#queue.size(cls) > 0 && this.#places(cls) > 0);
    if (open.length === 0) return;
    const wait = Math.max(1, Math.min(...open.map((cls) => this.wait(cls))));
    this.#cancel = this.#bank.time.after(wait, () => {
      this.#queue.pass(wait);
      void this.#asking.ask();
    });
  }
}
