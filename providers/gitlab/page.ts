/**
 * How a list goes on after a page: pure.
 * @module
 */
import type { Rows } from "./client.ts";
import type { Order } from "./definition.ts";

/**
 * The query of the page after one that was asked for; null after the last.
 *
 * Where GitLab pages by a key, its own link is followed. Where it counts rows, one that is updated or deleted meanwhile
 * has another slip onto a page that was read, and after 50,000 rows GitLab gives no more. There the next page is the first
 * of those from the last row's time on, which repeats a row or two; a further page only while one instant fills a page.
 */
export function nextPage(asked: string, { rows, next }: Rows, order: Order | undefined): string | null {
  if (next === undefined) return null;
  if (order === undefined || !new URLSearchParams(next).has("page")) return next;
  const from = new URLSearchParams(asked);
  const param = paramOf(order);
  const last = rows.at(-1)?.[order];
  if (typeof last !== "string" || last === from.get(param)) return next;
  from.set(param, last);
  from.delete("page");
  return from.toString();
}

/** The parameter that filters by a time; that time is included. */
export const paramOf = (order: Order): string => (order === "created_at" ? "created_after" : "updated_after");
