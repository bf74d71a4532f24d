/**
 * What the feeds are: `events`, `disputes` and `subscriptions`.
 * @module
 */
import type { Feed, Hint } from "tidemark";
import type { PayPal } from "./client.ts";
import { readEvent } from "./event.ts";
import { type Asked, feedOver, type Window } from "./feed.ts";
import { timeOf } from "./fields.ts";
import type { Rows } from "./pages.ts";
import { definitions, idIn, type PayPalType, versionOf } from "./types.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Milliseconds after an event of a subscription at which it is looked at again: a cycle and the next time of billing move
 * some minutes later, without an event (github.com/paypal/paypal-checkout-components/issues/1336, …/1157).
 */
const AGAIN = [2 * MINUTE, HOUR];

type Row = Rows["rows"][number];

/** The feeds of the types that have one, polled so often, in ms. */
export function feedsOf<T extends PayPalType>(
  paypal: PayPal,
  types: readonly T[],
  every: number,
): Record<string, Feed<T>> {
  const all = { events: eventsOf(types), disputes: disputesOf(types), subscriptions: subscriptionsOf(types) };
  const used = Object.entries(all).filter(([, { types }]) => types.length > 0);
  return Object.fromEntries(used.map(([name, asked]) => [name, feedOver(paypal, asked, every)]));
}

/**
 * What the app's webhooks were sent, or should have been. PayPal keeps it for some thirty days; the clocks of its servers
 * differ, and an event is looked at again for an hour.
 */
function eventsOf<T extends PayPalType>(types: readonly T[]): Asked<T> {
  const selected = new Set(types);
  return {
    types,
    // The most that it gives is not documented.
    list: { path: "v1/notifications/webhooks-events", rows: "events", size: 50 },
    between: (start_time, end_time) => ({ start_time, end_time }),
    overlap: HOUR + 10 * MINUTE,
    horizon: 29 * DAY,
    webhooks: true,
    hintsOf: (rows, window) => rows.flatMap((row) => eventHints(row, selected, window)),
  };
}

function eventHints<T extends PayPalType>(row: Row, selected: ReadonlySet<T>, window: Window): Hint<T>[] {
  const hints = hintsOf(row, selected);
  const at = timeOf(row["create_time"]) ?? Number.NaN;
  const isDue = AGAIN.some((ms) => window.since < at + ms && at + ms <= window.until);
  const again = isDue ? hints.filter(({ type }) => type === "subscription") : [];
  return [...hints, ...again.map(({ type, id }) => ({ type, ...(id !== undefined && { id }) }))];
}

/** One event that is none must not stop those after it. */
function hintsOf<T extends PayPalType>(row: Row, selected: ReadonlySet<T>): Hint<T>[] {
  try {
    return readEvent(row, selected);
  } catch {
    return [];
  }
}

/** Disputes by the time of their last update, of the last 180 days. */
const disputesOf = <T extends PayPalType>(types: readonly T[]): Asked<T> => ({
  types: types.filter((type) => type === "dispute"),
  list: { ...listOf("dispute") },
  between: (update_time_after, update_time_before) => ({ update_time_after, update_time_before }),
  overlap: 10 * MINUTE,
  horizon: 179 * DAY,
  hintsOf: (rows) => rows.flatMap((row) => rowHints(types, "dispute", row, row["update_time"])),
});

/**
 * Subscriptions by the time of their last change of status. Which of the two parameters is which end is told in two ways
 * (the type declarations of `@paypal/paypal-server-sdk` 2.5.0): both are given, so that read the other way round nothing
 * is found rather than everything.
 */
const subscriptionsOf = <T extends PayPalType>(types: readonly T[]): Asked<T> => ({
  types: types.filter((type) => type === "subscription"),
  list: { ...listOf("subscription") },
  between: (status_updated_after, status_updated_before) => ({ status_updated_after, status_updated_before }),
  overlap: 10 * MINUTE,
  horizon: 365 * DAY,
  hintsOf: (rows) => rows.flatMap((row) => rowHints(types, "subscription", row, row["status_update_time"])),
});

const listOf = (type: "dispute" | "subscription") => {
  const { list = { path: "", rows: "" } } = definitions[type];
  return list;
};

/** Named by its time, so that what the overlap repeats is recognised. Where there is none it is looked at each time. */
function rowHints<T extends PayPalType>(types: readonly T[], type: PayPalType, row: Row, time: unknown): Hint<T>[] {
  const id = idIn(definitions[type], row);
  const isWanted = (one: PayPalType): one is T => (types as readonly string[]).includes(one);
  if (id === undefined || !isWanted(type)) return [];
  const at = timeOf(time);
  if (at === undefined) return [{ type, id }];
  const version = versionOf(definitions[type], row) ?? at;
  return [{ type, id, version, event: { id: `${id} ${time}`, name: `${type} updated`, at: new Date(at) } }];
}
