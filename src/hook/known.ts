/**
 * What is known of a hook, and what follows from a look at it. Pure.
 *
 *   check ──► seen ──┬─► right        looked at again in an hour
 *                    └─► trouble ──► mended, unless that is refused or was tried too lately ──► check ──► seen
 * @module
 */
import { z } from "zod";
import { type Checkpoint, read } from "../checkpoint.ts";
import type { Endpoint, EndpointFault } from "../provider.ts";
import { dateOf, type Tick, ticks } from "../time.ts";

const FAULTS = ["missing", "elsewhere", "disabled", "events", "form", "secret", "access", "silent"] as const;

/**
 * What may be wrong with a hook: what its provider's `check` finds; `access`: the credential may not see it; `silent`: no
 * webhook comes though changes go on.
 */
export type HookFault = EndpointFault | "access" | "silent";

const knownHook = z.object({
  /** When it was last looked at. Null: never. */
  checked: z.number().nullable(),
  /** What is wrong; null: nothing. `problem` says so in words, `since` when that began. */
  fault: z.enum(FAULTS).nullable(),
  problem: z.string().nullable(),
  since: z.number().nullable(),
  /** When it was last found right. */
  lastGood: z.number().nullable(),
  /** When it was last tried to make or to mend it. */
  repaired: z.number().nullable(),
  /** How often it was mended, until it is right for a day; and how often in a row that failed. */
  repairs: z.number(),
  failures: z.number(),
  /** It was made, and nobody is known to have kept the secret with which it signs. */
  unkept: z.boolean(),
  /** Somebody wants it to be looked at, since this tick. */
  wanted: z.number().nullable(),
});
export type KnownHook = z.infer<typeof knownHook>;

const UNKNOWN: KnownHook = {
  ...{ checked: null, fault: null, problem: null, since: null, lastGood: null },
  ...{ repaired: null, repairs: 0, failures: 0, unkept: false, wanted: null },
};

export const HOOKS = "hook|";
export const hookName = (provider: string, scope: string): string => `${HOOKS}${provider}|${encodeURIComponent(scope)}`;

/** What a checkpoint holds; nothing if it was never moved, or holds what nobody here wrote. */
export const knownOf = (at: Pick<Checkpoint, "value">): KnownHook => read(at, knownHook, UNKNOWN);

/** Milliseconds from one look at a hook to the next: of one that is right; that is not; that was just mended. */
export const EVERY = 3_600_000;
const TROUBLED = 600_000;
const MENDED = 60_000;
/** Milliseconds from one repair to the next. What somebody deletes again and again is made once an hour. */
const REPAIR = 3_600_000;
const DAY = 86_400_000;

/** So many looks an hour one credential is to bear; of more hooks each is looked at less often, twice a day at least. */
const LOOKS = 1_000;
const LEAST = 12;

/** How many times as long it is from one look to the next, where one credential looks at so many hooks. */
export const slownessOf = (hooks: number): number => Math.min(LEAST, Math.max(1, hooks / LOOKS));

/** When a hook is to be looked at: a tick; 0 for now. `spread` is from 0 to 1. */
export function hookDue({ wanted, checked, fault, repaired }: KnownHook, spread: number, slowness = 1): Tick {
  if (wanted !== null || checked === null) return 0;
  const every = (fault === null ? EVERY : isFresh(checked, repaired) ? MENDED : TROUBLED) * slowness;
  return checked + ticks(every * (0.9 + 0.1 * spread));
}

/** A service may take a moment to show what was mended. */
const isFresh = (checked: Tick, repaired: Tick | null): boolean =>
  repaired !== null && checked - repaired < ticks(MENDED);

/** What a look found. */
export type Verdict = { ok: true } | { ok: false; fault: HookFault; problem: string };

const UNKEPT: Verdict = {
  ok: false,
  fault: "secret",
  problem:
    "it was made, and its secret was not kept. Delete it at the provider: another one is made then; or put its secret in by hand",
};

/** What is to be saved: what somebody has wanted since the last look began is still to be done. */
export const merge = (hook: KnownHook, stored: KnownHook): KnownHook => ({
  ...hook,
  wanted: stored.wanted !== null && stored.wanted > (hook.checked ?? 0) ? stored.wanted : null,
});

/** The hook after a look that began at `start`. One whose secret nobody has is not right, whatever the provider shows. */
export function seen(hook: KnownHook, verdict: Verdict, start: Tick): KnownHook {
  const isMissing = !verdict.ok && (verdict.fault === "missing" || verdict.fault === "elsewhere");
  const unkept = hook.unkept && !isMissing;
  const is = verdict.ok && unkept ? UNKEPT : verdict;
  const next = { ...hook, checked: start, unkept };
  if (!is.ok) return { ...next, fault: is.fault, problem: is.problem.slice(0, 500), since: hook.since ?? start };
  const rested = hook.repaired === null || start - hook.repaired >= ticks(DAY);
  return {
    ...{ ...next, fault: null, problem: null, since: null, lastGood: start, failures: 0 },
    repairs: rested ? 0 : hook.repairs,
  };
}

/** What decides whether a hook may be mended without a person. */
export interface Leave {
  /** The application allows it. */
  repair: boolean;
  /** It takes a secret that was made. */
  keeps: boolean;
  givesSecret: Endpoint["givesSecret"];
}

/** Why a hook in trouble is not mended, in words. Undefined: it may be. */
export function refusalOf({ fault, unkept }: KnownHook, { repair, keeps, givesSecret }: Leave): string | undefined {
  if (fault === "access") return "give the credential access to it";
  if (!repair) return "it is not mended: setup was told repair: false";
  if (fault === "secret" && unkept) return "it is not mended";
  if (keeps || givesSecret === undefined || (fault !== null && !NEEDS_SECRET.has(fault))) return undefined;
  return "it is not mended: its secret would be another one, and nobody keeps it. Give setup a keep";
}

/** What is mended with a secret that the provider's option does not have yet. */
const NEEDS_SECRET: ReadonlySet<HookFault> = new Set(["missing", "elsewhere", "secret"]);

/** From when on it may be mended again: an hour after it was mended; after one, two, four … minutes if that failed. */
export function mayMendAt({ repaired, repairs, failures }: KnownHook): Tick {
  if (repaired === null) return 0;
  const pause = failures > 0 ? MENDED * 2 ** (failures - 1) : repairs > 0 ? REPAIR : 0;
  return repaired + ticks(Math.min(REPAIR, pause));
}

/** The hook when it may not be mended now: why, and when. */
export function left(hook: KnownHook, refusal: string | undefined): KnownHook {
  const times = `it was mended ${hook.repairs === 1 ? "once" : `${hook.repairs} times`} in a day`;
  const last = hook.failures > 0 ? "to mend it failed" : times;
  const why = refusal ?? `${last}, and it is left as it is until ${dateOf(mayMendAt(hook)).toISOString()}`;
  return { ...hook, problem: `${hook.problem ?? "it is not right"}; ${why}`.slice(0, 500) };
}

/**
 * The hook before it is mended, saved before it: what a crash leaves must be known. It counts as failed until it is done,
 * and a secret that is told once as lost until it is kept.
 */
export const mending = (hook: KnownHook, givesSecret: Endpoint["givesSecret"], now: Tick): KnownHook => ({
  ...hook,
  repaired: now,
  failures: hook.failures + 1,
  unkept: hook.unkept || (givesSecret === "once" && (hook.fault === "missing" || hook.fault === "elsewhere")),
});

/** The hook after `ensure`. `kept`: there was no secret, or somebody has it now. */
export const mended = (hook: KnownHook, kept: boolean): KnownHook => ({
  ...hook,
  failures: 0,
  repairs: hook.repairs + 1,
  unkept: hook.unkept && !kept,
});

/** The hook after an attempt that failed. */
export const unmended = (hook: KnownHook, why: string): KnownHook => ({
  ...hook,
  problem: `${hook.problem ?? "it was not right"}; to mend it failed: ${why}`.slice(0, 500),
});
