/**
 * The ids in a payload. Nothing else in it is believed.
 * @module
 */
import { type Definition, type Fields, idFrom, isLevel } from "./definition.ts";
import { levelId, numberOf } from "./gid.ts";
import type { Look } from "./topics.ts";
import { definitions, type ShopifyType } from "./types.ts";

/** A resource that a payload names. `own`: the payload is of this one, and so is its `updated_at`. */
export interface Named {
  type: ShopifyType;
  id: string;
  own: boolean;
}

/** What a payload names, each once. */
export function namedIn(body: Fields, looks: readonly Look[]): Named[] {
  const all = new Map<string, Named>();
  for (const [type, ...paths] of looks) {
    for (const named of firstOf(type, definitions[type], body, paths)) {
      const key = `${named.type} ${named.id}`;
      if (!all.has(key)) all.set(key, named);
    }
  }
  return [...all.values()];
}

function firstOf(type: ShopifyType, definition: Definition, body: Fields, paths: readonly string[]): Named[] {
  if (isLevel(definition)) return levelIn(body).map((id) => ({ type, id, own: true }));
  for (const path of paths) {
    const values = path === "**" ? textsIn(body) : valuesAt(body, path.split("."));
    const ids = values.flatMap((value) => idFrom(definition, path === "**" ? gidOnly(value) : value) ?? []);
    const own = path === "admin_graphql_api_id" || path === "id";
    if (ids.length > 0) return ids.map((id) => ({ type, id, own }));
  }
  return [];
}

const gidOnly = (value: unknown): unknown =>
  typeof value === "string" && value.startsWith("gid:") ? value : undefined;

/** The item of a level is in its own id, too; a disconnection has only the two numbers. */
function levelIn(body: Fields): string[] {
  const gid = body["admin_graphql_api_id"];
  const [, named] = (typeof gid === "string" && /\?inventory_item_id=(\d{1,20})$/.exec(gid)) || [];
  const item = named ?? numberOf(body["inventory_item_id"]);
  const location = numberOf(body["location_id"]);
  return item === undefined || location === undefined ? [] : [levelId(item, location)];
}

function valuesAt(value: unknown, [key, ...rest]: readonly string[]): unknown[] {
  if (key === undefined) return [value];
  if (key === "*") return Array.isArray(value) ? value.flatMap((one) => valuesAt(one, rest)) : [];
  if (typeof value !== "object" || value === null) return [];
  return valuesAt((value as Fields)[key], rest);
}

/** Levels of lists and objects that are looked into. */
const DEEPEST = 8;

/** Every text in a value. */
export function textsIn(value: unknown, depth = 0): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || depth === DEEPEST) return [];
  return Object.values(value).flatMap((one) => textsIn(one, depth + 1));
}
