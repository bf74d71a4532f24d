/**
 * Reads of one type: `fetch` and `list`.
 * @module
 */
import type { Octokit } from "@octokit/rest";
import { type Context, type Gone, gone, type Page } from "tidemark";
import { get, getHome, getPage, statusOf } from "./client.ts";
import { type Definition, type Fields, homeOf, idOf, isSameName, stamp, versionOf } from "./types.ts";

/** The resource as it is. */
export async function fetchOne(
  client: Octokit,
  definition: Definition,
  id: string,
  context: Context,
): Promise<Fields | null | Gone> {
  let state: Fields;
  try {
    state = await get(client, context, definition.path, id);
  } catch (error) {
    // Also what we may not see: believed only between two good probes.
    if (statusOf(error) === 404) return null;
    if (statusOf(error) === 410) return gone;
    throw error;
  }
  // It moved to another repository, or this one was renamed: the probe tells which.
  if (!isSameName(homeOf(state), context.scope)) return null;
  if (definition.isOne && !definition.isOne(state)) return gone;
  // A branch's old name leads to the new one, a label is found by its name in any case, a repository by its path alone:
  // what is there is another one, and this one is not.
  return idOf(definition, state) === id ? state : null;
}

/**
 * A page of all of them, oldest first where GitHub can. Pages shift when something is deleted, and what slipped onto a
 * page that was read is not seen: a sweep only suspects, so that costs a read.
 */
export async function listPage(
  client: Octokit,
  definition: Definition,
  page: string | null,
  since: Date | undefined,
  context: Context,
): Promise<Page<object>> {
  const { list, query = {}, whole, isOne = () => true } = definition;
  if (list === undefined) return { items: [await getHome(client, context)], next: null };
  const number = page === null ? 1 : Number(page);
  const filter = since && definition.since ? { ...query, since: stamp(since.getTime()) } : query;
  const { rows, more } = await getPage(client, context, list, filter, number);
  const next = more ? String(number + 1) : null;
  const items = rows.filter(isOne);
  return whole ? { items, next } : { refs: items.map((item) => refOf(definition, item)), next };
}

function refOf(definition: Definition, item: Fields): { id: string; version?: number } {
  const version = versionOf(definition, item);
  return { id: idOf(definition, item), ...(version !== undefined && { version }) };
}
