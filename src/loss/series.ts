/**
 * What was counted of webhooks, hour by hour: what a curve is drawn from. Pure.
 * @module
 */
import { HOUR, hourOfSlot, type Slot } from "./hour.ts";
import { byType, type Counted, ratesOf } from "./rates.ts";
import { sum } from "./tally.ts";

/** What webhooks brought and lost of a type in an hour, all scopes together. An event counts once for each resource. */
export interface LossHour {
  /** The hour's beginning. */
  hour: Date;
  /** The full name: `"stripe.invoice"`. */
  type: string;
  /** Changes, by what found them first. */
  webhook: number;
  poll: number;
  sweep: number;
  /** Events whose webhook came before a feed named them. */
  came: number;
  /** Events that a feed named first, whether or not their webhook came after that. */
  named: number;
  /** Those of them that no webhook has brought, ten minutes later at least. */
  lost: number;
  /** Webhooks that came after a feed had named their event. */
  late: number;
  /** Events of which it is not known whether a webhook brought them. */
  unsure: number;
}

/**
 * By hour, then by type. Hours in which nothing was counted are not there.
 * @param first the first hour, in hours since 1970
 * @param now in ms
 */
export function seriesOf(slots: Iterable<readonly [slot: number, Slot]>, first: number, now: number): LossHour[] {
  const series: LossHour[] = [];
  for (const [type, scopes] of byType(slots)) {
    for (const [hour, counted] of Map.groupBy(scopes.get(null) ?? [], ({ slot }) => hourOfSlot(slot))) {
      if (hour >= first) series.push(lossHour(hour, type, counted, now));
    }
  }
  return series.sort((a, b) => a.hour.getTime() - b.hour.getTime() || (a.type < b.type ? -1 : 1));
}

function lossHour(hour: number, type: string, counted: readonly Counted[], now: number): LossHour {
  const { found, came, late, lost, unsure } = ratesOf(counted, now, Number.POSITIVE_INFINITY, true);
  const { named = 0 } = sum(...counted.map(({ tally }) => tally.counts));
  return { hour: new Date(hour * HOUR), type, ...found, came, named, lost, late, unsure };
}
