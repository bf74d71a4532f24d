/**
 * `health()`: is anything wrong, what was found by what, what waits.
 * @module
 */
import { allPurses, type BudgetHealth, budgetAlarms, budgetsHealth } from "./budget/budgets.ts";
import { type CredentialHealth, credentialsHealth } from "./budget/credentials.ts";
import { groupOf } from "./deliver/partition.ts";
import type { SubscriptionState } from "./deliver/subscription.ts";
import type { Engine } from "./engine.ts";
import type { Ledger } from "./health/ledger.ts";
import { type TypeHealth, typesHealth } from "./health/types.ts";
import { providerOf } from "./hints.ts";
import { type HookHealth, hookAlarms, hooksHealth } from "./hook/health.ts";
import type { Loss } from "./loss/rates.ts";
import type { Paused } from "./pause.ts";
import { type Gap, gapAlarms, openGaps } from "./reconcile/gaps.ts";
import { allCheckpoints } from "./reconcile/plan.ts";
import { guardAlarms } from "./sweep/guard.ts";
import { ticks } from "./time.ts";

/** How the whole is. */
export interface Health {
  /** No alarms. */
  ok: boolean;
  /** What is wrong now, a sentence each. */
  alarms: readonly string[];
  /** Every type in every scope of which something is known. */
  types: readonly TypeHealth[];
  /** Webhooks since this engine was made, by provider and by what became of them. */
  webhooks: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Hooks in which something is wrong, of those that `setup` was called for; and webhooks that stopped. */
  hooks: readonly HookHealth[];
  /** How many hooks are right, by provider. */
  goodHooks: Readonly<Record<string, number>>;
  /**
   * What webhooks lost, by type: all scopes together, and the scopes that lost most. Of all processes of the store, in the
   * last hour, day and week.
   */
  losses: readonly Loss[];
  subscriptions: readonly SubscriptionHealth[];
  /** Credentials that wait, rest, or bear less than their provider declares, of all processes of the store. */
  budgets: readonly BudgetHealth[];
  /**
   * What each credential may still spend: of all processes of the store, and, of what the others were not told yet, of this
   * one. At most 100, those with the least left.
   */
  credentials: readonly CredentialHealth[];
  /** Times of which changes may be missing, until what they hid is swept. */
  gaps: readonly Gap[];
  /** What a person paused. */
  paused: readonly Paused[];
}

/** How a subscription is. */
export interface SubscriptionHealth {
  name: string;
  /** Entries of the log that it has not looked at; of partitions the one that is most behind. */
  behind: number;
  /** Resources whose handler threw, and the latest reason. */
  parked: number;
  error: string | null;
  /** Why, and at which change, all of it stands still; null: it does not. `due`: when that is tried again; null: when a person says `retry`. */
  halted: { type: string; scope: string; id: string; attempts: number; due: Date | null; error: string } | null;
  /** Into how many parts its resources are divided. */
  partitions: number;
  /** Processes that share them now; 0 with one partition, which needs none to be known. */
  members: number;
}

export async function health(engine: Engine, ledger: Ledger): Promise<Health> {
  const [types, subscriptions] = await Promise.all([typesHealth(engine, ledger), subscriptionHealth(engine)]);
  const webhooks = Object.fromEntries(Object.keys(engine.providers).map((key) => [key, ledger.webhooks(key)]));
  const failing = types.filter(
    ({ type, scope, failing }) => failing > 0 && !engine.scopes.left(providerOf(type), scope),
  );
  const gaps = await openGaps(engine);
  const { budgets, credentials } = await spending(engine);
  const { hooks, goodHooks } = await hooksHealth(engine);
  const alarms = [
    ...ledger.alarms(engine.time.now()),
    ...(await guardAlarms(engine)),
    ...hookAlarms(hooks),
    ...gapAlarms(gaps),
    ...budgetAlarms(budgets, engine.time.now()),
    ...failing.map((one) => `${one.type} ${one.scope}: ${one.failing} cannot be read, last: ${one.error ?? "unknown"}`),
    ...subscriptions.filter(({ parked }) => parked > 0).map((one) => `${one.name}: ${one.parked} parked: ${one.error}`),
    ...subscriptions.flatMap(({ name, halted }) =>
      halted && isAlarming(halted) ? [`${name}: it stands still: ${halted.error}`] : [],
    ),
  ];
  const [losses, paused] = [await engine.losses.report(), await engine.pauses.look()];
  const rest = { hooks, goodHooks, losses, subscriptions, budgets, credentials, gaps, paused };
  return { ok: alarms.length === 0, alarms, types, webhooks, ...rest };
}

async function spending(engine: Engine): Promise<Pick<Health, "budgets" | "credentials">> {
  // The last tick is from when something was saved last; to ask for another would be to write.
  const { tick: last } = await engine.store.head();
  const tick = Math.max(last, ticks(engine.time.now()));
  const all = await allPurses(engine);
  return { budgets: budgetsHealth(all, tick), credentials: credentialsHealth(engine.budget, all, tick) };
}

async function subscriptionHealth(engine: Engine): Promise<SubscriptionHealth[]> {
  const { position, tick } = await engine.store.head();
  const all = await allCheckpoints(engine, "subscriber|");
  return all.flatMap((at) => {
    const group = groupOf(at);
    if (!group) return [];
    const name = at.name.slice("subscriber|".length);
    const parked = group.parts.flatMap((part) => part.parked);
    const behind = position - Math.min(...group.parts.map((part) => part.position));
    const members = Object.values(group.members).filter((until) => until > tick).length;
    const error = parked.at(-1)?.error ?? null;
    const halted = haltedOf(group.parts);
    return [{ name, behind, parked: parked.length, error, halted, partitions: group.parts.length, members }];
  });
}

/** Of partitions the one that has tried the most often. */
function haltedOf(parts: readonly SubscriptionState[]): SubscriptionHealth["halted"] {
  const halts = parts.flatMap(({ halt }) => halt ?? []).sort((a, b) => b.attempts - a.attempts);
  const halt = halts.find(({ due }) => due === null) ?? halts[0];
  if (!halt) return null;
  const { type, scope, id, attempts, due, error } = halt;
  return { type, scope, id, attempts, due: due === null ? null : new Date(due), error };
}

/** A pause that a target asked for is no trouble; one that comes again and again is. */
const isAlarming = ({ attempts, due }: { attempts: number; due: Date | null }): boolean =>
  due === null || attempts >= 3;
