/**
 * The log of a hook as a feed: what was not delivered says where to look all the same. GitLab sends nothing twice by
 * itself, and shows what it sent for seven days.
 *
 * It is read from the newest back to where the last look ended; a long way back is gone in several polls.
 * @module
 */
import type { Context, Feed, Hint } from "tidemark";
import type { Client } from "tidemark/client";
import { z } from "zod";
import { type Entry, type HookOf, headerOf, hookFor, isLost, readLog } from "./log.ts";
import type { Delivered } from "./webhook.ts";

/** Where a delivery says to look. */
export type LookAt<T extends string> = (delivered: Delivered) => Hint<T>[];

const EVERY = 300_000;
/** Seven days. */
const HORIZON = 604_800_000;
/** Milliseconds until one who may not read the log asks again. */
const REFUSED = 3_600_000;
/** Pages of twenty in one poll. */
const MOST_PAGES = 50;

const number = z.string().regex(/^\d+$/);
/** All up to `done` was looked at. With `page` a look is under way from `top` back to there. */
const place = z.object({ done: number, top: number.optional(), page: z.int().positive().optional() });
type Place = z.infer<typeof place>;

/** The feed over the logs of the hooks. `types`: those that are swept after a gap. */
export function deliveriesOf<T extends string>(
  client: Client,
  hookOf: HookOf,
  types: readonly T[],
  lookAt: LookAt<T>,
): Feed<T> {
  const refused = new Map<string, number>();
  const poll = async (cursor: string | null, context: Context) => {
    const { scope, now } = context;
    const hook = await hookFor(hookOf, scope);
    if (hook === undefined || now() < (refused.get(scope) ?? 0)) return { hints: [], cursor: null };
    const from = cursor === null ? null : place.parse(JSON.parse(cursor));
    // What was sent may be large: of each page only the hints are kept.
    const found = await readBack(client, hook, from, (one) => hintsOf(one, hook, lookAt), context);
    if (found !== undefined) return { hints: found.hints, cursor: JSON.stringify(found.to) };
    refused.set(scope, now() + REFUSED);
    return { hints: [], cursor: null };
  };
  return { types, every: EVERY, horizon: HORIZON, webhooks: "failed", poll };
}

/** Reads the log back to where the last look ended, or as far as one poll may. Undefined: it may not be read. */
async function readBack<T extends string>(
  client: Client,
  hook: string,
  from: Place | null,
  hintsIn: (lost: Entry) => Hint<T>[],
  context: Context,
) {
  const hints: Hint<T>[] = [];
  let top = from?.top;
  let page = from?.page ?? 1;
  for (const end = page + MOST_PAGES; page < end; page++) {
    const read = await readLog(client, hook, page, context);
    if (read === undefined) return undefined;
    top ??= read.entries[0]?.id;
    // The first look only finds out where the log is.
    const recent = from === null ? [] : read.entries.filter(({ id }) => BigInt(id) > BigInt(from.done));
    hints.push(...recent.filter(isLost).flatMap(hintsIn));
    if (recent.length < read.entries.length || !read.more) return { hints, to: { done: top ?? from?.done ?? "0" } };
  }
  // What came meanwhile has moved the rest back: some of it is seen again, and nothing is passed over.
  return { hints, to: { done: from?.done ?? "0", ...(top !== undefined && { top }), page } };
}

/** Where a delivery said to look. What cannot be read is left to the sweeps; of what was too large the log has no body. */
function hintsOf<T extends string>(one: Entry, hook: string, lookAt: LookAt<T>): Hint<T>[] {
  const [, asked] = /^projects\/(\d+)\//.exec(hook) ?? [];
  try {
    const header = headerOf(one, "x-gitlab-event");
    return lookAt({ header, key: headerOf(one, "idempotency-key"), body: one.request_data, asked });
  } catch {
    return [];
  }
}
