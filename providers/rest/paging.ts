/**
 * How the next page of a list is found, and how a list that never ends is noticed. Pure.
 * @module
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { idOf, valueAt } from "./values.ts";

/** A place in the answer that says whether there is more: it must be there, and anything but `true` or a number above 0 is no. */
type More = { more?: string };

/** How the next page is found. */
export type Paging =
  /** By the header `Link: <…>; rel="next"`. */
  | { by: "link" }
  /** By a URL at a place of the answer: `"meta.next"`. */
  | ({ by: "url"; next: string } & More)
  /** By a cursor at a place of the answer, sent as `param`. */
  | ({ by: "cursor"; next: string; param: string } & More)
  /** By the id of the last row, sent as `param`; it ends with an empty page. `id`: its place, default that of the resource. */
  | ({ by: "last"; param: string; id?: string } & More)
  /** By a number sent as `param`; it ends with an empty page. `first`: the first page's, default 1. */
  | ({ by: "page"; param: string; first?: number } & More)
  /** By how many rows were read, sent as `param`; it ends with an empty page. */
  | ({ by: "offset"; param: string } & More);

/** A place in a list, as it is kept between two pages. */
export interface Place {
  /** What leads to the page: a cursor, a number, a URL. */
  at: string;
  /** How many pages came before it. */
  page: number;
  /** Of the rows of the page before. */
  print: string;
  /** An earlier `at`: a list that comes back to it goes round in circles. */
  mark: string;
}

const placeText = z.object({ at: z.string(), page: z.number(), print: z.string(), mark: z.string() });

export const placeFrom = (text: string): Place => placeText.parse(JSON.parse(text));
export const textOf = (place: Place): string => JSON.stringify(place);

/** What came: the answer, and what was asked for. */
export interface Came {
  body: unknown;
  headers: { get(name: string): string | null };
  /** Where it was asked for: links are relative to it. */
  url: string;
  rows: readonly unknown[];
  /** The place of the id in a row. */
  id: string;
}

/**
 * What leads to the next page; `null` after the last.
 * @throws Error if the answer does not say it where the option says
 */
export function nextOf(paging: Paging | undefined, came: Came, place: Place | null): string | null {
  if (paging === undefined) return null;
  if (paging.by === "link") return absolute(linkOf(came.headers.get("link") ?? ""), came.url);
  if (paging.more !== undefined && !isMore(came.body, paging.more)) return null;
  const next = stepOf(paging, came, place);
  if (next === null && paging.more !== undefined) {
    throw new Error(`it says at "${paging.more}" that there is more, but not where: look at paging`);
  }
  return next;
}

function stepOf(paging: Exclude<Paging, { by: "link" }>, came: Came, place: Place | null): string | null {
  const { rows, body } = came;
  if (paging.by === "url") return absolute(textAt(body, paging.next), came.url);
  if (paging.by === "cursor") return textAt(body, paging.next);
  if (rows.length === 0) return null;
  if (paging.by === "page") return String((place === null ? (paging.first ?? 1) : Number(place.at)) + 1);
  if (paging.by === "offset") return String((place === null ? 0 : Number(place.at)) + rows.length);
  const last = idOf(valueAt(rows.at(-1), paging.id ?? came.id));
  if (last === undefined) throw new Error(`its last row has no id at "${paging.id ?? came.id}": look at paging`);
  return last;
}

function isMore(body: unknown, place: string): boolean {
  const value = valueAt(body, place);
  if (value === undefined) throw new Error(`it does not say at "${place}" whether there is more: look at paging.more`);
  return value === true || (typeof value === "number" && value > 0);
}

/** What leads on, or nothing: at the end it may be left out, empty or `false`. */
function textAt(body: unknown, place: string): string | null {
  const value = valueAt(body, place);
  if (value === undefined || value === null || value === "" || value === false) return null;
  const text = idOf(value);
  if (text === undefined) throw new Error(`what it has at "${place}" leads to no page: look at paging.next`);
  return text;
}

const absolute = (link: string | null, url: string): string | null => (link === null ? null : new URL(link, url).href);

/** Characters of a Link header: what Node.js takes of all headers together. */
const LONGEST = 16_384;

/**
 * The target of `rel="next"` in a Link header (RFC 8288). No pattern runs over more than one parameter.
 * @throws Error for a header that is too long: what is not read might be the next page
 */
export function linkOf(header: string): string | null {
  if (header.length > LONGEST) throw new Error(`its Link header has more than ${LONGEST} characters`);
  for (const link of header.split("<").slice(1)) {
    const end = link.indexOf(">");
    if (end < 0) continue;
    const isNext = link
      .slice(end + 1)
      .split(";")
      .some((parameter) => {
        const [name = "", value = ""] = parameter.split("=", 2).map((part) => part.trim().toLowerCase());
        return name === "rel" && value.replace(/,$/, "").trim().replaceAll('"', "").split(" ").includes("next");
      });
    if (isNext) return link.slice(0, end);
  }
  return null;
}

/**
 * The place of the next page.
 * @param ids the ids of the rows of this page
 * @param most how many pages there may be
 * @throws Error if the list goes round in circles, gives one page again and again, or has too many
 */
export function advance(place: Place | null, at: string, ids: readonly unknown[], most: number): Place {
  const page = (place?.page ?? 0) + 1;
  const print = ids.length === 0 ? "" : createHash("sha256").update(JSON.stringify(ids)).digest("base64url");
  if (place !== null && print !== "" && print === place.print) {
    throw new Error("it gives the same page again: does it take the parameter that paging names?");
  }
  if (place !== null && (at === place.at || at === place.mark)) {
    throw new Error("its pages go round in circles: look at paging");
  }
  if (page >= most) throw new Error(`it has more than ${most} pages: give it larger ones, or more of them by "pages"`);
  // Brent's algorithm: one remembered place, moved at each power of two, instead of all.
  const mark = place === null || (page & (page - 1)) === 0 ? at : place.mark;
  return { at, page, print, mark };
}
