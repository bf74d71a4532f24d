/**
 * `tidemark/gitlab`: what is in GitLab projects and groups. Each is a scope, `"278964"` or `"group/9970"`.
 *
 * GitLab sends no webhook twice by itself, and for most that is deleted none at all: what its delivery lost the feeds find,
 * and what is gone the sweeps.
 * @module
 */
import type { Context, Provider, Resource } from "tidemark";
import { type Client, createClient } from "tidemark/client";
import type { Definition } from "./definition.ts";
import { deliveriesOf } from "./deliveries.ts";
import { endpointOf } from "./endpoint.ts";
import { feedsOf } from "./feed.ts";
import { jobsOf } from "./jobs.ts";
import { checkOptions, type GitLabOptions, isToken } from "./options.ts";
import { probeType } from "./probe.ts";
import { pushesOf } from "./pushes.ts";
import { fetchMany, fetchOne, listOnly, listPage } from "./read.ts";
import { scopesOf } from "./scope.ts";
import { type Fields, idOf, incarnationOf, versionOf } from "./state.ts";
import { definitions, type GitLabType, type GitLabTypes } from "./types.ts";
import { type Delivered, hintsIn, hintsOf, secretsOf, verify } from "./webhook.ts";

export type { HookOf } from "./log.ts";
export type { GitLabOptions } from "./options.ts";
export type { Names } from "./scope.ts";
export type * from "./states.ts";
export type { GitLabType, GitLabTypes } from "./types.ts";

/** They may be named as a whole, and are swept then: a feed of theirs would be asked instead. */
const WHOLE: ReadonlySet<string> = new Set<GitLabType>(["branch", "tag", "wiki_page", "vulnerability"]);

/** GitLab's own limit, 25 MB: what is larger it does not send at all. */
const BODY_LIMIT = 25 * 1_048_576;
/**
 * Calls per second of one token: GitLab.com bears 2,000 a minute of one user (docs.gitlab.com/user/gitlab_com/#rate-limits-on-gitlabcom).
 */
const RATE = 30;
/**
 * GitLab.com reads from replicas, and says nowhere how far they may be behind. Versions cannot exclude it, so a hint costs two
 * reads: one at once, and one when this has passed, for all hints that came meanwhile.
 */
const READ_LAG = { fetch: 5_000, list: 10_000 };

/**
 * A provider for GitLab, at gitlab.com or elsewhere.
 * @throws TypeError for an option that is wrong, with what to write instead
 */
export function gitlab<const T extends GitLabType = GitLabType>(
  options: GitLabOptions<T>,
): Provider<Pick<GitLabTypes, T>> {
  checkOptions(options as GitLabOptions);
  const { types = Object.keys(definitions) as T[], backfill = "all", deliveries, webhookSecret } = options;
  const { projects = [], groups = [], instance = false } = options;
  const { scopes, only } = scopesOf({ projects, groups, instance });
  const client = clientOf(options as GitLabOptions);
  const secrets = secretsOf(webhookSecret, "gitlab({ webhookSecret })");
  const known = { types: new Set<T>(types), only };
  const lookAt = (delivered: Delivered) => hintsIn(delivered, known);
  const pushed = types.filter((type) => type === "branch" || type === "tag");
  const logged = types.filter((type) => !WHOLE.has(type));
  const resources = types.map((type) => [type, resourceOf(client, definitions[type], backfill)]);
  return {
    resources: Object.fromEntries(resources),
    limits: { credential: (scope) => (typeof options.token === "function" ? scope : ""), rate: RATE },
    bodyLimit: BODY_LIMIT,
    scopes,
    async webhook(request) {
      verify(request, await secrets(request.scope));
      return hintsOf(request, known);
    },
    feeds: {
      ...feedsOf(client, types),
      ...Object.fromEntries(types.filter((type) => type === "job").map((type) => ["jobs", jobsOf(client, type)])),
      ...(pushed.length > 0 && { pushes: pushesOf(client, pushed) }),
      ...(deliveries && { deliveries: deliveriesOf(client, deliveries, logged, lookAt) }),
    },
    probe: (type, context) => probeType(client, definitions[type], context),
    endpoint: endpointOf({ client, types, secretsOf: secrets }),
  };
}

/** A client that sends the token to this GitLab alone. */
function clientOf({ url = "https://gitlab.com", token, fetch }: GitLabOptions): Client {
  const base = `${url.replace(/\/+$/, "")}/api/v4/`;
  return createClient({
    ...{ name: "GitLab", url: base },
    async headers({ scope }) {
      const current = typeof token === "function" ? await token(scope) : token;
      if (!isToken(current)) throw new TypeError("gitlab({ token }): the function gave no access token");
      return { authorization: `Bearer ${current}` };
    },
    ...(fetch && { fetch }),
  });
}

function resourceOf(client: Client, definition: Definition, backfill: "all" | "none" | Date): Resource<object> {
  const { versions, incarnation, batch, volatile = [] } = definition;
  return {
    fetch: (id, context) => fetchOne(client, definition, id, context),
    ...(batch && { fetchMany: (ids, context) => fetchMany(client, definition, ids, context) }),
    ...listsOf(client, definition, backfill),
    id: (state) => idOf(definition, state as Fields),
    ...(versions && { version: (state) => versionOf(definition, state as Fields) }),
    ...(incarnation && { incarnation: (state) => incarnationOf(definition, state as Fields) }),
    readLag: READ_LAG,
    volatile,
  };
}

/** How a type is listed: within another, all of it, or the only one there is; some not at all. */
function listsOf(
  client: Client,
  definition: Definition,
  backfill: "all" | "none" | Date,
): Pick<Resource<object>, "list" | "within"> {
  const { list, within, single } = definition;
  if (within !== undefined) {
    const listWithin = (parent: string, page: string | null, context: Context) =>
      listPage(client, definition, page, { parent }, context);
    return { within: { type: within, list: listWithin } };
  }
  if (backfill === "none") return {};
  if (single) return { list: (_, context) => listOnly(client, definition, context) };
  if (list === undefined) return {};
  const since = backfill instanceof Date ? backfill : undefined;
  return { list: (page, context) => listPage(client, definition, page, { since }, context) };
}
