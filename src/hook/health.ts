/**
 * Hooks in trouble, for `health()`.
 * @module
 */
import type { Engine } from "../engine.ts";
import { allCheckpoints, placeOf } from "../reconcile/plan.ts";
import { dateOf, type Tick, ticks } from "../time.ts";
import { HOOKS, type HookFault, type KnownHook, knownOf } from "./known.ts";
import { SILENCES, type Silence, silencesIn } from "./silence.ts";

/** A hook in which something is wrong. */
export interface HookHealth {
  provider: string;
  /** Of scopes that share a hook the first. Null: webhooks of the whole provider are silent. */
  scope: string | null;
  fault: HookFault;
  /** What is wrong, in words, and why it is not mended. */
  problem: string;
  /** Since when; null: webhooks never came. */
  since: Date | null;
  /** When it was last looked at; null: it is known by what webhooks do not bring. */
  checked: Date | null;
  /** When it was last tried to make or mend it; null: never. */
  repaired: Date | null;
}

/** What is known of all hooks. */
export interface HooksHealth {
  hooks: HookHealth[];
  goodHooks: Record<string, number>;
}

/** Ticks after which nobody looks after a hook any more: what is known of it is old. */
const OLD = ticks(86_400_000);
/** Hooks of a provider that have a sentence of their own among the alarms. */
const NAMED = 5;

export async function hooksHealth(engine: Engine): Promise<HooksHealth> {
  const now = ticks(engine.time.now());
  const hooks: HookHealth[] = [];
  const goodHooks: Record<string, number> = {};
  for (const at of await allCheckpoints(engine, HOOKS)) {
    const place = placeOf(at.name);
    if (!place || !isOurs(engine, place.provider, place.scope)) continue;
    const hook = knownOf(at);
    if (hook.checked === null || now - hook.checked > OLD) continue;
    const { provider, scope } = place;
    if (hook.fault === null) goodHooks[provider] = (goodHooks[provider] ?? 0) + 1;
    else hooks.push({ provider, scope, ...troubleOf(hook, hook.fault) });
  }
  for (const at of await allCheckpoints(engine, SILENCES)) {
    const provider = at.name.slice(SILENCES.length);
    const silences = silencesIn(at).filter(({ scope }) => isOurs(engine, provider, scope));
    hooks.push(...silences.map((silence) => silent(provider, silence)));
  }
  return { hooks, goodHooks };
}

const isOurs = ({ providers, scopes }: Engine, provider: string, scope: string | null): boolean =>
  Object.hasOwn(providers, provider) && (scope === null || !scopes.left(provider, scope));

const troubleOf = ({ problem, since, checked, repaired }: KnownHook, fault: HookFault) => ({
  ...{ fault, problem: problem ?? fault },
  ...{ since: dated(since), checked: dated(checked), repaired: dated(repaired) },
});

const dated = (tick: Tick | null): Date | null => (tick === null ? null : dateOf(tick));

function silent(provider: string, { scope, since, missed }: Silence): HookHealth {
  const problem =
    `${missed} changes were found that no webhook told of. Look at the provider whether its hook leads here and is answered ` +
    "202, and whether it signs with the secret that this process has";
  const when = since === null ? null : new Date(since);
  return { provider, scope, fault: "silent", problem, since: when, checked: null, repaired: null };
}

/** A sentence for each hook; where they are many in a provider for the first few. */
export function hookAlarms(hooks: readonly HookHealth[]): string[] {
  return [...Map.groupBy(hooks, ({ provider }) => provider)].flatMap(([provider, all]) => {
    const more = all.length - NAMED;
    return [
      ...all.slice(0, NAMED).map(sentenceOf),
      ...(more > 0 ? [`${provider}: ${more} more hooks are in trouble: see hooks in health()`] : []),
    ];
  });
}

function sentenceOf({ provider, scope, fault, problem, since }: HookHealth): string {
  const where = [provider, scope].filter(Boolean).join(" ");
  const when = since ? ` since ${since.toISOString()}` : "";
  if (fault === "silent") return `webhooks of ${where}: none came${when}: ${problem}`;
  if (fault === "access") return `the hook of ${where} may not be seen${when}: ${problem}`;
  return `the hook of ${where} is not right${when}: ${problem}`;
}
