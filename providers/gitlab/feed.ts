/**
 * Feeds over the lists that can be filtered by `updated_after`: what was updated, whether or not its webhook came.
 * @module
 */
import type { Context, Feed, Hint } from "tidemark";
import { type Client, ServiceError } from "tidemark/client";
import { z } from "zod";
import { getPage, inScope, type Rows } from "./client.ts";
import type { Definition } from "./definition.ts";
import { nextPage } from "./page.ts";
import { firstPage, isIn } from "./read.ts";
import { type Fields, idOf, stamp, versionOf } from "./state.ts";
import { definitions, type GitLabType } from "./types.ts";

/** Milliseconds between polls: 12 requests an hour for each feed and scope, of 2,000 a minute. */
const EVERY = 300_000;
/** Milliseconds read again: a row becomes visible a little after the time it bears. */
const OVERLAP = 120_000;
/** Milliseconds by which our clock may be ahead of GitLab's: the first poll begins so much earlier, or it would pass over some. */
const AHEAD = 300_000;
/** Pages in one poll; the next goes on from there. */
const MOST_PAGES = 50;

/** Milliseconds for which GitLab knows a place in a list at least: refused later, it may have forgotten it. */
const KNOWN = 60_000;

const place = z.object({
  /** All was read until then. */
  since: z.iso.datetime(),
  /** While pages are being read: the query of the next one, the latest `updated_at` so far, and when that was told. */
  pass: z.object({ next: z.string(), latest: z.number(), told: z.number() }).optional(),
  /**
   * Several polls have read it all, just now: being asked again at once must not begin anew, or what the overlap repeats
   * would have it go on for ever.
   */
  ended: z.literal(true).optional(),
});
type Place = z.infer<typeof place>;

/** The feeds that serve the types, by the type's name in the plural. */
export function feedsOf<T extends GitLabType>(client: Client, types: readonly T[]): Record<string, Feed<T>> {
  const served = types.filter((type) => definitions[type].since !== undefined);
  return Object.fromEntries(served.map((type) => [`${type}s`, feedOf(client, type)]));
}

function feedOf<T extends GitLabType>(client: Client, type: T): Feed<T> {
  const definition = definitions[type];
  const poll = async (cursor: string | null, context: Context) => {
    if (!isIn(definition, context)) return { hints: [], cursor: null };
    const at: Place = cursor === null ? { since: stamp(context.now() - AHEAD) } : place.parse(JSON.parse(cursor));
    if (at.ended) return { hints: [], cursor: JSON.stringify({ since: at.since }) };
    const { rows, to } = await readSince(client, definition, at, context);
    const hints = rows.map((row): Hint<T> => ({ type, ...seen(definition, type, row) }));
    return { hints, cursor: JSON.stringify(to) };
  };
  return { types: [type], every: EVERY, poll };
}

/** Named by its time, so that what the overlap repeats is recognised. */
function seen(definition: Definition, type: GitLabType, row: Fields) {
  const id = idOf(definition, row);
  const version = versionOf(definition, row);
  const event = { id: `${type} ${id} ${row["updated_at"]}`, name: "updated" };
  return version === undefined ? { id, event } : { id, version, event: { ...event, at: new Date(version) } };
}

/** What was updated since a time, and a little before it, as far as one poll reads; and where the next one goes on. */
async function readSince(client: Client, definition: Definition, at: Place, context: Context) {
  const { list = "", since: kind } = definition;
  const order = kind === "sorted" ? "updated_at" : undefined;
  const since = Date.parse(at.since);
  const first = firstPage(definition, order, new Date(since - OVERLAP));
  const get = (search: string) => getPage(client, inScope(list, context), search, context);
  const rows: Fields[] = [];
  let search: string | null = at.pass?.next ?? first;
  for (let pages = 0; pages < MOST_PAGES && search !== null; pages++) {
    const page: Rows = await get(search).catch((error) => {
      if (pages > 0 || !isForgotten(error, at, context)) throw error;
      search = first;
      return get(first);
    });
    rows.push(...page.rows);
    search = nextPage(search, page, order);
  }
  // An owner may give an issue any time: one that is far from any clock would have the feed skip all until then.
  const times = rows.map((row) => versionOf(definition, row) ?? 0).filter((time) => time <= context.now() + OVERLAP);
  const latest = times.reduce((a, b) => Math.max(a, b), Math.max(since, at.pass?.latest ?? 0));
  if (search !== null) return { rows, to: { since: at.since, pass: { next: search, latest, told: context.now() } } };
  const isEnded = at.pass !== undefined && rows.length > 0;
  return { rows, to: { since: stamp(latest), ...(isEnded && { ended: true }) } };
}

/** Whether a place that was kept for a while is one that GitLab does not know any more. */
const isForgotten = (error: unknown, { pass }: Place, { now }: Context): boolean =>
  pass !== undefined && now() - pass.told >= KNOWN && error instanceof ServiceError && error.status === 400;
