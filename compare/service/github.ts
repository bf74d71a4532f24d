/**
 * GitHub: the issues of a repository (docs.github.com/rest/issues).
 * @module
 */
import { createHash, createHmac } from "node:crypto";
import type { Happened, Json, State } from "./account.ts";
import type { Answer, Dialect, Given } from "./dialect.ts";

export const GITHUB_SECRET = "a secret of GitHub's";
export const REPO = "acme/app";
const ROOT = `/repos/${REPO}`;
const repository = { id: 1, full_name: REPO, name: "app", owner: { login: "acme" } };
/** Actions as GitHub has them. */
const actions: Readonly<Record<string, string>> = { created: "opened", updated: "edited" };

const stamp = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
const issueOf = ({ id, n, created, updated, closed }: State): Json => ({
  ...{ id: 10_000 + id, number: id, title: String(n), state: closed ? "closed" : "open" },
  ...{ url: `https://api.github.com${ROOT}/issues/${id}`, created_at: stamp(created), updated_at: stamp(updated) },
});

/** An answer, or that it is the one that is known already. A tag may be stuck: then it always is. */
function tagged({ headers }: Given, body: unknown, more: Readonly<Record<string, string>> = {}): Answer {
  const etag = `"${createHash("sha1").update(JSON.stringify(body)).digest("hex")}"`;
  const known = headers["if-none-match"] === etag;
  return { status: known ? 304 : 200, headers: { ...more, etag }, ...(!known && { body }) };
}

function listed(given: Given): Answer {
  const { searchParams: query, href } = given.url;
  const key = query.get("sort") === "updated" ? "updated" : "created";
  const turn = query.get("direction") === "asc" ? 1 : -1;
  const since = query.get("since") ?? "";
  const found = given.account
    .all()
    .filter(({ closed }) => !closed || query.get("state") === "all")
    .filter(({ updated }) => stamp(updated) >= since)
    .sort((a, b) => turn * (a[key] - b[key] || a.id - b.id));
  const page = Number(query.get("page") ?? 1);
  const next = new URL(href);
  next.searchParams.set("page", String(page + 1));
  const more = found.length > page * given.pageSize;
  const rows = found.slice((page - 1) * given.pageSize, page * given.pageSize).map(issueOf);
  return tagged(given, rows, more ? { link: `<${next.href}>; rel="next"` } : {});
}

const hook = (name: string, payload: Json, event?: Happened) => ({ event, name, payload: { ...payload, repository } });

export const githubDialect: Dialect = {
  name: "github",
  empty: { status: 200, body: [] },
  read({ pathname, searchParams }) {
    const path = pathname.slice(ROOT.length);
    if (path === "/issues" && searchParams.has("since")) return { what: "events" };
    if (path === "/issues" && searchParams.get("per_page") === "1") return { what: "other" };
    if (path === "/issues") return { what: "list", first: (searchParams.get("page") ?? "1") === "1" };
    const [, id] = /^\/issues\/(\d+)$/.exec(path) ?? [];
    return id === undefined ? { what: "other" } : { what: "fetch", id: Number(id) };
  },
  answer(given) {
    const { pathname } = given.url;
    if (pathname === ROOT) return tagged(given, repository);
    if (pathname === `${ROOT}/issues`) return listed(given);
    const { id } = given.asked;
    if (id === undefined) return { status: 404, body: { message: "Not Found" } };
    const state = given.account.shown(id);
    if (state) return tagged(given, issueOf(state));
    return { status: given.account.was(id) ? 410 : 404, body: { message: "This issue was deleted" } };
  },
  refuse: (status) => ({
    ...{ status, body: { message: "No" }, ...(status === 429 && { headers: { "retry-after": "20" } }) },
  }),
  hookOf: (event) =>
    hook("issues", { action: actions[event.action] ?? event.action, issue: issueOf(event.state) }, event),
  strange: () => hook("hologram", { action: "rotated", hologram: { id: 1 } }),
  headersOf: ({ name, event }, body) => ({
    ...{ "x-github-event": name, "x-github-delivery": event?.id ?? "strange" },
    "x-hub-signature-256": `sha256=${createHmac("sha256", GITHUB_SECRET).update(body).digest("hex")}`,
  }),
};
