/**
 * What objects hold of others: what a page shows of it, and the rest.
 * @module
 */
import type { Context } from "tidemark";
import { type Found, holder, nextCursor, type Place, row, type Source } from "./place.ts";
import { innerQuery } from "./query.ts";

/** What the objects of a page hold, and which of them hold more. */
export function innersOf(
  nodes: readonly { id: string }[],
  cursor: string | null = null,
): { found: Found[]; rest: Place["rest"] } {
  const holders = nodes.map((node) => holder.parse(node));
  const rest = holders.flatMap(({ id, inner }): Place["rest"] => {
    const next = Array.isArray(inner) ? null : nextCursor(inner.pageInfo, cursor);
    if (next === null) return [];
    return [[id, next]];
  });
  const found = holders.flatMap((parent) => {
    const rows = Array.isArray(parent.inner) ? parent.inner : parent.inner.nodes;
    return rows.map((node) => ({ node, parent }));
  });
  return { found, rest };
}

/** What one object holds beyond what its page gave. It may have been deleted meanwhile. */
export async function readRest({ ask, listing, select }: Source, at: Place, context: Context) {
  const [[id, cursor] = ["", ""], ...others] = at.rest;
  if (!listing.inner) throw new TypeError("only a list through other objects has a rest");
  const { node } = await ask(innerQuery(listing.inner, select), { id, after: cursor }, context);
  const { found, rest } = node === null ? { found: [], rest: [] } : innersOf([row.parse(node)], cursor);
  const all = [...rest, ...others];
  return { found, next: all.length === 0 && at.last ? null : { ...at, rest: all } };
}
