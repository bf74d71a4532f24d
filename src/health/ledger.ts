/**
 * What the engine has seen since it was made: the counts behind `health()`.
 * @module
 */
import type { EngineEvent } from "../events.ts";
import type { Via } from "../row.ts";

/** Counts of one type in one scope. Times are ms since 1970. */
export interface Counts {
  webhook: number | null;
  found: Record<Exclude<Via, "backfill">, number> & { initial: number };
  reads: number;
  failed: number;
  /** Reads that were certainly older than what is recorded, and were refused. */
  stale: number;
  error: string | null;
}

export interface Ledger {
  record(event: EngineEvent, now: number): void;
  of(type: string, scope: string): Readonly<Counts>;
  /** Webhooks by what became of them, per provider. */
  webhooks(provider: string): Readonly<Record<string, number>>;
  /** What fails in the background: an alarm is over when it worked again, or nothing was heard of it for long. */
  alarms(now: number): readonly string[];
}

/** Milliseconds for which an alarm stands after the time at which it was to be tried again. */
const LINGER = 60_000;
/** Webhooks that were not saved: until one is, or for so long. */
const HOUR = 3_600_000;

const nothing = (): Counts => ({
  webhook: null,
  found: { webhook: 0, poll: 0, sweep: 0, app: 0, initial: 0 },
  reads: 0,
  failed: 0,
  stale: 0,
  error: null,
});

export function createLedger(): Ledger {
  const counts = new Map<string, Counts>();
  const webhooks = new Map<string, Record<string, number>>();
  const alarms = new Map<string, { error: string; until: number }>();

  const at = (type: string, scope: string): Counts => {
    const key = `${type}|${scope}`;
    const known = counts.get(key) ?? nothing();
    counts.set(key, known);
    return known;
  };
  const where = (provider: string | undefined, scope: string | undefined) =>
    [provider, scope].filter(Boolean).join(" ");

  const record = (event: EngineEvent, now: number): void => {
    switch (event.kind) {
      case "webhook": {
        const tally = webhooks.get(event.provider) ?? {};
        tally[event.outcome] = (tally[event.outcome] ?? 0) + 1;
        webhooks.set(event.provider, tally);
        for (const { type, scope } of event.refs) at(type, scope).webhook = now;
        const name = `webhooks of ${event.provider}`;
        if (event.outcome === "accepted") alarms.delete(name);
        if (event.outcome === "unsaved") alarms.set(name, { error: event.reason ?? "not saved", until: now + HOUR });
        return;
      }
      case "read": {
        const count = at(event.type, event.scope);
        count.reads++;
        if (event.outcome === "older") count.stale++;
        if (event.outcome === "failed") count.failed++;
        count.error = event.outcome === "failed" ? (event.error ?? "failed") : null;
        return;
      }
      case "change":
        at(event.type, event.scope).found[event.via === "backfill" ? "initial" : event.via]++;
        return;
      case "page":
        at(event.type, event.scope).stale += event.stale;
        return;
      case "failed":
        alarms.set(`${event.what} ${where(event.provider, event.scope)}`, {
          error: event.error,
          until: now + event.ms + LINGER,
        });
        return;
      case "poll":
        alarms.delete(`the poll of ${event.feed} ${where(event.provider, event.scope)}`);
        return;
      case "sweep":
        alarms.delete(`the sweep of ${event.type} ${where(event.type.split(".")[0], event.scope)}`);
    }
  };

  return {
    record,
    of: (type, scope) => counts.get(`${type}|${scope}`) ?? nothing(),
    webhooks: (provider) => webhooks.get(provider) ?? {},
    alarms(now) {
      for (const [what, { until }] of alarms) if (until < now) alarms.delete(what);
      return [...alarms].map(([what, { error }]) => `${what.trim()}: ${error}`);
    },
  };
}
