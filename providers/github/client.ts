/**
 * Requests to GitHub through the application's own Octokit, and what their errors mean.
 * @module
 */
import type { Octokit } from "@octokit/rest";
import pRetry from "p-retry";
import { AccessLost, type Context, Hidden, RetryLater } from "tidemark";
import { z } from "zod";
import { type Fields, homeOf, isSameName } from "./types.ts";

/** A newer one has breaking changes (docs.github.com/rest/about-the-rest-api/api-versions). */
const API_VERSION = "2022-11-28";
/** The most that GitHub gives. */
const PER_PAGE = "100";
/** Milliseconds to wait after a secondary limit that names no time (docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api). */
const SECONDARY = 60_000;
const SECOND = 1_000;

/** What an Octokit error says. Without a response the connection broke: its status is then 500, too. */
interface Failure {
  status?: number;
  response?: { headers: Headers; data?: { message?: unknown } };
}
type Headers = Readonly<Record<string, string | undefined>>;

/** What a request needs of the engine. */
type Asked = Pick<Context, "scope" | "signal" | "now">;

const fields = z.looseObject({});
const rows = z.array(fields);

/**
 * Reads one thing of a repository.
 *
 * @param path below `/repos/{owner}/{repo}`; `{id}` stands for the id
 * @throws what {@link meaningOf} makes of an error
 */
export async function get(client: Octokit, asked: Asked, path: string, id = ""): Promise<Fields> {
  const params: Record<string, string> = path.includes("{id}") ? { id } : {};
  return fields.parse((await request(client, asked, path, params)).data);
}

/**
 * Reads a page of a list. `more`: GitHub names a next one. How full the page is does not tell, because some things are
 * left out of a page after it was cut.
 *
 * @throws AccessLost if there is no such list, or it has become that of a repository with another name
 */
export async function getPage(
  client: Octokit,
  asked: Asked,
  path: string,
  query: Readonly<Record<string, string>>,
  page: number,
): Promise<{ rows: Fields[]; more: boolean }> {
  const params = { ...query, per_page: PER_PAGE, page: String(page) };
  const { data, headers } = await request(client, asked, path, params).catch((cause) => lost(asked, cause));
  const found: Fields[] = rows.parse(data);
  if (found[0]) checkHome(asked, found[0]);
  return { rows: found, more: /\brel="?next\b/.test(headers["link"] ?? "") };
}

/** Reads the repository, which must be there under the name of the scope. */
export async function getHome(client: Octokit, asked: Asked): Promise<Fields> {
  const home = await get(client, asked, "").catch((cause) => lost(asked, cause));
  checkHome(asked, home);
  return home;
}

function lost({ scope }: Asked, cause: unknown): never {
  if (statusOf(cause) !== 404) throw cause;
  throw new AccessLost(`GitHub does not show ${scope}: it is gone, or the token may not read it`, { cause });
}

/** A repository that was renamed or moved answers under its old name, too, until another takes it. */
function checkHome({ scope }: Asked, state: Fields): void {
  const home = homeOf(state);
  if (isSameName(home, scope)) return;
  throw new AccessLost(`${scope} is now ${home}: name it so in github({ repos })`);
}

async function request(client: Octokit, { scope, signal, now }: Asked, path: string, params: Record<string, string>) {
  const [owner = "", repo = ""] = scope.split("/");
  const options = { headers: { "x-github-api-version": API_VERSION }, request: { signal, retries: 0 } };
  const send = () => client.request(`GET /repos/{owner}/{repo}${path}`, { owner, repo, ...params, ...options });
  try {
    const { data, headers } = await pRetry(send, {
      ...{ retries: 1, minTimeout: 100, signal },
      shouldRetry: ({ error }) => (error as Failure).response === undefined,
    });
    return { data: plain(data), headers: headers as Headers };
  } catch (error) {
    throw meaningOf(error, now());
  }
}

/** Octokit reads a number beyond 2^53 as a BigInt; in a state it is text. */
const plain = (data: unknown): unknown =>
  JSON.parse(JSON.stringify(data, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)));

/** The HTTP status an error stands for. */
export const statusOf = (error: unknown): number | undefined => (error as Failure | undefined)?.status;

/** Rate limits become `RetryLater`, forbidden `AccessLost`, blocked for legal reasons `Hidden`; the rest stays as it is. */
function meaningOf(cause: unknown, now: number): unknown {
  const { status, response } = cause as Failure;
  if (response === undefined) return cause;
  const { headers, data } = response;
  const text = typeof data?.message === "string" ? data.message : "";
  if (status === 403 || status === 429) {
    const wait = waitOf(headers, text, status, now);
    if (wait !== undefined) return new RetryLater(wait, undefined, { cause });
  }
  if (status === 451) return new Hidden("GitHub does not show it for legal reasons (451)", { cause });
  if (status === 401) return new AccessLost("GitHub answers 401: give the client a valid token", { cause });
  if (status === 403) {
    const needed = headers["x-accepted-github-permissions"] ?? "read access to this type";
    return new AccessLost(`GitHub answers 403: give the token ${needed}`, { cause });
  }
  // Then each of them is answered 410, and none was deleted.
  if (status === 410 && /disabled/i.test(text)) {
    return new AccessLost("issues are switched off in this repository", { cause });
  }
  return cause;
}

/** How long a limit asks to wait, in ms; NaN if that cannot be read, undefined if it is no limit. */
function waitOf(headers: Headers, text: string, status: number, now: number): number | undefined {
  const after = headers["retry-after"];
  if (after !== undefined) return Math.max(SECOND, Number(after) * SECOND);
  if (headers["x-ratelimit-remaining"] === "0") {
    return Math.max(SECOND, Number(headers["x-ratelimit-reset"]) * SECOND - now);
  }
  return status === 429 || /rate limit/i.test(text) ? SECONDARY : undefined;
}
