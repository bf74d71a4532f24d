/**
 * `tidemark/http`: webhooks in, changes, resources and health out, as one web-standard handler.
 *
 *   POST /webhooks/:provider/:scope?   a provider's webhook; open, because it proves itself by its signature
 *   GET  /changes                      a page as JSON; Server-Sent Events where they are asked for
 *   GET  /resources/:type/:id          what is recorded of a resource
 *   GET  /health                       all of `health()`; 503 while anything is wrong
 *   GET  /livez, /readyz               the process lives; the store answers. Open, and they tell no more
 * @module
 */
import type { Sync } from "./api.ts";
import type { Change } from "./change.ts";
import { CursorLost, describe } from "./errors.ts";
import { type AccessOptions, createAccess, type View } from "./http/access.ts";
import { followChanges } from "./http/follow.ts";
import { type Asked, askedOf, narrowed } from "./http/query.ts";
import { events, json, refusal } from "./http/reply.ts";
import { createTail } from "./http/tail.ts";
import type { Providers } from "./kind.ts";
import { systemTime, type Time } from "./time.ts";

export type { AccessOptions, Grant } from "./http/access.ts";

/** The options of {@link createHandler}. */
export interface HandlerOptions extends AccessOptions {
  /** What all paths begin with, as in `"/sync"`. Default: nothing. */
  base?: string;
  /** Clock and timers. Default the machine's. */
  time?: Time;
}

/** Answers a request. Never rejects. */
export type Handler = (request: Request) => Promise<Response>;

/** A request within the handler: its path below the base, in parts. */
interface Asking {
  request: Request;
  parts: readonly string[];
  query: URLSearchParams;
}
type Route = (asking: Asking, view: View) => Promise<Response>;

/**
 * The handler of a sync, for any host that takes web requests; `listener` of `tidemark/node` bridges `node:http`.
 *
 * ```ts
 * const handler = createHandler(sync, { token: process.env.SYNC_TOKEN });
 * export default { fetch: handler };                 // Bun, Deno, workers
 * app.all("/sync/*", (c) => handler(c.req.raw));     // Hono, with base: "/sync"
 * ```
 * @throws TypeError for an option that is wrong
 */
export function createHandler<P extends Providers, Handle>(
  sync: Sync<P, Handle>,
  { base = "", time = systemTime, ...access }: HandlerOptions = {},
): Handler {
  if (!/^(\/[\w.~-]+)*$/.test(base))
    throw new TypeError('createHandler: base must be like "/sync", with no slash at its end');
  const viewOf = createAccess(access);
  const tail = createTail(sync, time);

  const open: Record<string, Route> = {
    livez: async () => json(200, { ok: true }),
    readyz: () => isReady(sync),
  };
  const shown: Record<string, Route> = {
    changes: async ({ request }, view) => {
      const asked = askedOf(request, view);
      if (asked instanceof Response) return asked;
      if (!wantsEvents(request)) return json(200, await pageOf(sync, asked));
      return events(await followChanges(sync, tail, time, asked, request.signal));
    },
    resources: (asking, view) => resource(sync, asking, view),
    health: async (_, { scope, types }) => {
      if (scope !== undefined || types !== undefined) return refusal(403, "health is for who may see everything");
      const health = await sync.health();
      return json(health.ok ? 200 : 503, health);
    },
  };

  async function route(asking: Asking): Promise<Response> {
    const { request, parts } = asking;
    const [name = "", ...rest] = parts;
    if (name === "webhooks") return webhook(sync, request, rest);
    const [free, guarded] = [own(open, name), own(shown, name)];
    const length = name === "resources" ? 2 : 0;
    if (!(free ?? guarded) || rest.length !== length) return refusal(404, "there is nothing here");
    if (request.method !== "GET" && request.method !== "HEAD") return refusal(405, "only GET", { allow: "GET, HEAD" });
    if (free) return free(asking, {});
    const view = await viewOf(request);
    return view instanceof Response ? view : ((await guarded?.(asking, view)) as Response);
  }

  return async (request) => {
    try {
      const { pathname, searchParams: query } = new URL(request.url);
      const parts = pathname.startsWith(`${base}/`) ? partsOf(pathname.slice(base.length + 1)) : [];
      const response = await route({ request, parts, query });
      if (request.method !== "HEAD") return response;
      await response.body?.cancel();
      return new Response(null, response);
    } catch (error) {
      return failure(error);
    }
  };
}

const own = <T>(of: Record<string, T>, name: string): T | undefined => (Object.hasOwn(of, name) ? of[name] : undefined);

/** The parts of a path, decoded; none of one that cannot be. */
function partsOf(path: string): string[] {
  try {
    return path.split("/").map(decodeURIComponent);
  } catch {
    return [];
  }
}

async function webhook<P extends Providers, Handle>(
  sync: Sync<P, Handle>,
  request: Request,
  [provider = "", scope, ...rest]: readonly string[],
): Promise<Response> {
  if (provider === "" || rest.length > 0)
    return refusal(404, "webhooks go to /webhooks/:provider or /webhooks/:provider/:scope");
  return sync.webhook(provider as never, request, scope === undefined ? {} : { scope });
}

/** The store answers. Why it does not is nobody's business here: `/health` and the logs say it. */
async function isReady<P extends Providers, Handle>(sync: Sync<P, Handle>): Promise<Response> {
  try {
    for await (const _ of sync.changes({ from: "now", follow: false })) break;
    return json(200, { ok: true });
  } catch {
    return json(503, { ok: false });
  }
}

async function pageOf<P extends Providers, Handle>(sync: Sync<P, Handle>, asked: Asked) {
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

async function resource<P extends Providers, Handle>(sync: Sync<P, Handle>, { parts, query }: Asking, view: View) {
  const [, type = "", id = ""] = parts;
  const within = narrowed([type], query.get("scope") ?? undefined, view);
  if (within instanceof Response) return within;
  const maxAge = query.get("maxAge");
  if (maxAge !== null && !/^\d{1,12}$/.test(maxAge)) return refusal(400, "maxAge must be milliseconds");
  const options = { scope: within.scope ?? "", ...(maxAge !== null && { maxAge: Number(maxAge) }) };
  const known = await sync.get(type as never, id, options);
  return known ? json(200, known) : refusal(404, "never seen");
}

/** Nothing of an error but what Tidemark itself says. */
function failure(error: unknown): Response {
  if (error instanceof CursorLost) return refusal(410, describe(error));
  if (error instanceof TypeError) return refusal(404, error.message);
  if (error instanceof DOMException && error.name === "TimeoutError")
    return refusal(504, "the provider did not answer in time");
  return refusal(503, describe(error), { "retry-after": "5" });
}

/** An `EventSource` says so; so may anybody else. */
const wantsEvents = (request: Request): boolean =>
  (request.headers.get("accept") ?? "").toLowerCase().includes("text/event-stream");
