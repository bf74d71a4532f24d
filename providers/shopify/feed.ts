/**
 * Feeds over the lists that can be filtered by `updated_at`: what changed, whether or not its webhook came.
 *
 * A pass reads all pages, in the order of ids, and only then the time moves on: to when the pass began, or to the latest
 * time in it. So what changes behind a page that was read belongs to the next pass.
 * @module
 */
import type { Context, Feed, Hint } from "tidemark";
import { z } from "zod";
import { idOf, timeOf } from "./definition.ts";
import type { Ask } from "./graphql.ts";
import { filterOf, selectOf } from "./list.ts";
import { readPage } from "./page.ts";
import { BEGIN, type Found, place, type Source } from "./place.ts";
import { definitions, type ShopifyType } from "./types.ts";

/** Milliseconds between polls. */
export const EVERY = 300_000;
/** Customers and discounts are filtered by the day: each poll reads all that changed in two. */
const DAILY = 3_600_000;
/** Milliseconds read again: filtered lists come from an index that may be behind. */
const OVERLAP = 300_000;
/** Milliseconds in which a time, which has whole seconds, may still come to stand for another change; clocks differ. */
const FRESH = 60_000;
/** Pages in one poll; the next goes on from there. */
const MOST_PAGES = 10;
/** And while they tell nothing, because a poll that tells nothing is not followed by another at once. */
const MOST_SILENT = 40;

/** What a feed asks for, and what that says. */
export interface Feeding<T extends string> {
  /** The list of what changed since a time, in ms. */
  source(since: number): Source;
  /** When it changed. */
  timeOf(found: Found): number | undefined;
  /** @param fresh it may change once more within the second that its time names */
  hintsOf(found: Found, fresh: boolean): Hint<T>[];
}

/**
 * Times in ms since 1970. `at`: where in the pass; null between two. `told`: the pass has just ended, so that being asked
 * again at once must not begin the next: what the overlap repeats would have that go on for ever.
 */
const cursorText = z.object({
  ...{ since: z.number(), began: z.number(), latest: z.number(), at: place.nullable() },
  told: z.literal(true).optional(),
});
const between = (since: number) => ({ since, began: since, latest: since, at: null });

/** What changed since the cursor, and a little before it. */
export async function pollSince<T extends string>(
  { source, ...how }: Feeding<T>,
  text: string | null,
  context: Context,
) {
  const now = context.now();
  const { since, ...pass }: z.infer<typeof cursorText> =
    text === null ? between(now) : cursorText.parse(JSON.parse(text));
  if (pass.told) return { hints: [], cursor: JSON.stringify(between(since)) };
  const began = pass.at === null ? now : pass.began;
  const from = since - OVERLAP;
  const hints: Hint<T>[] = [];
  let { latest } = pass;
  let isTimeless = false;
  let at = pass.at ?? BEGIN;
  for (let pages = 0; pages < (hints.length > 0 ? MOST_PAGES : MOST_SILENT); pages++) {
    const { found, next } = await readPage(source(from), at, context);
    for (const one of found) {
      const time = how.timeOf(one);
      if (time !== undefined && time < from) continue;
      // What says no time was seen in this pass, and that is all there is to know.
      latest = Math.max(latest, time ?? began);
      isTimeless ||= time === undefined;
      hints.push(...how.hintsOf(one, time === undefined || time > now - FRESH));
    }
    if (next === null) {
      const reached = Math.max(since, Math.min(latest, began));
      const isTold = hints.length > 0 && (pass.at !== null || isTimeless);
      return { hints, cursor: JSON.stringify({ ...between(reached), ...(isTold && { told: true }) }) };
    }
    at = next;
  }
  return { hints, cursor: JSON.stringify({ since, began, latest, at }) };
}

/** A feed for each type whose list can be filtered so. */
export function updatedFeeds<T extends ShopifyType>(
  ask: Ask,
  types: readonly T[],
  every: number | undefined,
): Record<string, Feed<T>> {
  const entries = types.flatMap((type) => {
    const definition = definitions[type];
    const { listing } = definition;
    if (listing.updated === undefined) return [];
    const select = selectOf(definition);
    const feeding: Feeding<T> = {
      source: (since) => ({ ask, listing, select, filter: filterOf(listing, since) }),
      timeOf: ({ node, parent }) => timeOf(node["updatedAt"] ?? parent?.["updatedAt"]),
      hintsOf: ({ node, parent }, fresh) => {
        const id = idOf(definition, node, parent);
        const version = timeOf(node["updatedAt"]);
        const changed = node["updatedAt"] ?? parent?.["updatedAt"];
        // Named by its time, so that what the overlap repeats is recognised.
        const event = { id: `${type} ${id} ${changed}`, name: "updated" };
        return [
          { type, id, ...(version !== undefined && { version }), ...(!fresh && changed !== undefined && { event }) },
        ];
      },
    };
    const period = listing.updated === "day" ? Math.max(every ?? 0, DAILY) : (every ?? EVERY);
    const poll: Feed<T>["poll"] = (cursor, context) => pollSince(feeding, cursor, context);
    return [[type, { types: [type], every: period, poll }] as const];
  });
  return Object.fromEntries(entries);
}
