/**
 * The events of a shop that say what was deleted. They are kept for a year.
 * @module
 */
import type { Context, Feed, Hint } from "tidemark";
import { z } from "zod";
import { type Definition, idFrom, timeOf } from "./definition.ts";
import { EVERY, type Feeding, pollSince } from "./feed.ts";
import type { Ask } from "./graphql.ts";
import { readPage } from "./page.ts";
import { BEGIN, type Found, type Place } from "./place.ts";
import { EVENT, eventsListing } from "./query.ts";
import { definitions, type ShopifyType } from "./types.ts";

/** Milliseconds: 364 days. Shopify keeps events for a year (the `events` query in the published schema). */
const HORIZON = 364 * 86_400_000;
/** Pages that are searched for the deletion of one order: deletions of orders are few. */
const MOST_PAGES = 10;

const event = z.looseObject({ action: z.string(), createdAt: z.string(), subjectId: z.string() });

const listing = { ...eventsListing, select: EVENT };
const since = (ms: number): string => `action:'destroy' AND created_at:>='${new Date(ms).toISOString().slice(0, 19)}Z'`;

/** The feed of deletions, for the types that have such events; undefined if none of them has. */
export function deletionsFeed<T extends ShopifyType>(
  ask: Ask,
  types: readonly T[],
  every: number | undefined,
): Feed<T> | undefined {
  const served = types.filter((type) => definitions[type].subjects !== undefined);
  const feeding: Feeding<T> = {
    source: (ms) => ({ ask, listing, select: EVENT, filter: since(ms) }),
    timeOf: ({ node }) => timeOf(node["createdAt"]),
    hintsOf: (found) => hintsIn(found, served),
  };
  if (served.length === 0) return undefined;
  const poll: Feed<T>["poll"] = (cursor, context) => pollSince(feeding, cursor, context);
  return { types: served, every: every ?? EVERY, horizon: HORIZON, poll };
}

function hintsIn<T extends ShopifyType>({ node }: Found, types: readonly T[]): Hint<T>[] {
  const said = destroyed(node);
  if (!said) return [];
  return types.flatMap((type) => {
    const id = idFrom(definitions[type], said.subjectId);
    const at = new Date(said.createdAt);
    return id === undefined ? [] : [{ type, id, event: { id: String(node["id"]), name: "destroy", at } }];
  });
}

/** What an event says, if it is one of a deletion; a filter that is not understood is left out. */
function destroyed(node: Found["node"]): z.infer<typeof event> | undefined {
  const { data } = event.safeParse(node);
  return data?.action === "destroy" ? data : undefined;
}

/** Which of these ids the shop's events say were deleted. */
export async function deletedAmong(
  ask: Ask,
  { subjects = [] }: Definition,
  ids: readonly string[],
  context: Context,
): Promise<Set<string>> {
  const found = new Set<string>();
  const [subject] = subjects;
  if (subject === undefined) return found;
  const filter = `action:'destroy' AND subject_type:'${subject}'`;
  let at: Place | null = BEGIN;
  for (let pages = 0; at !== null && pages < MOST_PAGES && found.size < ids.length; pages++) {
    const page = await readPage({ ask, listing, select: EVENT, filter }, at, context);
    for (const { node } of page.found) {
      const id = destroyed(node)?.subjectId;
      if (id !== undefined && ids.includes(id)) found.add(id);
    }
    at = page.next;
  }
  return found;
}
