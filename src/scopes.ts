/**
 * Which scopes each provider has: asked anew from time to time, and at once when a hint names an unknown one.
 * @module
 */
import type { Providers } from "./kind.ts";
import type { Time } from "./time.ts";

/** Milliseconds after which a provider is asked for its scopes again. */
const STALE = 300_000;
/** An unknown scope makes us ask again, but not more often than this; a doubt about known ones not than that. */
const ASK_AGAIN = 10_000;
const DOUBT_AGAIN = 60_000;

interface Known {
  scopes: ReadonlySet<string>;
  asked: number;
}

export class Scopes {
  readonly #providers: Providers;
  readonly #time: Time;
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<Known>>();

  constructor(providers: Providers, time: Time) {
    this.#providers = providers;
    this.#time = time;
  }

  /** All scopes of a provider. Throws what the plugin throws, unless an earlier answer serves. */
  async of(provider: string): Promise<ReadonlySet<string>> {
    const known = this.#known.get(provider);
    if (known && this.#time.now() - known.asked < STALE) return known.scopes;
    try {
      return (await this.#ask(provider)).scopes;
    } catch (error) {
      if (known) return known.scopes;
      throw error;
    }
  }

  /** Whether a provider has this scope. One that is not known is asked for. */
  async has(provider: string, scope: string): Promise<boolean> {
    if ((await this.of(provider)).has(scope)) return true;
    const known = this.#known.get(provider);
    if (known && this.#time.now() - known.asked < ASK_AGAIN) return false;
    return (await this.#ask(provider)).scopes.has(scope);
  }

  /** Access to a scope was lost: it may have left. The provider is asked again soon. */
  doubt(provider: string): void {
    const known = this.#known.get(provider);
    if (!known || this.#time.now() - known.asked < DOUBT_AGAIN) return;
    this.#known.set(provider, { ...known, asked: Number.NEGATIVE_INFINITY });
  }

  /** Whether a scope is known to be none of the provider's any more. False while nobody has asked yet. */
  left(provider: string, scope: string): boolean {
    const known = this.#known.get(provider);
    return known !== undefined && !known.scopes.has(scope);
  }

  #ask(provider: string): Promise<Known> {
    const asking = this.#asking.get(provider) ?? this.#fetch(provider).finally(() => this.#asking.delete(provider));
    this.#asking.set(provider, asking);
    return asking;
  }

  async #fetch(provider: string): Promise<Known> {
    const asked = this.#time.now();
    const list = (await this.#providers[provider]?.scopes?.()) ?? [""];
    const scopes = new Set<string>();
    for await (const scope of list) scopes.add(scope);
    const known = { scopes, asked };
    this.#known.set(provider, known);
    return known;
  }
}
