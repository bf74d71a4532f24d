/**
 * Which scopes each provider has: asked anew from time to time, and at once when a hint names an unknown one.
 * @module
 */
import type { Spot } from "./budget.ts";
import { PluginError } from "./errors.ts";
import type { Providers } from "./kind.ts";
import { isRef } from "./row.ts";
import { type Caller, call } from "./work/call.ts";

/** Milliseconds after which a provider is asked for its scopes again. */
const STALE = 300_000;
/** An unknown scope makes us ask again, but not more often than this; a doubt about known ones not than that. */
const ASK_AGAIN = 10_000;
const DOUBT_AGAIN = 60_000;

/** Nothing is read in a scope that is not named. */
const spotOf = (provider: string): Spot => ({ provider, scope: "", class: "live" });

/** The scopes of a provider that names none. */
const ONE = [""];

interface Known {
  scopes: ReadonlySet<string>;
  asked: number;
}

export class Scopes {
  readonly #providers: Providers;
  readonly #caller: Caller;
  readonly #known = new Map<string, Known>();
  /** When each was asked last, whatever came of it. */
  readonly #tried = new Map<string, number>();
  readonly #asking = new Map<string, Promise<Known>>();

  constructor(providers: Providers, caller: Caller) {
    this.#providers = providers;
    this.#caller = caller;
  }

  /** All scopes of a provider. Throws what the plugin throws, unless an earlier answer serves. */
  async of(provider: string): Promise<ReadonlySet<string>> {
    const known = this.#known.get(provider);
    if (known && (!this.isStale(provider) || this.#triedLately(provider))) return known.scopes;
    try {
      return (await this.#ask(provider)).scopes;
    } catch (error) {
      if (known) return known.scopes;
      throw error;
    }
  }

  /** What is known of them without asking; undefined: nothing. */
  known(provider: string): ReadonlySet<string> | undefined {
    return this.#known.get(provider)?.scopes;
  }

  /** Whether a provider should be asked: never, or not for long. */
  isStale(provider: string): boolean {
    const known = this.#known.get(provider);
    return known === undefined || this.#since(known.asked) >= STALE;
  }

  /** Whether a provider has this scope. One that is not known is asked for. */
  async has(provider: string, scope: string): Promise<boolean> {
    if (this.known(provider)?.has(scope)) return true;
    if ((await this.of(provider)).has(scope)) return true;
    if (this.#triedLately(provider)) return false;
    return (await this.#ask(provider)).scopes.has(scope);
  }

  #triedLately(provider: string): boolean {
    return this.#since(this.#tried.get(provider) ?? Number.NEGATIVE_INFINITY) < ASK_AGAIN;
  }

  /** Milliseconds since a time; for ever if the clock was put back behind it: a new scope would be nobody's for so long. */
  #since(at: number): number {
    const ms = this.#caller.time.now() - at;
    return ms < 0 ? Number.POSITIVE_INFINITY : ms;
  }

  /** Access to a scope was lost: it may have left. The provider is asked again soon. */
  doubt(provider: string): void {
    const known = this.#known.get(provider);
    if (!known || this.#since(known.asked) < DOUBT_AGAIN) return;
    this.#known.set(provider, { ...known, asked: Number.NEGATIVE_INFINITY });
  }

  /** Whether a scope is known to be none of the provider's any more. False while nobody has asked yet. */
  left(provider: string, scope: string): boolean {
    const known = this.#known.get(provider);
    return known !== undefined && !known.scopes.has(scope);
  }

  /** Thousands are named page by page: each may take as long as a call, and not all of them together. */
  async *#patiently(named: AsyncIterable<string>, spot: Spot): AsyncGenerator<string> {
    const each = named[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await call(this.#caller, spot, () => Promise.resolve(each.next()));
        if (next.done) return;
        yield next.value;
      }
    } finally {
      // Not waited for: one that hangs can end only when its page comes. What it held open is let go then.
      Promise.resolve(each.return?.()).catch(() => {});
    }
  }

  #ask(provider: string): Promise<Known> {
    const asking = this.#asking.get(provider) ?? this.#fetch(provider).finally(() => this.#asking.delete(provider));
    this.#asking.set(provider, asking);
    return asking;
  }

  async #fetch(provider: string): Promise<Known> {
    const asked = this.#caller.time.now();
    this.#tried.set(provider, asked);
    const one = this.#providers[provider];
    // Where nobody is asked nobody has to wait: a webhook was answered 503 while its credential rested.
    const named = one?.scopes
      ? await call(this.#caller, spotOf(provider), async () => (await one.scopes?.()) ?? [])
      : ONE;
    const scopes = new Set<string>();
    const add = (scope: unknown) => {
      if (typeof scope !== "string") throw new PluginError(`${provider}: what its scopes() answers must be texts`);
      // What no store can keep, as of ids: it must not hold up the others.
      if (isRef({ type: provider, scope, id: "" })) scopes.add(scope);
    };
    if (Symbol.iterator in named) for (const scope of named) add(scope);
    else for await (const scope of this.#patiently(named, spotOf(provider))) add(scope);
    const known = { scopes, asked };
    this.#known.set(provider, known);
    return known;
  }
}
