/**
 * What an application's own users may be shown, too, each what is theirs: changes and resources.
 * @module
 */
import { hearsay } from "../api.ts";
import type { Change } from "../change.ts";
import { isNarrow, type View } from "./access.ts";
import { followChanges } from "./follow.ts";
import { type Asked, askedOf, narrowed } from "./query.ts";
import { events, json, refusal } from "./reply.ts";
import type { Asking, Ground, Routes } from "./route.ts";
import { createTail } from "./tail.ts";

export function readRoutes({ sync, time }: Ground): Routes {
  const tail = createTail(sync, time);
  /** For who may see a part: a cursor of theirs may be made up. */
  const told: Pick<Ground["sync"], "changes"> = {
    changes: (options) => sync.changes({ ...options, [hearsay]: true } as never),
  };
  return {
    "GET /changes": {
      who: "view",
      async answer({ request }, view) {
        const asked = askedOf(request, view);
        if (asked instanceof Response) return asked;
        const source = isNarrow(view) ? told : sync;
        if (!wantsEvents(request)) return json(200, await pageOf(source, asked));
        return events(await followChanges(source, tail, time, asked, request.signal));
      },
    },
    "GET /resources/:type/:id": { who: "view", answer: (asking, view) => resource(sync, asking, view) },
  };
}

async function pageOf(sync: Pick<Ground["sync"], "changes">, asked: Asked) {
  const { after, now, limit, types, scope } = asked;
  const filter = { ...(types && { types }), ...(scope !== undefined && { scope }) };
  const changes = sync.changes({ ...filter, after, from: now ? "now" : "start", follow: false } as never);
  const page: Change[] = [];
  for await (const change of changes) {
    page.push(change);
    if (page.length === limit) break;
  }
  return { changes: page, cursor: changes.cursor, more: page.length === limit };
}

async function resource(sync: Ground["sync"], { params, query }: Asking, view: View): Promise<Response> {
  const { type = "", id = "" } = params;
  const within = narrowed([type], query.get("scope") ?? undefined, view);
  if (within instanceof Response) return within;
  const maxAge = query.get("maxAge");
  if (maxAge !== null && !/^\d{1,12}$/.test(maxAge)) return refusal(400, "maxAge must be milliseconds");
  const fresh = maxAge !== null && { maxAge: Number(maxAge), [hearsay]: true };
  const options = { scope: within.scope ?? "", ...fresh };
  const known = await sync.get(type as never, id, options);
  return known ? json(200, known) : refusal(404, "never seen");
}

/** An `EventSource` says so; so may anybody else. */
export const wantsEvents = (request: Request): boolean =>
  (request.headers.get("accept") ?? "").toLowerCase().includes("text/event-stream");
