/**
 * What a process is: its version, its providers, what may be done here.
 * @module
 */
import { createRequire } from "node:module";
import type { Providers } from "../kind.ts";
import type { Provider } from "../provider.ts";

/** What `GET /about` answers. */
export interface About {
  /** Of Tidemark. */
  version: string;
  /** What all paths begin with. */
  base: string;
  /** Whether acts are switched on. */
  operate: boolean;
  providers: Readonly<Record<string, AboutProvider>>;
  /** Those of this process; all that ever ran are in `health()`. */
  subscriptions: readonly string[];
}

/** Types by their full names. */
export interface AboutProvider {
  types: readonly string[];
  /** The types that each feed tells of. */
  feeds: Readonly<Record<string, readonly string[]>>;
  /** Whether it takes webhooks. */
  webhook: boolean;
}

export const aboutProviders = (providers: Providers): Record<string, AboutProvider> =>
  Object.fromEntries(Object.entries(providers).map(([key, provider]) => [key, aboutProvider(key, provider)]));

function aboutProvider(key: string, { resources, feeds = {}, webhook }: Provider): AboutProvider {
  const full = (types: readonly string[]) => types.map((type) => `${key}.${type}`);
  return {
    types: full(Object.keys(resources)),
    feeds: Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, full(feed.types)])),
    webhook: webhook !== undefined,
  };
}

/** Looked for when it is asked for: an application that was bundled has no package beside it. */
export function versionOf(): string {
  try {
    return (createRequire(import.meta.url)("tidemark/package.json") as { version: string }).version;
  } catch {
    return "unknown";
  }
}
