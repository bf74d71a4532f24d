/**
 * Requests to GitHub through the application's own Octokit.
 * @module
 */
import type { Octokit } from "@octokit/rest";
import pRetry from "p-retry";
import { AccessLost, type Awaitable, type Context } from "tidemark";
import { z } from "zod";
import { numberOf, recall, remember } from "./cache.ts";
import { type Headers, isAnswered, meaningOf, statusOf } from "./errors.ts";
import { type Fields, homeOf, isOrganization, isSameName } from "./state.ts";

/** A newer one has breaking changes (docs.github.com/rest/about-the-rest-api/api-versions). */
export const API_VERSION = "2022-11-28";
/** The most that GitHub gives. */
const PER_PAGE = "100";

/** The application's Octokit for a scope. */
export type ClientOf = (scope: string) => Awaitable<Octokit>;

/** What a request needs of the engine. */
export type Asked = Pick<Context, "scope" | "signal" | "now" | "cache" | "fresh">;

/** What was answered. */
export interface Answer {
  data: unknown;
  headers: Headers;
}

const fields = z.looseObject({});
const rows = z.array(fields);

/**
 * Reads one thing of a repository or an organisation.
 *
 * @param path below the scope; `{name}`s stand for params
 * @throws what {@link meaningOf} makes of an error
 */
export async function get(
  clientOf: ClientOf,
  asked: Asked,
  path: string,
  params: Readonly<Record<string, string>> = {},
): Promise<Fields> {
  return fields.parse((await request(clientOf, asked, path, params)).data);
}

/** A list, and where in it. `field`: the one that holds the rows. `homeless`: they do not say where they belong. */
export interface PageOf {
  path: string;
  params: Readonly<Record<string, string>>;
  page: number;
  field?: string | undefined;
  homeless?: boolean | undefined;
}

/**
 * Reads a page of a list. `more`: GitHub names a next one. How full the page is does not tell, because some things are
 * left out of a page after it was cut.
 *
 * @throws AccessLost if there is no such list, or it has become that of a repository with another name
 */
export async function getPage(
  clientOf: ClientOf,
  asked: Asked,
  { path, params, page, field, homeless }: PageOf,
): Promise<{ rows: Fields[]; more: boolean }> {
  const all = { ...params, per_page: PER_PAGE, page: String(page) };
  const { data, headers } = await request(clientOf, asked, path, all).catch((cause) => {
    // Nothing was ever pushed to it.
    if (statusOf(cause) === 409) return { data: [], headers: {} as Headers };
    return lost(asked, cause);
  });
  const found: Fields[] = rows.parse(field !== undefined && !Array.isArray(data) ? fields.parse(data)[field] : data);
  if (found[0] && !homeless) checkHome(asked, found[0]);
  return { rows: found, more: /\brel="?next\b/.test(headers["link"] ?? "") };
}

/** Reads the repository or the organisation, which must be there under the name of the scope. */
export async function getHome(clientOf: ClientOf, asked: Asked): Promise<Fields> {
  const home = fields.parse((await send(clientOf, asked, "", {}).catch((cause) => lost(asked, cause))).data);
  checkHome(asked, home);
  return home;
}

function lost({ scope }: Asked, cause: unknown): never {
  if (statusOf(cause) !== 404) throw cause;
  throw new AccessLost(`GitHub does not show ${scope}: it is gone, or the token may not read it`, { cause });
}

/** A repository that was renamed or moved answers under its old name, too, until another takes it. */
function checkHome({ scope }: Asked, state: Fields): void {
  const home = isOrganization(scope) ? String(state["login"]) : homeOf(state);
  if (isSameName(home, scope)) return;
  throw new AccessLost(`${scope} is now ${home}: name it so in github({ repos })`);
}

/** Where an answer came from that was given by another place than was asked. */
const MOVED = /(?<!\/repos)\/repositories\/\d+(\/|$|\?)/;

/** Asks, and if the answer came from elsewhere, whether the scope still has its name. */
export async function request(
  clientOf: ClientOf,
  asked: Asked,
  path: string,
  params: Readonly<Record<string, string>>,
): Promise<Answer> {
  const { url, ...answer } = await send(clientOf, asked, path, params);
  if (MOVED.test(url)) await getHome(clientOf, asked);
  return answer;
}

/** The application's function may ask GitHub, too: what is not found then is the installation. */
async function clientFor(clientOf: ClientOf, scope: string, now: number): Promise<Octokit> {
  try {
    return await clientOf(scope);
  } catch (cause) {
    if (statusOf(cause) !== 404) throw meaningOf(cause, now);
    throw new AccessLost(`github({ client }) finds no Octokit for ${scope}`, { cause });
  }
}

/** Sends a request, or has the cache's body confirmed. `url`: where the answer came from; empty for the cache's. */
async function send(
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
  { signal }: Asked,
  route: string,
  params: Readonly<Record<string, string>>,
  etag: string | undefined,
): Promise<Answer & { url: string }> {
  const headers = { "x-github-api-version": API_VERSION, ...(etag !== undefined && { "if-none-match": etag }) };
  const once = () => client.request(route, { ...params, headers, request: { signal, retries: 0 } });
  const answer = await pRetry(once, {
    ...{ retries: 1, minTimeout: 100, signal },
    shouldRetry: ({ error }) => !isAnswered(error),
  });
  return { data: plain(answer.data), headers: answer.headers as Headers, url: answer.url };
}

/** Octokit reads a number beyond 2^53 as a BigInt; in a state it is text. */
const plain = (data: unknown): unknown =>
  JSON.parse(JSON.stringify(data ?? null, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)));
