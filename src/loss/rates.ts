/**
 * What the counts of the loss ledger come to, over an hour, a day and a week. Pure.
 * @module
 */
import { HOUR, SLOT, type Slot } from "./hour.ts";
import { type Counts, nothing, quantile, sum, sumTallies, type Tally } from "./tally.ts";

/**
 * Milliseconds in which a webhook may still come after a feed has named its event. One that comes later is no loss either,
 * from then on.
 */
export const GRACE = 600_000;
/** Milliseconds of the windows. */
const WINDOWS = { hour: HOUR, day: 24 * HOUR, week: 168 * HOUR } as const;

/**
 * What the webhooks of a type lost. Windows end now; the hour begins up to ten minutes before its time, the others up to an
 * hour.
 */
export interface Loss {
  /** The full name: `"stripe.invoice"`. */
  type: string;
  /** Null: all scopes together. */
  scope: string | null;
  hour: Rates;
  day: Rates;
  week: Rates;
}

/** Counts of a window. An event counts once for each resource that it is about. */
export interface Rates {
  /** Changes, by what found them first. */
  found: Readonly<Record<"webhook" | "poll" | "sweep", number>>;
  /** Events whose webhook came before a feed named them. */
  came: number;
  /** Webhooks that came after a feed had named their event. */
  late: number;
  /** Webhooks of events that a webhook had brought before. */
  repeats: number;
  /** Events that a feed named and no webhook has brought, ten minutes later at least. */
  lost: number;
  /** The same, but their webhook may still come. */
  awaited: number;
  /** Events of which it is not known whether a webhook brought them: their resources have too many at once. */
  unsure: number;
  /** `lost` as a part of all events whose time to come is over, 0 to 1. Null: there was none, or no feed names them. */
  rate: number | null;
  /** Ms from the provider's own time of an event to the log. Null: nothing was timed, or it is of one scope alone. */
  lag: Quantiles | null;
  /** Ms from the poll that named an event to its webhook, of those that came late. */
  lateness: Quantiles | null;
}

/** At most a fifth too long. */
export interface Quantiles {
  p50: number;
  p99: number;
}

/** What was counted in a slot, of one type and scope, or of all scopes. */
export interface Counted {
  slot: number;
  tally: Tally;
}

/** @param named whether a feed names what webhooks should bring: without one nothing is ever known to be lost */
export function lossOf(type: string, scope: string | null, all: readonly Counted[], now: number, named: boolean): Loss {
  const over = (ms: number) => ratesOf(all, now, ms, named);
  return { type, scope, hour: over(WINDOWS.hour), day: over(WINDOWS.day), week: over(WINDOWS.week) };
}

export function ratesOf(all: readonly Counted[], now: number, ms: number, named: boolean): Rates {
  const within = all.filter(({ slot }) => (slot + 1) * SLOT > now - ms);
  const { counts, lag, lateness } = sumTallies(within.map(({ tally }) => tally));
  const { webhook = 0, poll = 0, sweep = 0, came = 0, late = 0, repeats = 0, unsure = 0 } = counts;
  const over = ({ slot }: Counted) => (slot + 1) * SLOT + GRACE <= now;
  const judged = sum(...within.filter(over).map(({ tally }) => tally.counts));
  const lost = missing(judged);
  const events = (judged.came ?? 0) + (judged.named ?? 0);
  return {
    ...{ found: { webhook, poll, sweep }, came, late, repeats, lost, unsure },
    awaited: missing(counts) - lost,
    rate: named && events > 0 ? lost / events : null,
    ...{ lag: quantiles(lag), lateness: quantiles(lateness) },
  };
}

/** Of a scope that is not always among those counted by themselves more may have come than were named. */
const missing = ({ named = 0, mended = 0 }: Counts): number => Math.max(0, named - mended);

function quantiles(times: Tally["lag"]): Quantiles | null {
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
  return p50 === null || p99 === null ? null : { p50, p99 };
}

/** The counts of each type, all scopes together under `null`, and of the scopes that have some of their own. */
export function byType(slots: Iterable<readonly [slot: number, Slot]>): Map<string, Map<string | null, Counted[]>> {
  const all = new Map<string, Map<string | null, Counted[]>>();
  const put = (type: string, scope: string | null, counted: Counted) => {
    const scopes = all.get(type) ?? new Map<string | null, Counted[]>();
    const known = scopes.get(scope);
    if (known) known.push(counted);
    else scopes.set(scope, [counted]);
    all.set(type, scopes);
  };
  for (const [slot, { types, scopes }] of slots) {
    for (const [type, tally] of Object.entries(types)) put(type, null, { slot, tally });
    for (const [type, scope, counts] of scopes) put(type, scope, { slot, tally: { ...nothing(), counts } });
  }
  return all;
}
