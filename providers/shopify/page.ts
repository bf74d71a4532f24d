/**
 * Pages of a list: by cursor, in windows of 25,000, through what an object holds of others.
 *
 * Shopify ends a connection at 25,000 objects (shopify.dev/docs/api/usage/limits). All of them are in the order of their
 * ids, so after that many the list goes on in a new window: the ids above the last one.
 * @module
 */
import { AccessLost, type Context } from "tidemark";
import { z } from "zod";
import type { Fields, Listing } from "./definition.ts";
import { compareNumbers, numberOf } from "./gid.ts";
import type { Ask } from "./graphql.ts";
import { innerQuery, metaobjectTypesQuery, pageQuery } from "./query.ts";

/** Objects in a window. */
const WINDOW = 25_000;

/** Where in a list. It is kept as text between pages, and may come back after a restart. */
export const place = z.object({
  /** The metaobjects of which type, and the cursor of that type. */
  type: z.object({ name: z.string(), at: z.string(), more: z.boolean() }).nullable(),
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

const row = z.looseObject({ id: z.string() });
const connection = z.object({
  nodes: z.array(row),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
});
const holder = z.looseObject({ id: z.string(), inner: z.union([connection, z.array(row)]) });

/** A page, and the place of the next one; null after the last. */
export async function readPage(
  source: Source,
  at: Place,
  context: Context,
): Promise<{ found: Found[]; next: Place | null }> {
  const { ask, listing } = source;
  if (at.rest.length > 0) return readRest(source, at, context);
  if (listing.single) {
    const { page } = await askPage(source, {}, context);
    return { found: [{ node: row.parse(page) }], next: null };
  }
  const begun = listing.perType && at.type === null ? await nextType(ask, at, null, context) : at;
  if (begun === null) return { found: [], next: null };
  const { page } = await askPage(source, variablesOf(source, begun), context);
  const { nodes, pageInfo } = connection.parse(page);
  checkWindow(nodes, begun);
  const { found, rest } = listing.inner ? innersOf(nodes) : { found: nodes.map((node) => ({ node })), rest: [] };
  const next = listing.perType
    ? await onward(ask, begun, nodes, pageInfo, context)
    : after(listing, begun, nodes, pageInfo);
  if (rest.length === 0) return { found, next };
  return { found, next: { ...(next ?? { ...begun, last: true }), rest } };
}

const named = z.looseObject({ shop: z.object({ myshopifyDomain: z.string() }) });

/** Asks for a page, and for the name of the shop that gives it. */
async function askPage({ ask, listing, select }: Source, variables: Fields, context: Context): Promise<Fields> {
  const answer = named.parse(await ask(pageQuery(listing, select), variables, context));
  const name = answer.shop.myshopifyDomain;
  if (name === context.scope) return answer;
  throw new AccessLost(`${context.scope} answers as ${name}: name it so in shopify({ shops })`);
}

function variablesOf({ listing, filter }: Source, { type, after, above }: Place): Fields {
  const filters = [filter, above === null ? undefined : `id:>${above}`].filter((one) => one !== undefined);
  return {
    after,
    ...((!listing.unranged || listing.updated) && { query: filters.length > 0 ? filters.join(" AND ") : null }),
    ...(type && { type: type.name }),
  };
}

/** A search filter that Shopify does not understand, it leaves out: then the list would begin anew, again and again. */
function checkWindow(nodes: readonly { id: string }[], { above, after }: Place): void {
  const first = numberOf(nodes[0]?.id);
  if (above === null || after !== null || first === undefined || compareNumbers(first, above) > 0) return;
  throw new Error(`Shopify's list does not go on above the id ${above}: it left the filter out`);
}

type PageInfo = z.infer<typeof connection>["pageInfo"];

/** The place after a page of one connection. That a window ended with the limit, its page need not say. */
function after(
  { unranged }: Listing,
  at: Place,
  nodes: readonly { id: string }[],
  { hasNextPage, endCursor }: PageInfo,
): Place | null {
  const count = at.count + nodes.length;
  const above = numberOf(nodes.at(-1)?.id);
  if (!unranged && count >= WINDOW && above !== undefined) return { ...BEGIN, type: at.type, above };
  if (!hasNextPage || nodes.length === 0 || !endCursor) return null;
  return { ...at, after: endCursor, count };
}

/** The place after a page of one type of metaobjects: when that is at its end, the next type. */
async function onward(ask: Ask, at: Place, nodes: readonly { id: string }[], info: PageInfo, context: Context) {
  const next = after({ connection: "metaobjects" }, at, nodes, info);
  if (next !== null || at.type === null || !at.type.more) return next;
  return nextType(ask, BEGIN, at.type.at, context);
}

async function nextType(ask: Ask, at: Place, cursor: string | null, context: Context): Promise<Place | null> {
  const { page } = await ask(metaobjectTypesQuery, { after: cursor }, context);
  const { nodes, pageInfo } = connection.parse(page);
  const [definition] = nodes;
  if (!definition) return null;
  const { type } = z.object({ type: z.string() }).parse(definition);
  return { ...at, type: { name: type, at: pageInfo.endCursor ?? "", more: pageInfo.hasNextPage } };
}

/** What the objects of a page hold, and which of them hold more. */
function innersOf(nodes: readonly { id: string }[]): { found: Found[]; rest: Place["rest"] } {
  const holders = nodes.map((node) => holder.parse(node));
  const rest = holders.flatMap(({ id, inner }): Place["rest"] => {
    if (Array.isArray(inner) || !inner.pageInfo.hasNextPage) return [];
    return [[id, inner.pageInfo.endCursor ?? ""]];
  });
  const found = holders.flatMap((parent) => {
    const rows = Array.isArray(parent.inner) ? parent.inner : parent.inner.nodes;
    return rows.map((node) => ({ node, parent }));
  });
  return { found, rest };
}

/** What one object holds beyond what its page gave. It may have been deleted meanwhile. */
async function readRest({ ask, listing, select }: Source, at: Place, context: Context) {
  const [[id, cursor] = ["", ""], ...others] = at.rest;
  if (!listing.inner) throw new TypeError("only a list through other objects has a rest");
  const { node } = await ask(innerQuery(listing.inner, select), { id, after: cursor }, context);
  const { found, rest } = node === null ? { found: [], rest: [] } : innersOf([row.parse(node)]);
  const all = [...rest, ...others];
  return { found, next: all.length === 0 && at.last ? null : { ...at, rest: all } };
}
