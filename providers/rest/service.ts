/**
 * Requests to the service that the options describe: a path with its placeholders filled in, a page of a list.
 * @module
 */
import type { Context } from "tidemark";
import {
  type Answer,
  type Client,
  createClient,
  path as encode,
  type RequestOptions,
  ServiceError,
} from "tidemark/client";
import { Mismatch } from "./mismatch.ts";
import type { Auth, Credential, ListOptions, Query, RestOptions } from "./options.ts";
import { advance, nextOf, type Place } from "./paging.ts";
import { valueAt } from "./values.ts";

/** The service. */
export interface Service {
  name: string;
  /** @throws as `createClient` says */
  get(path: string, context: Context, options?: Omit<RequestOptions, "body">): Promise<Answer>;
  /** A path below the configured URL, in full. */
  urlOf(path: string, scope: string): string;
}

type Described = Pick<RestOptions, "name" | "url" | "auth" | "headers" | "fetch">;

/** @throws TypeError for a URL that is none */
export function serviceOf({ name, url, auth, headers = {}, fetch }: Described): Service {
  const client: Client = createClient({
    name,
    url,
    ...(fetch && { fetch }),
    headers: async ({ scope }) => ({ ...headers, ...(auth && (await credentialOf(auth, scope))) }),
  });
  const baseOf = (scope: string) => (typeof url === "function" ? url(scope) : url).replace(/\/*$/, "/");
  return {
    name,
    get: (path, context, options) => client.get(path, context, options),
    urlOf: (path, scope) => new URL(path, baseOf(scope)).href,
  };
}

async function credentialOf(auth: Auth, scope: string): Promise<Record<string, string>> {
  const current = async (one: Credential) => (typeof one === "function" ? await one(scope) : one);
  if ("bearer" in auth) return { authorization: `Bearer ${await current(auth.bearer)}` };
  if ("header" in auth) return { [auth.header]: await current(auth.value) };
  const pair = `${auth.basic.user}:${await current(auth.basic.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

/**
 * A path with its placeholders filled in. Undefined if an id cannot be a part of any path, as `..` cannot: nothing is
 * there.
 */
export function pathOf(template: string, values: Readonly<Record<"id" | "scope", string>>): string | undefined {
  const parts = template.split(/\{(id|scope)\}/);
  const texts = parts.filter((_, i) => i % 2 === 0);
  const names = parts.filter((_, i) => i % 2 === 1) as ("id" | "scope")[];
  try {
    return encode(Object.assign(texts, { raw: texts }), ...names.map((name) => values[name]));
  } catch {
    return undefined;
  }
}

/** A query with the scope filled in. */
export const queryOf = (query: Query, { scope }: Pick<Context, "scope">): Query =>
  Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      name,
      typeof value === "string" ? value.replaceAll("{scope}", () => scope) : value,
    ]),
  );

/** A page of a list: its rows, and where the next one is. */
export interface Rows {
  rows: unknown[];
  next: Place | null;
  /** How many there are in all, if the answer has a number where the option says. */
  total?: number;
}

/** Which page of which list. `option` is what the list is called in messages: `"resources.stream.list"`. */
export interface PageOf {
  option: string;
  list: Pick<ListOptions, "path" | "query" | "rows" | "paging" | "pages" | "total">;
  /** The place of the id in a row. */
  id: string;
  place: Place | null;
}

/** Whether the service refuses what was asked for: it may not know a place in a list any more. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof ServiceError && [400, 404, 410, 422].includes(error.status ?? 0);

const MOST_PAGES = 10_000;

/** Reads a page. What is no list is an error, never an empty one. */
export async function readPage(service: Service, { option, list, id, place }: PageOf, context: Context): Promise<Rows> {
  const { path: template, query = {}, rows: rowsPlace = "", paging, pages = MOST_PAGES } = list;
  const path = pathOf(template, { id: "", scope: context.scope });
  if (path === undefined) throw new Mismatch(service.name, option, "the scope cannot be a part of its path");
  const isLinked = place !== null && (paging?.by === "link" || paging?.by === "url");
  const step = place !== null && paging !== undefined && "param" in paging ? { [paging.param]: place.at } : {};
  const { body, headers } = isLinked
    ? await service.get(place.at, context)
    : await service.get(path, context, { query: { ...queryOf(query, context), ...step } });
  const rows = valueAt(body, rowsPlace);
  if (!Array.isArray(rows)) {
    throw new Mismatch(service.name, option, `the answer has no list at "${rowsPlace}": look at rows`);
  }
  const url = isLinked ? place.at : service.urlOf(path, context.scope);
  try {
    const at = nextOf(paging, { body, headers, url, rows, id }, place);
    const ids = rows.map((row) => valueAt(row, id) ?? row);
    const total = list.total === undefined ? undefined : countIn(valueAt(body, list.total));
    const next = at === null ? null : advance(place, at, ids, pages);
    return { rows, next, ...(total !== undefined && { total }) };
  } catch (cause) {
    throw new Mismatch(service.name, option, (cause as Error).message, { cause });
  }
}

/** A number, or text with one. */
function countIn(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\d+$/.test(value) ? Number(value) : undefined;
}
