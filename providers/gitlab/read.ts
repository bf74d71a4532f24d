/**
 * Reads of one type: `fetch`, `fetchMany` and `list`.
 * @module
 */
import type { Context, Gone, Page } from "tidemark";
import type { Client } from "tidemark/client";
import { get, getPage, inScope, PER_PAGE } from "./client.ts";
import type { Definition } from "./definition.ts";
import { nextPage } from "./page.ts";
import { getHome } from "./probe.ts";
import { numberOf, placeOf } from "./scope.ts";
import { type Fields, idOf, stamp, textOf, versionOf } from "./state.ts";

/** Whether there can be any of a type in a scope. */
export const isIn = (definition: Definition, { scope }: Pick<Context, "scope">): boolean =>
  definition.in === placeOf(scope);

/** The resource as it is. `null` is also what we may not see: believed only between two good probes. */
export async function fetchOne(
  client: Client,
  definition: Definition,
  id: string,
  context: Context,
): Promise<Fields | null | Gone> {
  const { path, single, home, within } = definition;
  if (!isIn(definition, context) || (single && id !== numberOf(context.scope))) return null;
  const slash = id.indexOf("/");
  if (within !== undefined && slash < 0) return null;
  const values = within === undefined ? { id } : { parent: id.slice(0, slash), id: id.slice(slash + 1) };
  if (Object.values(values).some((value) => ["", ".", ".."].includes(value))) return null;
  const state = await get(client, inScope(path, context, values), context);
  if (state === undefined) return null;
  // It was moved: it is another scope's now.
  if (home && textOf(home(state)) !== numberOf(context.scope)) return null;
  return idOf(definition, state) === id ? state : null;
}

/** Up to a hundred at once, by their numbers within the project. */
export async function fetchMany(
  client: Client,
  definition: Definition,
  ids: readonly string[],
  context: Context,
): Promise<(Fields | null)[]> {
  const numbers = ids.filter((id) => /^\d+$/.test(id));
  const found = new Map<string, Fields>();
  if (isIn(definition, context) && numbers.length > 0) {
    const search = new URLSearchParams({ scope: "all", per_page: PER_PAGE });
    for (const number of numbers) search.append("iids[]", number);
    // One that is missing because a page is shorter than it was asked to be would pass for deleted.
    for (let next: string | undefined = search.toString(); next !== undefined; ) {
      const page = await getPage(client, inScope(definition.list ?? "", context), next, context);
      for (const row of page.rows) found.set(idOf(definition, row), row);
      next = page.next;
    }
  }
  return ids.map((id) => found.get(id) ?? null);
}

/** Which of a list: the parent's, or those updated since a time. */
export interface Which {
  parent?: string;
  since?: Date | undefined;
}

/** A page of all of them. It may skip what moved meanwhile: a sweep only suspects, so that costs a read. */
export async function listPage(
  client: Client,
  definition: Definition,
  page: string | null,
  { parent = "", since }: Which,
  context: Context,
): Promise<Page<object>> {
  if (!isIn(definition, context)) return { items: [], next: null };
  const { list = "", order, whole } = definition;
  const search = page ?? firstPage(definition, order, since);
  const place = parent === "" ? inScope(list, context) : inScope(list, context, { parent });
  const found = await getPage(client, place, search, context);
  const next = nextPage(search, found, order);
  // Of a later page it may be the number of those that are left.
  const total = page === null && found.total !== undefined ? { total: found.total } : {};
  if (whole) return { items: found.rows, next, ...total };
  return { refs: found.rows.map((row) => refOf(definition, row)), next, ...total };
}

/** The query of the first page. */
export function firstPage(
  { query = {}, since: kind }: Definition,
  order: Definition["order"],
  since: Date | undefined,
): string {
  const search = new URLSearchParams({ per_page: PER_PAGE, ...query, ...(order && { order_by: order }) });
  if (since !== undefined && kind !== undefined) search.set("updated_after", stamp(since.getTime()));
  return search.toString();
}

/** The one there is in a scope: itself. */
export async function listOnly(client: Client, definition: Definition, context: Context): Promise<Page<object>> {
  if (!isIn(definition, context)) return { items: [], next: null };
  return { items: [await getHome(client, context)], next: null };
}

function refOf(definition: Definition, row: Fields): { id: string; version?: number } {
  const version = versionOf(definition, row);
  return { id: idOf(definition, row), ...(version !== undefined && { version }) };
}
