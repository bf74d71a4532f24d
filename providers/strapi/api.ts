/**
 * Reads of the REST API: one entry, or the rows of a list.
 *
 * Facts of this API are of Strapi 5.54.0, measured, and docs.strapi.io/cms/api/rest.
 * @module
 */
import { AccessLost, type Context } from "tidemark";
import { type Client, path } from "tidemark/client";
import { z } from "zod";
import type { Fields, Place } from "./id.ts";
import type { ContentType, Status } from "./types.ts";

/** A type, and who asks for it. */
export interface Source {
  /** What the type is called in the stream. */
  name: string;
  client: Client;
  type: ContentType;
}

type Query = Readonly<Record<string, string>>;

/** The most that Strapi gives by default (`api.rest.maxLimit`). One that gives less says so in its answer. */
export const LIMIT = 100;

const row = z.looseObject({ id: z.union([z.number(), z.string().regex(/^\d+$/)]) });
const rows = z.array(row);
const limited = z.looseObject({
  pagination: z.looseObject({ limit: z.number().positive(), total: z.number().optional() }),
});
const failure = z.looseObject({ error: z.looseObject({ name: z.string() }) });
const locales = z.array(z.looseObject({ code: z.string().min(1) }));

/** The field `data` of an answer; files come without it. */
function dataOf({ kind }: ContentType, body: unknown): unknown {
  return kind === "media" ? body : (body as { data?: unknown } | null | undefined)?.data;
}

/** What is asked of a version: a type that has one only is asked for none. */
const versionOf = (type: ContentType, { status, locale }: { status?: Status | undefined; locale?: string }): Query => ({
  ...(status !== undefined && { status }),
  ...(type.localized && { locale: locale ?? "*" }),
});

const populated = ({ populate }: ContentType): Query =>
  populate.includes("*")
    ? { populate: "*" }
    : Object.fromEntries(populate.map((relation, i) => [`populate[${i}]`, relation]));

/**
 * The entry at a place; null if Strapi says that there is none. Of a single type there is one, whatever the key.
 * @throws what the client throws; Error for a 404 that is not Strapi's own
 */
export async function getOne({ client, type }: Source, place: Place, context: Context): Promise<Fields | null> {
  const target = type.kind === "single" ? type.path : `${type.path}/${path`${place.key}`}`;
  const query = { ...versionOf(type, place), ...populated(type) };
  const { status, body } = await client.get(target, context, { query, allow: [404] });
  if (status === 404) {
    if (failure.safeParse(body).data?.error.name === "NotFoundError") return null;
    throw new Error(`404 to ${type.path}, and not from Strapi: something between us answers for it`);
  }
  const state = dataOf(type, body);
  row.parse(state);
  return state as Fields;
}

/** What is asked of a list. */
export interface Ask {
  status: Status | undefined;
  /** Filters, a sort, fields. */
  query: Query;
  limit?: number;
  /** Whole entries, as {@link getOne} gives them: with their relations. */
  whole?: boolean;
  /** How many there are in all is to be counted. */
  count?: boolean;
}

/**
 * Rows of a list, whether there may be more, and how many there are if they were counted. All locales at once.
 * @throws what the client throws; AccessLost if there is no such list
 */
export async function getRows(
  { client, type }: Source,
  { status, query, limit = LIMIT, whole = false, count = false }: Ask,
  context: Context,
): Promise<{ rows: Fields[]; full: boolean; total?: number }> {
  // The list of files knows nothing of `pagination`, and takes the parameters of the database instead.
  const most: Query =
    type.kind === "media"
      ? { limit: String(limit) }
      : { "pagination[limit]": String(limit), "pagination[withCount]": String(count) };
  const all = { ...versionOf(type, { status }), ...(whole && populated(type)), ...most, ...query };
  const answer = await client.get(type.path, context, { query: all, allow: [404] });
  if (answer.status === 404) throw notFound(type);
  const data = dataOf(type, answer.body);
  rows.parse(data);
  const given = limited.safeParse((answer.body as { meta?: unknown } | null)?.meta).data?.pagination;
  const found = data as Fields[];
  const full = found.length > 0 && found.length >= Math.min(limit, given?.limit ?? 1);
  return { rows: found, full, ...(given?.total !== undefined && { total: given.total }) };
}

/** A single type that has no entry answers as one that is not there does; a filter that cannot be tells them apart. */
export async function probeSingle({ client, type }: Source, context: Context): Promise<void> {
  const query = { "filters[tidemark]": "probe" };
  const { status } = await client.get(type.path, context, { query, allow: [400, 404] });
  if (status === 404) throw notFound(type);
}

/** The locales there are. Of a type that is not localized there is one without a name. */
export async function getLocales({ client, type }: Source, context: Context): Promise<(string | undefined)[]> {
  if (!type.localized) return [undefined];
  const { body } = await client.get("i18n/locales", context);
  return locales.parse(body).map(({ code }) => code);
}

const notFound = ({ path }: ContentType): AccessLost =>
  new AccessLost(`Strapi has no ${path}: is it the name in the REST API, and does the url end with /api?`);
