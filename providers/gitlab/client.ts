/**
 * Requests to GitLab: one thing, a page of a list.
 * @module
 */
import { AccessLost } from "tidemark";
import { type Access, type Client, path } from "tidemark/client";
import { z } from "zod";
import { numberOf } from "./scope.ts";
import type { Fields } from "./state.ts";

/** The most that GitLab gives. */
export const PER_PAGE = "100";

const fields = z.looseObject({});
const rows = z.array(fields);

/** Puts values into a path, each encoded. */
export function pathOf(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => path`${values[name] ?? ""}`);
}

/** A path below a scope's own. */
export const inScope = (template: string, { scope }: Access, values: Readonly<Record<string, string>> = {}): string =>
  pathOf(template, { ...values, scope: numberOf(scope) });

/** Reads one thing; undefined for 404, which is also what GitLab answers for what we may not see. */
export async function get(client: Client, place: string, access: Access): Promise<Fields | undefined> {
  const { status, body } = await client.get(place, access, { allow: [404] });
  return status === 404 ? undefined : fields.parse(body);
}

/** A page of a list, and the query of the next one, if GitLab names one. */
export interface Rows {
  rows: Fields[];
  next: string | undefined;
  /** How many there are in all that fit the query, if GitLab says so: up to 10,000, and where it counts rows. */
  total?: number;
}

/**
 * Reads a page of a list.
 * @param search the query, without its question mark
 * @throws AccessLost if there is no such list: its feature is off, or its scope is gone or hidden
 */
export async function getPage(client: Client, place: string, search: string, access: Access): Promise<Rows> {
  const { status, headers, body } = await client.get(`${place}?${search}`, access, { allow: [404] });
  if (status === 404) {
    throw new AccessLost(`GitLab has no ${place}: it is gone, switched off, or the token may not see it`);
  }
  const total = Number(headers.get("x-total") || Number.NaN);
  const next = nextOf(headers.get("link") ?? "");
  return { rows: rows.parse(body), next, ...(Number.isSafeInteger(total) && { total }) };
}

/**
 * The query of the link to the next page. Of its address nothing else is used: behind a proxy that may be a name which
 * only GitLab itself has.
 */
export function nextOf(link: string): string | undefined {
  for (const one of link.split("<").slice(1)) {
    const end = one.indexOf(">");
    const params = one.slice(end + 1).split(/[;,]/);
    if (end < 0 || !params.some((param) => /^rel="?next"?$/.test(param.trim()))) continue;
    const url = URL.parse(one.slice(0, end), "https://gitlab.invalid");
    if (url !== null && url.search.length > 1) return url.search.slice(1);
  }
  return undefined;
}
