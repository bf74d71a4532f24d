/**
 * `tidemark.config.ts`: what the command line works with, typed from end to end.
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import type { Sync } from "./api.ts";
import type { Providers } from "./kind.ts";
import type { SyncOptions } from "./options.ts";
import type { Awaitable } from "./provider.ts";

/** The options of `createSync`, and what `npx tidemark dev` and `setup` need besides. */
export interface Config<P extends Providers = Providers, Handle = unknown> extends SyncOptions<P, Handle> {
  /** Where `dev` listens. Default: port 3000 of 127.0.0.1. */
  listen?: { port?: number; host?: string };
  /** What `Authorization: Bearer …` must carry to see changes over HTTP. Default: the variable `TIDEMARK_TOKEN`. */
  token?: string | readonly string[];
  /** Where a provider's webhooks are to go, as the provider sees it: `{ stripe: "https://example.com/webhooks/stripe" }`. */
  urls?: { readonly [K in keyof P & string]?: string };
  /** Called by `dev` before it starts: the place for `sync.subscribe(…)`. */
  ready?(sync: Sync<P, Handle>): Awaitable<void>;
}

/**
 * Gives a configuration its types; at run time it answers what it was given.
 *
 * ```ts
 * export default defineConfig({ providers: { github: github({ … }) } });
 * ```
 */
export const defineConfig = <const P extends Providers, Handle = DatabaseSync>(
  config: Config<P, Handle>,
): Config<P, Handle> => config;
