/**
 * For how many of the rows that are about to be leased the budget has room: a row that is leased and waits would have
 * begun too early. What is read together costs one call.
 * @module
 */
import type { Budget } from "../budget.ts";
import type { Class, Row } from "../row.ts";
import type { Wallet } from "./wallet.ts";

export class Rooms {
  readonly #budget: Budget;
  readonly #begun = new Map<Wallet, number>();
  readonly #wants = new Map<Wallet, Map<Class, number>>();

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** Whether a call may begin for a row, and for whatever is read together with it. If so it has its place. */
  admits(provider: string, row: Row): boolean {
    const wallet = this.#budget.wallet(provider, row.scope);
    const cls = row.class ?? "sweep";
    const begun = this.#begun.get(wallet) ?? 0;
    if (wallet.room(cls) <= begun) {
      this.#want(wallet, cls);
      return false;
    }
    this.#begun.set(wallet, begun + 1);
    return true;
  }

  #want(wallet: Wallet, cls: Class): void {
    const wants = this.#wants.get(wallet) ?? new Map<Class, number>();
    this.#wants.set(wallet, wants.set(cls, (wants.get(cls) ?? 0) + 1));
  }

  /** Asks for what there was no room for. Resolves when that is answered. */
  async ask(): Promise<void> {
    const asked = [...this.#wants].flatMap(([wallet, wants]) => [...wants].map(([cls, n]) => wallet.want(cls, n)));
    await Promise.all(asked);
  }

  /** Milliseconds until there may be room for some of what had none; infinite if all had, 0 if that is to be asked. */
  get wait(): number {
    const waits = [...this.#wants].flatMap(([wallet, wants]) => [...wants.keys()].map((cls) => wallet.wait(cls)));
    return Math.min(Number.POSITIVE_INFINITY, ...waits);
  }
}
