/**
 * Feeds over the lists that can be filtered by `since`: what was updated, whether or not its webhook came.
 *
 * Pages of a list sorted by update time shift while they are read: what is updated moves to the end, and something that
 * was not read yet slips onto a page that was. So only the first page is read, again and again, each time from the last
 * time seen on; further pages only where one second fills a page.
 * @module
 */
import type { Context, Feed, Hint } from "tidemark";
import { z } from "zod";
import { getPage } from "./client.ts";
import type { ClientOf } from "./send.ts";
import { type Fields, idOf, isOrganization, stamp, timeOf } from "./state.ts";
import { definitions, type GitHubType } from "./types.ts";

/** Milliseconds between polls: 12 requests an hour, of 5,000 that a token may make. */
const EVERY = 300_000;
/** Milliseconds read again: a row becomes visible a little after the time it bears. */
const OVERLAP = 60_000;
/** Milliseconds by which our clock may be ahead of GitHub's: the first poll begins so much earlier, or it would pass over some. */
const AHEAD = 300_000;
/** Pages in one poll; the next goes on from there. */
const MOST_PAGES = 50;
/** Of these, at most for what is read again, so that every poll gets ahead. */
const AGAIN_PAGES = 25;

/** The latest `updated_at` seen. */
const cursorText = z.object({ since: z.iso.datetime() });

/** What a feed asks for, and what its rows are. */
interface Source {
  types: readonly GitHubType[];
  path: string;
  query: Readonly<Record<string, string>>;
  typeOf(row: Fields): GitHubType;
}

const sources: Readonly<Record<string, Source>> = {
  issues: {
    types: ["issue", "pull_request"],
    path: "/issues",
    query: { state: "all" },
    typeOf: (row) => (definitions.issue.isOne?.(row) ? "issue" : "pull_request"),
  },
  comments: {
    types: ["issue_comment"],
    path: "/issues/comments",
    query: {},
    typeOf: () => "issue_comment",
  },
  review_comments: {
    types: ["review_comment"],
    path: "/pulls/comments",
    query: {},
    typeOf: () => "review_comment",
  },
};

/** The feeds that serve the types. */
export function feedsOf<T extends GitHubType>(clientOf: ClientOf, types: ReadonlySet<T>): Record<string, Feed<T>> {
  const isWanted = (type: GitHubType): type is T => (types as ReadonlySet<string>).has(type);
  const entries = Object.entries(sources).flatMap(([name, source]) => {
    const served = source.types.filter(isWanted);
    const hintOf = (row: Fields): Hint<T>[] => {
      const type = source.typeOf(row);
      return isWanted(type) ? [{ type, ...seen(name, type, row) }] : [];
    };
    const poll = async (cursor: string | null, context: Context) => {
      if (isOrganization(context.scope)) return { hints: [], cursor: null };
      const { rows, since } = await readSince(clientOf, source, cursor, context);
      return { hints: rows.flatMap(hintOf), cursor: JSON.stringify({ since }) };
    };
    return served.length === 0 ? [] : [[name, { types: served, every: EVERY, poll }] as const];
  });
  return Object.fromEntries(entries);
}

/** Named by its time, so that what the overlap repeats is recognised. */
function seen(feed: string, type: GitHubType, row: Fields) {
  const id = idOf(definitions[type], row);
  const version = timeOf(row["updated_at"]);
  const event = { id: `${feed} ${id} ${row["updated_at"]}`, name: "updated" };
  return version === undefined ? { id, event } : { id, version, event: { ...event, at: new Date(version) } };
}

/** All that was updated since the cursor, and a little before it; and the latest time in it. */
async function readSince(clientOf: ClientOf, { path, query }: Source, cursor: string | null, context: Context) {
  const begin = cursor === null ? stamp(context.now() - AHEAD) : cursorText.parse(JSON.parse(cursor)).since;
  const found: Fields[] = [];
  let latest = begin;
  let since = stamp(Date.parse(begin) - OVERLAP);
  let page = 1;
  for (let read = 1; read <= MOST_PAGES; read++) {
    const filter = { ...query, since, sort: "updated", direction: "asc" };
    const { rows, more } = await getPage(clientOf, context, { path, params: filter, page });
    found.push(...rows);
    const last = timeOf(rows.at(-1)?.["updated_at"]) ?? Date.parse(since);
    latest = stamp(Math.max(Date.parse(latest), last));
    if (!more) break;
    const next = read === AGAIN_PAGES ? latest : stamp(last);
    page = next === since ? page + 1 : 1;
    since = next;
  }
  return { rows: found, since: latest };
}
