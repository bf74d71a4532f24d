/**
 * What the errors of GitHub's answers mean.
 * @module
 */
import { AccessLost, Hidden, RetryLater } from "tidemark";

/** Milliseconds to wait after a secondary limit that names no time (docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api). */
const SECONDARY = 60_000;
const SECOND = 1_000;

export type Headers = Readonly<Record<string, string | undefined>>;

/** What an Octokit error says. Without a response the connection broke: its status is then 500, too. */
interface Failure {
  status?: number;
  request?: { url?: string };
  response?: { url?: string; headers: Headers; data?: { message?: unknown } };
}

/** Whether GitHub answered at all. */
export const isAnswered = (error: unknown): boolean => (error as Failure).response !== undefined;

/** Whether the request was for the token of an installation, which Octokit asks for on the way. */
const isOfToken = ({ request }: Failure): boolean => /\/access_tokens$/.test(request?.url ?? "");

/** The HTTP status an error stands for. */
export const statusOf = (error: unknown): number | undefined => (error as Failure | undefined)?.status;

/** Rate limits become `RetryLater`, forbidden `AccessLost`, blocked for legal reasons `Hidden`; the rest stays as it is. */
export function meaningOf(cause: unknown, now: number): unknown {
  const { status, response } = cause as Failure;
  if (response === undefined) return cause;
  const { headers, data } = response;
  const text = typeof data?.message === "string" ? data.message : "";
  if (status === 403 || status === 429) {
    const wait = waitOf(headers, text, status, now);
    if (wait !== undefined) return new RetryLater(wait, undefined, { cause });
  }
  // It says nothing of what was asked for.
  if (isOfToken(cause as Failure) && (status === 404 || status === 401 || status === 403)) {
    return new AccessLost(`GitHub answers ${status}: the App is installed here no more, or suspended`, { cause });
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
