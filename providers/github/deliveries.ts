/**
 * The log of a hook's deliveries as a feed: what was not delivered says where to look all the same.
 *
 * GitHub repeats no delivery by itself, and keeps the log for three days
 * (docs.github.com/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks). It is read from the newest back
 * to where the last look ended; a long way back is gone in several polls.
 * @module
 */
import type { Octokit } from "@octokit/rest";
import { type Awaitable, type Context, type Feed, type Hint, RetryLater } from "tidemark";
import { z } from "zod";
import { statusOf } from "./errors.ts";
import { ask, type ClientOf } from "./send.ts";
import { stamp, timeOf } from "./state.ts";

/** A hook by its path: `"/repos/acme/app/hooks/12"`, `"/orgs/acme/hooks/7"`, or `"/app/hook"`, for an App's. */
export interface Hook {
  path: string;
  /** For an App's hook: an Octokit with the App's own authentication. Default: the scope's. */
  client?: Octokit;
}
/** The hook whose log is read in a scope, if one is. One of many repositories is to be named in one scope alone. */
export type HookOf = (scope: string) => Awaitable<Hook | undefined>;
/** What a delivery says where to look. */
export type LookAt<T extends string> = (event: string, guid: string, payload: unknown) => Hint<T>[];

const EVERY = 300_000;
/** Three days; an Enterprise Server keeps seven. */
const HORIZON = 259_200_000;
/** Milliseconds read again: a delivery is in the log a little after its time. */
const OVERLAP = 120_000;
/** Milliseconds until one who may not read the log asks again. */
const REFUSED = 3_600_000;
/** In one poll: pages of a hundred deliveries, and deliveries that are read in full. */
const MOST_PAGES = 20;
const MOST_READ = 100;

const delivery = z.object({
  // Beyond 2^53: Octokit 22 reads it as a BigInt, which became text. What is a number there has lost its last digits.
  id: z.union([z.string(), z.int()]).transform(String),
  guid: z.string(),
  status: z.string(),
  delivered_at: z.string(),
  event: z.string(),
});
type Delivery = z.infer<typeof delivery>;
const payloadOf = z.object({ request: z.object({ payload: z.unknown() }) });

/** Where the last look ended; `next` and `latest`: it is under way, from `latest` back to `since`. */
const place = z.object({
  since: z.iso.datetime(),
  /** What was looked at of what is read again. */
  seen: z.array(z.string()),
  next: z.string().optional(),
  latest: z.iso.datetime().optional(),
});
type Place = z.infer<typeof place>;

/** The feed over the logs of the hooks. */
export function deliveriesOf<T extends string>(
  clientOf: ClientOf,
  hookOf: HookOf,
  types: readonly T[],
  lookAt: LookAt<T>,
): Feed<T> {
  const refused = new Map<string, number>();
  const poll = async (cursor: string | null, context: Context) => {
    const { scope, now } = context;
    const hook = await hookOf(scope);
    if (!hook || now() < (refused.get(scope) ?? 0)) return { hints: [], cursor: null };
    if (!PATH.test(hook.path)) throw new TypeError(`github({ deliveries }) gave ${hook.path}, ${WRONG}`);
    const from = cursor === null ? { since: stamp(now()), seen: [] } : place.parse(JSON.parse(cursor));
    try {
      const { hints, to } = await readBack(
        { path: hook.path, client: hook.client ?? (await clientOf(scope)) },
        { from, lookAt, context },
      );
      return { hints, cursor: JSON.stringify(to) };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refused.set(scope, now() + REFUSED);
      return { hints: [], cursor: null };
    }
  };
  return { types, every: EVERY, horizon: HORIZON, webhooks: "failed", poll };
}

const PATH = /^\/(repos\/[^/]+\/[^/]+\/hooks\/\d+|orgs\/[^/]+\/hooks\/\d+|app\/hook)$/;
const WRONG = 'which is no hook: write "/repos/acme/app/hooks/12", "/orgs/acme/hooks/7" or "/app/hook"';

/** Who may not read the log is told 403 or 404. */
const isRefusal = (error: unknown): boolean =>
  !(error instanceof RetryLater) &&
  [error, (error as Error).cause].some((one) => statusOf(one) === 403 || statusOf(one) === 404);

interface Look<T extends string> {
  from: Place;
  lookAt: LookAt<T>;
  context: Context;
}

/** Reads the log back to where the last look ended, or as far as one poll may. */
async function readBack<T extends string>(hook: Required<Hook>, { from, lookAt, context }: Look<T>) {
  const end = Date.parse(from.since) - OVERLAP;
  const seen = new Set(from.seen);
  const good = new Set<string>();
  const hints: Hint<T>[] = [];
  let { next, latest = from.since } = from;
  let read = 0;
  for (let pages = 0; pages < MOST_PAGES && read < MOST_READ; pages++) {
    const page = await readPage(hook, next, context);
    const recent = page.rows.filter(({ delivered_at }) => (timeOf(delivered_at) ?? 0) >= end);
    for (const { status, guid, delivered_at } of recent) {
      if (status === "OK") good.add(guid);
      if ((timeOf(delivered_at) ?? 0) > Date.parse(latest)) latest = stamp(timeOf(delivered_at) ?? 0);
    }
    for (const one of recent) {
      if (good.has(one.guid) || seen.has(one.guid)) continue;
      seen.add(one.guid);
      hints.push(...(await hintsOf(hook, one, lookAt, context)));
      read++;
    }
    next = recent.length < page.rows.length ? undefined : page.next;
    if (next === undefined) return { hints, to: ended(latest, seen) };
  }
  return { hints, to: { since: from.since, seen: [...seen], latest, ...(next !== undefined && { next }) } };
}

/** The newest guids are enough: older ones are not read again. */
const ended = (latest: string, seen: ReadonlySet<string>): Place => ({ since: latest, seen: [...seen].slice(-1_000) });

/** A page of the log, newest first, and where the one after it begins. */
export async function readPage({ client, path }: Required<Hook>, cursor: string | undefined, context: Context) {
  const params = { per_page: "100", ...(cursor !== undefined && { cursor }) };
  const { data, headers } = await ask(client, context, `GET ${path}/deliveries`, params);
  const url = /<([^>]+)>;\s*rel="?next/.exec(headers["link"] ?? "")?.[1];
  const next = url === undefined ? null : new URL(url).searchParams.get("cursor");
  return { rows: z.array(delivery).parse(data), next: next ?? undefined };
}

/** Where a delivery said to look. One that cannot be read, or is in the log no more, is left to the sweeps. */
async function hintsOf<T extends string>(
  { client, path }: Required<Hook>,
  { id, guid, event }: Delivery,
  lookAt: LookAt<T>,
  context: Context,
): Promise<Hint<T>[]> {
  const answer = await ask(client, context, `GET ${path}/deliveries/{id}`, { id }).catch((error) => {
    if (statusOf(error) !== 404) throw error;
    return { data: undefined };
  });
  const whole = payloadOf.safeParse(answer.data);
  return whole.success ? lookAt(event, guid, whole.data.request.payload) : [];
}
