/**
 * Gauges over `health()`, which is read once for each collection.
 * @module
 */
import type { Attributes, BatchObservableResult, Meter } from "@opentelemetry/api";
import type { Health } from "../health.ts";
import type { Time } from "../time.ts";

/** Answers what ends it. */
export function createGauges(meter: Meter, sync: { health(): Promise<Health> }, time: Time): () => void {
  const gauge = (name: string, description: string, unit?: string) =>
    meter.createObservableGauge(`tidemark.${name}`, { description, ...(unit && { unit }) });
  const gauges = {
    alarms: gauge("alarms", "What is wrong now"),
    live: gauge("resources", "Resources recorded and not gone"),
    dirty: gauge("backlog", "Resources that must be read"),
    oldest: gauge("backlog.oldest", "For how long the oldest of them has been due", "s"),
    failing: gauge("failing", "Resources whose last read failed"),
    behind: gauge("subscription.behind", "Entries of the log that a subscription has not looked at"),
    parked: gauge("subscription.parked", "Resources whose handler threw"),
    halted: gauge("subscription.halted", "1 while a subscription stands still because its target is down"),
    rate: gauge("budget.rate", "Calls a second that a credential bears for now"),
    left: gauge("budget.left", "Calls that webhooks' reads may make at once"),
    remaining: gauge("budget.remaining", "What the provider says is left of its limit, without the application's part"),
    wait: gauge("budget.wait", "How long a webhook's read has to wait for its turn", "s"),
    lost: gauge("webhooks.lost.ratio", "The part of the last hour's events that no webhook brought", "1"),
    late: gauge("webhooks.late.p99", "How late the webhooks were that came after a poll, in the last hour", "s"),
  };
  const all = Object.values(gauges);

  async function observe(result: BatchObservableResult): Promise<void> {
    const now = time.now();
    const { alarms, types, subscriptions, losses, credentials } = await sync.health();
    result.observe(gauges.alarms, alarms.length);
    // Of thousands of scopes all together: a series for each would cost more than what it tells.
    for (const [type, { live, dirty, failing, oldest }] of byType(types)) {
      const of: Attributes = { type };
      result.observe(gauges.live, live, of);
      result.observe(gauges.dirty, dirty, of);
      result.observe(gauges.failing, failing, of);
      result.observe(gauges.oldest, oldest === null ? 0 : Math.max(0, (now - oldest) / 1_000), of);
    }
    for (const { name, behind, parked, halted } of subscriptions) {
      result.observe(gauges.behind, behind, { subscription: name });
      result.observe(gauges.parked, parked, { subscription: name });
      result.observe(gauges.halted, halted === null ? 0 : 1, { subscription: name });
    }
    for (const { provider, credential, rate, left, remaining, live } of credentials) {
      const of: Attributes = { provider, credential };
      result.observe(gauges.rate, rate, of);
      result.observe(gauges.left, left, of);
      if (remaining !== null) result.observe(gauges.remaining, remaining, of);
      result.observe(gauges.wait, live === null ? 0 : Math.max(0, (live.getTime() - now) / 1_000), of);
    }
    for (const { type, scope, hour } of losses) {
      if (scope !== null) continue;
      if (hour.rate !== null) result.observe(gauges.lost, hour.rate, { type });
      if (hour.lateness !== null) result.observe(gauges.late, hour.lateness.p99 / 1_000, { type });
    }
  }
  // A store that cannot be read leaves a hole in the curves, and no error in the exporter.
  const callback = (result: BatchObservableResult) => observe(result).catch(() => {});
  meter.addBatchObservableCallback(callback, all);
  return () => meter.removeBatchObservableCallback(callback, all);
}

interface Sum {
  live: number;
  dirty: number;
  failing: number;
  oldest: number | null;
}

function byType(types: Health["types"]): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const { type, live, dirty, failing, oldest } of types) {
    const known = sums.get(type) ?? { live: 0, dirty: 0, failing: 0, oldest: null };
    const since = oldest?.getTime() ?? null;
    const earliest = known.oldest === null || since === null ? (known.oldest ?? since) : Math.min(known.oldest, since);
    sums.set(type, {
      live: known.live + live,
      dirty: known.dirty + dirty,
      failing: known.failing + failing,
      oldest: earliest,
    });
  }
  return sums;
}
