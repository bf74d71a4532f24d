/**
 * What Zapier asks of us, as one web-standard handler.
 *
 *   POST   /hooks              a Zap is turned on: `{ "target_url": "…", "event": "stripe.invoice.updated" }` gives 201 `{ "id" }`
 *   DELETE /hooks/:id          it is turned off
 *   GET    /changes?event=…    the newest changes, the newest first: for polling triggers, and as samples
 * @module
 */
import type { Awaitable, Change, Providers, Sync, TypeOf } from "tidemark";
import { z } from "zod";
import { isType, type OpenHooks, type ZapierHook } from "./hooks.ts";
import { type Event, eventOf, isOf, itemOf } from "./item.ts";

/** What a caller may see: `true`, everything; with `scope` or `types` only the changes of these; with neither, and `false`, nothing. */
export type ZapierGrant = boolean | { scope?: string; types?: readonly string[] };

export interface AnswerOptions<C = Change> {
  /** Who asks, by the application's own credentials, and what they may see. A `Response` is sent as it is. */
  authorize(request: Request): Awaitable<ZapierGrant | Response>;
  /** What all paths begin with, as in `"/zapier"`. Default: nothing. */
  base: string;
  /** Hosts of hooks. */
  hosts: readonly string[];
  allowHttp: boolean;
  data(change: C): unknown;
}

interface View {
  scope?: string | undefined;
  types?: readonly string[] | undefined;
}

/** Changes of an answer, and those that are looked through for an event of one kind. */
const MOST = 100;
const LOOKED_AT = 1_000;
/** Bytes of a request. */
const LARGEST = 16_384;
const NOTHING =
  "authorize(request) granted neither a scope nor types, a text and a list of texts: it answers true to show everything";
const narrow = z.object({ scope: z.string().optional(), types: z.array(z.string()).readonly().optional() });

const turnedOn = z.object({
  target_url: z.string().optional(),
  targetUrl: z.string().optional(),
  hookUrl: z.string().optional(),
  event: z.string().max(256),
});

/** Why there is nothing else. */
class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function createAnswers<P extends Providers, Handle>(
  sync: Sync<P, Handle>,
  hooks: OpenHooks,
  options: AnswerOptions,
): (request: Request) => Promise<Response> {
  const { authorize, base, data } = options;

  /** The event, if there is such a type and the caller may see it. */
  const eventFor = async (name: string, { types }: View): Promise<Event> => {
    const event = eventOf(name);
    if (!event) throw new Refusal(400, 'event must be like "stripe.invoice" or "stripe.invoice.updated"');
    if (types && !types.includes(event.type)) throw new Refusal(403, "not your types");
    if (!(await isType(sync, event.type))) throw new Refusal(400, "there is no such type");
    return event;
  };
  const turnOn = async (request: Request, view: View): Promise<Response> => {
    const { event, ...urls } = await bodyOf(request);
    const url = urlOf(urls.target_url ?? urls.targetUrl ?? urls.hookUrl ?? "", options);
    await eventFor(event, view);
    const { id } = await hooks.add({ url, event, ...(view.scope !== undefined && { scope: view.scope }) });
    return json(201, { id });
  };
  const turnOff = async (id: string, view: View): Promise<Response> => {
    const hook = await hooks.find(id);
    // One that is gone is what was asked for; another's looks the same.
    if (hook && mayEnd(hook, view)) await hooks.leave(id);
    return json(200, {});
  };
  const newest = async (query: URLSearchParams, view: View): Promise<Response> => {
    const event = await eventFor(query.get("event") ?? "", view);
    const filter = { types: [event.type as TypeOf<P>], ...(view.scope !== undefined && { scope: view.scope }) };
    const all = await sync.newest({ ...filter, limit: event.what === undefined ? MOST : LOOKED_AT });
    const items = all.flatMap((change) => {
      const said = isOf(change, event) ? data(change) : undefined;
      return said === undefined ? [] : [itemOf(change, said)];
    });
    return json(200, items.slice(0, MOST));
  };
  const route = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    const path = pathname.startsWith(`${base}/`) ? pathname.slice(base.length + 1) : "";
    const [, id] = /^hooks\/([0-9a-f]{32})$/.exec(path) ?? [];
    const what = `${request.method} ${id === undefined ? path : "hook"}`;
    if (!["POST hooks", "DELETE hook", "GET changes"].includes(what)) throw new Refusal(404, "there is nothing here");
    const grant = await authorize(request);
    if (grant instanceof Response) return grant;
    if (!grant) throw new Refusal(401, "not for you");
    const view: View = (grant !== true && narrow.safeParse(grant).data) || {};
    // An account that is not known must not become the view of all of them, nor one that is null.
    if (grant !== true && view.scope === undefined && view.types === undefined) throw new Refusal(403, NOTHING);
    if (what === "POST hooks") return turnOn(request, view);
    return id === undefined ? newest(searchParams, view) : turnOff(id, view);
  };
  return async (request) => {
    try {
      return await route(request);
    } catch (cause) {
      if (cause instanceof Refusal) return json(cause.status, { error: cause.message });
      return json(503, { error: "not now" }, { "retry-after": "5" });
    }
  };
}

/** Who sees one scope or some types ends only what is of them. */
const mayEnd = (hook: ZapierHook, { scope, types }: View): boolean =>
  (scope === undefined || hook.scope === scope) && (!types || types.includes(eventOf(hook.event)?.type ?? ""));

async function bodyOf(request: Request): Promise<z.infer<typeof turnedOn>> {
  const refusal = new Refusal(400, 'the body must be like { "target_url": "https://…", "event": "stripe.invoice" }');
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of request.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > LARGEST) throw new Refusal(413, "the body is too large");
  }
  try {
    return turnedOn.parse(JSON.parse(text));
  } catch {
    throw refusal;
  }
}

/** Zapier does not prove that a URL is its own: so it must lead to Zapier. */
function urlOf(text: string, { hosts, allowHttp }: Pick<AnswerOptions, "hosts" | "allowHttp">): string {
  const url = URL.parse(text);
  const safe = url?.protocol === "https:" || (allowHttp && url?.protocol === "http:");
  const fits = url && safe && url.username === "" && url.password === "" && hosts.includes(url.host);
  if (!fits) throw new Refusal(400, `target_url must be https and lead to ${hosts.join(" or ")}`);
  return url.href;
}

const json = (status: number, value: unknown, headers: Record<string, string> = {}): Response =>
  Response.json(value, { status, headers: { "cache-control": "no-store", ...headers } });
