/**
 * Lists of all there is of a type, and whether it can be read at all.
 * @module
 */
import type { Context, Page } from "tidemark";
import { getLocales, getOne, getRows, probeSingle, type Source } from "./api.ts";
import { type Fields, isPlaced } from "./id.ts";

/**
 * A page of all entries, one status after another, by the numbers of their rows: a row that is published or discarded
 * while the pages are read comes back with a higher number, so that none slips through.
 *
 * @param page `status:after`: the place in the list of statuses, and the number of the last row seen
 */
export async function listPage(
  source: Source,
  page: string | null,
  since: Date | undefined,
  context: Context,
): Promise<Page<object>> {
  const { statuses } = source.type;
  const [at = 0, after = 0] = (page ?? "").split(":").map(Number);
  const query = {
    ...{ "sort[0]": "id:asc", "filters[id][$gt]": String(after) },
    ...(since && { "filters[createdAt][$gte]": since.toISOString() }),
  };
  // Once, and only where one list is all of them: a later page counts what is left, another status the same once more.
  const count = page === null && statuses.length === 1;
  const ask = { status: statuses[at], query, whole: true, count };
  const { rows, full, ...total } = await getRows(source, ask, context);
  const last = Number(rows.at(-1)?.["id"] ?? after);
  if (rows.some(({ id }) => Number(id) <= after)) {
    throw new Error(`Strapi does not go on in the list of ${source.type.path}: is the number of the row hidden?`);
  }
  const next = full ? `${at}:${last}` : at + 1 < statuses.length ? `${at + 1}:0` : null;
  return { items: rows.filter((row) => isPlaced(source.type, row)), next, ...total };
}

/** What there is of a single type: at most one entry for each locale and status. */
export async function readSingle(source: Source, context: Context): Promise<Fields[]> {
  const found: Fields[] = [];
  for (const locale of await getLocales(source, context)) {
    for (const status of source.type.statuses) {
      const place = { key: "", ...(locale !== undefined && { locale }), ...(status && { status }) };
      const state = await getOne(source, place, context);
      if (state !== null) found.push(state);
    }
  }
  return found;
}

/**
 * Resolves if the type can be read: "not found" alone says neither that it is there nor that it is not.
 * @throws AccessLost if it cannot
 */
export async function probeType(source: Source, context: Context): Promise<void> {
  if (source.type.kind === "single") return probeSingle(source, context);
  await getRows(source, { status: source.type.statuses[0], query: { "sort[0]": "id:asc" }, limit: 1 }, context);
}
