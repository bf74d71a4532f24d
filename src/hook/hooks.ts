/**
 * Which hooks this process looks after, and what it knows of them: a copy in memory, for quick answers. The truth is in
 * their checkpoints.
 * @module
 */

import type { Checkpoint } from "../checkpoint.ts";
import type { Providers } from "../kind.ts";
import { type Tick, ticks } from "../time.ts";
import { EVERY, hookName, type KnownHook, knownOf, slownessOf } from "./known.ts";
import type { Silence } from "./silence.ts";

/** What `setup` was told. */
export interface Setup {
  url(scope: string): string;
  repair: boolean;
  keep: ((secret: string, scope: string) => unknown) | undefined;
  /** When `setup` was called, in ms since 1970: from then on webhooks are expected. */
  since: number;
}

/**
 * What is known of the hook of a scope. `good`: it was looked at lately and is right, and nothing says that webhooks stopped.
 * `bad`: something is wrong with it, or they did. `unknown`: nobody looks after it.
 */
export type HookState = "good" | "bad" | "unknown";

const NONE: ReadonlySet<string> = new Set();

export class Hooks {
  readonly #providers: Providers;
  readonly #credentialOf: (provider: string, scope: string) => string;
  readonly #setups = new Map<string, { all: Setup | undefined; scopes: Map<string, Setup> }>();
  /** The scopes in whose names hooks are looked after, as they were worked out last. */
  readonly #tended = new Map<
    string,
    { of: ReadonlySet<string>; scopes: ReadonlySet<string>; share: ReadonlyMap<string, number> }
  >();
  /** By the name of the checkpoint, of the scope in whose name it is kept. */
  readonly #known = new Map<string, { good: boolean; checked: Tick }>();
  /** Secrets that were made and could not be kept yet: nowhere but here. */
  readonly secrets = new Map<string, string>();
  /** Where webhooks stopped, by provider, as of the last look. */
  readonly silences = new Map<string, readonly Silence[]>();

  /** @param credentialOf the name of what a scope shares its limits with */
  constructor(providers: Providers, credentialOf: (provider: string, scope: string) => string) {
    this.#providers = providers;
    this.#credentialOf = credentialOf;
  }

  /** From now on the hooks of a provider, or of one scope, are looked after. */
  add(provider: string, scope: string | undefined, setup: Setup): void {
    const known = this.#setups.get(provider) ?? { all: undefined, scopes: new Map<string, Setup>() };
    if (scope === undefined) known.all = setup;
    else known.scopes.set(scope, setup);
    this.#setups.set(provider, known);
    this.#tended.delete(provider);
  }

  setupOf(provider: string, scope: string): Setup | undefined {
    const known = this.#setups.get(provider);
    return known?.scopes.get(scope) ?? known?.all;
  }

  /** Scopes that share a hook have one key. */
  #keyOf(provider: string, scope: string): string {
    return this.#providers[provider]?.endpoint?.shared?.(scope) ?? scope;
  }

  /** Of scopes that share a hook the first: in its name it is looked after. */
  first(provider: string, scopes: Iterable<string>): string[] {
    const first = new Map<string, string>();
    for (const scope of scopes) {
      const key = this.#keyOf(provider, scope);
      if (!first.has(key)) first.set(key, scope);
    }
    return [...first.values()];
  }

  isShared(provider: string, one: string, other: string): boolean {
    return one === other || this.#keyOf(provider, one) === this.#keyOf(provider, other);
  }

  /** Since when webhooks of a scope should come, though none may ever have; null: of the provider. Undefined: they need not. */
  expectedSince(provider: string, scope: string | null): number | undefined {
    const known = this.#setups.get(provider);
    // Where there is one scope alone, it has no counts of its own.
    return (scope === null ? (known?.all ?? known?.scopes.get("")) : this.setupOf(provider, scope))?.since;
  }

  /** Of the scopes of a provider those whose hook is this scope's. */
  sharing(provider: string, scope: string, all: Iterable<string>): string[] {
    return [...all].filter((one) => this.isShared(provider, one, scope));
  }

  /** The scopes in whose names hooks are looked after, of those that there are. The same set until something changes. */
  tended(provider: string, there: ReadonlySet<string>): ReadonlySet<string> {
    if (!this.#setups.has(provider)) return NONE;
    const known = this.#tended.get(provider);
    if (known?.of === there) return known.scopes;
    const scopes = new Set(
      this.first(
        provider,
        [...there].filter((scope) => this.setupOf(provider, scope)),
      ),
    );
    const share = new Map<string, number>();
    for (const scope of scopes) {
      const credential = this.#credentialOf(provider, scope);
      share.set(credential, (share.get(credential) ?? 0) + 1);
    }
    this.#tended.set(provider, { of: there, scopes, share });
    return scopes;
  }

  /** See {@link slownessOf}: by how many hooks are looked after with the credential of a scope. */
  slowness(provider: string, scope: string): number {
    return slownessOf(this.#tended.get(provider)?.share.get(this.#credentialOf(provider, scope)) ?? 1);
  }

  /** What a checkpoint of a hook says, whoever wrote it. */
  learn({ provider, scope }: { provider: string; scope: string }, at: Pick<Checkpoint, "value">): void {
    const { checked, fault }: KnownHook = knownOf(at);
    if (checked !== null)
      this.#known.set(hookName(provider, this.#keyOf(provider, scope)), { good: fault === null, checked });
  }

  /** See {@link Engine.hookState}. */
  state(provider: string, scope: string, now: number): HookState {
    const silent = (this.silences.get(provider) ?? []).some((one) => one.scope === null || one.scope === scope);
    if (silent) return "bad";
    const known = this.#known.get(hookName(provider, this.#keyOf(provider, scope)));
    if (!known || ticks(now) - known.checked > ticks(2 * EVERY * this.slowness(provider, scope))) return "unknown";
    return known.good ? "good" : "bad";
  }
}
