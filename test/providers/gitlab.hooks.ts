/** The hooks of a project in memory, and the log of what each sent. */
import type { Json } from "./gitlab.kit.ts";

export interface GitLabHook extends Record<string, unknown> {
  id: number;
  url: string;
  alert_status: string;
  signing_token?: string;
  token?: string;
}

/** What it has at once, so that a few are several pages. */
const PAGE = 2;

export class GitLabHooks {
  readonly all: GitLabHook[] = [];
  /** By hook: how each delivery was answered, newest first. */
  readonly log = new Map<number, string[]>();
  readonly changes: string[] = [];
  readonly #secret: string;
  /** GitLab 19 and later knows signing tokens. */
  readonly #signs: boolean;

  /** @param secret the one that the application takes */
  constructor(secret: string, signs = true) {
    this.#secret = secret;
    this.#signs = signs;
  }

  add(more: Partial<GitLabHook>): GitLabHook {
    const off = { issues_events: false, confidential_issues_events: false, push_events: false, job_events: false };
    const none = { custom_webhook_template: "", push_events_branch_filter: "" };
    const hook = { ...off, ...none, id: this.all.length + 1, url: "", alert_status: "executable", ...more };
    this.all.push(hook);
    return hook;
  }

  /** @param path below `hooks` */
  async answer(request: Request, path: string): Promise<Response> {
    const [, id, what] = path.split("/");
    const hook = this.all.find((one) => String(one.id) === id);
    if (request.method === "GET") return hook && what === "events" ? this.#sentBy(hook) : this.#page(request);
    this.changes.push(`${request.method} ${path}`);
    if (what === "test" && hook) return this.#try(hook);
    const { signing_token, ...given } = JSON.parse(await request.text());
    const kept = { ...given, ...(this.#signs && signing_token && { signing_token }) };
    if (!hook) return Response.json(this.#show(this.add(kept)), { status: 201 });
    return Response.json(this.#show(Object.assign(hook, kept)));
  }

  /** A test that is answered well switches it on. */
  #try(hook: GitLabHook): Response {
    const isTaken = (hook.signing_token ?? hook.token) === this.#secret;
    this.log.set(hook.id, [isTaken ? "200" : "401", ...(this.log.get(hook.id) ?? [])]);
    if (isTaken) hook.alert_status = "executable";
    return Response.json({}, { status: 201 });
  }

  #sentBy({ id }: GitLabHook): Response {
    const sent = this.log.get(id) ?? [];
    return Response.json(sent.map((response_status, n) => ({ id: 100 - n, response_status })));
  }

  #page(request: Request): Response {
    const url = new URL(request.url);
    const page = Number(url.searchParams.get("page") ?? 1);
    url.searchParams.set("page", String(page + 1));
    const link = { link: `<${url.href}>; rel="next"` };
    const rows = this.all.slice((page - 1) * PAGE, page * PAGE).map((hook) => this.#show(hook));
    return Response.json(rows, { headers: this.all.length > page * PAGE ? link : {} });
  }

  #show({ token, signing_token, ...rest }: GitLabHook): Json {
    const signs = this.#signs && { signing_token_present: signing_token !== undefined };
    return { ...rest, token_present: token !== undefined, ...signs };
  }
}
