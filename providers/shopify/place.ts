/**
 * Where in a list a page begins, and what it shows.
 * @module
 */
import { z } from "zod";
import type { Fields, Listing } from "./definition.ts";
import type { Ask } from "./graphql.ts";

/** Where in a list. It is kept as text between pages, and may come back after a restart. */
export const place = z.object({
  /** The metaobjects of which type, and the cursor of the next one. */
  type: z.object({ name: z.string(), next: z.string().nullable() }).nullable(),
  after: z.string().nullable(),
  /** Only ids above this number: the window. */
  above: z.string().nullable(),
  /** Objects of the window so far. */
  count: z.number(),
  /** Objects that hold more than their page gave, and from where on. */
  rest: z.array(z.tuple([z.string(), z.string()])),
  /** Nothing comes after the rest. */
  last: z.boolean(),
});
export type Place = z.infer<typeof place>;

export const BEGIN: Place = { type: null, after: null, above: null, count: 0, rest: [], last: false };

/** What a list shows: an object, and the one that it was found in. */
export interface Found {
  node: Fields;
  parent?: Fields;
}

/** A list of a type, as one query asks for it. */
export interface Source {
  ask: Ask;
  listing: Listing;
  /** What is selected of each object. */
  select: string;
  /** The search filter, where there is one: `updated_at:>='2026-11-20T00:00:00Z'`. */
  filter?: string | undefined;
}

/** An object on a page, a page of them, and one that holds others. */
export const row = z.looseObject({ id: z.string() });
export const connection = z.object({
  nodes: z.array(row),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
});
export const holder = z.looseObject({ id: z.string(), inner: z.union([connection, z.array(row)]) });
export type PageInfo = z.infer<typeof connection>["pageInfo"];

/**
 * The cursor of the next page; null after the last.
 * @throws Error if there is more, and no way there: what cannot be reached is not at its end
 */
export function nextCursor({ hasNextPage, endCursor }: PageInfo, cursor: string | null): string | null {
  if (!hasNextPage) return null;
  if (endCursor && endCursor !== cursor) return endCursor;
  throw new Error("Shopify's list has a next page, and names no other cursor than before");
}
