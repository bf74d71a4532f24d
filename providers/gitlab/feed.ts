/**
 * Feeds over the lists that can be filtered by `updated_after`: what was updated, whether or not its webhook came.
 * @module
 */
import type { Context, Feed, Hint } from "tidemark";
import type { Client } from "tidemark/client";
import { z } from "zod";
import { getPage, inScope } from "./client.ts";
import type { Definition } from "./definition.ts";
import { nextPage } from "./page.ts";
import { firstPage, isIn } from "./read.ts";
import { type Fields, idOf, stamp, versionOf } from "./state.ts";
import { definitions, type GitLabType } from "./types.ts";

/** Milliseconds between polls: 12 requests an hour for each feed and scope, of 2,000 a minute. */
const EVERY = 300_000;
/** Milliseconds read again: a row becomes visible a little after the time it bears. */
const OVERLAP = 120_000;
/** Pages in one poll; the next goes on from there. */
const MOST_PAGES = 50;

/** The latest `updated_at` seen. */
const place = z.object({ since: z.iso.datetime() });

/** The feeds that serve the types, by the type's name in the plural. */
export function feedsOf<T extends GitLabType>(client: Client, types: readonly T[]): Record<string, Feed<T>> {
  const served = types.filter((type) => definitions[type].since !== undefined);
  return Object.fromEntries(served.map((type) => [`${type}s`, feedOf(client, type)]));
}

function feedOf<T extends GitLabType>(client: Client, type: T): Feed<T> {
  const definition = definitions[type];
  const poll = async (cursor: string | null, context: Context) => {
    if (!isIn(definition, context)) return { hints: [], cursor: null };
    const since = cursor === null ? stamp(context.now()) : place.parse(JSON.parse(cursor)).since;
    const { rows, to } = await readSince(client, definition, since, context);
    const hints = rows.map((row): Hint<T> => ({ type, ...seen(definition, type, row) }));
    return { hints, cursor: JSON.stringify({ since: to }) };
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

/** All that was updated since a time, and a little before it; and the latest time in it. */
async function readSince(client: Client, definition: Definition, since: string, context: Context) {
  const { list = "", since: kind } = definition;
  const order = kind === "sorted" ? "updated_at" : undefined;
  const rows: Fields[] = [];
  let search: string | null = firstPage(definition, order, new Date(Date.parse(since) - OVERLAP));
  for (let pages = 0; pages < MOST_PAGES && search !== null; pages++) {
    const page = await getPage(client, inScope(list, context), search, context);
    rows.push(...page.rows);
    search = nextPage(search, page, order);
  }
  // What is not sorted may have older ones on the pages that were not read.
  const isRead = order !== undefined || search === null;
  const times = rows.map((row) => versionOf(definition, row) ?? 0);
  const latest = times.reduce((a, b) => Math.max(a, b), Date.parse(since));
  return { rows, to: isRead ? stamp(latest) : since };
}
