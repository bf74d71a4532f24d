/** A GitLab in memory: its REST API as far as the plugin asks it, its webhooks as it sends them. */
import type { Delivery, Emulator, EmulatorOptions, Truth } from "tidemark/testing";
import { GitLabHooks } from "./gitlab.hooks.ts";
import { signed, TOKEN } from "./gitlab.kit.ts";
import { FOLDERS, GROUP, PROJECT, type Row, Rows, type Told } from "./gitlab.rows.ts";

export const ORIGIN = "https://gitlab.example.com";
/** What the emulator has. */
export const EMULATED = ["project", "issue_note", ...Object.keys(FOLDERS)];
/** Of these whole worlds are simulated: one of each kind, and what they need. */
export const WORLDLY = ["issue", "issue_note", "merge_request", "branch", "job"];
/** The most that this one gives at once, so that some things are several pages. */
const MOST = 5;
/** The user of the token: a developer. */
const ME = { id: 1, username: "bot", is_admin: false };

/** A GitLab whose users write only these. */
export const gitlabOf =
  (types: readonly string[]) =>
  (options: EmulatorOptions): Emulator & { hooks: GitLabHooks } =>
    create(options, types);

function create({ now, secret }: EmulatorOptions, types: readonly string[]): Emulator & { hooks: GitLabHooks } {
  const rows = new Rows(now, types);
  const hooks = new GitLabHooks(secret);
  let allowed = true;
  let losses = 0;
  return {
    hooks,
    fetch(request) {
      const { pathname, searchParams, origin } = new URL(request.url);
      if (request.headers.get("authorization") !== `Bearer ${TOKEN}`) return failure(401, "401 Unauthorized");
      const path = pathname.slice("/api/v4/".length);
      // Now the token's user is no member any more, so that nothing is found; now the token is revoked.
      if (!allowed && losses % 2 === 0) return failure(401, "401 Unauthorized");
      if (!allowed && path !== "user") return notFound();
      const hooked = /^projects\/7\/hooks(\/.*)?$/.exec(path);
      if (hooked) return hooks.answer(request, hooked[1] ?? "");
      return answer(rows, path, searchParams, origin);
    },
    write: (random) => rows.write(random),
    sent: () => rows.waiting.splice(0).map((told) => delivery(told, secret, now())),
    truth: () => truthOf(rows),
    access(next) {
      if (allowed && !next) losses++;
      allowed = next;
    },
  };
}

function delivery({ event, body }: Told, secret: string, at: number): Delivery {
  // The time makes each one another.
  const text = JSON.stringify({ ...body, sent_at: at });
  return { headers: { "x-gitlab-event": event, ...signed(text, secret, at) }, body: text };
}

function* truthOf(rows: Rows): Iterable<Truth> {
  if (rows.types.includes("project")) yield { type: "project", scope: PROJECT, id: PROJECT };
  for (const [type, { folder, key, scope }] of Object.entries(FOLDERS)) {
    for (const row of rows.table(folder).values()) yield { type, scope, id: String(row[key]) };
  }
  for (const [folder, table] of rows.tables) {
    const [, iid] = /\/issues\/(\d+)\/notes$/.exec(folder) ?? [];
    if (iid === undefined) continue;
    for (const { id } of table.values()) yield { type: "issue_note", scope: PROJECT, id: `${iid}/${id}` };
  }
}

const failure = (status: number, message: string): Response => Response.json({ message }, { status });
const notFound = (): Response => failure(404, "404 Not found");

function answer(rows: Rows, path: string, query: URLSearchParams, origin: string): Response {
  if (path === "user") return Response.json(ME);
  if (path === `projects/${PROJECT}`) return Response.json({ ...rows.project, permissions: { at: rows.now() } });
  if (path === `groups/${GROUP}`) return Response.json({ id: Number(GROUP), full_path: "acme" });
  if (/^(projects\/7|groups\/3)\/members\/all\/1$/.test(path)) return Response.json({ ...ME, access_level: 30 });
  const url = `${origin}/api/v4/${path}`;
  if (path === `projects/${PROJECT}/events`) return listed(eventsOf(rows, query), query, url);
  const slash = path.lastIndexOf("/");
  const [folder, id] = [path.slice(0, slash), decodeURIComponent(path.slice(slash + 1))];
  const type = typeOf(path);
  if (type !== undefined) {
    const isThere = type !== "note" || rows.table(FOLDERS["issue"]?.folder ?? "").has(path.split("/")[3] ?? "");
    return isThere ? listed(brief(type, filtered(rows, path, query)), query, url) : notFound();
  }
  const row = typeOf(folder) && rows.tables.get(folder)?.get(id);
  return row ? Response.json(whole(typeOf(folder) ?? "", row, rows.now())) : notFound();
}

/** The type that is listed at a path. */
const typeOf = (path: string): string | undefined =>
  /^projects\/7\/issues\/\d+\/notes$/.test(path)
    ? "note"
    : Object.keys(FOLDERS).find((type) => FOLDERS[type]?.folder === path);

/** What only a single one shows, and what differs with each read. */
function whole(type: string, row: Row, now: number): Row {
  if (type === "issue" || type === "epic") return { ...row, subscribed: true };
  if (type === "merge_request") return { ...row, subscribed: true, merge_status: `m${now}`, diff_refs: {} };
  if (type === "pipeline") return { ...row, coverage: null };
  return type === "job" ? { ...row, duration: now } : row;
}

const brief = (type: string, rows: readonly Row[]): Row[] =>
  rows.map((row) => (type === "job" ? { ...row, duration: 1 } : row));

function filtered(rows: Rows, path: string, query: URLSearchParams): Row[] {
  const [numbers, statuses] = [query.getAll("iids[]"), query.getAll("scope[]")];
  const from = (param: string, row: Row): boolean =>
    String(row[param.replace("_after", "_at")]) >= (query.get(param) ?? "");
  const order = query.get("order_by") ?? "id";
  const sign = query.get("sort") === "asc" ? 1 : -1;
  return [...rows.table(path).values()]
    .filter((row) => numbers.length === 0 || numbers.includes(String(row["iid"])))
    .filter((row) => statuses.length === 0 || statuses.includes(String(row["status"])))
    .filter((row) => from("updated_after", row) && from("created_after", row))
    .sort((a, b) => sign * compare(a, b, order));
}

const compare = (a: Row, b: Row, order: string): number =>
  String(a[order]) === String(b[order]) || order === "id"
    ? Number(a.id ?? 0) - Number(b.id ?? 0)
    : String(a[order]) < String(b[order])
      ? -1
      : 1;

/** The newest first, of the days after one. */
const eventsOf = ({ pushes }: Rows, query: URLSearchParams): Row[] =>
  pushes.filter((row) => String(row["created_at"]).slice(0, 10) > (query.get("after") ?? ""));

/** Jobs, and issues since GitLab 18.3, are paged by a key where that is asked for; all else by numbers of rows. */
function listed(all: readonly Row[], query: URLSearchParams, url: string): Response {
  const size = Math.min(Number(query.get("per_page") ?? 20), MOST);
  const keyed = query.get("pagination") === "keyset" && /\/(jobs|issues)$/.test(url);
  const cursor = query.get("cursor");
  const page = Number(query.get("page") ?? 1);
  // The row of the cursor may be gone: then those beyond it begin where it was.
  const begin = keyed ? (cursor === null ? 0 : beyond(all, query, cursor)) : (page - 1) * size;
  const rows = all.slice(begin, begin + size);
  const next = new URLSearchParams(query);
  if (keyed) next.set("cursor", JSON.stringify(keyIn(rows.at(-1), query)));
  else next.set("page", String(page + 1));
  const more = begin + size < all.length;
  return Response.json(rows, { headers: more ? { link: `<${url}?${next}>; rel="next", <${url}>; rel="first"` } : {} });
}

const keyIn = (row: Row | undefined, query: URLSearchParams): [string, number] => [
  String(row?.[query.get("order_by") ?? "id"]),
  Number(row?.id),
];

function beyond(all: readonly Row[], query: URLSearchParams, cursor: string): number {
  const [value, id] = JSON.parse(cursor) as [string, number];
  const order = query.get("order_by") ?? "id";
  const sign = query.get("sort") === "asc" ? 1 : -1;
  const at = all.findIndex((row) => sign * compare(row, { id, [order]: order === "id" ? id : value }, order) > 0);
  return at < 0 ? all.length : at;
}
