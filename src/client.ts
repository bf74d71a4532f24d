/**
 * `tidemark/client`: JSON requests to one origin, for providers whose service has no client of its own worth having.
 *
 * What every provider must get right is here once: a credential goes to the configured origin and nowhere else, a limit
 * becomes `RetryLater`, a refusal `AccessLost`, and no error carries what was sent or answered.
 * @module
 */
import { discard, judge, ServiceError } from "./answer.ts";
import { limitOf } from "./limit.ts";
import type { Awaitable, Context } from "./provider.ts";

export { ServiceError, waitOf } from "./answer.ts";
export { parseJson } from "./json.ts";
export { limitOf } from "./limit.ts";

/** Redirects that are followed, each within the origin. */
const REDIRECTS = 3;
const MEGABYTE = 1_048_576;

/** What a request needs of the {@link Context} it is made for. What its answers say of limits goes to `limit`. */
export type Access = Pick<Context, "scope" | "signal" | "now"> & Partial<Pick<Context, "limit">>;
/** `fetch` of the web standard, as far as it is used. */
export type Fetch = (request: Request) => Promise<Response>;

/** How to reach a service. */
export interface ClientOptions {
  /** The service's name in messages: `"GitLab"`. */
  name: string;
  /** Where paths begin: `"https://gitlab.com/api/v4/"`. A function where each scope has its own host. */
  url: string | ((scope: string) => string);
  /** Headers of every request, the credential among them; a function is asked before each request. */
  headers?: Readonly<Record<string, string>> | ((access: Access) => Awaitable<Readonly<Record<string, string>>>);
  /** Default: the global one, looked up at each request. */
  fetch?: Fetch;
  /** The largest answer accepted, in bytes. Default 33,554,432 (32 MiB). */
  limit?: number;
}

/** What differs from request to request. */
export interface RequestOptions {
  /** Added to the path's own. A list repeats its name; what is undefined is left out. */
  query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  headers?: Readonly<Record<string, string>>;
  /** Statuses besides 2xx that are an answer, not an error: `[404, 410]`. */
  allow?: readonly number[];
  /** Sent as JSON; a `URLSearchParams` as a form. */
  body?: unknown;
}

/** What a service answered. */
export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed by {@link parseJson}; undefined where there was none. */
  body: unknown;
}

/** Requests to one service. Each throws as {@link createClient} says. */
export interface Client {
  /**
   * Reads.
   * @param path below the configured URL, or a URL of the same origin, as a `next` link is
   */
  get(path: string, access: Access, options?: Omit<RequestOptions, "body">): Promise<Answer>;
  /** Sends `options.body`. `path` as in `get`. */
  post(path: string, access: Access, options?: RequestOptions): Promise<Answer>;
  /** With any method: `"PUT"`. `path` as in `get`. */
  request(method: string, path: string, access: Access, options?: RequestOptions): Promise<Answer>;
}

/**
 * Makes a client.
 *
 * Its requests throw `RetryLater` for 429, and for 503 with `Retry-After`; `AccessLost` for 401 and 403; a
 * {@link ServiceError} for another status that is not allowed, an answer that is no JSON or too large, a service that cannot be
 * reached, and a path, link or redirect that leaves the origin. Their messages name method, path and status.
 * @throws TypeError for a URL that is none, has a user or password in it, or is neither http nor https
 */
export function createClient(options: ClientOptions): Client {
  if (typeof options.url === "string") baseOf(options, "");
  const request: Client["request"] = async (method, path, access, more = {}) => {
    const base = baseOf(options, access.scope);
    const headers = typeof options.headers === "function" ? await options.headers(access) : options.headers;
    const url = within(options.name, base, URL.parse(path, base.href));
    for (const [name, value] of Object.entries(more.query ?? {})) {
      for (const each of [value ?? []].flat()) url.searchParams.append(name, String(each));
    }
    return send(options, base, { method, url, headers: { ...headers, ...more.headers }, access, more });
  };
  return {
    request,
    get: (path, access, more) => request("GET", path, access, more),
    post: (path, access, more) => request("POST", path, access, more),
  };
}

/**
 * A path whose parts are encoded, so that no id reaches another path: `` path`projects/${id}/issues/${iid}` ``.
 * @throws TypeError for a part that is empty, `.` or `..`, which no encoding keeps in its place
 */
export function path(texts: TemplateStringsArray, ...parts: readonly (string | number)[]): string {
  const encoded = parts.map((part) => {
    const text = String(part);
    if (text === "" || text === "." || text === "..") throw new TypeError(`"${text}" cannot be a part of a path`);
    return encodeURIComponent(text);
  });
  return String.raw({ raw: texts }, ...encoded);
}

interface Outgoing {
  method: string;
  url: URL;
  headers: Readonly<Record<string, string>>;
  access: Access;
  more: RequestOptions;
}

async function send(options: ClientOptions, base: URL, { method, url, headers, access, more }: Outgoing) {
  const { name, fetch = (request) => globalThis.fetch(request), limit = 32 * MEGABYTE } = options;
  let target = url;
  for (let redirects = 0; ; redirects++) {
    const what = `${method} ${target.pathname}`;
    const request = new Request(target, { method, redirect: "manual", signal: access.signal, ...bodyOf(more.body) });
    for (const [key, value] of Object.entries(headers)) setHeader(request.headers, key, value);
    const response = await fetch(request).catch((cause: unknown) => {
      if (access.signal.aborted) throw access.signal.reason;
      throw new ServiceError("unreachable", `${name} cannot be reached: ${what}`, { cause });
    });
    const { status } = response;
    access.limit?.(limitOf(response.headers, access.now()));
    const asked = { name, what, allow: more.allow ?? [], limit, now: access.now };
    const location = response.headers.get("location");
    if (status < 300 || status >= 400 || location === null) {
      return { status, headers: response.headers, body: await judge(response, asked) };
    }
    discard(response);
    if (method !== "GET" || redirects === REDIRECTS)
      throw new ServiceError("status", `${name} answers ${status} to ${what}`, { status });
    target = within(name, base, URL.parse(location, target.href));
  }
}

function baseOf({ name, url }: ClientOptions, scope: string): URL {
  const text = typeof url === "function" ? url(scope) : url;
  const base = URL.parse(text);
  if (base === null || !/^https?:$/.test(base.protocol) || base.username !== "" || base.password !== "") {
    throw new TypeError(`${name}: the url must be like "https://api.example.com/v1/", with no user or password in it`);
  }
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  return base;
}

/** The target, if it is of the base's origin. What leads elsewhere would take the credential along. */
function within(name: string, base: URL, target: URL | null): URL {
  if (target?.origin === base.origin && target.username === "" && target.password === "") return target;
  const where = `from ${base.origin} to ${target?.origin ?? "no URL"}`;
  throw new ServiceError("other-origin", `${name} leads ${where}: nothing was sent there`);
}

function setHeader(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value);
  } catch {
    // The cause would show the value, which may be the credential.
    throw new TypeError(`the header ${name} holds a character that HTTP forbids: is there a line break in it?`);
  }
}

function bodyOf(body: unknown): { body?: string | URLSearchParams; headers: Record<string, string> } {
  const accept = { accept: "application/json" };
  if (body === undefined) return { headers: accept };
  if (body instanceof URLSearchParams) return { body, headers: accept };
  return { body: JSON.stringify(body), headers: { ...accept, "content-type": "application/json" } };
}
