/**
 * Requests to GitHub through the application's own Octokit, and what their errors mean.
 * @module
 */
import type { Octokit } from "@octokit/rest";
import pRetry from "p-retry";
import { AccessLost, Hidden, RetryLater } from "tidemark";

/** The version that every request asks for: a newer one has breaking changes (docs.github.com/rest/about-the-rest-api/api-versions). */
const API_VERSION = "2022-11-28";
/** Milliseconds to wait after a secondary limit that names no time (docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api). */
const SECONDARY = 60_000;

/** What an Octokit error says. Without a response the connection broke: its status is then 500, too. */
interface Failure {
  status?: number;
  message?: string;
  response?: { headers: Record<string, string | undefined>; data?: { message?: unknown } };
}

export interface Answer {
  data: unknown;
  /** Where the answer came from, after redirects. */
  url: string;
}

/** Reads a path of a repository. Throws what {@link meaningOf} makes of an error. */
export async function get(
  client: Octokit,
  scope: string,
  path: string,
  query: Readonly<Record<string, string>>,
  { signal, now }: { signal: AbortSignal; now(): number },
): Promise<Answer> {
  const [owner = "", repo = ""] = scope.split("/");
  const search = new URLSearchParams(query).toString();
  const route = `GET /repos/{owner}/{repo}${path}${search === "" ? "" : `?${search}`}`;
  const headers = { "x-github-api-version": API_VERSION };
  try {
    const { data, url } = await pRetry(
      () => client.request(route, { owner, repo, headers, request: { signal, retries: 0 } }),
      { retries: 1, minTimeout: 100, signal, shouldRetry: ({ error }) => (error as Failure).response === undefined },
    );
    return { data: plain(data), url };
  } catch (error) {
    throw meaningOf(error, now());
  }
}

/** Numbers beyond 2^53 come as BigInt; in a state they are text. */
const plain = (data: unknown): unknown =>
  JSON.parse(JSON.stringify(data, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)));

export const statusOf = (error: unknown): number | undefined => (error as Failure | undefined)?.status;

/** Rate limits become `RetryLater`, forbidden `AccessLost`, blocked for legal reasons `Hidden`; the rest stays as it is. */
export function meaningOf(cause: unknown, now: number): unknown {
  const { status, response } = cause as Failure;
  if (response === undefined) return cause;
  const { headers } = response;
  const text = typeof response.data?.message === "string" ? response.data.message : "";
  if (status === 403 || status === 429) {
    const wait = waitOf(headers, text, status, now);
    if (wait !== undefined) return new RetryLater(wait, `GitHub limits: wait ${Math.ceil(wait / 1_000)} s`, { cause });
  }
  if (status === 451) return new Hidden("GitHub does not show it for legal reasons (451)", { cause });
  if (status === 401 || status === 403) {
    const needed = headers["x-accepted-github-permissions"];
    const help = needed ? `: the token needs ${needed}` : "";
    return new AccessLost(`GitHub answers ${status}${help}`, { cause });
  }
  // Issues may be switched off for a whole repository: then each of them is answered 410, and none was deleted.
  if (status === 410 && /disabled/i.test(text))
    return new AccessLost("issues are switched off in this repository", { cause });
  return cause;
}

/** How long a limit asks to wait, in ms; undefined: it is no limit. */
function waitOf(headers: Readonly<Record<string, string | undefined>>, text: string, status: number, now: number) {
  const after = headers["retry-after"];
  if (after !== undefined) return /^\d{1,9}$/.test(after) ? Number(after) * 1_000 : SECONDARY;
  if (headers["x-ratelimit-remaining"] === "0") {
    const reset = Number(headers["x-ratelimit-reset"]) * 1_000 - now;
    return Number.isFinite(reset) ? Math.max(1_000, reset) : SECONDARY;
  }
  return status === 429 || /rate limit/i.test(text) ? SECONDARY : undefined;
}
