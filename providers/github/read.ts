/**
 * Reads of one type: `fetch` and `list`.
 * @module
 */
import type { Octokit } from "@octokit/rest";
import { type Context, type Gone, gone, type Page } from "tidemark";
import { z } from "zod";
import { get, statusOf } from "./client.ts";
import { type Definition, type Fields, idOf, versionOf } from "./types.ts";

/** How many items a page has at most. */
const PER_PAGE = 100;

const fields = z.looseObject({});

/** The resource as it is. */
export async function fetchOne(
  client: Octokit,
  definition: Definition,
  id: string,
  context: Context,
): Promise<Fields | null | Gone> {
  const { scope } = context;
  let answer: unknown;
  try {
    answer = (
      await get(
        client,
        scope,
        definition.path.replace("{id}", () => encodeId(id)),
        {},
        context,
      )
    ).data;
  } catch (error) {
    // Also what we may not see: believed only between two good probes.
    if (statusOf(error) === 404) return null;
    if (statusOf(error) === 410) return gone;
    throw error;
  }
  const state: Fields = fields.parse(answer);
  // Moved to another repository, or this one was renamed: the probe tells which.
  if (!isOfScope(state, scope)) return null;
  if (definition.isOne && !definition.isOne(state)) return gone;
  if (idOf(definition, state) !== id) throw new TypeError("GitHub's answer is not what was asked for");
  return state;
}

/** A branch may have slashes, which its path keeps. */
const encodeId = (id: string): string => id.split("/").map(encodeURIComponent).join("/");

/** Where a state says of which repository it is, that must be the scope's. */
function isOfScope(state: Fields, scope: string): boolean {
  const url =
    state["repository_url"] ??
    (typeof state["issue_url"] === "string" ? state["issue_url"].split("/issues/")[0] : undefined);
  return typeof url !== "string" || url.toLowerCase().endsWith(`/repos/${scope.toLowerCase()}`);
}

/** A page of all of them, oldest first where GitHub can. Pages shift when something is deleted: a sweep only suspects. */
export async function listPage(
  client: Octokit,
  definition: Definition,
  page: string | null,
  since: Date | undefined,
  context: Context,
): Promise<Page<object>> {
  const { path, list, query = {}, whole, isOne = () => true } = definition;
  if (list === undefined) {
    const { data } = await get(client, context.scope, path, {}, context);
    return { items: [fields.parse(data)], next: null };
  }
  const number = page === null ? 1 : Number(page);
  const filter = { ...query, ...(since && definition.since && { since: since.toISOString() }) };
  const asked = { ...filter, per_page: String(PER_PAGE), page: String(number) };
  const { data } = await get(client, context.scope, list, asked, context);
  const all: Fields[] = z.array(fields).parse(data);
  // Pull requests count for whether the page is full, though they are left out of the issues.
  const next = all.length === PER_PAGE ? String(number + 1) : null;
  const items = all.filter(isOne);
  if (whole) return { items, next };
  const refs = items.map((item) => {
    const version = versionOf(definition, item);
    return { id: idOf(definition, item), ...(version !== undefined && { version }) };
  });
  return { refs, next };
}
