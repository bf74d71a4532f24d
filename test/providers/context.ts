import { Keyv } from "keyv";
import type { Context } from "../../src/provider.ts";

/** What a plugin is given, for calling it directly. */
export const fakeContext = (over: Partial<Context> = {}): Context => ({
  scope: "",
  signal: new AbortController().signal,
  cache: new Keyv(),
  fresh: false,
  now: () => Date.now(),
  hint: () => {},
  limit: () => {},
  ...over,
});

/**
 * Simulated worlds of each provider in the suite; that of the guide has the 200 of the contract. 200 of each take more than
 * two minutes: `WORLDS=200` runs them.
 */
export const WORLDS = Number(process.env["WORLDS"] ?? 10);
