/** What the tests of the GitLab provider share: payloads, signatures, and an API that a test answers for. */
import { createHash, createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { Hint, WebhookRequest } from "tidemark";
import { gitlab } from "tidemark/gitlab";
import { fakeContext } from "./context.ts";

export type Json = Record<string, unknown>;

const folder = new URL("../fixtures/gitlab/", import.meta.url);
export const fixture = (path: string) => JSON.parse(readFileSync(new URL(path, folder), "utf8"));
/** The names of all recorded webhooks: `"webhooks-goscm/push"`. */
export const recorded = ["gitlab4j", "webhooks-goplayground", "webhooks-goscm"].flatMap((name) =>
  readdirSync(new URL(name, folder))
    .filter((file) => file.endsWith(".json"))
    .map((file) => `${name}/${file.replace(/\.json$/, "")}`),
);

/** The types, written down once more: a test that asked the provider for them could not fail. */
export const TYPES = [
  ...(["project", "issue", "issue_note", "merge_request", "merge_request_note", "snippet", "snippet_note"] as const),
  ...(["milestone", "label", "release", "branch", "tag", "commit", "pipeline", "job", "deployment"] as const),
  ...(["wiki_page", "feature_flag", "vulnerability", "member"] as const),
  ...(["group", "subgroup", "group_project", "group_member", "epic", "user"] as const),
];

/** Two signing tokens, and two secret tokens. */
export const SIGNING = [1, 2].map((n) => `whsec_${Buffer.alloc(32, n).toString("base64")}`) as [string, string];
export const PLAIN = ["the first secret token", "the second secret token"] as [string, string];
export const NOW = 1_800_000_000_000;
export const TOKEN = "glpat-token";

export const stamp = (ms: number): string => new Date(ms).toISOString();

/** The provider with every type, and with whatever a test gives it. */
export const plugin = (options = {}) =>
  gitlab({ token: TOKEN, webhookSecret: SIGNING[0], projects: ["7"], groups: ["3"], instance: true, ...options });

/** The headers of a delivery, signed or with a secret token, as the secret is. */
export function signed(body: string | Uint8Array, secret: string, at: number): Record<string, string> {
  const id = keyOf(body);
  const key = { "idempotency-key": id };
  if (!secret.startsWith("whsec_")) return { ...key, ...(secret !== "" && { "x-gitlab-token": secret }) };
  const timestamp = String(Math.floor(at / 1_000));
  const mac = createHmac("sha256", Buffer.from(secret.slice(6), "base64"));
  const signature = mac.update(`${id}.${timestamp}.`).update(body).digest("base64");
  return { ...key, "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}

/** A delivery's key, of the form of GitLab's. */
function keyOf(body: string | Uint8Array): string {
  const digits = createHash("sha256").update(body).digest("hex");
  return [8, 4, 4, 4, 12].map((length, i) => digits.slice(i * 5, i * 5 + length)).join("-");
}

/** A request with these headers. */
export function request(body: string, headers: Record<string, string>, scope?: string): WebhookRequest {
  const base = { method: "POST", url: "/", body: Buffer.from(body), now: NOW, headers: new Headers(headers) };
  return scope === undefined ? base : { ...base, scope };
}

/** Signs a payload and hands it to the provider. */
export async function deliver(
  body: Json | string,
  options: { event?: string; scope?: string; provider?: object } = {},
) {
  const { event, scope, provider = plugin() } = options;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const headers = { ...signed(text, SIGNING[0], NOW), ...(event !== undefined && { "x-gitlab-event": event }) };
  const hints = await (provider as ReturnType<typeof plugin>).webhook?.(request(text, headers, scope));
  if (!Array.isArray(hints)) throw new TypeError("a GitLab webhook is answered with hints");
  return hints as Hint[];
}

/** `type id`, and the scope. */
export const refOf = ({ type, id, scope }: Hint): string => `${type}${id === undefined ? "" : ` ${id}`} @${scope}`;

/** A request as a test sees it: what is after `/api/v4/`, decoded, and what was sent. */
export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: Json;
}
type Answers = (asked: Asked) => unknown;

/** An API that a test answers for, with a body or a whole `Response`; undefined is 404. `asked` is what came. */
export function api(answers: Answers) {
  const asked: Asked[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    const { pathname, searchParams: query } = new URL(request.url);
    const text = await request.text();
    const path = decodeURIComponent(pathname.slice("/api/v4/".length));
    const one = { method: request.method, path, query, headers: request.headers, body: text ? JSON.parse(text) : {} };
    asked.push(one);
    const answer = answers(one);
    if (answer instanceof Response) return answer;
    return answer === undefined ? Response.json({ message: "404 Not found" }, { status: 404 }) : Response.json(answer);
  };
  return { fetch, asked, told: () => asked.map(({ method, path, query }) => `${method} ${path}?${query}`) };
}

/** A page with the query of the next one. The link's host is another one, as behind a proxy. */
export const page = (rows: readonly unknown[], next?: string): Response =>
  Response.json(rows, {
    headers: next === undefined ? {} : { link: `<http://gitlab.internal/api/v4/x?${next}>; rel="next"` },
  });

export const contextOf = (scope: string, now: () => number = () => NOW) => fakeContext({ scope, now });
