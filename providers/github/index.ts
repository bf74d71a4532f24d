/**
 * `tidemark/github`: what is in GitHub repositories. Each repository is a scope, `"owner/name"`.
 *
 * GitHub sends no webhook twice by itself: what its delivery lost, the feeds over `since` lists and the sweeps find.
 * @module
 */
import type { Octokit } from "@octokit/rest";
import { AccessLost, type Awaitable, type Context, type Provider, type Resource } from "tidemark";
import { currentSecrets, type Secrets } from "tidemark/verify";
import { z } from "zod";
import { get } from "./client.ts";
import { feedsOf } from "./feed.ts";
import { fetchOne, listPage } from "./read.ts";
import {
  type Definition,
  definitions,
  type Fields,
  type GitHubType,
  type GitHubTypes,
  idOf,
  timeOf,
  versionOf,
} from "./types.ts";
import { hintsOf, verifySignature } from "./webhook.ts";

export type { GitHubType, GitHubTypes } from "./types.ts";

/** The options of `github`. */
export interface GitHubOptions<T extends GitHubType = GitHubType> {
  /** The application's own Octokit, with a token that may read the repositories. */
  client: Octokit;
  /** The secret of the hooks; two while one is being replaced. */
  webhookSecret: Secrets;
  /** The repositories, `"owner/name"`; or a function that knows the current ones, asked every few minutes. */
  repos: readonly string[] | (() => Awaitable<Iterable<string> | AsyncIterable<string>>);
  /** What to synchronize. Default: every type. */
  types?: readonly T[];
  /**
   * What there was before: `"all"` (default); a date, for the issues and comments updated since; `"none"`, for what
   * webhooks and feeds name from now on. Sweeps then read again what is recorded.
   */
  backfill?: "all" | "none" | Date;
}

/** GitHub sends payloads of up to 25 MB, and nothing at all for what is larger. */
const BODY_LIMIT = 25 * 1_048_576;
/** Reads per second: below the 900 points a minute of the secondary limit. */
const RATE = 10;
/** A read right after a webhook may be some seconds behind. Where a version decides, it costs no second read. */
const READ_LAG = { fetch: 5_000, list: 10_000 };

/**
 * A provider for GitHub repositories.
 * @throws TypeError for an option that is wrong, with what to write instead
 */
export function github<const T extends GitHubType = GitHubType>({
  client,
  webhookSecret,
  repos,
  types = Object.keys(definitions) as T[],
  backfill = "all",
}: GitHubOptions<T>): Provider<Pick<GitHubTypes, T>> {
  checkOptions(client, repos, types, backfill);
  const secretsOf = currentSecrets(webhookSecret, "github({ webhookSecret })");
  const selected = new Set<T>(types);
  const spellings = new Map(typeof repos === "function" ? [] : repos.map((repo) => [repo.toLowerCase(), repo]));
  const spelled = (name: string) => spellings.get(name.toLowerCase()) ?? name;
  const resources = types.map((type) => [type, resourceOf(client, definitions[type], backfill)]);
  return {
    resources: Object.fromEntries(resources),
    rate: RATE,
    bodyLimit: BODY_LIMIT,
    scopes: typeof repos === "function" ? repos : () => repos,
    async webhook(request) {
      verifySignature(request, await secretsOf(request.scope));
      return hintsOf(request, selected, spelled);
    },
    feeds: feedsOf(client, selected),
    probe: (_, context) => probe(client, context),
  };
}

/** The repository can be read, and it is still the one of this name: a renamed one answers under its old name, too. */
async function probe(client: Octokit, context: Context): Promise<void> {
  const { data } = await get(client, context.scope, "", {}, context).catch((cause: unknown) => {
    const lost = (cause as { status?: unknown }).status === 404;
    throw lost ? new AccessLost(`GitHub does not show ${context.scope}`, { cause }) : cause;
  });
  const { full_name } = z.looseObject({ full_name: z.string() }).parse(data);
  if (full_name.toLowerCase() === context.scope.toLowerCase()) return;
  throw new AccessLost(`${context.scope} is now ${full_name}: name it so in github({ repos })`);
}

function resourceOf(client: Octokit, definition: Definition, backfill: "all" | "none" | Date): Resource<object> {
  const since = backfill instanceof Date ? backfill : undefined;
  const { versions, created, volatile = [] } = definition;
  return {
    fetch: (id, context) => fetchOne(client, definition, id, context),
    ...(backfill !== "none" && { list: (page, context) => listPage(client, definition, page, since, context) }),
    id: (state) => idOf(definition, state as Fields),
    ...(versions && { version: (state) => versionOf(definition, state as Fields) }),
    ...(created !== undefined && { incarnation: (state) => timeOf((state as Fields)[created]) }),
    readLag: READ_LAG,
    volatile,
  };
}

function checkOptions(client: unknown, repos: unknown, types: readonly string[], backfill: unknown): void {
  if (typeof (client as Octokit | undefined)?.request !== "function") {
    throw new TypeError(
      'github({ client }) must be an Octokit: new Octokit({ auth }) of the package "@octokit/rest" 22',
    );
  }
  const named =
    Array.isArray(repos) && repos.length > 0 && repos.every((repo) => /^[\w.-]+\/[\w.-]+$/.test(String(repo)));
  if (!named && typeof repos !== "function") {
    throw new TypeError('github({ repos }) must list repositories as "owner/name", or be a function that gives them');
  }
  for (const type of types) {
    if (Object.hasOwn(definitions, type)) continue;
    throw new TypeError(`github({ types }): there is no "${type}"; there are: ${Object.keys(definitions).join(", ")}`);
  }
  if (backfill !== "all" && backfill !== "none" && !(backfill instanceof Date && !Number.isNaN(backfill.getTime()))) {
    throw new TypeError('github({ backfill }) must be "all", "none" or a Date');
  }
}
