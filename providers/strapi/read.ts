/**
 * Reads of one entry, or of several.
 * @module
 */
import { AccessLost, type Context, type Gone, gone } from "tidemark";
import { getOne, getRows, type Source } from "./api.ts";
import { type Fields, idOf, type Place, placeOf, statusOf } from "./id.ts";

/** Ids in one request: a URL of some 4,000 characters, of the 8,000 that a proxy may bear. */
export const TOGETHER = 50;

/** What a read brings. */
export type Found = Fields | null | Gone;

/** The entry as it is. */
export async function fetchOne(source: Source, id: string, context: Context): Promise<Found> {
  const place = placeOf(source.type, id);
  // Its type has, or had, other statuses and locales in the options: nothing is there under such an id.
  if (place === undefined) return gone;
  const state = await getOne(source, place, context);
  if (state === null) return null;
  checkStatus(source, place, state);
  if (idOf(source.type, state) === id) return state;
  // It was deleted, and another one created.
  if (source.type.kind === "single") return null;
  throw new Error(`Strapi answers another entry of ${source.type.path} than the one that was asked for`);
}

/** A type without Draft & Publish gives what it has, whatever version is asked for. */
function checkStatus({ type }: Source, { status }: Place, state: Fields): void {
  if (status === undefined || statusOf(state) === status) return;
  throw new AccessLost(
    `Strapi answers another version of ${type.path} than the ${status} one: leave out statuses if the type has no Draft & Publish, and do not hide publishedAt`,
  );
}

/** Several at once: those of one version in one request, and each that is not in the answer alone. */
export async function fetchMany(source: Source, ids: readonly string[], context: Context): Promise<Found[]> {
  const found = new Map<string, Fields>();
  for (const batch of batchesOf(source, ids)) {
    for (const state of await together(source, batch, context)) found.set(idOf(source.type, state), state);
  }
  const states: Found[] = [];
  // What a list leaves out may be there all the same: only the entry's own address says that it is not.
  for (const id of ids) states.push(found.get(id) ?? (await fetchOne(source, id, context)));
  return states;
}

type Batch = [Place, ...Place[]];

/** Places of the same version, at most {@link TOGETHER} of them. */
function batchesOf({ type }: Source, ids: readonly string[]): Batch[] {
  const open = new Map<string, Batch>();
  const batches: Batch[] = [];
  for (const id of ids) {
    const place = placeOf(type, id);
    if (place === undefined) continue;
    const version = `${place.locale} ${place.status}`;
    const batch = open.get(version);
    if (batch && batch.length < TOGETHER) {
      batch.push(place);
      continue;
    }
    const begun: Batch = [place];
    open.set(version, begun);
    batches.push(begun);
  }
  return batches;
}

async function together(source: Source, batch: Batch, context: Context): Promise<readonly Fields[]> {
  if (batch.length === 1) return [];
  const [{ status, locale }] = batch;
  const named = batch.map(({ key }, i) => [`filters[documentId][$in][${i}]`, key]);
  const query = { ...Object.fromEntries(named), ...(locale !== undefined && { locale }) };
  const { rows } = await getRows(source, { status, query, whole: true }, context);
  return rows;
}
