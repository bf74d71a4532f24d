/**
 * Budgets that are worth a look, for `health()`; those that say nothing any more are forgotten.
 * @module
 */
import type { Engine } from "../engine.ts";
import { allCheckpoints } from "../reconcile/plan.ts";
import { dateOf, type Tick, ticks } from "../time.ts";
import { isForgettable, type Purse, purseAt } from "./purse.ts";
import { roomOfPurse, waitOf } from "./room.ts";
import { BUDGET, credentialOfName, purseOf } from "./state.ts";
import type { Terms } from "./terms.ts";

/** A credential that waits, rests, or bears less than its provider declares. */
export interface BudgetHealth {
  provider: string;
  /** Its name, as `Limits.credential` gives it; the scope where it gives none. */
  credential: string;
  /** Calls per second that it bears for now, without the application's part. In points where calls cost different amounts. */
  rate: number;
  /** Calls, or points, that webhooks' reads may take at once. */
  left: number;
  /** The provider said to wait until then; null: it did not. */
  resting: Date | null;
  /** What is left of the quota, or of what the provider itself says is left, without the application's part; null: none. */
  quota: number | null;
  /** When a webhook's read may be made, and a sweep's page; null: now. */
  live: Date | null;
  sweep: Date | null;
  /** Since when hardly a call is answered; null: calls are. */
  refused: Date | null;
}

/** Milliseconds after which it is an alarm that nothing can be read. */
const LONG = 3_600_000;
/** Milliseconds for which a page may wait before that is worth a look. */
const SHORT = 10_000;
/** So many are listed, those that wait longest. */
const MANY = 100;

/** Of all processes of the store. */
export function budgetsHealth(all: readonly KnownPurse[], tick: Tick): BudgetHealth[] {
  const told = all.flatMap((one) => {
    const health = healthOf(one, tick);
    const says = health.resting || health.refused || one.purse.lesson.rate !== null || health.live || health.sweep;
    return says ? [health] : [];
  });
  const until = ({ live, sweep }: BudgetHealth) => (live ?? sweep)?.getTime() ?? 0;
  return told.sort((a, b) => until(b) - until(a)).slice(0, MANY);
}

/** What the store holds of a credential. */
export interface KnownPurse {
  /** Of its checkpoint. */
  name: string;
  provider: string;
  credential: string;
  purse: Purse;
  terms: Terms;
}

export async function allPurses(engine: Engine): Promise<KnownPurse[]> {
  return (await allCheckpoints(engine, BUDGET)).flatMap((at) => {
    const { provider, credential } = credentialOfName(at.name);
    if (at.value === null || !Object.hasOwn(engine.providers, provider)) return [];
    const terms = engine.budget.terms(provider);
    return [{ name: at.name, provider, credential, purse: purseOf(at, terms, at.at), terms }];
  });
}

function healthOf({ provider, credential, purse: known, terms }: KnownPurse, now: Tick): BudgetHealth {
  const purse = purseAt(known, terms, now);
  const when = (ms: number, least: number) => (ms > least ? dateOf(now + ticks(ms)) : null);
  const { pace, quota } = roomOfPurse(purse, terms, "live");
  return {
    ...{ provider, credential, rate: purse.lesson.rate ?? terms.rate },
    ...{ left: Math.floor(Math.min(pace, quota ?? pace)), quota: quota === null ? null : Math.floor(quota) },
    resting: purse.until > now ? dateOf(purse.until) : null,
    live: when(waitOf(purse, terms, "live", now), 0),
    sweep: when(waitOf(purse, terms, "sweep", now), SHORT),
    refused: purse.lesson.stuck === null ? null : dateOf(purse.lesson.stuck),
  };
}

/** A sentence for each credential with which nothing can be read for long. */
export function budgetAlarms(budgets: readonly BudgetHealth[], now: number): string[] {
  return budgets.flatMap(({ provider, credential, refused, live }) => {
    const where = [provider, credential].filter(Boolean).join(" ");
    if (refused && now - refused.getTime() > LONG) {
      return [`the budget of ${where}: calls are refused since ${refused.toISOString()}: look at its limits there`];
    }
    if (live && live.getTime() - now > LONG) {
      return [`the budget of ${where} is used up: webhooks' reads wait until ${live.toISOString()}`];
    }
    return [];
  });
}

/** What says no more than a fresh one goes: ten thousand idle credentials leave nothing behind. */
export async function forgetBudgets(engine: Engine): Promise<void> {
  const { tick } = await engine.store.checkpoint({ name: "clock", step: () => undefined });
  for (const { name, purse, terms } of await allPurses(engine)) {
    if (!isForgettable(purse, terms, tick)) continue;
    await engine.store.checkpoint(
      {
        name,
        step: (at, now) => (isForgettable(purseOf(at, terms, now), terms, now) ? { ...at, value: null } : undefined),
      },
      { lazy: true },
    );
  }
}
