/**
 * The feeds: PayPal's own list of the events it has sent, and the lists that can be asked for what was updated.
 *
 *             since              now
 *   ──────┼─────┼─────────────────┼────► time
 *         └overlap┘             until
 *         └──── one window ───────┘   page by page; then `since` becomes `until`
 *
 * A window is read to its end before `since` moves. A poll reads some pages of it; where it stopped is in the cursor, so
 * that a long outage is caught up in pieces that are saved.
 * @module
 */
import type { Context, Feed, Hint } from "tidemark";
import { z } from "zod";
import type { PayPal } from "./client.ts";
import { Ended, type Rows, readPage } from "./pages.ts";
import type { List, PayPalType, Query } from "./types.ts";

/** Milliseconds. A shorter window waits, or a poll that finds something would be asked again without end. */
const LEAST = 10_000;
/** Milliseconds for which PayPal knows a place in a list at least. */
const KNOWN = 60_000;
/** Pages of one poll: they must fit into the engine's time for a call. */
const PAGES = 10;
/** The newest events of one resource that a poll names: as many as are kept of it, so that a repeat is recognised. */
const NAMED = 16;

/** A span of time, in ms since 1970: after `since`, up to `until`. */
export interface Window {
  since: number;
  until: number;
}

/** What a feed asks, and what it makes of the answers. */
export interface Asked<T extends PayPalType> {
  types: readonly T[];
  list: List;
  /** The parameters for what happened from one time to another. */
  between(from: string, to: string): Query;
  /** Milliseconds before a window that are read again. */
  overlap: number;
  /** Milliseconds that PayPal looks back. */
  horizon: number;
  /** It lists what webhooks bring. */
  webhooks?: true;
  hintsOf(rows: Rows["rows"], window: Window): Hint<T>[];
}

const place = z.object({
  /** All was read until then. */
  since: z.number(),
  /** The window that is being read: its end, the page that comes next, and when that was told of. */
  window: z.object({ until: z.number(), next: z.string(), told: z.number().optional() }).optional(),
  /**
   * A window that took several polls has just ended: being asked again at once must not begin the next, or what is in the
   * overlap would have it go on for ever.
   */
  ended: z.literal(true).optional(),
});
type Place = z.infer<typeof place>;

/** A feed over a list, polled so often, in ms. */
export function feedOver<T extends PayPalType>(paypal: PayPal, asked: Asked<T>, every: number): Feed<T> {
  const { types, list, between, overlap, horizon, webhooks = false, hintsOf } = asked;
  const poll = async (cursor: string | null, context: Context) => {
    const now = context.now();
    const { since, window, ended } = placeIn(cursor, now, horizon);
    if (ended) return { hints: [], cursor: JSON.stringify({ since }) };
    if (cursor !== null && !window && now - since < LEAST) return { hints: [], cursor };
    const until = window?.until ?? now;
    const query = { ...list.query, ...between(stamp(since - overlap), stamp(until)) };
    const { rows, next } = await readPages(paypal, { ...list, query }, window, context);
    const hints = newest(hintsOf(rows, { since, until }));
    const isEnded = window !== undefined && hints.length > 0;
    const end = isEnded ? { since: until, ended: true } : { since: until };
    const to = next === null ? end : { since, window: { until, next, told: now } };
    return { hints, cursor: JSON.stringify(to) };
  };
  return { types, every, horizon, webhooks, poll };
}

/** Where the feed is. A time before the horizon PayPal would refuse, each time it is asked: what was then the sweeps find. */
function placeIn(cursor: string | null, now: number, horizon: number): Place {
  const at: Place = cursor === null ? { since: now } : place.parse(JSON.parse(cursor));
  return at.since < now - horizon ? { since: now - horizon } : at;
}

const stamp = (ms: number): string => new Date(ms).toISOString();

/** Some pages of a window: `next` says where to go on. */
async function readPages(paypal: PayPal, list: List, window: Place["window"], context: Context): Promise<Rows> {
  const rows: Rows["rows"] = [];
  const { next: begin = null, told = 0 } = window ?? {};
  let at = begin;
  for (let pages = 0; pages < PAGES; pages++) {
    context.signal.throwIfAborted();
    const page = await readPage(paypal, list, at, context).catch((error) => {
      // A place may be kept longer than PayPal knows it: then the window begins anew. Not so one that was given just now.
      if (error instanceof Ended && at === begin && context.now() - told >= KNOWN)
        return readPage(paypal, list, null, context);
      throw error;
    });
    rows.push(...page.rows);
    at = page.next;
    if (at === null) break;
  }
  return { rows, next: at };
}

/** Of each resource the newest events alone; what no event said is not counted. */
function newest<T extends string>(hints: readonly Hint<T>[]): Hint<T>[] {
  const counts = new Map<string, number>();
  const timeOf = ({ event }: Hint) => event?.at?.getTime() ?? 0;
  return hints
    .toSorted((a, b) => timeOf(b) - timeOf(a))
    .filter(({ type, id, event }) => {
      const key = `${type} ${id}`;
      const count = event === undefined ? 1 : (counts.get(key) ?? 0) + 1;
      if (event !== undefined) counts.set(key, count);
      return count <= NAMED;
    })
    .reverse();
}
