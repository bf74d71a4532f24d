/**
 * `sync.setup`: says where a provider's webhooks go. Each hook is looked at now, and made or mended; from then on the
 * reconciler looks after it.
 * @module
 */
import { z } from "zod";
import type { Engine } from "../engine.ts";
import { check, checkProvider, checkScope } from "../options.ts";
import { sleep } from "../time.ts";
import { checkUrl } from "./address.ts";
import type { Setup } from "./hooks.ts";
import { type HookFault, type KnownHook, knownOf } from "./known.ts";
import { type Tended, type Tending, tendHook } from "./tend.ts";

/** Options of `setup`. */
export interface SetupOptions {
  /** Where webhooks go: https, or http to this machine. A function is asked for each scope. */
  url: string | ((scope: string) => string);
  /** The scope whose hook is set up. Default: those of all scopes, of what comes later, too. */
  scope?: string;
  /** Whether a hook is made and mended, now and later. Default true; `false`: it is looked at, and what is wrong is an alarm. */
  repair?: boolean;
  /**
   * Is given a secret that the provider has just made, to store it where the provider's option reads it. The hook is right when
   * that is done; if it throws, it is called again. Left out: what would need it is not made but by the call itself, whose
   * report has the secret.
   */
  keep?(secret: string, scope: string): unknown;
}

/** What came of `setup` for a hook. */
export interface SetupReport {
  /** Of scopes that share a hook the first. */
  scope: string;
  /** It is right now. */
  ok: boolean;
  /** What was wrong with it; null: nothing, or it could not be seen. */
  found: HookFault | null;
  /** It was made or mended. */
  repaired: boolean;
  /** What is still wrong, in words; null: nothing. */
  problem: string | null;
  /**
   * A secret that the provider made, and that no `keep` took: store it where the provider's option reads it. It is told this
   * once. Not enumerable, so that a report that is logged does not show it.
   */
  secret?: string;
  /** What the provider, or `keep`, threw. The reconciler tries it again. */
  error?: unknown;
}

/** Hooks that are looked at at once. */
const PLACES = 8;
/** Milliseconds to wait for another process that is at it; one that died lets go within them. */
const PATIENCE = 100_000;
const AGAIN = 250;

const shape = z.strictObject({
  url: z.custom<unknown>(
    (url) => ["string", "function"].includes(typeof url),
    "must be a URL, or a function of the scope",
  ),
  scope: z.string().optional(),
  repair: z.boolean().optional(),
  keep: z.custom<unknown>((keep) => typeof keep === "function", "must be a function").optional(),
});

/** @throws TypeError for an option that is wrong, and for a provider whose hooks cannot be seen, with what to write instead */
export async function setUp(engine: Engine, name: string, options: SetupOptions): Promise<SetupReport[]> {
  const provider = checkProvider(engine, name);
  check(`setup("${provider}")`, shape, options);
  const { url, scope, repair = true, keep } = options;
  const endpoint = engine.providers[provider]?.endpoint;
  if (!endpoint) {
    throw new TypeError(
      `setup("${provider}"): it has no endpoint, so its hook is made by hand at the provider; its page in docs/providers says where`,
    );
  }
  if (scope !== undefined) await checkScope(engine, provider, scope);
  const scopes = engine.hooks.first(provider, scope === undefined ? await engine.scopes.of(provider) : [scope]);
  const setup: Setup = {
    ...{ repair, keep, since: engine.time.now() },
    url: typeof url === "function" ? url : () => url,
  };
  for (const one of scopes) checkUrl(provider, one, setup.url(one));
  const reports = await each(scopes, (one) => settle(engine, { provider, scope: one, endpoint, setup, asked: true }));
  // Now: what was just looked at is not due again at once.
  engine.hooks.add(provider, scope, setup);
  engine.reconcileDue();
  return reports;
}

/** Some at once; the answers in the order of what was given. */
async function each<A, B>(all: readonly A[], run: (one: A) => Promise<B>): Promise<B[]> {
  const answers: B[] = [];
  const rest = all.entries();
  const work = async () => {
    for (const [i, one] of rest) answers[i] = await run(one);
  };
  await Promise.all(Array.from({ length: PLACES }, work));
  return answers;
}

/** Looks at a hook, when no other process does. */
async function settle(engine: Engine, tending: Tending): Promise<SetupReport> {
  const { time, stopping } = engine;
  for (const end = time.now() + PATIENCE; ; await sleep(time, AGAIN, stopping)) {
    try {
      const { tended, at } = await tendHook(engine, tending);
      if (tended) return reportOf(tending.scope, tended);
      if (time.now() >= end || stopping.aborted) return seenBy(tending.scope, knownOf(at));
    } catch (error) {
      const problem = "it could not be looked at: see error";
      return { scope: tending.scope, ok: false, found: null, repaired: false, problem, error };
    }
  }
}

function reportOf(scope: string, { after, found, repaired, secret, error }: Tended): SetupReport {
  const ok = after.fault === null && error === undefined;
  const report = { scope, ok, found, repaired, problem: after.problem, ...(error !== undefined && { error }) };
  return secret === undefined ? report : Object.defineProperty(report, "secret", { value: secret });
}

/** Another process is at it for long: what it left last. */
const seenBy = (scope: string, { fault, problem, checked }: KnownHook): SetupReport => ({
  ...{ scope, ok: fault === null && checked !== null, found: fault, repaired: false },
  problem: problem ?? (checked === null ? "another process has not done yet" : null),
});
