/**
 * When the purse is asked: one question at a time, and one more if something came up meanwhile.
 * @module
 */
import type { Class } from "../row.ts";
import type { Tick } from "../time.ts";
import type { Given, Question } from "./ask.ts";
import type { Funds } from "./funds.ts";

/** Who asks, and whom. */
export interface Asker {
  ask(question: Question): Promise<Given & { now: Tick }>;
  /** How many calls of a class wait. */
  waits(cls: Class): number;
  /** No answer is awaited any more: all that was to be asked is, or the store has failed. */
  asked(): void;
}

export class Asking {
  readonly #funds: Funds;
  readonly #asker: Asker;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(funds: Funds, asker: Asker) {
    this.#funds = funds;
    this.#asker = asker;
  }

  /** Whether no answer is awaited. */
  get isIdle(): boolean {
    return this.#running === undefined;
  }

  /** Asks for what is wanted. Resolves when that is answered. */
  ask(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      this.#asker.asked();
    });
    return this.#running;
  }

  /**
   * The engine stops: what was not used is given back, with what the answer under way still brings. Calls that are yet to end
   * may ask beside it.
   */
  async close(): Promise<void> {
    // Does not throw: a store that fails has said so elsewhere.
    await this.#running;
    const question = this.#funds.close();
    if (question) await this.#put(question);
  }

  async #run(): Promise<void> {
    try {
      do {
        this.#again = false;
        const question = this.#funds.question(this.#asker.waits);
        if (question) await this.#put(question);
      } while (this.#again);
    } catch {
      // The store does not answer, and says so elsewhere. What was wanted is wanted again.
      this.#funds.fail();
    }
  }

  async #put(question: Question): Promise<void> {
    try {
      this.#funds.take(question, await this.#asker.ask(question));
    } catch (error) {
      this.#funds.untell(question);
      throw error;
    }
  }
}
