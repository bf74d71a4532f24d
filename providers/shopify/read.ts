/**
 * Reads of objects by their ids, as many at once as Shopify lets a query cost.
 * @module
 */
import { type Context, type Gone, gone, Hidden } from "tidemark";
import { z } from "zod";
import { type Definition, type Fields, idFrom, idOf, isLevel } from "./definition.ts";
import { deletedAmong } from "./events.ts";
import { gidOf, parseLevelId } from "./gid.ts";
import { type Ask, TooCostly } from "./graphql.ts";
import { grantedQuery, levelsQuery, MOST, nodesQuery } from "./query.ts";

/** A type, and how it is read. */
export interface Source {
  ask: Ask;
  type: string;
  definition: Definition;
  /** What the application selects besides: `shopify({ fields })`. */
  more: string;
  /** How many a shop takes in one query, where it did not take as many as Shopify does. */
  taken: Map<string, number>;
}

/** So many objects of a type are read in one query. */
export const mostOf = (definition: Definition): number => (isLevel(definition) ? LEVELS : MOST);

/** Levels in one query: each is asked for by itself, within its item. */
const LEVELS = 50;

/**
 * The states, in the order of the ids; `null` for what Shopify does not show, whether it is gone or not ours to see;
 * `gone` for an order whose deletion is among the shop's events; Hidden for one that may be too old for the app.
 */
export async function fetchMany(
  source: Source,
  ids: readonly string[],
  context: Context,
): Promise<(object | null | Gone | Hidden)[]> {
  const states = await readAll(source, ids, context);
  const missing = ids.filter((_, i) => states[i] === null);
  if (missing.length === 0 || !source.definition.ofOrder || (await mayReadAll(source.ask, context))) return states;
  const deleted = await deletedAmong(source.ask, source.definition, missing, context);
  return states.map((state, i) => {
    if (state !== null) return state;
    if (deleted.has(ids[i] ?? "")) return gone;
    return new Hidden("the order may be older than 60 days: the app needs the access scope read_all_orders to see it");
  });
}

/** Asks for those that can be: what is no id of the type names nothing. */
async function readAll(source: Source, ids: readonly string[], context: Context): Promise<(object | null)[]> {
  const { definition } = source;
  const isId = (id: string) => (isLevel(definition) ? parseLevelId(id) !== undefined : idFrom(definition, id) === id);
  const asked = ids.filter(isId);
  const states = new Map((await readSome(source, asked, context)).map((state, i) => [asked[i], state]));
  return ids.map((id) => states.get(id) ?? null);
}

/**
 * Halves what it asks for at once until the shop takes it, and remembers that: `shopify({ fields })` may make an object cost
 * anything, and a shop's bucket holds what its plan says.
 */
async function readSome(source: Source, ids: readonly string[], context: Context): Promise<(object | null)[]> {
  if (ids.length === 0) return [];
  const { definition, taken } = source;
  const most = taken.get(context.scope) ?? mostOf(definition);
  const split = async (size: number) => [
    ...(await readSome(source, ids.slice(0, size), context)),
    ...(await readSome(source, ids.slice(size), context)),
  ];
  if (ids.length > most) return split(most);
  try {
    return await (isLevel(definition) ? readLevels : readNodes)(source, ids, context);
  } catch (error) {
    if (!(error instanceof TooCostly) || ids.length < 2) throw error;
    const half = Math.ceil(ids.length / 2);
    taken.set(context.scope, half);
    return split(half);
  }
}

const nodes = z.object({ nodes: z.array(z.looseObject({ __typename: z.string() }).nullable()) });

async function readNodes(source: Source, ids: readonly string[], context: Context): Promise<(object | null)[]> {
  const { ask, definition, more } = source;
  const answer = nodes.parse(await ask(nodesQuery(definition, more), { ids }, context)).nodes;
  if (answer.length !== ids.length) {
    throw new TypeError("Shopify answers with more or fewer objects than were asked for");
  }
  return answer.map((node, i) => checked(source, node, ids[i] ?? ""));
}

const level = z.looseObject({ inventoryLevel: z.looseObject({ __typename: z.string() }).nullable() }).nullable();

async function readLevels(source: Source, ids: readonly string[], context: Context): Promise<(object | null)[]> {
  const { ask, definition, more } = source;
  const variables = ids.flatMap((id, i) => {
    const { item = "", location = "" } = parseLevelId(id) ?? {};
    return [
      [`i${i}`, gidOf("InventoryItem", item)],
      [`l${i}`, gidOf("Location", location)],
    ];
  });
  const answer = await ask(levelsQuery(definition, more, ids.length), Object.fromEntries(variables), context);
  return ids.map((id, i) => checked(source, level.parse(answer[`n${i}`] ?? null)?.inventoryLevel ?? null, id));
}

/** What came back is what was asked for. */
function checked({ definition, type }: Source, node: Fields | null, id: string): object | null {
  if (node === null) return null;
  if (node["__typename"] === definition.object && idOf(definition, node) === id) return node;
  throw new TypeError(`Shopify's answer is not the ${type} that was asked for`);
}

const granted = z.object({
  currentAppInstallation: z.object({ accessScopes: z.array(z.object({ handle: z.string() })) }),
});

/** Whether the app sees orders of any age (shopify.dev/docs/api/usage/access-scopes#orders-permissions). */
async function mayReadAll(ask: Ask, context: Context): Promise<boolean> {
  const { currentAppInstallation } = granted.parse(await ask(grantedQuery, {}, context));
  return currentAppInstallation.accessScopes.some(({ handle }) => handle === "read_all_orders");
}
