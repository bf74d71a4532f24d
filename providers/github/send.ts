/**
 * Requests to GitHub through the application's own Octokit.
 * @module
 */
import type { Octokit } from "@octokit/rest";
import pRetry from "p-retry";
import { AccessLost, type Awaitable, type Context } from "tidemark";
import { limitOf } from "tidemark/client";
import { numberOf, recall, remember } from "./cache.ts";
import { type Headers, isAnswered, meaningOf, statusOf } from "./errors.ts";
import { isOrganization } from "./state.ts";

/** A newer one has breaking changes (docs.github.com/rest/about-the-rest-api/api-versions). */
export const API_VERSION = "2022-11-28";
/** The application's Octokit for a scope. */
export type ClientOf = (scope: string) => Awaitable<Octokit>;

/** What a request needs of the engine. */
export type Asked = Pick<Context, "scope" | "signal" | "now" | "cache" | "fresh"> & Partial<Pick<Context, "limit">>;

/** What was answered. */
export interface Answer {
  data: unknown;
  headers: Headers;
}

/** Where an answer came from that was given by another place than was asked. */
export const MOVED = /(?<!\/repos)\/repositories\/\d+(\/|$|\?)/;

/** The application's function may ask GitHub, too: what is not found then is the installation. */
export async function clientFor(clientOf: ClientOf, scope: string, now: number): Promise<Octokit> {
  try {
    return await clientOf(scope);
  } catch (cause) {
    if (statusOf(cause) !== 404) throw meaningOf(cause, now);
    throw new AccessLost(`github({ client }) finds no Octokit for ${scope}`, { cause });
  }
}

/** Sends a request, or has the cache's body confirmed. `url`: where the answer came from; empty for the cache's. */
export async function send(
  clientOf: ClientOf,
  asked: Asked,
  path: string,
  params: Readonly<Record<string, string>>,
): Promise<Answer & { url: string }> {
  const { scope, now } = asked;
  const client = await clientFor(clientOf, scope, now());
  const [owner = "", repo = ""] = scope.split("/");
  const root = isOrganization(scope) ? "/orgs/{owner}" : "/repos/{owner}/{repo}";
  const all = isOrganization(scope) ? { ...params, owner } : { ...params, owner, repo };
  // A list that goes on from another time takes the place of what it was before.
  const { since, ...rest } = all as Readonly<Record<string, string>>;
  const slot = `github ${API_VERSION} ${numberOf(client)} ${path} ${JSON.stringify(rest)}`;
  const known = await recall(asked, slot, since ?? "");
  try {
    const answer = await sendOnce(client, asked, `GET ${root}${path}`, all, known?.etag);
    if (!asked.fresh && !MOVED.test(answer.url)) await remember(asked, slot, since ?? "", answer);
    return answer;
  } catch (error) {
    if (known && statusOf(error) === 304) return { ...known.body(), url: "" };
    throw meaningOf(error, now());
  }
}

/** Asks for what is in no scope. */
export async function ask(
  client: Octokit,
  asked: Asked,
  route: string,
  params: Readonly<Record<string, string>>,
): Promise<Answer> {
  try {
    return await sendOnce(client, asked, route, params, undefined);
  } catch (error) {
    throw meaningOf(error, asked.now());
  }
}

/** Once more if the connection breaks. */
async function sendOnce(
  client: Octokit,
  asked: Asked,
  route: string,
  params: Readonly<Record<string, string>>,
  etag: string | undefined,
): Promise<Answer & { url: string }> {
  const { signal } = asked;
  const headers = { "x-github-api-version": API_VERSION, ...(etag !== undefined && { "if-none-match": etag }) };
  const request = { signal, retries: 0, redirect: "manual" } as const;
  const ask = (what: string, more: Readonly<Record<string, string>>) =>
    pRetry(() => counted(asked, client.request(what, { ...more, headers, request })), {
      ...{ retries: 1, minTimeout: 100, signal },
      shouldRetry: ({ error }) => !isAnswered(error),
    });
  let answer = await ask(route, params);
  for (let hops = 0; isRedirect(answer.status); hops++) {
    answer = await ask(`GET ${targetOf(client, answer.headers.location, hops)}`, {});
  }
  return { data: plain(answer.data), headers: answer.headers as Headers, url: answer.url };
}

/** What each answer says is left of the hour's requests. One that confirms what is cached costs none. */
async function counted<A extends { status: number; headers: object }>(asked: Asked, asking: Promise<A>): Promise<A> {
  const tell = (status: number, given: object) => {
    const headers = new Headers(Object.entries(given).map(([name, value]): [string, string] => [name, String(value)]));
    // Searches, for one, have a limit of their own.
    const ours = (headers.get("x-ratelimit-resource") ?? "core") === "core";
    asked.limit?.({ ...(ours && limitOf(headers, asked.now())), cost: status === 304 ? 0 : 1 });
  };
  try {
    const answer = await asking;
    tell(answer.status, answer.headers);
    return answer;
  } catch (error) {
    const { status = 0, response } = error as { status?: number; response?: { headers?: object } };
    if (response?.headers) tell(status, response.headers);
    throw error;
  }
}

/** A repository that was renamed or moved answers so under its old name. */
export const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);
const MOST_HOPS = 3;

/** Where a redirect leads: to GitHub itself, or the token would go along to somebody else. */
function targetOf(client: Octokit, location: string | undefined, hops: number): string {
  const { baseUrl } = client.request.endpoint.DEFAULTS;
  const target = URL.parse(location ?? "", baseUrl);
  const stays =
    target !== null && target.origin === new URL(baseUrl).origin && target.username + target.password === "";
  if (stays && hops < MOST_HOPS) return target.href;
  throw new TypeError("GitHub's redirect leads away from the client's baseUrl, or in a circle: it was not followed");
}

/** Octokit reads a number beyond 2^53 as a BigInt; in a state it is text. */
export const plain = (data: unknown): unknown =>
  JSON.parse(JSON.stringify(data ?? null, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)));
