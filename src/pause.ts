/**
 * Which providers and scopes a person paused: nothing of them is read, polled or swept until they are resumed. Webhooks
 * are taken and saved all the same, and wait. Kept in checkpoints: it holds for all processes, and over a restart.
 * @module
 */
import { scopeKey } from "./budget.ts";
import type { Store } from "./store.ts";

const PREFIX = "pause|";
const pauseName = (provider: string, scope: string | undefined): string =>
  `${PREFIX}${provider}${scope === undefined ? "" : `|${encodeURIComponent(scope)}`}`;

/** What is paused: a whole provider, or one scope of it. */
export interface Paused {
  provider: string;
  /** Left out: all of the provider. */
  scope?: string;
  since: Date;
}

export class Pauses {
  readonly #store: Store;
  #providers = new Set<string>();
  #scopes = new Set<string>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Whether a scope is paused, by itself or with its provider; as of the last look. */
  has(provider: string, scope: string): boolean {
    return this.#providers.has(provider) || this.#scopes.has(scopeKey(provider, scope));
  }

  /** Whether all of a provider is paused; as of the last look. */
  hasAll(provider: string): boolean {
    return this.#providers.has(provider);
  }

  /** What is paused now. */
  async look(): Promise<Paused[]> {
    const paused: Paused[] = [];
    for (let after = ""; ; ) {
      const page = await this.#store.checkpoints(PREFIX, after, 1_000);
      for (const { name, value, at } of page) {
        const [provider = "", scope] = name.slice(PREFIX.length).split("|").map(decodeURIComponent);
        const since = new Date(Math.floor(at / 1_000));
        if (value !== null) paused.push({ provider, ...(scope !== undefined && { scope }), since });
      }
      if (page.length < 1_000) break;
      after = page.at(-1)?.name ?? "";
    }
    this.#providers = new Set(paused.flatMap(({ provider, scope }) => (scope === undefined ? [provider] : [])));
    this.#scopes = new Set(
      paused.flatMap(({ provider, scope }) => (scope === undefined ? [] : [scopeKey(provider, scope)])),
    );
    return paused;
  }

  /** Pauses or resumes. To resume a provider resumes each of its scopes, too. */
  async set(provider: string, scope: string | undefined, paused: boolean): Promise<void> {
    const names = [pauseName(provider, scope)];
    if (!paused && scope === undefined) {
      for (const one of await this.look()) if (one.provider === provider) names.push(pauseName(provider, one.scope));
    }
    for (const name of new Set(names)) {
      await this.#store.checkpoint({
        name,
        step: (at, tick) => ({
          ...at,
          value: paused ? (at.value ?? "true") : null,
          at: at.value === null ? tick : at.at,
        }),
      });
    }
    await this.look();
  }
}
