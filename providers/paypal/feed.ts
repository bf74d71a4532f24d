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
  hintsOf(rows: Rows["rows"], window: Window): Hint<T>[];
}

const place = z.object({
  /** All was read until then. */
  since: z.number(),
  /** The window that is being read: its end, and the page that comes next. */
  window: z.object({ until: z.number(), next: z.string() }).optional(),
});

/** A feed over a list, polled so often, in ms. */
export function feedOver<T extends PayPalType>(paypal: PayPal, asked: Asked<T>, every: number): Feed<T> {
  const { types, list, between, overlap, horizon, hintsOf } = asked;
  const poll = async (cursor: string | null, context: Context) => {
    const now = context.now();
    const { since, window } = cursor === null ? { since: now } : place.parse(JSON.parse(cursor));
    if (cursor !== null && !window && now - since < LEAST) return { hints: [], cursor };
    const until = window?.until ?? now;
    const query = { ...list.query, ...between(stamp(since - overlap), stamp(until)) };
    const { rows, next } = await readPages(paypal, { ...list, query }, window?.next ?? null, context);
    const to = next === null ? { since: until } : { since, window: { until, next } };
    return { hints: newest(hintsOf(rows, { since, until })), cursor: JSON.stringify(to) };
  };
  return { types, every, horizon, poll };
}

const stamp = (ms: number): string => new Date(ms).toISOString();

/** Some pages of a window: `next` says where to go on. */
async function readPages(paypal: PayPal, list: List, begin: string | null, context: Context): Promise<Rows> {
  const rows: Rows["rows"] = [];
  let at = begin;
  for (let pages = 0; pages < PAGES; pages++) {
    context.signal.throwIfAborted();
    const page = await readPage(paypal, list, at, context).catch((error) => {
      // A place may be kept longer than PayPal knows it: then the window begins anew.
      if (error instanceof Ended) return readPage(paypal, list, null, context);
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
