/**
 * `health()`: is anything wrong, what was found by what, what waits.
 * @module
 */
import type { Engine } from "./engine.ts";
import { type Gap, gapAlarms, openGaps } from "./gaps.ts";
import { guardAlarms } from "./guard.ts";
import { providerOf } from "./hints.ts";
import type { Ledger } from "./ledger.ts";
import { groupOf } from "./partition.ts";
import type { Paused } from "./pause.ts";
import { allCheckpoints, sweepName, sweepOf } from "./plan.ts";
import type { Loss } from "./rates.ts";
import { dateOf } from "./time.ts";

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
  /**
   * What webhooks lost, by type: all scopes together, and the scopes that lost most. Of all processes of the store, in the
   * last hour, day and week.
   */
  losses: readonly Loss[];
  subscriptions: readonly SubscriptionHealth[];
  /** Times of which changes may be missing, until what they hid is swept. */
  gaps: readonly Gap[];
  /** What a person paused. */
  paused: readonly Paused[];
}

/** How a type in a scope is. Counts are since this engine was made. */
export interface TypeHealth {
  /** The full name: `"stripe.invoice"`. */
  type: string;
  scope: string;
  /** Resources recorded and not gone. */
  live: number;
  /** Resources that must be read, and since when the oldest of them is due; null: none. */
  dirty: number;
  oldest: Date | null;
  /** Resources whose last read failed, and why the latest did. */
  failing: number;
  error: string | null;
  /** When this engine last took a webhook of it; null: none since it was made, though another process may have. */
  lastWebhook: Date | null;
  /** When the last complete sweep began; null: none is complete. */
  lastSweep: Date | null;
  /** Changes, by what found them. `initial`: they were there before we looked. */
  found: Readonly<Record<"webhook" | "poll" | "sweep" | "app" | "initial", number>>;
  /** Fetches, and reads refused because they were older than what is recorded. */
  reads: number;
  stale: number;
}

/** How a subscription is. */
export interface SubscriptionHealth {
  name: string;
  /** Entries of the log that it has not looked at; of partitions the one that is most behind. */
  behind: number;
  /** Resources whose handler threw, and the latest reason. */
  parked: number;
  error: string | null;
  /** Into how many parts its resources are divided. */
  partitions: number;
  /** Processes that share them now; 0 with one partition, which needs none to be known. */
  members: number;
}

export async function health(engine: Engine, ledger: Ledger): Promise<Health> {
  const [surveys, subscriptions] = await Promise.all([engine.store.survey(), subscriptionHealth(engine)]);
  const sweeps = new Map((await allCheckpoints(engine, "sweep|")).map((at) => [at.name, at]));
  const types = surveys.map(({ type, scope, live, dirty, failing, oldest }): TypeHealth => {
    const { webhook, found, reads, stale, error } = ledger.of(type, scope);
    const { completed } = sweepOf(sweeps.get(sweepName(type, scope)) ?? { value: null });
    return {
      ...{ type, scope, live, dirty, failing, error, found, reads, stale },
      oldest: oldest === null ? null : dateOf(oldest),
      lastWebhook: webhook === null ? null : new Date(webhook),
      lastSweep: completed === null ? null : dateOf(completed),
    };
  });
  const webhooks = Object.fromEntries(Object.keys(engine.providers).map((key) => [key, ledger.webhooks(key)]));
  const failing = types.filter(
    ({ type, scope, failing }) => failing > 0 && !engine.scopes.left(providerOf(type), scope),
  );
  const gaps = await openGaps(engine);
  const alarms = [
    ...ledger.alarms(engine.time.now()),
    ...(await guardAlarms(engine)),
    ...gapAlarms(gaps),
    ...failing.map((one) => `${one.type} ${one.scope}: ${one.failing} cannot be read, last: ${one.error ?? "unknown"}`),
    ...subscriptions.filter(({ parked }) => parked > 0).map((one) => `${one.name}: ${one.parked} parked: ${one.error}`),
  ];
  const [losses, paused] = [await engine.losses.report(), await engine.pauses.look()];
  return { ok: alarms.length === 0, alarms, types, webhooks, losses, subscriptions, gaps, paused };
}

async function subscriptionHealth({ store }: Engine): Promise<SubscriptionHealth[]> {
  const { position, tick } = await store.head();
  const all = await store.checkpoints("subscriber|", "", 1_000);
  return all.flatMap((at) => {
    const group = groupOf(at);
    if (!group) return [];
    const name = at.name.slice("subscriber|".length);
    const parked = group.parts.flatMap((part) => part.parked);
    const behind = position - Math.min(...group.parts.map((part) => part.position));
    const members = Object.values(group.members).filter((until) => until > tick).length;
    const error = parked.at(-1)?.error ?? null;
    return [{ name, behind, parked: parked.length, error, partitions: group.parts.length, members }];
  });
}
