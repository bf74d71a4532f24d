/**
 * Looks at a hook, and mends it where it may: one process at a time, so that no two make two hooks.
 * @module
 */

import type { Engine } from "../engine.ts";
import { AccessLost, describe, PluginError } from "../errors.ts";
import { type Held, hold, type Turn } from "../hold.ts";
import type { Context, Endpoint } from "../provider.ts";
import { call } from "../work/call.ts";
import { checkUrl } from "./address.ts";
import type { Setup } from "./hooks.ts";
import {
  type HookFault,
  hookDue,
  hookName,
  type KnownHook,
  knownOf,
  left,
  mayMendAt,
  mended,
  mending,
  merge,
  refusalOf,
  seen,
  unmended,
  type Verdict,
} from "./known.ts";
import { isRegained, regain, sendAgain } from "./regain.ts";
import { keepAgain, keepSecret } from "./secret.ts";

/** The hook of a scope, as it is looked after. */
export interface Tending {
  provider: string;
  scope: string;
  endpoint: Endpoint;
  setup: Setup;
  /** A person asks: it is looked at now, and mended however lately it was. */
  asked: boolean;
}

/** What came of a look at a hook. */
export interface Tended {
  before: KnownHook;
  after: KnownHook;
  /** What the look found; null: nothing. */
  found: HookFault | null;
  /** It was made or mended, whether or not that shows yet. */
  repaired: boolean;
  /** A secret that was made, and that nobody keeps but who asked. */
  secret?: string;
  /** What the provider, or who keeps its secret, threw while it was mended. */
  error?: unknown;
}

/**
 * Looks at a hook, if that is due, and mends it if it may.
 * @returns `tended` is left out where another process is at it, or has been
 * @throws what `check` throws, but for lost access, which is a finding
 */
export async function tendHook(engine: Engine, tending: Tending): Promise<Turn & { tended?: Tended }> {
  const { provider, scope, asked } = tending;
  let tended: Tended | undefined;
  const work = async (held: Held) => {
    tended = await tend(engine, tending, held);
  };
  const slowness = engine.hooks.slowness(provider, scope);
  const due: Parameters<typeof hold>[3] = (at, tick) => asked || hookDue(knownOf(at), 0, slowness) <= tick;
  const turn = await hold(engine, hookName(provider, scope), work, due);
  engine.hooks.learn({ provider, scope }, turn.at);
  if (!tended) return turn;
  tell(engine, tending, tended);
  if (isRegained(tended)) await makeUp(engine, tending, tended);
  return { ...turn, tended };
}

/** Whatever comes of it: who asked must be given what a hook that was made has for a secret. */
async function makeUp(engine: Engine, tending: Tending, { before: { lastGood } }: Tended): Promise<void> {
  const { provider, scope } = tending;
  try {
    const scopes = engine.hooks.sharing(provider, scope, await engine.scopes.of(provider));
    await regain(engine, provider, scopes, lastGood);
    await sendAgain(engine, tending, lastGood, urlOf(tending));
  } catch (error) {
    const what = "asking for what webhooks did not tell";
    engine.emit({ kind: "failed", what, provider, scope, error: describe(error), ms: 0 });
  }
}

async function tend(engine: Engine, tending: Tending, held: Held): Promise<Tended> {
  const { setup, endpoint, asked } = tending;
  const known = knownOf(held.at);
  const before = await keepAgain(engine, tending, known);
  // Now: its secret is in memory no more.
  if (before.unkept !== known.unkept) await save(engine, held, before);
  let hook = seen(before, await look(engine, tending), held.tick);
  const found = hook.fault;
  if (found === null) return { before, after: await save(engine, held, hook), found, repaired: false };
  // Who asks is given the secret, if nobody else is.
  const leave = { ...setup, keeps: asked || setup.keep !== undefined, givesSecret: endpoint.givesSecret };
  const refusal = refusalOf(hook, leave);
  if (refusal !== undefined || !(asked || mayMendAt(hook) <= held.tick)) {
    return { before, after: await save(engine, held, left(hook, refusal)), found, repaired: false };
  }
  hook = await save(engine, held, mending(hook, endpoint.givesSecret, held.tick));
  const { kept, ...done } = await mend(engine, tending);
  const after = done.repaired ? await lookAgain(engine, tending, held, mended(hook, kept)) : { hook };
  const error = done.error ?? after.error;
  hook = error === undefined ? after.hook : unmended(after.hook, describe(error));
  return { before, after: await save(engine, held, hook), found, ...done, ...(error !== undefined && { error }) };
}

/** After it was mended. Whatever comes of that: who asked must be given the secret. */
async function lookAgain(engine: Engine, tending: Tending, held: Held, mended: KnownHook) {
  const hook = await save(engine, held, mended);
  try {
    return { hook: seen(hook, await look(engine, tending), held.tick) };
  } catch (error) {
    return { hook, error };
  }
}

async function save(engine: Engine, held: Held, hook: KnownHook): Promise<KnownHook> {
  const { tick } = await engine.store.checkpoint(held.advance((at) => JSON.stringify(merge(hook, knownOf(at)))));
  held.moved(tick);
  return hook;
}

async function look(engine: Engine, tending: Tending): Promise<Verdict> {
  try {
    return await ask(engine, tending, (url, context) => tending.endpoint.check(url, context));
  } catch (error) {
    if (!(error instanceof AccessLost)) throw error;
    return { ok: false, fault: "access", problem: describe(error) };
  }
}

async function mend(
  engine: Engine,
  tending: Tending,
): Promise<Omit<Tended, "before" | "after" | "found"> & { kept: boolean }> {
  const { setup, asked } = tending;
  let made: { repaired: boolean; kept: boolean; secret?: string } = { repaired: false, kept: false };
  try {
    const { secret } = await ask(engine, tending, (url, context) => tending.endpoint.ensure(url, context));
    if (secret === undefined) return { repaired: true, kept: true };
    made = { repaired: true, kept: asked && !setup.keep, ...(asked && { secret }) };
    if (!setup.keep) return made;
    await keepSecret(engine, tending, secret);
    return { repaired: true, kept: true };
  } catch (error) {
    // The engine stops: that is no failure.
    if (engine.stopping.aborted && !made.repaired) throw error;
    return { ...made, error };
  }
}

/** Without validators: what is cached is what was so. */
const ask = <T>(engine: Engine, tending: Tending, run: (url: string, context: Context) => Promise<T>): Promise<T> => {
  const url = urlOf(tending);
  const { provider, scope } = tending;
  return call(engine, { provider, scope, class: "poll" }, (context) => run(url, context), { fresh: true });
};

function urlOf({ provider, scope, setup }: Tending): string {
  try {
    return checkUrl(provider, scope, setup.url(scope));
  } catch (cause) {
    throw new PluginError(`there is no url for the hook: ${cause instanceof TypeError ? cause.message : ""}`, {
      cause,
    });
  }
}

function tell(engine: Engine, { provider, scope }: Tending, { before, after, found, repaired, error }: Tended): void {
  const { fault, problem } = after;
  const isNews = repaired || error !== undefined || fault !== before.fault;
  if (!isNews) return;
  const done = repaired ? "repaired" : fault === null ? "good" : "found";
  engine.emit({ kind: "hook", provider, scope, found, fault, done, ...(problem !== null && { problem }) });
}
