/**
 * Reads of what is within one resource: the items of a batch, the transactions of a subscription.
 * @module
 */
import type { Context, Page } from "tidemark";
import { isId } from "./fields.ts";
import { Missing, type Rows, readPage } from "./pages.ts";
import type { Source } from "./read.ts";
import { type Definition, idIn, type List, versionOf } from "./types.ts";

/** Pages that are read to find one. */
const MOST_PAGES = 100;

/**
 * A page of what is within one resource. If that is not there, neither is anything within it. What only lists show is
 * taken as the list has it, with the parent's id added; of the rest a list only says what is there.
 */
export async function listWithin(
  { paypal, definition }: Source,
  parent: string,
  at: string | null,
  context: Context,
): Promise<Page<object>> {
  const list = listOf(definition, parent, context);
  if (!list) return { refs: [], next: null };
  const { rows, next } = await readPage(paypal, list, at, context).catch(nothing);
  const [name = ""] = definition.id;
  const items = rows.map((row) => ({ ...row, [name]: parent })).filter((item) => idIn(definition, item) !== undefined);
  if (definition.path === "") return { items, next };
  const refs = items.map((item) => {
    const version = versionOf(definition, item);
    return { id: idIn(definition, item) ?? "", ...(version !== undefined && { version }) };
  });
  return { refs, next };
}

function nothing(error: unknown): Rows {
  if (error instanceof Missing) return { rows: [], next: null };
  throw error;
}

/** The list of one parent. No list, where what stands for the parent cannot be an id. */
function listOf({ within }: Definition, parent: string, { now }: Context): List | undefined {
  if (!within || !isId(parent)) return undefined;
  const until = within.until !== undefined && { [within.until]: new Date(now()).toISOString() };
  return { ...within, path: within.path.replace("{parent}", () => parent), query: { ...within.query, ...until } };
}

/**
 * One that only lists show.
 * @returns `null` if the parent's list does not have it
 */
export async function findWithin(source: Source, id: string, context: Context): Promise<object | null> {
  const parent = id.slice(0, id.indexOf("/"));
  let at: string | null = null;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const { items = [], next }: Page<object> = await listWithin(source, parent, at, context);
    const found = items.find((item) => idIn(source.definition, item) === id);
    if (found || next === null) return found ?? null;
    at = next;
  }
  throw new Error(`PayPal lists more than ${MOST_PAGES} pages within one resource`);
}
