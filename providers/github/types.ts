/**
 * The types of GitHub that can be synchronized: where each is fetched and listed, and what orders two reads of it.
 * A new type is an entry of `GitHubTypes`, an entry of `definitions`, and the events that name it in `events.ts`.
 * @module
 */
import type { RestEndpointMethodTypes as Api } from "@octokit/rest";
import type { Definition } from "./definition.ts";
import { type Fields, fieldsOf } from "./state.ts";

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
  tag: Api["git"]["getRef"]["response"]["data"];
  review: Api["pulls"]["getReview"]["response"]["data"];
  review_comment: Api["pulls"]["getReviewComment"]["response"]["data"];
  commit_comment: Api["repos"]["getCommitComment"]["response"]["data"];
  workflow_run: Api["actions"]["getWorkflowRun"]["response"]["data"];
  check_run: Api["checks"]["get"]["response"]["data"];
  deployment: Api["repos"]["getDeployment"]["response"]["data"];
  collaborator: Api["repos"]["getCollaboratorPermissionLevel"]["response"]["data"];
  team: Api["teams"]["getByName"]["response"]["data"];
  organization_member: Api["orgs"]["getMembershipForUser"]["response"]["data"];
};
/** The name of a type. */
export type GitHubType = keyof GitHubTypes;

/** A milestone counts what is in it, and says so in each of its issues. */
const counted = ["milestone.open_issues", "milestone.closed_issues", "milestone.updated_at"];
/** What others do to a repository: a pull request shows two of them. */
const counters = ["stargazers_count", "watchers_count", "watchers", "forks_count", "forks", "size"];
const activity = ["open_issues_count", "open_issues", "pushed_at", "updated_at"];

const tagName = ({ ref }: Fields): string | undefined => /^refs\/tags\/(.+)$/.exec(String(ref))?.[1];

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
  // The list of tags shows the commit, that of refs what the ref names, as `fetch` does.
  tag: {
    ...{ path: "/git/ref/tags/{id}", list: "/git/matching-refs/tags", whole: true },
    key: tagName,
    // The list is of all that begins so.
    isOne: ({ ref }) => !/^refs\/(?!tags\/)/.test(String(ref)),
  },
  // An edit moves no time in it.
  review: {
    ...{ path: "/pulls/{parent}/reviews/{id}", list: "/pulls/{parent}/reviews", within: "pull_request", whole: true },
    key: ({ id, pull_request_url }) => {
      const number = /\/pulls\/(\d+)$/.exec(String(pull_request_url))?.[1];
      return id && number ? `${number}/${id}` : undefined;
    },
  },
  review_comment: {
    ...{ key: "id", path: "/pulls/comments/{id}", list: "/pulls/comments", since: true, whole: true },
    query: { sort: "created", direction: "asc" },
    versions: ["updated_at"],
  },
  commit_comment: {
    ...{ key: "id", path: "/comments/{id}", list: "/comments", whole: true },
    versions: ["updated_at"],
  },
  workflow_run: {
    ...{ key: "id", path: "/actions/runs/{id}", list: "/actions/runs", rows: "workflow_runs", whole: true },
    versions: ["updated_at"],
    // In the example of `fetch`, not in that of the list.
    volatile: ["referenced_workflows", "previous_attempt_url"],
  },
  // Listed for one commit only, and it does not say which branch that is of: it is found by webhooks alone.
  check_run: { key: "id", path: "/check-runs/{id}" },
  deployment: {
    ...{ key: "id", path: "/deployments/{id}", list: "/deployments", whole: true },
    versions: ["updated_at"],
  },
  // Of a public repository everyone may read, so their permission is answered for everyone.
  collaborator: {
    ...{ path: "/collaborators/{id}/permission", check: "/collaborators/{id}", list: "/collaborators", homeless: true },
    key: ({ login, user }) => login ?? fieldsOf(user)["login"],
  },
  // Its slug moves with its name: a team that is renamed is another one.
  team: {
    ...{ ofOrganization: true, homeless: true, key: "slug", path: "/teams/{id}", list: "/teams" },
    versions: ["updated_at"],
  },
  organization_member: {
    ...{ ofOrganization: true, homeless: true, path: "/memberships/{id}", list: "/members" },
    key: ({ login, user }) => login ?? fieldsOf(user)["login"],
  },
};
