/**
 * Ids of Shopify: `gid://shopify/<object>/<number>`. Numbers go beyond 2^53, so they are text from end to end.
 * @module
 */

/** What a global id says. */
export interface Gid {
  /** The object's name in the schema: `"Product"`. */
  object: string;
  /** Its digits. */
  number: string;
}

/** Reads a global id; undefined for what is none. What follows a `?` belongs to what the id is within. */
export function parseGid(value: unknown): Gid | undefined {
  const [, object, number] =
    (typeof value === "string" && /^gid:\/\/shopify\/(\w{1,64})\/(\d{1,20})(?:\?|$)/.exec(value)) || [];
  return object === undefined || number === undefined ? undefined : { object, number };
}

/** A global id. */
export const gidOf = (object: string, number: string): string => `gid://shopify/${object}/${number}`;

/** The digits of a global id, or of the number that a webhook has instead. */
export function numberOf(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? String(value) : undefined;
  if (typeof value !== "string") return undefined;
  return /^\d{1,20}$/.test(value) ? value : parseGid(value)?.number;
}

/** Which of two numbers, as digits, is the greater: more than 0 if it is the first. */
export function compareNumbers(a: string, b: string): number {
  const [x, y] = [BigInt(a), BigInt(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** The id of an inventory level: Shopify's own names a number that no webhook of a disconnection has. */
export const levelId = (item: string, location: string): string => `${item}/${location}`;

/** The inventory item and the location of a level's id. */
export function parseLevelId(id: string): { item: string; location: string } | undefined {
  const [, item, location] = /^(\d{1,20})\/(\d{1,20})$/.exec(id) ?? [];
  return item === undefined || location === undefined ? undefined : { item, location };
}
