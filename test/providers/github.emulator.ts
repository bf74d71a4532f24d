/** A GitHub repository in memory: five types, their lists with links and ETags, signed webhooks. */
import { createHash } from "node:crypto";
import type { Awaitable } from "tidemark";
import type { Delivery, Emulator, EmulatorOptions } from "tidemark/testing";
import { GitHubHooks } from "./github.hooks.ts";
import { HOME, type Json, sign } from "./github.kit.ts";

export const GITHUB = "https://api.github.com";
/** The types that there are. */
export const GITHUB_TYPES = ["issue", "issue_comment", "label", "release", "branch"] as const;
type Type = (typeof GITHUB_TYPES)[number];

/** How many rows a page has at most, so that a few make several pages. */
const PAGE = 6;
const ROOT = `/repos/${HOME}`;
const lists: Readonly<Record<string, Type>> = {
  ...{ "/issues": "issue", "/issues/comments": "issue_comment", "/labels": "label" },
  ...{ "/releases": "release", "/branches": "branch" },
};

/** A repository that is empty. */
export function githubEmulator({ now, secret }: EmulatorOptions): Emulator & { hooks: GitHubHooks } {
  const hooks = new GitHubHooks(secret);
  const things = new Map<string, { type: Type; id: string; state: Json }>();
  const deleted = new Set<string>();
  const outbox: Delivery[] = [];
  let allowed = true;
  let last = 0;
  const time = () => `${new Date(now()).toISOString().slice(0, 19)}Z`;
  const url = (path: string) => `${GITHUB}${ROOT}${path}`;
  const repository = { id: 186853002, full_name: HOME, name: "Hello-World", url: url("") };
  const all = (type: Type) => [...things.values()].filter((thing) => thing.type === type);
  const pathOf = (type: Type, id: string) => `${Object.keys(lists).find((path) => lists[path] === type)}/${id}`;

  function tell(event: string, action: string | undefined, more: Json): void {
    const body = JSON.stringify({ ...(action !== undefined && { action }), ...more, repository });
    const headers = { "x-github-event": event, "x-github-delivery": `delivery-${++last}` };
    outbox.push({ body, headers: { ...headers, "x-hub-signature-256": sign(body, secret) } });
  }
  function put(type: Type, id: string, more: Json): Json {
    const known = things.get(`${type} ${id}`)?.state;
    const state = { ...known, url: url(pathOf(type, id)), ...more };
    things.set(`${type} ${id}`, { type, id, state });
    return state;
  }
  function remove(type: Type, id: string): Json | undefined {
    const thing = things.get(`${type} ${id}`);
    things.delete(`${type} ${id}`);
    deleted.add(`${type} ${id}`);
    return thing?.state;
  }

  const creates: Readonly<Record<Type, (random: () => number) => void>> = {
    issue() {
      const number = ++last;
      const times = { created_at: time(), updated_at: time() };
      tell("issues", "opened", { issue: put("issue", String(number), { id: 10_000 + number, number, ...times }) });
    },
    issue_comment(random) {
      const on = oneOf(random, all("issue"));
      const id = ++last;
      const comment = { id, issue_url: on?.state["url"], created_at: time(), updated_at: time() };
      if (on) tell("issue_comment", "created", { comment: put("issue_comment", String(id), comment), issue: on.state });
    },
    label(random) {
      // Names are free: they have spaces, strokes and signs, and come again.
      const name = oneOf(random, ["bug", "kind/bug", "good first issue", "100%", "?", "é", "a#b"]) ?? "";
      tell("label", "created", { label: put("label", name, { name, color: "ff0000" }) });
    },
    release() {
      const id = ++last;
      tell("release", "created", { release: put("release", String(id), { id, tag_name: `v${id}`, assets: [] }) });
    },
    branch(random) {
      const name = oneOf(random, ["main", "fix/a", "release-1.0", "v2#x"]) ?? "";
      tell("create", undefined, { ref: name, ref_type: "branch", ...push(name, random) });
    },
  };
  function push(name: string, random: () => number): Json {
    const sha = createHash("sha1").update(String(random())).digest("hex");
    put("branch", name, { name, commit: { sha, url: url(`/commits/${sha}`) }, protected: false, url: undefined });
    return {};
  }
  const updates: Readonly<Record<Type, (id: string, random: () => number) => void>> = {
    issue(id, random) {
      const issue = put("issue", id, { title: `title ${random()}`, updated_at: time() });
      tell("issues", "edited", { issue });
    },
    issue_comment(id, random) {
      const comment = put("issue_comment", id, { body: `text ${random()}`, updated_at: time() });
      tell("issue_comment", "edited", { comment });
    },
    label(id, random) {
      tell("label", "edited", { label: put("label", id, { color: random().toString(16).slice(2, 8) }) });
    },
    release(id, random) {
      tell("release", "edited", { release: put("release", id, { body: `text ${random()}` }) });
    },
    branch(id, random) {
      tell("push", undefined, { ref: `refs/heads/${id}`, ...push(id, random) });
    },
  };
  const deletes: Readonly<Record<Type, (id: string) => void>> = {
    issue: (id) => tell("issues", "deleted", { issue: remove("issue", id) }),
    issue_comment: (id) => tell("issue_comment", "deleted", { comment: remove("issue_comment", id) }),
    label: (id) => tell("label", "deleted", { label: remove("label", id) }),
    release: (id) => tell("release", "deleted", { release: remove("release", id) }),
    branch(id) {
      remove("branch", id);
      tell("delete", undefined, { ref: id, ref_type: "branch" });
    },
  };

  function answer(request: Request): Awaitable<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const path = decodeURIComponent(pathname);
    if (!allowed || !path.startsWith(ROOT)) return refuse(404);
    const rest = path.slice(ROOT.length);
    if (/^\/hooks(\/|$)/.test(rest)) return hooks.answer(request, rest.slice("/hooks".length));
    if (rest === "") return withTag(request, repository);
    const type = lists[rest];
    if (type) return listed(request, type, searchParams);
    const thing = [...things.values()].find((one) => pathOf(one.type, one.id) === rest);
    if (thing) return withTag(request, thing.state);
    return refuse(rest.startsWith("/issues/") && deleted.has(`issue ${rest.slice("/issues/".length)}`) ? 410 : 404);
  }

  function listed(request: Request, type: Type, query: URLSearchParams): Response {
    const [key, turn] = [query.get("sort") === "updated" ? "updated_at" : "created_at", query.get("direction")];
    const since = query.get("since") ?? "";
    const rows = all(type).map(({ state }) => state);
    const found = rows.filter(({ updated_at }) => updated_at === undefined || String(updated_at) >= since);
    if (turn === "asc") found.sort((a, b) => (String(a[key]) < String(b[key]) ? -1 : 1));
    const page = Number(query.get("page") ?? 1);
    const size = Math.min(PAGE, Number(query.get("per_page") ?? 30));
    const next = new URL(request.url);
    next.searchParams.set("page", String(page + 1));
    const link: Record<string, string> = found.length > page * size ? { link: `<${next.href}>; rel="next"` } : {};
    return withTag(request, found.slice((page - 1) * size, page * size), link);
  }

  return {
    hooks,
    fetch: answer,
    write(random) {
      const what = random();
      const thing = oneOf(random, [...things.values()]);
      if (!thing || what < 0.4) creates[oneOf(random, GITHUB_TYPES) ?? "issue"](random);
      else if (what < 0.75) updates[thing.type](thing.id, random);
      else deletes[thing.type](thing.id);
    },
    sent: () => outbox.splice(0),
    *truth() {
      for (const { type, id, state } of things.values()) yield { type, scope: HOME, id, state: plain(state) };
    },
    access: (now) => {
      allowed = now;
    },
  };
}

const plain = (state: Json): Json => JSON.parse(JSON.stringify(state));
const refuse = (status: number) =>
  Response.json({ message: status === 410 ? "This was deleted" : "Not Found" }, { status });

/** An answer, or that it is the one that is known already. */
function withTag(request: Request, data: object, more: Record<string, string> = {}): Response {
  const text = JSON.stringify(data);
  const etag = `"${createHash("sha1").update(text).digest("hex")}"`;
  const headers = { ...more, etag, "content-type": "application/json; charset=utf-8" };
  const known = request.headers.get("if-none-match") === etag;
  return known ? new Response(null, { status: 304, headers }) : new Response(text, { headers });
}

const oneOf = <T>(random: () => number, list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
