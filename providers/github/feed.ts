/**
 * Feeds over the lists that can be filtered by `since`: what was updated, whether or not its webhook came.
 *
 * Pages of a list sorted by update time shift while they are read: an item that is updated moves to the end, and one
 * that was not read yet slips onto a page that was. So only the first page is read, again and again, from the last
 * time seen on; further pages only where one second fills a page.
 * @module
 */
import type { Octokit } from "@octokit/rest";
import type { Context, Feed, Hint } from "tidemark";
import { z } from "zod";
import { get } from "./client.ts";
import { type GitHubType, timeOf } from "./types.ts";

const EVERY = 300_000;
/** Milliseconds read again: rows become visible a little after the time they bear. */
const OVERLAP = 60_000;
const PER_PAGE = 100;
/** Pages in one poll; the next goes on from there. */
const MOST_PAGES = 50;

const cursorText = z.object({ since: z.string() });
const rows = z.array(
  z.looseObject({
    id: z.number(),
    number: z.number().optional(),
    updated_at: z.string(),
    pull_request: z.unknown().optional(),
  }),
);
type Item = z.infer<typeof rows>[number];

/** What a row of a feed is. */
type Naming = (item: Item) => { type: GitHubType; id: string };

export function feedsOf<T extends GitHubType>(client: Octokit, types: ReadonlySet<T>): Record<string, Feed<T>> {
  const feeds: Record<string, Feed<T>> = {};
  const add = (
    name: string,
    path: string,
    query: Record<string, string>,
    serves: readonly GitHubType[],
    naming: Naming,
  ) => {
    const served = serves.filter((type): type is T => (types as ReadonlySet<string>).has(type));
    if (served.length > 0) feeds[name] = sinceFeed(client, path, query, served, naming);
  };
  const ofIssues: Naming = ({ number, pull_request }) => ({
    type: pull_request ? "pull_request" : "issue",
    id: String(number),
  });
  add("issues", "/issues", { state: "all" }, ["issue", "pull_request"], ofIssues);
  add("comments", "/issues/comments", {}, ["issue_comment"], ({ id }) => ({ type: "issue_comment", id: String(id) }));
  return feeds;
}

function sinceFeed<T extends GitHubType>(
  client: Octokit,
  path: string,
  query: Record<string, string>,
  types: readonly T[],
  naming: Naming,
): Feed<T> {
  const isServed = (ref: { type: GitHubType; id: string }): ref is { type: T; id: string } =>
    (types as readonly GitHubType[]).includes(ref.type);
  const hintOf = (item: Item): Hint<T>[] => {
    const ref = naming(item);
    const version = timeOf(item.updated_at);
    if (!isServed(ref) || version === undefined) return [];
    // Named by its time, so that what the overlap repeats is recognised.
    const event = { id: `${path} ${item.id} ${item.updated_at}`, name: "updated", at: new Date(version) };
    return [{ ...ref, version, event }];
  };
  return {
    types,
    every: EVERY,
    async poll(cursor: string | null, context: Context) {
      const begin = cursor === null ? stamp(context.now()) : cursorText.parse(JSON.parse(cursor)).since;
      const hints: Hint<T>[] = [];
      let since = stamp(Date.parse(begin) - OVERLAP);
      let seen = begin;
      for (let read = 0, page = 1; read < MOST_PAGES; read++) {
        const filter = {
          ...query,
          since,
          sort: "updated",
          direction: "asc",
          per_page: String(PER_PAGE),
          page: String(page),
        };
        const items = rows.parse((await get(client, context.scope, path, filter, context)).data);
        for (const item of items) hints.push(...hintOf(item));
        const last = items.at(-1)?.updated_at;
        if (last !== undefined && Date.parse(last) > Date.parse(seen)) seen = last;
        if (items.length < PER_PAGE || last === undefined) break;
        // A second that fills a whole page can only be passed by pages.
        page = last === since ? page + 1 : 1;
        since = last;
      }
      return { hints, cursor: JSON.stringify({ since: seen }) };
    },
  };
}

/** To the second, as GitHub writes times. */
const stamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
