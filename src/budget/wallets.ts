/**
 * The wallets of the credentials in use. Scopes to which a provider gives one credential share its wallet.
 * @module
 */
import type { Providers } from "../kind.ts";
import { FEW, forget } from "./forget.ts";
import { budgetName } from "./state.ts";
import { askStored, type Place } from "./stored.ts";
import { longRunOf, type Terms, termsOf } from "./terms.ts";
import { Wallet } from "./wallet.ts";

/** What wallets are made of. */
export interface WalletsOptions extends Place {
  providers: Providers;
  /** The part of each credential that is left to the application, 0 to less than 1. */
  reserve: number;
  /** Reads that had to wait may begin in so many ms. */
  rang(ms: number): void;
  /** A credential begins to rest, for so many ms. */
  rests(provider: string, credential: string, ms: number): void;
}

/** A wallet, and whose it is. */
export interface KnownWallet {
  provider: string;
  credential: string;
  wallet: Wallet;
}

export class Wallets {
  readonly #options: WalletsOptions;
  readonly #known = new Map<string, KnownWallet>();
  #most = FEW;
  #asked = 0;

  constructor(options: WalletsOptions) {
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

  /** The wallet of a scope's credential. */
  of(provider: string, scope: string): Wallet {
    const credential = this.credentialOf(provider, scope);
    const key = `${provider}|${credential}`;
    const known = this.#known.get(key);
    if (known) return known.wallet;
    if (this.#known.size >= this.#most) this.#most = forget(this.#known, (one) => one.wallet.isIdle);
    const wallet = this.#open(provider, credential);
    this.#known.set(key, { provider, credential, wallet });
    return wallet;
  }

  /** Those at hand. */
  all(): Iterable<KnownWallet> {
    return this.#known.values();
  }

  /** The engine stops. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.all()].map(({ wallet }) => wallet.close()));
  }

  #open(provider: string, credential: string): Wallet {
    const { providers, reserve, time, rang, rests } = this.#options;
    const terms = this.terms(provider);
    const name = budgetName(provider, credential);
    const atOnce = providers[provider]?.limits?.atOnce ?? Number.POSITIVE_INFINITY;
    return new Wallet({
      ...{ time, rang, atOnce },
      terms: { rate: terms.rate, longRun: longRunOf(terms), reserve },
      ask: (question) => askStored(this.#options, name, terms, question, ++this.#asked),
      rests: (ms) => rests(provider, credential, ms),
    });
  }
}
