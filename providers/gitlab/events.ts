/**
 * Where each event says to look (docs.gitlab.com/user/project/integrations/webhook_events, and for system hooks
 * docs.gitlab.com/administration/system_hooks). One that is not here is of no use.
 * @module
 */
import type { Payload } from "./payload.ts";
import { scopeOf } from "./scope.ts";
import type { GitLabType } from "./types.ts";

/** A resource to look at, or without an id all of a type. Without a scope it is where the event is. */
export interface Look {
  type: GitLabType;
  id?: string;
  scope?: string;
}

type Id = string | null | undefined;

/** One that the payload names; none if it does not, or by what can be no name. */
const look = (type: GitLabType, id: Id): Look[] => (!id || id === "." || id === ".." ? [] : [{ type, id }]);

/** One of a group's. */
const inGroup = (group: Id, type: GitLabType, id: Id): Look[] =>
  group && id ? [{ type, id, scope: scopeOf("group", group) }] : [];

/** One of a project's that the event itself names. */
const inProject = (project: Id, type: GitLabType, id: Id): Look[] =>
  project && id ? [{ type, id, scope: scopeOf("project", project) }] : [];

/** `refs/heads/fix/a` is the branch `fix/a`. */
function ofRef(ref: Id): Look[] {
  const [, kind, id] = /^refs\/(heads|tags)\/(.+)$/.exec(ref ?? "") ?? [];
  return look(kind === "heads" ? "branch" : "tag", id);
}

/** What is deleted becomes this commit. */
const isNone = (after: Id): boolean => /^0+$/.test(after ?? "");

/** A push tells of its twenty newest commits. */
const ofPush = ({ ref, commits }: Payload): Look[] => [
  ...ofRef(ref),
  ...(commits ?? []).flatMap(({ id }) => look("commit", id)),
];

/** A release goes with its tag. */
const ofTag = ({ ref, after }: Payload): Look[] => [
  ...ofRef(ref),
  ...(isNone(after) ? ofRef(ref).map(({ id }) => ({ type: "release", id }) as Look) : []),
];

/** A comment, and what it is on: that counts its comments. */
function ofNote(given: Payload, id: Id, kind: Id, commit: Id): Look[] {
  const { issue, merge_request, snippet } = given;
  const on = (type: GitLabType, note: GitLabType, parent: Id): Look[] => [
    ...(parent && id ? look(note, `${parent}/${id}`) : []),
    ...look(type, parent),
  ];
  if (kind === "Issue") return on("issue", "issue_note", issue?.iid);
  if (kind === "MergeRequest") return on("merge_request", "merge_request_note", merge_request?.iid);
  if (kind === "Snippet") return on("snippet", "snippet_note", snippet?.id);
  return kind === "Commit" ? look("commit", commit) : [];
}

/** A reaction is counted in what it is on. */
const ofEmoji = (given: Payload): Look[] =>
  given.note
    ? ofNote(given, given.note.id, given.note.noteable_type, given.note.commit_id)
    : [
        ...look("issue", given.issue?.iid),
        ...look("merge_request", given.merge_request?.iid),
        ...look("snippet", given.snippet?.id),
      ];

/** Of a work item of a group only the epic is of use; the payload does not say of which group. */
const ofIssue = ({ object_attributes: item, project }: Payload): Look[] =>
  look(item?.type === "Epic" && !project ? "epic" : "issue", item?.iid);

/** With another title a page has another slug; the old one is not told. */
const ofWiki = ({ object_attributes: page }: Payload): Look[] => [
  ...look("wiki_page", page?.slug),
  ...(page?.action === "update" ? [{ type: "wiki_page" } as const] : []),
];

/** A project as a scope of its own, and as one of its group's. */
const ofProject = ({ project_id }: Payload): Look[] => [
  ...inProject(project_id, "project", project_id),
  ...look("group_project", project_id),
];

const ofGroup = ({ group_id, parent_group_id }: Payload): Look[] => [
  ...inGroup(group_id, "group", group_id),
  ...inGroup(parent_group_id, "subgroup", group_id),
];

const ofMember = ({ project_id, user_id }: Payload): Look[] => inProject(project_id, "member", user_id);
const ofGroupMember = ({ group_id, user_id }: Payload): Look[] => inGroup(group_id, "group_member", user_id);
const ofUser = ({ user_id }: Payload): Look[] => look("user", user_id);

export const events: Readonly<Record<string, (given: Payload) => Look[]>> = {
  push: ofPush,
  tag_push: ofTag,
  repository_update: ({ refs }) => (refs ?? []).flatMap(ofRef),
  issue: ofIssue,
  work_item: ofIssue,
  note: (given) => {
    const { object_attributes: note } = given;
    return ofNote(given, note?.id, note?.noteable_type, note?.commit_id);
  },
  merge_request: ({ object_attributes: request }) => look("merge_request", request?.iid),
  // The pipeline of a merge request is in its state.
  pipeline: ({ object_attributes: pipeline, merge_request }) => [
    ...look("pipeline", pipeline?.id),
    ...look("merge_request", merge_request?.iid),
  ],
  build: ({ build_id }) => look("job", build_id),
  deployment: ({ deployment_id }) => look("deployment", deployment_id),
  // The tag shows its release.
  release: ({ tag }) => (typeof tag === "string" ? [...look("release", tag), ...look("tag", tag)] : []),
  milestone: ({ object_attributes: milestone }) => look("milestone", milestone?.id),
  wiki_page: ofWiki,
  feature_flag: ({ object_attributes: flag }) => look("feature_flag", flag?.name),
  emoji: ofEmoji,
  // The payload has no id.
  vulnerability: () => [{ type: "vulnerability" }],
  ...Object.fromEntries(
    ["create", "destroy", "rename", "transfer", "update"].map((it) => [`project_${it}`, ofProject]),
  ),
  ...Object.fromEntries(["create", "destroy", "rename"].map((it) => [`group_${it}`, ofGroup])),
  ...Object.fromEntries(["create", "destroy"].map((it) => [`subgroup_${it}`, ofGroup])),
  ...Object.fromEntries(["create", "destroy", "rename"].map((it) => [`user_${it}`, ofUser])),
  ...Object.fromEntries(["add_to", "update_for", "remove_from"].map((it) => [`user_${it}_team`, ofMember])),
  ...Object.fromEntries(["add_to", "update_for", "remove_from"].map((it) => [`user_${it}_group`, ofGroupMember])),
};

/** The type that each `X-Gitlab-Event` is about, for a body that says nothing. */
export const headers: Readonly<Record<string, GitLabType>> = {
  "Push Hook": "branch",
  "Tag Push Hook": "tag",
  "Issue Hook": "issue",
  "Confidential Issue Hook": "issue",
  "Merge Request Hook": "merge_request",
  "Wiki Page Hook": "wiki_page",
  "Pipeline Hook": "pipeline",
  "Job Hook": "job",
  "Deployment Hook": "deployment",
  "Member Hook": "group_member",
  "Project Hook": "group_project",
  "Subgroup Hook": "subgroup",
  "Feature Flag Hook": "feature_flag",
  "Release Hook": "release",
  "Milestone Hook": "milestone",
  "Vulnerability Hook": "vulnerability",
};
