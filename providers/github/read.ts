/**
 * Reads of one type: `fetch` and `list`.
 * @module
 */
import { type Context, type Gone, gone, type Page } from "tidemark";
import { get, getHome, getPage, request } from "./client.ts";
import type { Definition } from "./definition.ts";
import { statusOf } from "./errors.ts";
import type { ClientOf } from "./send.ts";
import { type Fields, homeOf, idOf, isOrganization, isSameName, stamp, versionOf } from "./state.ts";

/** Whether there can be any of a type in a scope: repositories and organisations have types of their own. */
export const isOf = ({ ofOrganization }: Definition, { scope }: Pick<Context, "scope">): boolean =>
  (ofOrganization ?? false) === isOrganization(scope);

/** The resource as it is. */
export async function fetchOne(
  clientOf: ClientOf,
  definition: Definition,
  id: string,
  context: Context,
): Promise<Fields | null | Gone> {
  if (!isOf(definition, context)) return null;
  let state: Fields;
  try {
    const { check, path } = definition;
    if (check !== undefined) await request(clientOf, context, check, { id });
    state = await get(clientOf, context, path, paramsOf(definition, id));
  } catch (error) {
    // Also what we may not see: believed only between two good probes. 409: nothing was ever pushed.
    if (statusOf(error) === 404 || statusOf(error) === 409) return null;
    if (statusOf(error) === 410) return gone;
    throw error;
  }
  // It moved to another repository, or this one was renamed: the probe tells which.
  if (!definition.homeless && !isSameName(homeOf(state), context.scope)) return null;
  if (definition.isOne && !definition.isOne(state)) return gone;
  // A branch's old name leads to the new one, a label is found by its name in any case, a repository by its path alone:
  // what is there is another one, and this one is not.
  return idOf(definition, state) === id ? state : null;
}

/** An id within a parent's is that of both. One that is not in the path is not sent. */
function paramsOf({ path, within }: Definition, id: string): Record<string, string> {
  if (!path.includes("{id}")) return {};
  const [parent = "", own = ""] = id.split("/");
  return within === undefined ? { id } : { parent, id: own };
}

/** The one that there is in a scope, where nothing lists it. */
export async function listOnly(clientOf: ClientOf, definition: Definition, context: Context): Promise<Page<object>> {
  return { items: isOf(definition, context) ? [await getHome(clientOf, context)] : [], next: null };
}

/** Which of a list: the parent's, or those since a time. */
export interface Which {
  parent?: string;
  since?: Date | undefined;
}

/**
 * A page of all of them, oldest first where GitHub can. Pages shift when something is deleted, and what slipped onto a
 * page that was read is not seen: a sweep only suspects, so that costs a read.
 */
export async function listPage(
  clientOf: ClientOf,
  definition: Definition,
  page: string | null,
  { parent, since }: Which,
  context: Context,
): Promise<Page<object>> {
  const { list = "", query = {}, rows: field, whole, homeless, isOne = () => true } = definition;
  if (!isOf(definition, context)) return { items: [], next: null };
  const number = page === null ? 1 : Number(page);
  const filter = since && definition.since ? { ...query, since: stamp(since.getTime()) } : query;
  const params = parent === undefined ? filter : { ...filter, parent };
  const asked = { path: list, params, page: number, field, homeless };
  const { rows, more, ...total } = await getPage(clientOf, context, asked);
  const next = more ? String(number + 1) : null;
  const items = rows.filter(isOne);
  return whole ? { items, next, ...total } : { refs: items.map((item) => refOf(definition, item)), next, ...total };
}

function refOf(definition: Definition, item: Fields): { id: string; version?: number } {
  const version = versionOf(definition, item);
  return { id: idOf(definition, item), ...(version !== undefined && { version }) };
}
