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
  ...over,
});
