/**
 * `tidemark/http`: webhooks in, changes, resources and health out, as one web-standard handler.
 *
 *   POST /webhooks/:provider/:scope?   a provider's webhook; open, because it proves itself by its signature
 *   GET  /changes                      a page as JSON; Server-Sent Events where they are asked for
 *   GET  /resources/:type/:id          what is recorded of a resource
 *   GET  /livez, /readyz               the process lives; the store answers. Open, and they tell no more
 *
 * For who may see everything (http/shown.ts, http/acts.ts):
 *
 *   GET  /health                       all of `health()`; 503 while anything is wrong
 *   GET  /about, /newest, /history/:type/:id, /resources, /losses, /subscriptions/:name/parked
 *   POST /resources/:type/:id/hint, /sweep, /audit, /pause, /resume, /subscriptions/:name/{retry,skip,rewind}
 *   GET  /inspector                    a page that shows it all
 * @module
 */
import type { Sync } from "./api.ts";
import type { AccessOptions } from "./http/access.ts";
import { actRoutes } from "./http/acts.ts";
import { failure } from "./http/failure.ts";
import { createGate } from "./http/gate.ts";
import { openRoutes, webhook } from "./http/open.ts";
import { readRoutes, wantsEvents } from "./http/read.ts";
import { refusal } from "./http/reply.ts";
import type { Ground, Route } from "./http/route.ts";
import { createRouter } from "./http/router.ts";
import { shownRoutes } from "./http/shown.ts";
import { createPage, type InspectorOptions, type Page } from "./inspector/page.ts";
import type { Providers } from "./kind.ts";
import { systemTime, type Time } from "./time.ts";

export type { About, AboutProvider } from "./http/about.ts";
export type { AccessOptions, Grant } from "./http/access.ts";
export type { InspectorOptions } from "./inspector/page.ts";

/** The options of {@link createHandler}. */
export interface HandlerOptions extends AccessOptions {
  /** What all paths begin with, as in `"/sync"`. Default: nothing. */
  base?: string;
  /**
   * Who may see everything may also act: have resources read again, sweep, audit, pause, and mend subscriptions. Default false.
   */
  operate?: boolean;
  /**
   * The inspector's page at `/inspector`, for browsers of this machine; with `hosts` for others, too. It needs `token` or
   * `authorize`. Default false.
   */
  inspector?: boolean | InspectorOptions;
  /** Clock and timers. Default the machine's. */
  time?: Time;
}

/** Answers a request. Never rejects. */
export type Handler = (request: Request) => Promise<Response>;

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
  { base = "", operate = false, inspector = false, time = systemTime, ...access }: HandlerOptions = {},
): Handler {
  if (!/^(\/[\w.~-]+)*$/.test(base))
    throw new TypeError('createHandler: base must be like "/sync", with no slash at its end');
  const ground: Ground = { sync: sync as unknown as Sync<Providers>, time };
  const gate = createGate(access, operate);
  const page = pageOf(inspector, access);
  const find = createRouter<Route>({
    ...openRoutes(ground),
    ...readRoutes(ground),
    ...shownRoutes(ground, { base, operate }),
    ...actRoutes(ground),
  });

  async function route(request: Request, parts: readonly string[], query: URLSearchParams): Promise<Response> {
    const [first, ...rest] = parts;
    if (first === "webhooks") return webhook(ground, request, rest);
    if (first === "inspector") return page(request, rest);
    const found = find(request.method, parts);
    if (!found) return refusal(404, "there is nothing here");
    if ("allow" in found) return refusal(405, `only ${found.allow[0]}`, { allow: found.allow.join(", ") });
    // No store can be asked for it, and not every store says so.
    if ([...query.values()].some(hasZero)) return refusal(400, "the query: text must not contain a zero byte");
    const { route, params } = found;
    return gate(route, { request, params, query });
  }

  return async (request) => {
    try {
      const { pathname, searchParams: query } = new URL(request.url);
      const parts = pathname.startsWith(`${base}/`) ? partsOf(pathname.slice(base.length + 1)) : [];
      const response = await route(request, parts, query);
      if (request.method !== "HEAD") return response;
      await response.body?.cancel();
      return new Response(null, response);
    } catch (error) {
      return failure(error, request.method === "GET" && wantsEvents(request));
    }
  };
}

/** @throws TypeError for an inspector that would show nothing to anybody */
function pageOf(inspector: boolean | InspectorOptions, { token = [], authorize }: AccessOptions): Page {
  if (inspector === false) return async () => refusal(403, "switched off: inspector: true");
  if (token.length === 0 && !authorize) {
    throw new TypeError("createHandler: the inspector needs a token, or authorize(request): who may look?");
  }
  return createPage(inspector === true ? {} : inspector);
}

/** The parts of a path, decoded; none of one that cannot be, or that names what no store can hold. */
function partsOf(path: string): string[] {
  try {
    const parts = path.split("/").map(decodeURIComponent);
    return parts.some(hasZero) ? [] : parts;
  } catch {
    return [];
  }
}

const hasZero = (text: string): boolean => text.includes("\0");
