/**
 * Lists of a type: all of it by pages, and whether it can be read at all.
 * @module
 */
import type { Context, Page } from "tidemark";
import { type Definition, type Fields, idOf, timeOf } from "./definition.ts";
import type { Ask } from "./graphql.ts";
import { readPage } from "./page.ts";
import { BEGIN, place } from "./place.ts";

/** What a list selects of each object: enough to know whether it must be read. */
export const selectOf = ({ unversioned, listing }: Definition): string =>
  [listing.select, unversioned ? undefined : "updatedAt"].filter((one) => one !== undefined).join(" ");

/** The filter for what was updated since a time. Unquoted times are cut to the day (community.shopify.com/t/106221). */
export const updatedSince = (ms: number): string => `updated_at:>='${new Date(ms).toISOString().slice(0, 19)}Z'`;

/** A day, and another for the hours by which a shop's day may begin later than ours. */
const DAYS = 2 * 86_400_000;

/** The filter of a list that only wants what was updated since; undefined if it cannot be asked so. */
export const filterOf = ({ updated }: Definition["listing"], since: number | undefined): string | undefined =>
  since === undefined || updated === undefined ? undefined : updatedSince(updated === "day" ? since - DAYS : since);

/** A page of all objects of a type. Only what is new or changed is then read, many at once. */
export async function listPage(
  ask: Ask,
  definition: Definition,
  text: string | null,
  since: number | undefined,
  context: Context,
): Promise<Page<object>> {
  const { listing } = definition;
  const source = { ask, listing, select: selectOf(definition), filter: filterOf(listing, since) };
  const at = text === null ? BEGIN : place.parse(JSON.parse(text));
  const { found, next } = await readPage(source, at, context);
  const refs = found.map(({ node, parent }) => ({ id: idOf(definition, node, parent), ...versionOf(node) }));
  return { refs, next: next && JSON.stringify(next) };
}

const versionOf = ({ updatedAt }: Fields): { version?: number } => {
  const version = timeOf(updatedAt);
  return version === undefined ? {} : { version };
};

/**
 * Resolves if a list of the type answers to this app, and the shop under this name.
 * @throws AccessLost if it is refused, or another shop answers
 */
export async function probeType(ask: Ask, definition: Definition, context: Context): Promise<void> {
  const listing = { ...definition.listing, first: 1 };
  await readPage({ ask, listing, select: selectOf(definition) }, BEGIN, context);
}
