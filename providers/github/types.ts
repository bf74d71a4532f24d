/**
 * The types of GitHub that can be synchronized: where each is fetched and listed, and what orders two reads of it.
 * A new type is an entry of `GitHubTypes`, an entry of `definitions`, and the events that name it in `events.ts`.
 * @module
 */
import type { RestEndpointMethodTypes as Api } from "@octokit/rest";

/** Type names and their states, as REST API version 2022-11-28 returns them. */
export type GitHubTypes = {
  repository: Api["repos"]["get"]["response"]["data"];
  issue: Api["issues"]["get"]["response"]["data"];
  pull_request: Api["pulls"]["get"]["response"]["data"];
  issue_comment: Api["issues"]["getComment"]["response"]["data"];
  label: Api["issues"]["getLabel"]["response"]["data"];
  milestone: Api["issues"]["getMilestone"]["response"]["data"];
  release: Api["repos"]["getRelease"]["response"]["data"];
  branch: Api["repos"]["getBranch"]["response"]["data"];
};
export type GitHubType = keyof GitHubTypes;

/** A state whose fields are looked at by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** What is particular to a type. Paths are below `/repos/{owner}/{repo}`. */
export interface Definition {
  /** The field that is the id: within a repository it never names anything else while the resource lives. */
  key: string;
  /** `{id}` stands for the id. */
  path: string;
  /** Where all are listed; left out: there is only the one that `path` gives. */
  list?: string;
  /** The parameters of the list. */
  query?: Readonly<Record<string, string>>;
  /** The list can be filtered by `since`. */
  since?: true;
  /** The list gives what `fetch` gives, but for the volatile paths. */
  whole?: true;
  /** Fields with times that never fall; the latest is the version. */
  versions?: readonly string[];
  /**
   * The field with the time of creation, where the id is a number within the repository: those begin with 1 again in
   * a repository that is deleted and created again by its name.
   */
  created?: string;
  /** What differs on every read, or between the list and `fetch`. */
  volatile?: readonly string[];
  /** Whether a state is of this type at all: the issues API answers for pull requests, too. */
  isOne?(state: Fields): boolean;
}

/** A milestone counts what is in it, and says so in each of its issues. */
const counted = ["milestone.open_issues", "milestone.closed_issues", "milestone.updated_at"];
/** What others do to a repository: a pull request shows two of them. */
const counters = ["stargazers_count", "watchers_count", "watchers", "forks_count", "forks", "size"];
const activity = ["open_issues_count", "open_issues", "pushed_at", "updated_at"];

export const definitions: Readonly<Record<GitHubType, Definition>> = {
  repository: {
    key: "id",
    path: "",
    whole: true,
    // A push moves the one without the other.
    versions: ["updated_at", "pushed_at"],
    // Who asks, not what is there; the token is another one each time.
    volatile: ["permissions", "temp_clone_token"],
  },
  issue: {
    ...{ key: "number", path: "/issues/{id}", list: "/issues", since: true, whole: true },
    query: { state: "all", sort: "created", direction: "asc" },
    versions: ["updated_at"],
    created: "created_at",
    // Two that the list does not give (github.com/octokit/octokit.net/pull/1353; the examples of the OpenAPI description).
    volatile: ["closed_by", "pinned_comment", ...counted],
    isOne: (state) => state["pull_request"] === undefined || state["pull_request"] === null,
  },
  pull_request: {
    ...{ key: "number", path: "/pulls/{id}", list: "/pulls" },
    query: { state: "all", sort: "created", direction: "asc" },
    versions: ["updated_at"],
    created: "created_at",
    // Worked out in the background whenever either side moves; until it is merged the commit is that of a trial.
    volatile: ["mergeable", "mergeable_state", "rebaseable", "merge_commit_sha", ...counted].concat(
      ["head.repo", "base.repo"].flatMap((repo) => [...counters, ...activity].map((name) => `${repo}.${name}`)),
    ),
  },
  issue_comment: {
    ...{ key: "id", path: "/issues/comments/{id}", list: "/issues/comments", since: true, whole: true },
    query: { sort: "created", direction: "asc" },
    versions: ["updated_at"],
    // In the example of `fetch`, not in that of the list.
    volatile: ["pin"],
  },
  // A label that is renamed is another one: nothing but its name finds it.
  label: { key: "name", path: "/labels/{id}", list: "/labels", whole: true },
  milestone: {
    ...{ key: "number", path: "/milestones/{id}", list: "/milestones", whole: true },
    query: { state: "all" },
    versions: ["updated_at"],
    created: "created_at",
  },
  // Its `created_at` is that of its commit; its `updated_at` is not given by every version of the server.
  release: {
    ...{ key: "id", path: "/releases/{id}", list: "/releases", whole: true },
    // Downloads are no change; the last is in the example of `fetch`, not in that of the list.
    volatile: ["assets.*.download_count", "discussion_url"],
  },
  branch: { key: "name", path: "/branches/{id}", list: "/branches" },
};

/**
 * The id of a state, as text.
 * @throws TypeError if there is none: then it is no answer of GitHub's
 */
export function idOf({ key }: Definition, state: Fields): string {
  const id = state[key];
  if (typeof id === "number" || typeof id === "string") return String(id);
  throw new TypeError(`GitHub's answer has no ${key}: look at the client's baseUrl`);
}

/**
 * The repository a state belongs to, `owner/name`.
 * @throws TypeError if it does not say
 */
export function homeOf(state: Fields): string {
  // A branch has none of its own, but its commit has.
  const url = state["url"] ?? (state["commit"] as Fields | null | undefined)?.["url"];
  const home = /\/repos\/([^/?#]+\/[^/?#]+)/.exec(String(url))?.[1];
  if (home !== undefined) return home;
  throw new TypeError("GitHub's answer names no repository: look at the client's baseUrl");
}

/** Whether two names are of one repository: GitHub ignores their case. */
export const isSameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The latest of the version's fields, in ms. */
export function versionOf({ versions = [] }: Definition, state: Fields): number | undefined {
  const times = versions.map((name) => timeOf(state[name])).filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** ISO 8601 or, in the payload of a push, seconds; as ms. */
export function timeOf(value: unknown): number | undefined {
  const time = typeof value === "number" ? value * 1_000 : typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** To the second, as GitHub writes times. */
export const stamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
