/**
 * What each credential may still spend, for `health()` and for metrics.
 * @module
 */
import type { Budget } from "../budget.ts";
import { dateOf, type Tick, ticks } from "../time.ts";
import type { KnownPurse } from "./budgets.ts";
import { freshPurse, purseAt } from "./purse.ts";
import { roomOfPurse, waitOf } from "./room.ts";
import { budgetName } from "./state.ts";
import { usable } from "./told.ts";

/** What a credential may still spend, without the application's part. In points where calls cost different amounts. */
export interface CredentialHealth {
  provider: string;
  /** Its name, as `Limits.credential` gives it; the scope where it gives none. Never the secret. */
  credential: string;
  /** Calls per second that it bears for now: as declared, or as learned. */
  rate: number;
  /** Calls that webhooks' reads may make at once. */
  left: number;
  /** What the provider's own answers say is left of its limit; null: they do not say. */
  remaining: number | null;
  /** When a webhook's read may be made; null: now. */
  live: Date | null;
}

/** So many are listed, those with the least left: as many seconds' worth as that is. */
const MANY = 100;

/** Those that the store knows, and those that this process uses without having had to ask. */
export function credentialsHealth(budget: Budget, purses: readonly KnownPurse[], now: Tick): CredentialHealth[] {
  const known = new Map<string, Pick<KnownPurse, "provider" | "credential" | "purse" | "terms">>();
  const untold = new Map<string, { spent: number; remaining: number | null }>();
  for (const { provider, credential, wallet } of budget.wallets()) {
    const name = budgetName(provider, credential);
    const terms = budget.terms(provider);
    known.set(name, { provider, credential, purse: freshPurse(terms, now), terms });
    untold.set(name, wallet.untold);
  }
  for (const one of purses) known.set(one.name, one);
  const worth = ({ left, rate }: CredentialHealth) => left / rate;
  return [...known]
    .map(([name, one]) => credentialHealth(one, untold.get(name), now))
    .sort((a, b) => worth(a) - worth(b))
    .slice(0, MANY);
}

function credentialHealth(
  { provider, credential, purse: known, terms }: Pick<KnownPurse, "provider" | "credential" | "purse" | "terms">,
  untold: { spent: number; remaining: number | null } | undefined,
  now: Tick,
): CredentialHealth {
  const purse = purseAt(known, terms, now);
  const room = roomOfPurse(purse, terms, "live");
  const wait = waitOf(purse, terms, "live", now);
  const said = [purse.told && usable(purse.told, terms), untold?.remaining].filter((one) => typeof one === "number");
  const remaining = said.length > 0 ? Math.floor(Math.max(0, Math.min(...said))) : null;
  const least = Math.min(room.pace, room.quota ?? room.pace) - (untold?.spent ?? 0);
  return {
    ...{ provider, credential, rate: purse.lesson.rate ?? terms.rate, remaining },
    left: Math.floor(Math.max(0, Math.min(least, remaining ?? least))),
    live: wait > 0 ? dateOf(now + ticks(wait)) : null,
  };
}
