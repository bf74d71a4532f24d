/** A Strapi in memory: its REST API as far as the plugin asks it, its webhooks as it sends them. */
import { createHmac } from "node:crypto";
import type { Delivery, Emulator, EmulatorOptions, Truth } from "tidemark/testing";
import { StrapiHooks } from "./strapi.hooks.ts";
import { type Model, models, type Row, Rows, type Waiting } from "./strapi.rows.ts";

export const URL_OF_API = "https://cms.example.com/api";
export const TOKEN = "token-of-the-api";

/** The most that this one gives at once (`api.rest.maxLimit`), so that some tens of rows are several pages. */
const MOST = 10;
/** Things of a type beside which no more are created. */
const ENOUGH = 12;

const MODELS: readonly Model[] = Object.values(models);
const typeOf = (path: string): string => Object.entries(models).find(([, one]) => one.path === path)?.[0] ?? "file";

/** Signs as the tests need it: Strapi's header, and the signature that it is proposed to learn. */
export function signed(body: string | Uint8Array, secret: string, how: "token" | "hmac"): Delivery["headers"] {
  if (how === "token") return { authorization: `Bearer ${secret}` };
  return { "x-strapi-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}` };
}

export interface StrapiEmulator extends Emulator {
  hooks: StrapiHooks;
  rows: Rows;
}

export function createStrapi({ now, secret }: EmulatorOptions): StrapiEmulator {
  const rows = new Rows(now);
  const hooks = new StrapiHooks();
  let allowed = true;
  return {
    ...{ rows, hooks },
    fetch: (request) => {
      if (allowed && new URL(request.url).pathname.startsWith("/admin/")) return hooks.answer(request);
      if (!allowed || request.headers.get("authorization") !== `Bearer ${TOKEN}`) return failure(401, "Unauthorized");
      return answer(rows, new URL(request.url));
    },
    write: (random) => write(rows, random),
    sent: () => rows.waiting.splice(0).map((waiting) => delivery(rows, waiting, now(), secret)),
    truth: () => truthOf(rows),
    access(next) {
      allowed = next;
    },
  };
}

/** A row that was replaced meanwhile cannot be read again; what was deleted or unpublished need not be. */
function delivery(rows: Rows, { event, uid, row }: Waiting, now: number, secret: string): Delivery {
  const removed = /delete|unpublish/.test(event);
  const model = MODELS.find((one) => one.uid === uid);
  const there = removed || (model && rows.table(model.path).has(row.id));
  const createdAt = new Date(now).toISOString();
  const thing = model ? { model: model.path, uid, entry: there ? row : null } : { media: row };
  const body = JSON.stringify({ event, createdAt, ...thing });
  return { headers: { "x-strapi-event": event, ...signed(body, secret, "token") }, body };
}

function* truthOf(rows: Rows): Iterable<Truth> {
  for (const [path, table] of rows.tables) {
    const model = MODELS.find((one) => one.path === path);
    for (const row of table.values()) {
      const status = model?.drafts ? [row.publishedAt === null ? "draft" : "published"] : [];
      const parts = model ? [row.documentId, ...(row.locale ? [row.locale] : []), ...status] : [String(row.id)];
      yield { type: typeOf(path), scope: "", id: parts.join("/"), state: row };
    }
  }
}

/** One write of a user. */
function write(rows: Rows, random: () => number): void {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const text = String(random());
  if (random() < 0.15) {
    const files = [...rows.table("upload/files").values()];
    const file = files.length < ENOUGH / 2 ? undefined : pick(files);
    if (!file) rows.upload(text);
    else if (random() < 0.7) rows.rename(file, text);
    else rows.removeFile(file);
    return;
  }
  const model = pick(MODELS) as Model;
  const drafts = [...rows.table(model.path).values()].filter((row) => !model.drafts || row.publishedAt === null);
  const row = pick(drafts);
  const room = drafts.length < (model.kind === "single" ? 1 : ENOUGH);
  if (!row || (room && random() < 0.3)) rows.create(model, { title: text });
  else pick(actsOn(rows, model, row, text))?.();
}

/** What a user may do with an entry. */
function actsOn(rows: Rows, model: Model, row: Row, text: string): (() => void)[] {
  const update = () => rows.update(model, row, { title: text });
  const acts = [
    update,
    update,
    () => rows.remove(model, row.documentId),
    () => rows.remove(model, row.documentId, true),
  ];
  const publish = () => rows.publish(model, row);
  if (model.drafts)
    acts.push(
      publish,
      publish,
      () => rows.unpublish(model, row),
      () => rows.discard(model, row),
    );
  if (!model.locales) return acts;
  acts.push(() => rows.update(model, row, { sku: text }));
  if (!rows.find(model, row.documentId, true, "de")) {
    acts.push(() => void rows.create(model, { title: text }, row.documentId, "de"));
  }
  return acts;
}

const failure = (status: number, name: string): Response =>
  Response.json({ data: null, error: { status, name: `${name}Error`, message: name, details: {} } }, { status });
const NOT_FOUND = () => failure(404, "NotFound");

function answer(rows: Rows, url: URL): Response {
  const path = url.pathname.slice("/api/".length);
  const query = url.searchParams;
  if (path === "i18n/locales") return Response.json([{ code: "en" }, { code: "de" }]);
  for (const [key] of query) {
    const [, field = "id"] = /^filters\[(?!\$)(\w+)\]/.exec(key) ?? [];
    if (!/^(id|documentId|createdAt|updatedAt|publishedAt)$/.test(field)) return failure(400, "Validation");
  }
  if (path.startsWith("upload/files")) return answerFile(rows, path, query);
  const model = MODELS.find((one) => path === one.path || path.startsWith(`${one.path}/`));
  if (!model) return NOT_FOUND();
  const draft = model.drafts && query.get("status") === "draft";
  const locale = model.locales && (query.get("locale") ?? "en");
  const table = [...rows.table(model.path).values()].filter(
    (row) => !model.drafts || (row.publishedAt === null) === draft,
  );
  const found = table.filter((row) => locale === undefined || locale === "*" || row.locale === locale);
  if (model.kind === "collection" && path === model.path) {
    const limit = Math.min(Number(query.get("pagination[limit]") ?? 25), MOST);
    const total = query.get("pagination[withCount]") === "false" ? {} : { total: found.length };
    return Response.json({ data: listed(found, query, limit), meta: { pagination: { start: 0, limit, ...total } } });
  }
  const one = model.kind === "single" ? found[0] : found.find((row) => path === `${model.path}/${row.documentId}`);
  return one ? Response.json({ data: one, meta: {} }) : NOT_FOUND();
}

/** The list of files knows no `pagination`, and no cap. */
function answerFile(rows: Rows, path: string, query: URLSearchParams): Response {
  const files = [...rows.table("upload/files").values()];
  if (path === "upload/files") return Response.json(listed(files, query, Number(query.get("limit") ?? files.length)));
  const one = files.find(({ id }) => path === `upload/files/${id}`);
  return one ? Response.json(one) : NOT_FOUND();
}

function listed(rows: readonly Row[], query: URLSearchParams, limit: number): Row[] {
  const sorts = [query.get("sort[0]"), query.get("sort[1]")].filter((sort) => sort !== null);
  const compare = (a: Row, b: Row): number => {
    for (const sort of sorts) {
      const [field = "", order] = sort.split(":");
      const [x, y] = [a[field] as string | number, b[field] as string | number];
      if (x !== y) return (x < y ? -1 : 1) * (order === "desc" ? -1 : 1);
    }
    return 0;
  };
  // Without a sort the order is the database's, and no particular one.
  return rows
    .toReversed()
    .filter((row) => passes(row, query))
    .sort(compare)
    .slice(0, limit);
}

/** What the operators mean; those of one branch of `$or` hold together. */
function passes(row: Row, query: URLSearchParams): boolean {
  const branches = new Map<string, boolean>();
  const all: boolean[] = [];
  const wanted: string[] = [];
  for (const [key, value] of query) {
    const [, branch, field = "", operator] = /^filters(?:\[\$or\]\[(\d)\])?\[(\w+)\]\[\$(\w+)\]/.exec(key) ?? [];
    if (operator === undefined) continue;
    const own = row[field] as string | number;
    const given = typeof own === "number" ? Number(value) : value;
    if (operator === "in") wanted.push(value);
    const holds = { gt: own > given, gte: own >= given, eq: own === given, notNull: own !== null, in: true }[operator];
    if (holds === undefined) throw new TypeError(`the emulator knows no $${operator}`);
    if (branch === undefined) all.push(holds);
    else branches.set(branch, (branches.get(branch) ?? true) && holds);
  }
  const either = branches.size === 0 || [...branches.values()].includes(true);
  return either && !all.includes(false) && (wanted.length === 0 || wanted.includes(row.documentId));
}
