/**
 * The types of GitHub that can be synchronized: where each is fetched and listed, and what orders two reads of it.
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
  /** The list gives what `fetch` gives (both have one schema in the published OpenAPI description). */
  whole?: true;
  /** Fields with times that never fall; the latest is the version. */
  versions?: readonly string[];
  /** A field with the time of creation. */
  created?: string;
  volatile?: readonly string[];
  /** Whether a state is of this type at all: the issues API answers for pull requests, too. */
  isOne?(state: Fields): boolean;
}

const counters = [
  "stargazers_count",
  "watchers_count",
  "watchers",
  "forks_count",
  "forks",
  "open_issues_count",
  "open_issues",
  "size",
  "pushed_at",
  "updated_at",
];

export const definitions: Readonly<Record<GitHubType, Definition>> = {
  repository: {
    key: "id",
    path: "",
    whole: true,
    versions: ["updated_at", "pushed_at"],
    created: "created_at",
    volatile: ["temp_clone_token", "permissions"],
  },
  issue: {
    ...{ key: "number", path: "/issues/{id}", list: "/issues", since: true, whole: true },
    query: { state: "all", sort: "created", direction: "asc" },
    versions: ["updated_at"],
    created: "created_at",
    isOne: (state) => state["pull_request"] === undefined || state["pull_request"] === null,
  },
  pull_request: {
    ...{ key: "number", path: "/pulls/{id}", list: "/pulls" },
    query: { state: "all", sort: "created", direction: "asc" },
    versions: ["updated_at"],
    created: "created_at",
    // Worked out in the background after each push to either side, and the counters of two whole repositories.
    volatile: [
      "mergeable",
      "mergeable_state",
      "rebaseable",
      ...["head.repo", "base.repo"].flatMap((repo) => counters.map((name) => `${repo}.${name}`)),
    ],
  },
  issue_comment: {
    ...{ key: "id", path: "/issues/comments/{id}", list: "/issues/comments", since: true, whole: true },
    query: { sort: "created", direction: "asc" },
    versions: ["updated_at"],
    created: "created_at",
  },
  label: { key: "name", path: "/labels/{id}", list: "/labels", whole: true },
  milestone: {
    ...{ key: "number", path: "/milestones/{id}", list: "/milestones", whole: true },
    query: { state: "all" },
    versions: ["updated_at"],
    created: "created_at",
  },
  // A release's `updated_at` is not in every version of the server, and downloads do not raise it.
  release: {
    key: "id",
    path: "/releases/{id}",
    list: "/releases",
    whole: true,
    created: "created_at",
    volatile: ["assets.*.download_count"],
  },
  branch: { key: "name", path: "/branches/{id}", list: "/branches" },
};

export const idOf = ({ key }: Definition, state: Fields): string => String(state[key]);

/** The latest of the version's fields, in ms. */
export function versionOf({ versions = [] }: Definition, state: Fields): number | undefined {
  const times = versions.map((name) => timeOf(state[name])).filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** ISO 8601, or, in push payloads, seconds. */
export function timeOf(value: unknown): number | undefined {
  const time = typeof value === "number" ? value * 1_000 : typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
