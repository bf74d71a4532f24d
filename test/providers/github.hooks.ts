/** The hooks of a repository or an organisation in memory, and the log of what they sent. */
import type { Json } from "./github.kit.ts";

/** A hook as GitHub keeps it. */
export interface GitHubHook {
  id: number;
  active: boolean;
  events: string[];
  config: Record<string, string>;
  /** How the last delivery was answered. */
  code: number | null;
}

/** An entry of the log. */
export interface Sent {
  id: number;
  guid: string;
  status: string;
  at: string;
}

/** What it has at once, so that a few are several pages. */
const PAGE = 2;

export class GitHubHooks {
  readonly all: GitHubHook[] = [];
  /** Newest first. */
  log: Sent[] = [];
  /** What was asked to be changed, or to be sent again: `"POST /1/pings"`. */
  readonly changes: string[] = [];
  /** What the application takes. */
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  add(more: Partial<GitHubHook>): GitHubHook {
    const hook = { id: this.all.length + 1, active: true, events: ["push"], config: {}, code: null, ...more };
    this.all.push(hook);
    return hook;
  }

  /** @param path below `/hooks` */
  async answer(request: Request, path: string): Promise<Response> {
    const [, id, what, delivery] = path.split("/");
    const hook = this.all.find((one) => String(one.id) === id);
    if (request.method === "GET")
      return id === undefined ? this.#page(request, this.all.map(show)) : this.#log(request);
    this.changes.push(`${request.method} ${path}`);
    const given = JSON.parse((await request.text()) || "{}");
    if (id === undefined) return Response.json(show(this.add(given)), { status: 201 });
    if (!hook) return Response.json({ message: "Not Found" }, { status: 404 });
    if (what === "deliveries") return this.#again(delivery);
    if (what === "pings") {
      hook.code = hook.config["secret"] === this.#secret ? 202 : 401;
      return new Response(null, { status: 204 });
    }
    Object.assign(hook, given);
    return Response.json(show(hook));
  }

  #again(delivery: string | undefined): Response {
    const isThere = this.log.some(({ id }) => String(id) === delivery);
    return Response.json({}, { status: isThere ? 202 : 404 });
  }

  #log(request: Request): Response {
    const rows = this.log.map(({ id, guid, status, at }) => ({ id, guid, status, delivered_at: at, event: "issues" }));
    return this.#page(request, rows, "cursor");
  }

  #page(request: Request, rows: readonly Json[], name = "page"): Response {
    const url = new URL(request.url);
    const page = Number(url.searchParams.get(name) ?? 1);
    url.searchParams.set(name, String(page + 1));
    const headers: Record<string, string> = rows.length > page * PAGE ? { link: `<${url.href}>; rel="next"` } : {};
    return Response.json(rows.slice((page - 1) * PAGE, page * PAGE), { headers });
  }
}

function show({ id, active, events, config, code }: GitHubHook): Json {
  const masked = config["secret"] === undefined ? {} : { secret: "********" };
  return {
    ...{ type: "Repository", id, name: "web", active, events, config: { ...config, ...masked } },
    last_response: { code, status: code === null ? "unused" : "active", message: null },
  };
}
