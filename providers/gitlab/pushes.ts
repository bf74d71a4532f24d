/**
 * The feed of pushes, over a project's events: branches and tags that came, moved and went. A push of more than three of
 * them sends no webhook at all (docs.gitlab.com/user/project/integrations/webhook_events).
 *
 * Events can be filtered by whole days only, so the newest are read, back to the last time.
 * @module
 */
import type { Context, Feed, Hint } from "tidemark";
import type { Client } from "tidemark/client";
import { z } from "zod";
import { getPage, inScope, PER_PAGE } from "./client.ts";
import { placeOf } from "./scope.ts";
import { stamp } from "./state.ts";

const EVERY = 300_000;
const OVERLAP = 120_000;
/** Milliseconds by which our clock may be ahead of GitLab's: the first poll begins so much earlier, or it would pass over some. */
const AHEAD = 300_000;
const DAY = 86_400_000;
/** Pages of a hundred in one poll. What is beyond, sweeps find. */
const MOST_PAGES = 20;

const event = z.looseObject({
  created_at: z.iso.datetime({ offset: true }),
  push_data: z
    .looseObject({
      action: z.string(),
      ref_type: z.enum(["branch", "tag"]),
      ref: z.string().nullish(),
      commit_to: z.string().nullish(),
    })
    .nullish(),
});
type Event = z.infer<typeof event>;

/** The latest time seen. */
const place = z.object({ since: z.iso.datetime() });

/**
 * The feed of pushes. It names no types: one that it names could not be looked at as a whole, as after a push of many.
 */
export function pushesOf<T extends string>(client: Client, types: readonly T[]): Feed<T> {
  const poll = async (cursor: string | null, context: Context) => {
    if (placeOf(context.scope) !== "project") return { hints: [], cursor: null };
    const since = Date.parse(cursor === null ? stamp(context.now() - AHEAD) : place.parse(JSON.parse(cursor)).since);
    const events = await readBack(client, since - OVERLAP, context);
    const latest = events.reduce((time, { created_at }) => Math.max(time, Date.parse(created_at)), since);
    const hints = events.flatMap((one) => hintsOf(one, types));
    return { hints: onlyOnce(hints, since), cursor: JSON.stringify({ since: stamp(latest) }) };
  };
  return { types: [], every: EVERY, poll };
}

async function readBack(client: Client, since: number, context: Context): Promise<Event[]> {
  // The day itself is left out.
  const after = stamp(since - DAY).slice(0, 10);
  const search = new URLSearchParams({ action: "pushed", after, per_page: PER_PAGE });
  const found: Event[] = [];
  let next: string | undefined = search.toString();
  for (let pages = 0; pages < MOST_PAGES && next !== undefined; pages++) {
    const page = await getPage(client, inScope("projects/{scope}/events", context), next, context);
    const events = z.array(event).parse(page.rows);
    const recent = events.filter(({ created_at }) => Date.parse(created_at) >= since);
    found.push(...recent);
    next = recent.length < events.length ? undefined : page.next;
  }
  return found;
}

/** What a push changed; of many branches or tags it does not say which. */
function hintsOf<T extends string>(
  { created_at, push_data }: Event,
  types: readonly T[],
): (Hint<T> & { at: number })[] {
  const type = types.find((one) => one === push_data?.ref_type);
  if (!push_data || type === undefined) return [];
  const { action, ref, commit_to } = push_data;
  const at = Date.parse(created_at);
  if (!ref) return [{ type, at }];
  const id = `push ${created_at} ${ref} ${commit_to ?? ""}`;
  return [{ type, id: ref, at, event: { id, name: `push.${action}`, at: new Date(at) } }];
}

/** What names one is recognised when it comes again; what names none would be looked at each time. */
const onlyOnce = <T extends string>(hints: readonly (Hint<T> & { at: number })[], since: number): Hint<T>[] =>
  hints.filter(({ id, at }) => id !== undefined || at > since).map(({ at, ...hint }) => hint);
