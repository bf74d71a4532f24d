/**
 * Lists, page by page. Some number their pages, the others name the next one in a link.
 *
 * A number is a place in a list that moves: where something was taken away before it, what moved across the border was not
 * shown. PayPal says how many there are; where that has fallen, as many pages are read again.
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { Access, Answer } from "tidemark/client";
import { z } from "zod";
import { isNotFound, type PayPal } from "./client.ts";
import { fieldOf } from "./fields.ts";
import { hasLink, linkOf } from "./hosts.ts";
import type { List } from "./types.ts";

/** A page to be read: what is asked, and how many there were when the one before it was. */
const place = z.object({ asked: z.record(z.string(), z.string()), total: z.number().optional() });
type Place = z.infer<typeof place>;

const rowsOf = z.array(z.looseObject({}));

/** A page. `next`: the one after it, to be passed as `at`. */
export interface Rows {
  rows: z.infer<typeof rowsOf>;
  next: string | null;
  /** How many there are in all, where PayPal says so. */
  total?: number;
}

/**
 * Reads a page.
 * @param at what the page before answered as `next`; null for the first
 * @throws Missing where PayPal says that there is no such list, Ended where a place in it is no more, an Error where it
 *   has more than it shows, or what answers is no list
 */
export async function readPage(paypal: PayPal, list: List, at: string | null, access: Access): Promise<Rows> {
  const { path, headers, pages } = list;
  const { asked, total }: Place = at === null ? { asked: firstOf(list) } : place.parse(JSON.parse(at));
  const allow = at === null ? [404] : [400, 404];
  const answer = await paypal.get(path, access, { query: asked, headers, allow });
  if (answer.status >= 400) throw refusalOf(answer, path, at);
  const rows = rowsIn(list, answer.body);
  const link = linkOf(answer.body, "next");
  const more = link !== undefined || rows.length >= (list.size ?? 1);
  const now = totalOf(answer.body);
  const read = { more, before: total, now, pages: pages ?? 0, size: list.size ?? 1 };
  const next = pages === undefined ? onward(hasLink(answer.body, "next"), link, list, asked) : numbered(asked, read);
  return { rows, next: next ? JSON.stringify(next) : null, ...(now !== undefined && { total: now }) };
}

/** There is no such list, because there is nothing that it could be of. */
export class Missing extends Error {}
/** A page was asked for by a place that PayPal does not know, or no more: the list must begin anew. */
export class Ended extends Error {}

const firstOf = ({ query, size, pages }: List): Place["asked"] => ({
  ...query,
  ...(size !== undefined && { page_size: String(size) }),
  ...(pages !== undefined && { page: "1" }),
});

function refusalOf(answer: Answer, path: string, at: string | null): Error {
  const what = `PayPal answers ${answer.status} to GET ${path}`;
  if (at !== null) return new Ended(`${what}: the place in the list is no more`);
  return isNotFound(answer) ? new Missing(`${what}: there is no such list`) : new Error(what);
}

/** Where there are none, some lists leave the field out; then something else must say that it is a list. */
function rowsIn({ path, rows }: List, body: unknown): Rows["rows"] {
  const found = fieldOf(body, rows);
  const says = ["links", "total_items", "batch_header"].some((name) => fieldOf(body, name) !== undefined);
  if (!Array.isArray(found) && !(found === undefined && says)) {
    throw new TypeError(`PayPal's answer to GET ${path} is no list: look at paypal({ url })`);
  }
  return rowsOf.parse(found ?? []);
}

/** The page that the answer names. @throws TypeError if it names one that is none of this list: what is there is not seen */
function onward(isNamed: boolean, link: URL | undefined, { path }: List, asked: Place["asked"]): Place | undefined {
  if (!isNamed) return undefined;
  const what = `PayPal's answer to GET ${path} names a next page that`;
  if (link?.pathname !== `/${path}`) throw new TypeError(`${what} leads elsewhere: the list is not whole`);
  const next = Object.fromEntries(link.searchParams);
  if (isDeepStrictEqual(next, asked)) throw new TypeError(`${what} leads back to itself: the list would never end`);
  return { asked: next };
}

/** What decides which number is next. */
interface Read {
  more: boolean;
  /** How many there were in all: at the page before, and now. */
  before: number | undefined;
  now: number | undefined;
  /** The last number there is, and the rows of a page. */
  pages: number;
  size: number;
}

function numbered(asked: Place["asked"], { more, before, now, pages, size }: Read): Place | undefined {
  const page = Number(asked["page"]);
  const fallen = page > 1 && before !== undefined && now !== undefined ? before - now : 0;
  const moved = fallen > 0;
  if (!moved && !more) return undefined;
  if (!moved && page >= pages) throw new Error(`PayPal shows no more than ${pages} pages, and there are more`);
  const next = moved ? Math.max(1, page - Math.ceil(fallen / size)) : page + 1;
  return { asked: { ...asked, page: String(next) }, ...(now !== undefined && { total: now }) };
}

/** A number, or text with one. */
function totalOf(body: unknown): number | undefined {
  const total = Number(fieldOf(body, "total_items") ?? Number.NaN);
  return Number.isSafeInteger(total) ? total : undefined;
}
