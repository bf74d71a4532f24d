/**
 * The text of each query.
 * @module
 */
import type { Definition, Inner, Listing } from "./definition.ts";

/** The most that Shopify gives on a page, and takes in a list (shopify.dev/docs/api/usage/limits). */
export const MOST = 250;

/** Whether the shop answers under this name is asked along with each page. */
const SHOP = "shop { myshopifyDomain }";
const PAGE_INFO = "pageInfo { hasNextPage endCursor }";

/** Several objects by their ids: `$ids`. */
export const nodesQuery = ({ object, fields }: Definition, more: string): string =>
  `query Nodes($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on ${object} { id ${fields} ${more} } } }`;

/** So many inventory levels, each by item and location: `$i0`, `$l0`, and so on. */
export function levelsQuery({ fields }: Definition, more: string, count: number): string {
  const indexes = Array.from({ length: count }, (_, i) => i);
  const variables = indexes.map((i) => `$i${i}: ID!, $l${i}: ID!`).join(", ");
  const level = (i: number) =>
    `n${i}: inventoryItem(id: $i${i}) { inventoryLevel(locationId: $l${i}) { __typename id ${fields} ${more} } }`;
  return `query Levels(${variables}) { ${indexes.map(level).join(" ")} }`;
}

/** A page of a list, as `page`, and the shop's own name: after `$after`, of what `$query` filters, of the metaobjects of `$type`. */
export function pageQuery(listing: Listing, select: string, first = listing.first ?? MOST): string {
  const { connection, args, single, perType, unranged, updated, inner } = listing;
  if (single) return `query Page { ${SHOP} page: ${connection} { id ${select} } }`;
  const filtered = !unranged || updated !== undefined;
  const variables = `$after: String${filtered ? ", $query: String" : ""}${perType ? ", $type: String!" : ""}`;
  const given = [`first: ${first}`, "after: $after"];
  if (filtered) given.push("query: $query");
  if (perType) given.push('type: $type, sortKey: "id"');
  else if (sorted(connection)) given.push("sortKey: ID");
  if (args !== undefined) given.push(args);
  const node = inner ? `id updatedAt ${innerOf(inner, select)}` : `id ${select}`;
  const page = `page: ${connection}(${given.join(", ")}) { nodes { ${node} } ${PAGE_INFO} }`;
  return `query Page(${variables}) { ${SHOP} ${page} }`;
}

/** Some connections have the order of their ids, and no key for it. */
const UNSORTED: ReadonlySet<string> = new Set([
  "inventoryItems",
  "disputes",
  "themes",
  "deliveryProfiles",
  "metaobjectDefinitions",
]);
const sorted = (connection: string): boolean => !UNSORTED.has(connection);

function innerOf({ field, first }: Inner, select: string): string {
  if (first === undefined) return `inner: ${field} { id ${select} }`;
  return `inner: ${field}(first: ${first}) { nodes { id ${select} } ${PAGE_INFO} }`;
}

/** What a page did not hold of one object: after `$after`, of the object `$id`. */
export const innerQuery = ({ object, field, first = MOST }: Inner, select: string): string =>
  `query Inner($id: ID!, $after: String) { node(id: $id) { ... on ${object} { id
    inner: ${field}(first: ${first}, after: $after) { nodes { id ${select} } ${PAGE_INFO} } } } }`;

/** The types of metaobjects, one at a time. */
export const metaobjectTypesQuery = `query Types($after: String) { page: metaobjectDefinitions(first: 1, after: $after) {
  nodes { id type } ${PAGE_INFO} } }`;

/** The events of a shop that say that something was deleted. */
export const eventsListing: Listing = { connection: "events" };
export const EVENT = "createdAt action ... on BasicEvent { subjectId subjectType }";

/** The scopes that the app was granted. */
export const grantedQuery = "query Granted { currentAppInstallation { accessScopes { handle } } }";
