/**
 * What is particular to a type of Shopify's. The table of them is in `types.ts`.
 * @module
 */
import { gidOf, levelId, numberOf, parseGid } from "./gid.ts";

/** What GraphQL answers for an object. */
export type Fields = Readonly<Record<string, unknown>>;

/** Where all of a type are listed. */
export interface Listing {
  /** The field of the query root: a connection, or with `single` the only one there is. */
  connection: string;
  /** Arguments besides those of every connection: `"includeClosed: true"`. */
  args?: string;
  /** There is one, and no list. */
  single?: true;
  /** Metaobjects are listed for each of their own types, which the shop defines. */
  perType?: true;
  /** Objects on a page. Default 250, the most that Shopify gives; less where each costs more. */
  first?: number;
  /** The connection cannot be filtered by id: then it ends at 25,000. */
  unranged?: true;
  /** How exactly it can be filtered by `updated_at`: customers only by the day. Left out: not at all. */
  updated?: "moment" | "day";
  /** The type has no list of its own: this is the one of what it belongs to, and here is where in that it is. */
  inner?: Inner;
  /** What is selected of each object besides `id`, and `updatedAt` where it has one. */
  select?: string;
}

/** Where in another object a type is found. */
export interface Inner {
  /** The other object's name in the schema. */
  object: string;
  field: string;
  /** How many of them a page holds: it is a connection. Left out: a plain list, always whole. */
  first?: number;
}

/** A type. */
export interface Definition {
  /** Its name in the schema. */
  object: string;
  /** Other names of it, in the ids that webhooks and events give. */
  aliases?: readonly string[];
  /** What is selected of it besides `__typename` and `id`. */
  fields: string;
  /** It has no `updatedAt`: two reads are ordered by when they were made. */
  unversioned?: true;
  listing: Listing;
  /** Its deletions are among the shop's events, under these names. */
  subjects?: readonly string[];
  /** An order, or of an order: without the scope `read_all_orders` it cannot be seen when the order is older than 60 days. */
  ofOrder?: true;
}

/** Whether a type is found by what it connects, and not by an id of its own. */
export const isLevel = ({ object }: Definition): boolean => object === "InventoryLevel";

/** The id in the stream for what a webhook or an event gives as one; undefined if it is none of this type. */
export function idFrom({ object, aliases = [] }: Definition, value: unknown): string | undefined {
  const named = parseGid(value)?.object;
  if (named !== undefined && named !== object && !aliases.includes(named)) return undefined;
  const number = numberOf(value);
  return number === undefined ? undefined : gidOf(object, number);
}

/** The id in the stream of a state, or of a row of a list. `parent`: what it was found in. */
export function idOf(definition: Definition, state: Fields, parent?: Fields): string {
  if (!isLevel(definition)) return idFrom(definition, state["id"]) ?? "";
  const { item = parent, location } = state as { item?: Fields; location?: Fields };
  return levelId(numberOf(item?.["id"]) ?? "", numberOf(location?.["id"]) ?? "");
}

/** The time of the last change in ms since 1970; undefined if it does not say. */
export function timeOf(value: unknown): number | undefined {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
