/**
 * The feed over `GET /v1/events`: what the account's events said, whether or not their webhooks came.
 *
 *                 created            now - SETTLE
 *   ──────┼──────────┼───────────────────┼────────► seconds
 *         └ OVERLAP ─┘                   upTo
 *         └───────── one window ─────────┘   newest first, page by page; then `created` becomes `upTo`
 *
 * A window is read to its end before `created` moves. A poll reads some pages of it; where it stopped is in the cursor,
 * so that a long outage is caught up in pieces that are saved.
 * @module
 */
import type Stripe from "stripe";
import type { Context, Feed, Hint } from "tidemark";
import { z } from "zod";
import { type Access, failureOf, get } from "./client.ts";
import { readEvent } from "./event.ts";
import { eventsOf } from "./points.ts";
import type { StripeType } from "./types.ts";

/** Stripe keeps events for 30 days; a little less, for the time the poll itself takes. */
const HORIZON = 29.5 * 86_400_000;
/** Seconds. Events appear some seconds late and behind newer ones: only what has settled is read … */
const SETTLE = 60;
/** … and some of what was read before is read again. */
const OVERLAP = 600;
/** Seconds. A shorter window waits, or a poll that takes longer than a second would be asked again without end. */
const LEAST = 60;
/** Pages of one poll: they must fit into the engine's time for a call. */
const PAGES = 10;
/** The newest events of one resource that a poll names: as many as are kept of it, so that a repeat is recognised. */
const NAMED = 16;
/** How many event names Stripe can filter by. */
const MOST_NAMES = 20;

const place = z.object({
  /** Seconds. All events until then were read. */
  created: z.number(),
  /** The window that is being read: its end, and the last event of it that was. */
  window: z.object({ upTo: z.number(), after: z.string() }).optional(),
});
const eventList = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })), has_more: z.boolean() });
type EventList = z.infer<typeof eventList>;

/**
 * The feed of the types. It begins ten minutes before its first poll.
 * @param every milliseconds between polls
 */
export function eventFeed<T extends StripeType>(client: Stripe, types: ReadonlySet<T>, every: number): Feed<T> {
  const names = filterOf(eventsOf(types));
  return {
    types: [...types],
    every,
    horizon: HORIZON,
    webhooks: true,
    async poll(cursor: string | null, { now, scope, signal }: Context) {
      const settled = Math.floor(now() / 1_000) - SETTLE;
      const { created, window } = cursor === null ? { created: settled } : place.parse(JSON.parse(cursor));
      if (cursor !== null && !window && settled - created < LEAST) return { hints: [], cursor };
      const upTo = window?.upTo ?? settled;
      const query = { ...names, "created[gte]": String(created - OVERLAP), "created[lte]": String(upTo) };
      const read = await readPages(client, query, window?.after, { scope, signal, now });
      // A server that keeps no events has none to miss; the cursor stays, so that it begins if they ever come.
      if (read === undefined) return { hints: [], cursor };
      const next = read.after === undefined ? { created: upTo } : { created, window: { upTo, after: read.after } };
      const told = read.events.map((event) => readEvent(event, types));
      // What happened in another account has its own feed. In a connected account's, events may name it, or nothing.
      const ours = told.filter(({ account }) => account === "" || account === scope);
      return { hints: newest(ours.flatMap(({ hints }) => hints)), cursor: JSON.stringify(next) };
    },
  };
}

/** As a filter, if it fits: what is not asked for need not be read. What comes is filtered in any case. */
const filterOf = (names: readonly string[]): Record<string, string> =>
  names.length > MOST_NAMES ? {} : Object.fromEntries(names.map((name, i) => [`types[${i}]`, name]));

/** Some pages of a window: `after` says where to go on, undefined at its end. Undefined: there is no such feed. */
async function readPages(
  client: Stripe,
  query: Readonly<Record<string, string>>,
  begin: string | undefined,
  access: Access,
): Promise<{ events: EventList["data"]; after: string | undefined } | undefined> {
  const events: EventList["data"] = [];
  let after = begin;
  for (let pages = 0; pages < PAGES; pages++) {
    access.signal.throwIfAborted();
    const answer = await pageAfter(client, query, after, access);
    if (answer === undefined) return undefined;
    events.push(...answer.data);
    after = answer.has_more ? answer.data.at(-1)?.id : undefined;
    if (after === undefined) break;
  }
  return { events, after };
}

async function pageAfter(
  client: Stripe,
  query: Readonly<Record<string, string>>,
  after: string | undefined,
  access: Access,
): Promise<EventList | undefined> {
  const page = { limit: "100", ...query, ...(after !== undefined && { starting_after: after }) };
  try {
    return eventList.parse(await get(client, "events", page, access));
  } catch (error) {
    const { statusCode, param } = failureOf(error);
    // The event has left Stripe's memory meanwhile: the window begins anew.
    if (after !== undefined && param === "starting_after") return pageAfter(client, query, undefined, access);
    if (statusCode === 404) return undefined;
    throw error;
  }
}

/** From newest first to oldest first, and of each resource the newest few. */
function newest<T extends string>(hints: readonly Hint<T>[]): Hint<T>[] {
  const count = new Map<string, number>();
  const kept = hints.filter(({ type, id }) => {
    const key = `${type} ${id}`;
    const before = count.get(key) ?? 0;
    count.set(key, before + 1);
    return before < NAMED;
  });
  return kept.reverse();
}
