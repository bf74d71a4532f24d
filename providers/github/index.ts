/**
 * `tidemark/github`: what is in GitHub repositories and organisations. Each is a scope, `"owner/name"` or `"name"`.
 *
 * GitHub sends no webhook twice by itself: what its delivery lost, the feeds over `since` lists and the sweeps find.
 * @module
 */
import type { Octokit } from "@octokit/rest";
import type { Context, Provider, Resource } from "tidemark";
import { currentSecrets, type Secrets } from "tidemark/verify";
import type { Definition } from "./definition.ts";
import { deliveriesOf, type HookOf } from "./deliveries.ts";
import { endpointOf } from "./endpoint.ts";
import { feedsOf } from "./feed.ts";
import { checkOptions } from "./options.ts";
import { payload } from "./payload.ts";
import { probeType } from "./probe.ts";
import { fetchOne, listOnly, listPage } from "./read.ts";
import { type Names, scopesOf } from "./repos.ts";
import type { ClientOf } from "./send.ts";
import { type Fields, idOf, timeOf, versionOf } from "./state.ts";
import { definitions, type GitHubType, type GitHubTypes } from "./types.ts";
import { hintsIn, hintsOf, isOfInstallation, verifySignature } from "./webhook.ts";

export type { Hook, HookOf } from "./deliveries.ts";
export type { Names } from "./repos.ts";
export type { GitHubType, GitHubTypes } from "./types.ts";

/** The options of `github`. */
export interface GitHubOptions<T extends GitHubType = GitHubType> {
  /**
   * The application's own Octokit, with a token that may read the scopes; or a function that has one for each scope, as
   * an App's installations need. It should give the same one each time: what is cached is kept for each.
   */
  client: Octokit | ClientOf;
  /** The secret of the hooks; two while one is being replaced. */
  webhookSecret: Secrets;
  /** The repositories, `"owner/name"`; or a function that knows the current ones, asked every few minutes. */
  repos: Names;
  /** The organisations whose teams and members are synchronized, or a function that knows them. Default none. */
  orgs?: Names;
  /** What to synchronize. Default: every type. */
  types?: readonly T[];
  /**
   * What there was before: `"all"` (default); a date, for the issues and comments updated since and all of the other
   * types; `"none"`, for what webhooks and feeds name from now on. Sweeps then read again what is recorded.
   */
  backfill?: "all" | "none" | Date;
  /**
   * The hook whose log of deliveries is read, for each scope: what was not delivered is looked at. One that serves many
   * repositories is to be named in one scope alone. Default: none is read.
   */
  deliveries?: HookOf;
}

/** They may be named as a whole, and are swept then: a feed of theirs would be asked instead. */
const WHOLE: ReadonlySet<string> = new Set<GitHubType>(["branch", "team", "collaborator"]);

/** GitHub's own limit, 25 MB: what is larger it does not send at all. */
const BODY_LIMIT = 25 * 1_048_576;
/**
 * What GitHub bears of one token, and of one installation of an App, of which each owner has its own
 * (docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api): 5,000 requests an hour, or as many more as its
 * answers say; 900 points a minute, of which a read is one; 100 at once.
 */
const LIMITS = { rate: 10, atOnce: 100, quota: { calls: 5_000, per: 3_600_000 } };
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
  orgs = [],
  types = Object.keys(definitions) as T[],
  backfill = "all",
  deliveries,
}: GitHubOptions<T>): Provider<Pick<GitHubTypes, T>> {
  checkOptions(client, types, backfill);
  const { scopes, spelled, known, forget } = scopesOf(repos, orgs);
  const clientOf: ClientOf = typeof client === "function" ? client : () => client;
  const secretsOf = currentSecrets(webhookSecret, "github({ webhookSecret })");
  const selected = new Set<T>(types);
  const resources = types.map((type) => [type, resourceOf(clientOf, definitions[type], backfill)]);
  const lookAt = (event: string, guid: string, body: unknown) => {
    if (isOfInstallation(event)) forget();
    const given = payload.safeParse(body);
    return given.success ? hintsIn({ event, guid, given: given.data }, selected, spelled) : [];
  };
  const logged = types.filter((type) => !WHOLE.has(type));
  return {
    resources: Object.fromEntries(resources),
    limits: {
      ...LIMITS,
      credential: (scope) => (typeof client === "function" ? (scope.split("/")[0] ?? scope) : ""),
    },
    bodyLimit: BODY_LIMIT,
    scopes,
    async webhook(request) {
      verifySignature(request, await secretsOf(request.scope));
      if (isOfInstallation(request.headers.get("x-github-event") ?? "")) forget();
      await known();
      return hintsOf(request, selected, spelled);
    },
    feeds: {
      ...feedsOf(clientOf, selected),
      ...(deliveries && { deliveries: deliveriesOf(clientOf, deliveries, logged, lookAt) }),
    },
    probe: (type, context) => probeType(clientOf, definitions[type], context),
    endpoint: endpointOf({ clientOf, types, secretsOf }),
  };
}

function resourceOf(clientOf: ClientOf, definition: Definition, backfill: "all" | "none" | Date): Resource<object> {
  const { versions, created, volatile = [] } = definition;
  return {
    fetch: (id, context) => fetchOne(clientOf, definition, id, context),
    ...listsOf(clientOf, definition, backfill),
    id: (state) => idOf(definition, state as Fields),
    ...(versions && { version: (state) => versionOf(definition, state as Fields) }),
    ...(created !== undefined && { incarnation: (state) => timeOf((state as Fields)[created]) }),
    readLag: READ_LAG,
    volatile,
  };
}

/** How a type is listed: within another, all of it, or the only one there is; some not at all. */
function listsOf(
  clientOf: ClientOf,
  definition: Definition,
  backfill: "all" | "none" | Date,
): Pick<Resource<object>, "list" | "within"> {
  const { list, within, path } = definition;
  if (within !== undefined) {
    const listWithin = (parent: string, page: string | null, context: Context) =>
      listPage(clientOf, definition, page, { parent }, context);
    return { within: { type: within, list: listWithin } };
  }
  if (backfill === "none") return {};
  if (path === "") return { list: (_, context) => listOnly(clientOf, definition, context) };
  const since = backfill instanceof Date ? backfill : undefined;
  if (list === undefined) return {};
  return { list: (page, context) => listPage(clientOf, definition, page, { since }, context) };
}
