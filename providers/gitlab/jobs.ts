/**
 * The feed of jobs. A job has no time of its last change, so two things are asked for: which are new, by their numbers, and
 * which are not done. One that was not done the last time and is not among those any more is done now.
 * @module
 */
import type { Context, Feed, Hint } from "tidemark";
import type { Client } from "tidemark/client";
import { z } from "zod";
import { getPage, inScope, PER_PAGE } from "./client.ts";
import { nextPage } from "./page.ts";
import { isIn } from "./read.ts";
import { type Fields, idOf } from "./state.ts";
import { definitions } from "./types.ts";

const EVERY = 300_000;
/** Pages of a hundred in one poll: of new jobs, and of those that are not done. What is beyond, sweeps find. */
const MOST_NEW = 20;
const MOST_OPEN = 10;
/** What will change by itself (docs.gitlab.com/api/jobs). A manual one waits for a person, perhaps for ever. */
const OPEN = ["created", "waiting_for_resource", "preparing", "pending", "running", "canceling", "scheduled"];

const NEWEST = new URLSearchParams({ per_page: PER_PAGE, ...definitions.job.query }).toString();
const UNDONE = new URLSearchParams(`${NEWEST}${OPEN.map((status) => `&scope[]=${status}`).join("")}`).toString();

/** The highest number seen, and which were not done. */
const place = z.object({ latest: z.string().regex(/^\d+$/), open: z.array(z.string()) });

/** The feed of jobs. */
export function jobsOf<T extends string>(client: Client, type: T): Feed<T> {
  // Named by its status, so that it is read once for each.
  const hintOf = (row: Fields): Hint<T> => {
    const [id, name] = [nameOf(row), String(row["status"])];
    return { type, id, event: { id: `job ${id} ${name}`, name } };
  };
  const poll = async (cursor: string | null, context: Context) => {
    if (!isIn(definitions.job, context)) return { hints: [], cursor: null };
    const from = cursor === null ? null : place.parse(JSON.parse(cursor));
    const rows = await pagesOf(client, NEWEST, from ? MOST_NEW : 1, context, (row) => isBeyond(row, from?.latest));
    const undone = await pagesOf(client, UNDONE, MOST_OPEN, context, () => true);
    const open = undone.map(nameOf);
    const done = (from?.open ?? []).filter((id) => !open.includes(id)).map((id): Hint<T> => ({ type, id }));
    const latest = rows[0] ? nameOf(rows[0]) : (from?.latest ?? "0");
    const hints = from === null ? [] : [...[...rows, ...undone].map(hintOf), ...done];
    return { hints, cursor: JSON.stringify({ latest, open }) };
  };
  return { types: [type], every: EVERY, poll };
}

const nameOf = (row: Fields): string => idOf(definitions.job, row);
const isBeyond = (row: Fields, latest = "0"): boolean => BigInt(nameOf(row)) > BigInt(latest);

/** Rows as long as they are wanted, and as many pages as may be. */
async function pagesOf(
  client: Client,
  first: string,
  most: number,
  context: Context,
  isWanted: (row: Fields) => boolean,
): Promise<Fields[]> {
  const found: Fields[] = [];
  let search: string | null = first;
  for (let pages = 0; pages < most && search !== null; pages++) {
    const page = await getPage(client, inScope(definitions.job.list ?? "", context), search, context);
    const wanted = page.rows.filter(isWanted);
    found.push(...wanted);
    search = wanted.length < page.rows.length ? null : nextPage(search, page, undefined);
  }
  return found;
}
