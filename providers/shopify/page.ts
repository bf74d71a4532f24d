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
import { innersOf, readRest } from "./inner.ts";
import { BEGIN, connection, type Found, nextCursor, type PageInfo, type Place, row, type Source } from "./place.ts";
import { metaobjectTypesQuery, pageQuery } from "./query.ts";

/** Objects in a window. */
const WINDOW = 25_000;

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

/** The place after a page of one connection. That a window ended with the limit, its page need not say. */
function after({ unranged }: Listing, at: Place, nodes: readonly { id: string }[], pageInfo: PageInfo): Place | null {
  const count = at.count + nodes.length;
  const above = numberOf(nodes.at(-1)?.id);
  if (!unranged && count >= WINDOW && above !== undefined) return { ...BEGIN, type: at.type, above };
  const next = nextCursor(pageInfo, at.after);
  return next === null ? null : { ...at, after: next, count };
}

/** The place after a page of one type of metaobjects: when that is at its end, the next type. */
async function onward(ask: Ask, at: Place, nodes: readonly { id: string }[], info: PageInfo, context: Context) {
  const next = after({ connection: "metaobjects" }, at, nodes, info);
  if (next !== null || !at.type?.next) return next;
  return nextType(ask, BEGIN, at.type.next, context);
}

async function nextType(ask: Ask, at: Place, cursor: string | null, context: Context): Promise<Place | null> {
  const { page } = await ask(metaobjectTypesQuery, { after: cursor }, context);
  const { nodes, pageInfo } = connection.parse(page);
  const [definition] = nodes;
  if (!definition) return null;
  const { type } = z.object({ type: z.string() }).parse(definition);
  const next = nextCursor(pageInfo, cursor);
  return { ...at, type: { name: type, next } };
}
