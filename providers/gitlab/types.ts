/**
 * The types of GitLab that can be synchronized: where each is fetched and listed (docs.gitlab.com/api/api_resources), and
 * what orders two reads of it. A new type is an entry of `GitLabTypes`, an entry of `definitions`, and the events that
 * name it in `events.ts`.
 * @module
 */
import type { Definition } from "./definition.ts";
import { fieldsOf } from "./state.ts";
import type * as states from "./states.ts";

/** Type names and their states, as version 4 of the REST API returns them. */
export type GitLabTypes = {
  project: states.Project;
  issue: states.Issue;
  issue_note: states.Note;
  merge_request: states.MergeRequest;
  merge_request_note: states.Note;
  snippet: states.Snippet;
  snippet_note: states.Note;
  milestone: states.Milestone;
  label: states.Label;
  release: states.Release;
  branch: states.Branch;
  tag: states.Tag;
  commit: states.Commit;
  pipeline: states.Pipeline;
  job: states.Job;
  deployment: states.Deployment;
  wiki_page: states.WikiPage;
  feature_flag: states.FeatureFlag;
  vulnerability: states.Vulnerability;
  member: states.Member;
  group: states.Group;
  subgroup: states.Group;
  group_project: states.Project;
  group_member: states.Member;
  epic: states.Epic;
  user: states.User;
};
/** The name of a type. */
export type GitLabType = keyof GitLabTypes;

const oldest = { sort: "asc" };
/** It is worked out in the background, or depends on who asks. */
const merging = ["merge_status", "detailed_merge_status", "has_conflicts", "rebase_in_progress", "user"];
/** A running job's grow from read to read; its runner comes and goes; its pipeline is a resource of its own. */
const running = [
  ...["duration", "queued_duration", "runner_manager", "runner.online", "runner.status", "runner.active"],
  ...["pipeline.status", "pipeline.updated_at"],
];
/** When someone was here, and what differs with who asks and when. */
const presence = [
  ...["last_sign_in_at", "current_sign_in_at", "last_activity_on", "last_sign_in_ip", "current_sign_in_ip"],
  ...["local_time", "is_followed"],
];

export const definitions: Readonly<Record<GitLabType, Definition>> = {
  project: {
    ...{ in: "project", key: "id", path: "projects/{scope}", single: true },
    versions: ["updated_at", "last_activity_at"],
    volatile: ["permissions"],
  },
  issue: {
    ...{ in: "project", key: "iid", path: "projects/{scope}/issues/{id}", list: "projects/{scope}/issues" },
    // Where there is no keyset paging of issues, before GitLab 18.3, it is ignored.
    query: { ...oldest, scope: "all", pagination: "keyset" },
    ...{ order: "created_at", since: "sorted", whole: true, batch: true, hides: true },
    ...{ versions: ["updated_at"], incarnation: "id", volatile: ["subscribed"] },
  },
  issue_note: noteOf("issue", "issues"),
  merge_request: {
    ...{ in: "project", key: "iid", path: "projects/{scope}/merge_requests/{id}" },
    ...{ list: "projects/{scope}/merge_requests", query: { ...oldest, scope: "all" } },
    ...{ order: "created_at", since: "sorted", versions: ["updated_at"], incarnation: "id" },
    volatile: ["subscribed", ...merging],
  },
  merge_request_note: noteOf("merge_request", "merge_requests"),
  snippet: {
    ...{ in: "project", key: "id", path: "projects/{scope}/snippets/{id}", list: "projects/{scope}/snippets" },
    ...{ whole: true, hides: true, versions: ["updated_at"] },
  },
  snippet_note: noteOf("snippet", "snippets"),
  milestone: {
    ...{ in: "project", key: "id", path: "projects/{scope}/milestones/{id}", list: "projects/{scope}/milestones" },
    ...{ since: "unsorted", whole: true, versions: ["updated_at"] },
  },
  label: {
    ...{ in: "project", key: "id", path: "projects/{scope}/labels/{id}", list: "projects/{scope}/labels" },
    ...{ whole: true, volatile: ["subscribed"] },
  },
  release: {
    ...{ in: "project", key: "tag_name", path: "projects/{scope}/releases/{id}", list: "projects/{scope}/releases" },
    ...{ query: { ...oldest, order_by: "created_at" }, whole: true, incarnation: "created_at" },
  },
  branch: {
    ...{ in: "project", key: "name", path: "projects/{scope}/repository/branches/{id}" },
    ...{ list: "projects/{scope}/repository/branches", whole: true, volatile: ["can_push"] },
  },
  tag: {
    ...{ in: "project", key: "name", path: "projects/{scope}/repository/tags/{id}" },
    ...{ list: "projects/{scope}/repository/tags", query: { ...oldest, order_by: "name" }, whole: true },
  },
  // A commit never changes; the pipeline that it shows does. All that there are, nobody wants to read each day.
  commit: { in: "project", key: "id", path: "projects/{scope}/repository/commits/{id}" },
  pipeline: {
    ...{ in: "project", key: "id", path: "projects/{scope}/pipelines/{id}", list: "projects/{scope}/pipelines" },
    ...{ query: oldest, order: "updated_at", since: "sorted", versions: ["updated_at"] },
  },
  job: {
    ...{ in: "project", key: "id", path: "projects/{scope}/jobs/{id}", list: "projects/{scope}/jobs" },
    query: { pagination: "keyset", order_by: "id", sort: "desc" },
    ...{ whole: true, volatile: running },
  },
  deployment: {
    ...{ in: "project", key: "id", path: "projects/{scope}/deployments/{id}", list: "projects/{scope}/deployments" },
    ...{ query: oldest, order: "updated_at", since: "sorted", versions: ["updated_at"] },
    volatile: running.map((path) => `deployable.${path}`),
  },
  // The list has no content.
  wiki_page: { in: "project", key: "slug", path: "projects/{scope}/wikis/{id}", list: "projects/{scope}/wikis" },
  feature_flag: {
    ...{ in: "project", key: "name", path: "projects/{scope}/feature_flags/{id}" },
    ...{ list: "projects/{scope}/feature_flags", whole: true, versions: ["updated_at"], incarnation: "created_at" },
  },
  // Found by its own number, in whatever project it is; the list shows less.
  vulnerability: {
    ...{ in: "project", key: "id", path: "vulnerabilities/{id}", list: "projects/{scope}/vulnerabilities" },
    ...{ hides: true, home: ({ project }) => fieldsOf(project)["id"] },
  },
  // With those whom a group brings.
  member: {
    ...{ in: "project", key: "id", path: "projects/{scope}/members/all/{id}", list: "projects/{scope}/members/all" },
    whole: true,
  },
  group: { in: "group", key: "id", path: "groups/{scope}?with_projects=false", single: true },
  subgroup: {
    ...{ in: "group", key: "id", path: "groups/{id}?with_projects=false", list: "groups/{scope}/subgroups" },
    ...{ query: { ...oldest, order_by: "id" }, hides: true, home: ({ parent_id }) => parent_id },
  },
  group_project: {
    ...{ in: "group", key: "id", path: "projects/{id}", list: "groups/{scope}/projects" },
    ...{ query: { ...oldest, order_by: "id", with_shared: "false" }, hides: true },
    ...{ home: ({ namespace }) => fieldsOf(namespace)["id"], versions: ["updated_at", "last_activity_at"] },
    volatile: ["permissions"],
  },
  group_member: {
    ...{ in: "group", key: "id", path: "groups/{scope}/members/{id}", list: "groups/{scope}/members" },
    whole: true,
  },
  epic: {
    ...{ in: "group", key: "iid", path: "groups/{scope}/epics/{id}", list: "groups/{scope}/epics" },
    query: { ...oldest, include_descendant_groups: "false" },
    ...{ order: "created_at", since: "sorted", whole: true, hides: true },
    ...{ versions: ["updated_at"], incarnation: "id", volatile: ["subscribed"] },
  },
  // The list shows less.
  user: {
    ...{ in: "instance", key: "id", path: "users/{id}", list: "users" },
    ...{ query: { pagination: "keyset", order_by: "id", sort: "asc" }, hides: true, volatile: presence },
  },
};

/** Comments are listed for each of what they are on. A snippet has no number within the project. */
function noteOf(within: GitLabType, folder: string): Definition {
  return {
    ...{ in: "project", within, path: `projects/{scope}/${folder}/{parent}/notes/{id}` },
    ...{ list: `projects/{scope}/${folder}/{parent}/notes`, query: { ...oldest, order_by: "created_at" } },
    key: ({ id, noteable_iid, noteable_id }) => {
      const parent = within === "snippet" ? noteable_id : noteable_iid;
      return id && parent ? `${parent}/${id}` : undefined;
    },
    ...{ whole: true, hides: true, versions: ["updated_at"] },
  };
}
