/**
 * `tidemark/github`: what is in GitHub repositories. Each repository is a scope, `"owner/name"`.
 *
 * GitHub sends no webhook twice by itself: what its delivery lost, the feeds over `since` lists and the sweeps find.
 * @module
 */
import type { Octokit } from "@octokit/rest";
import type { Provider, Resource } from "tidemark";
import { currentSecrets, type Secrets } from "tidemark/verify";
import { getHome } from "./client.ts";
import { feedsOf } from "./feed.ts";
import { fetchOne, listPage } from "./read.ts";
import { type Repos, repositories } from "./repos.ts";
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

export type { Repos } from "./repos.ts";
export type { GitHubType, GitHubTypes } from "./types.ts";

/** The options of `github`. */
export interface GitHubOptions<T extends GitHubType = GitHubType> {
  /** The application's own Octokit, with a token that may read the repositories. */
  client: Octokit;
  /** The secret of the hooks; two while one is being replaced. */
  webhookSecret: Secrets;
  /** The repositories, `"owner/name"`; or a function that knows the current ones, asked every few minutes. */
  repos: Repos;
  /** What to synchronize. Default: every type. */
  types?: readonly T[];
  /**
   * What there was before: `"all"` (default); a date, for the issues and comments updated since and all of the other
   * types; `"none"`, for what webhooks and feeds name from now on. Sweeps then read again what is recorded.
   */
  backfill?: "all" | "none" | Date;
}

/** GitHub's own limit, 25 MB: what is larger it does not send at all. */
const BODY_LIMIT = 25 * 1_048_576;
/** Reads per second: below the 900 points a minute of the secondary limit. */
const RATE = 10;
/**
 * Right after a webhook a read may show what was before it, for some seconds (github.com/octokit/octokit.js/issues/900).
 * Versions of a second's precision cannot exclude that, so a hint costs two reads: one at once, and one when this has
 * passed, for all hints that came meanwhile.
 */
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
  checkOptions(client, types, backfill);
  const { scopes, spelled, known } = repositories(repos);
  const secretsOf = currentSecrets(webhookSecret, "github({ webhookSecret })");
  const selected = new Set<T>(types);
  const resources = types.map((type) => [type, resourceOf(client, definitions[type], backfill)]);
  return {
    resources: Object.fromEntries(resources),
    rate: RATE,
    bodyLimit: BODY_LIMIT,
    scopes,
    async webhook(request) {
      verifySignature(request, await secretsOf(request.scope));
      await known();
      return hintsOf(request, selected, spelled);
    },
    feeds: feedsOf(client, selected),
    async probe(_, context) {
      await getHome(client, context);
    },
  };
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

function checkOptions(client: unknown, types: readonly string[], backfill: unknown): void {
  if (typeof (client as Octokit | undefined)?.request !== "function") {
    throw new TypeError(
      'github({ client }) must be an Octokit: new Octokit({ auth }) of the package "@octokit/rest" 22',
    );
  }
  const all = Object.keys(definitions).join(", ");
  if (!Array.isArray(types) || types.length === 0) {
    throw new TypeError(`github({ types }) must list some of ${all}; leave it out for all of them`);
  }
  for (const type of types) {
    if (!Object.hasOwn(definitions, type)) {
      throw new TypeError(`github({ types }): there is no "${type}"; there are: ${all}`);
    }
  }
  if (backfill !== "all" && backfill !== "none" && !(backfill instanceof Date && !Number.isNaN(backfill.getTime()))) {
    throw new TypeError('github({ backfill }) must be "all", "none" or a Date');
  }
}
