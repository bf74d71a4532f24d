/** What each webhook gives: those that were recorded, and some of events that nobody recorded, in the words of GitLab's docs. */
import type { Hint } from "tidemark";
import type { Payload } from "tidemark/testing";
import { fixture, type Json, recorded } from "./gitlab.kit.ts";

const pushed = "branch master @15, commit b6568db1bc1dcd7f8b4d5a946b0b91f9dacd7327 @15";
const twice = `${pushed}, commit da1560886d4f094c3e6c9ef40349f7d38b5d27d7 @15`;
const system = "branch master @15, commit c5feabde2d8cd023215af4d2ceeb7a64839fc428 @15";
const commit = "commit cfe32cf61b73a0d5e9f13e774abde7ff789b1660 @5";
const inGroup = (id: number) => `project ${id} @${id}, group_project ${id} @group/3`;
const first = "commit 2adc9465c4edfc33834e173fe89436a7cb899a1d @4861503";
const second = "commit c4c79227ed610f1151f05bbc5be33b4f340d39c8 @4861503";
const third = "commit 78a76ee6b4992a6baf64c59fc4c44c7323d60438 @4861503";
const onRequest = (id: number) => `merge_request_note 1/${id} @4861503, merge_request 1 @4861503`;

/** `type id @scope`; empty: of no use. */
const expected: Readonly<Record<string, string>> = {
  ...under("gitlab4j", {
    "build-event": "job 214655258 @380",
    "deployment-event": "deployment 15 @30",
    "group-member-system-hook-event": "group_member 41 @group/78",
    "group-system-hook-event": "group 64 @group/64",
    "issue-event": "issue 23 @14",
    // No event of GitLab's: there it is a build.
    "job-event": "",
    "merge-request-event": "merge_request 1 @14",
    "note-commit-event": commit,
    "note-issue-event": "issue_note 17/1241 @5, issue 17 @5",
    "note-merge-request-event": "merge_request_note 1/1244 @5, merge_request 1 @5",
    "note-snippet-event": "snippet_note 53/1245 @5, snippet 53 @5",
    "pipeline-event": "pipeline 31 @1, merge_request 1 @1",
    "project-system-hook-event": inGroup(74),
    "push-event": twice,
    "push-system-hook-event": system,
    "repository-system-hook-event": "branch master @1",
    "tag-push-event": "tag v1.0.0 @1",
    "team-member-system-hook-event": "member 41 @74",
    "wiki-page-event": "wiki_page awesome @7",
    "workitem-event": "epic 1 @group/3",
  }),
  ...under("webhooks-goplayground", {
    "build-event": "job 1977 @380",
    "comment-commit-event": commit,
    "comment-issue-event": "issue_note 17/1241 @5, issue 17 @5",
    "comment-merge-request-event": "merge_request_note 1/1244 @5, merge_request 1 @5",
    "comment-snippet-event": "snippet_note 53/1245 @5, snippet 53 @5",
    "confidential-comment-event": "issue_note 17/1241 @5, issue 17 @5",
    "confidential-issue-event": "issue 23 @14",
    "deployment-event": "deployment 15 @30",
    "issue-event": "issue 23 @14",
    "job-event": "job 1977 @380",
    "merge-request-event": "merge_request 1 @14",
    "pipeline-event": "pipeline 31 @1, merge_request 1 @1",
    "push-event": twice,
    "release-event": "release v1.1 @2, tag v1.1 @2",
    "system-group-created": "group 78 @group/78",
    "system-group-member-added": "group_member 41 @group/78",
    "system-group-member-removed": "group_member 41 @group/78",
    "system-group-member-updated": "group_member 41 @group/78",
    "system-group-removed": "group 78 @group/78",
    "system-group-renamed": "group 64 @group/64",
    "system-key-added": "",
    "system-key-removed": "",
    "system-merge-request-event": "merge_request 1 @14",
    "system-project-created": inGroup(74),
    "system-project-destroyed": inGroup(73),
    "system-project-renamed": inGroup(73),
    "system-project-transferred": inGroup(73),
    "system-project-updated": inGroup(74),
    "system-push-event": system,
    "system-tag-event": "tag v1.0.0 @1",
    "system-team-member-added": "member 41 @74",
    "system-team-member-removed": "member 41 @74",
    "system-team-member-updated": "member 41 @74",
    "system-user-created": "user 41 @instance",
    "system-user-failed-login": "",
    "system-user-removed": "user 41 @instance",
    "system-user-renamed": "user 58 @instance",
    "tag-event": "tag v1.0.0 @1",
    "wikipage-event": "wiki_page awesome @7",
  }),
  ...under("webhooks-goscm", {
    branch_create: `branch feature @4861503, ${second}`,
    branch_delete: "branch feature @4861503",
    branch_delete_subgroup: "branch feature @4861503",
    issue_closed: "issue 1 @4861503",
    issue_comment_create: "issue_note 1/50771783 @4861503, issue 1 @4861503",
    issue_create: "issue 1 @4861503",
    issue_edited: "issue 1 @4861503",
    issue_labeled: "issue 1 @4861503",
    issue_reopen: "issue 1 @4861503",
    merge_request_comment_create: onRequest(50772616),
    merge_request_comment_subgroup: onRequest(50772616),
    merge_request_subgroup: "merge_request 1 @4861503",
    pipeline_hook: "pipeline 31 @1, merge_request 15 @1",
    pipeline_subgroup: "pipeline 31 @1, merge_request 15 @1",
    pull_request_close: "merge_request 1 @4861503",
    pull_request_create: "merge_request 1 @4861503",
    pull_request_merge: "merge_request 1 @4861503",
    pull_request_reopen: "merge_request 1 @4861503",
    pull_request_review_ready: "merge_request 3 @44067058",
    push: `branch master @4861503, ${first}`,
    push_merge: `branch master @4861503, ${second}, ${third}`,
    push_subgroup: `branch master @4861503, ${first}`,
    review_comment_create: onRequest(50772639),
    tag_create: "tag v1.0.0 @4861503",
    tag_delete: "tag v1.0.0 @4861503, release v1.0.0 @4861503",
    tag_delete_subgroup: "tag v1.0.0 @4861503, release v1.0.0 @4861503",
  }),
};

function under(folder: string, all: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(all).map(([name, refs]) => [`${folder}/${name}`, refs]));
}

const project = { project: { id: 6 }, project_id: 6 };
const about = (object_kind: string, object_attributes: Json, more: Json = project): Json => ({
  object_kind,
  object_attributes,
  ...more,
});
const reacted = (more: Json): Json => about("emoji", { id: 1, name: "tada", action: "award" }, { ...project, ...more });
const note = (noteable_type: string, more: Json = {}): Json => ({ id: 9, noteable_type, commit_id: null, ...more });
const NONE = "0".repeat(40);

/** Shapes: docs.gitlab.com/user/project/integrations/webhook_events and docs.gitlab.com/administration/system_hooks. */
const others: readonly (readonly [name: string, body: Json, refs: string])[] = [
  ["milestone closed", about("milestone", { id: 61, iid: 10, action: "close" }), "milestone 61 @6"],
  ["milestone of a group", about("milestone", { id: 61 }, { group: { group_id: 3 } }), "milestone 61 @7"],
  ["flag", about("feature_flag", { id: 6, name: "a flag", active: true }), "feature_flag a flag @6"],
  [
    "merge request of a fork",
    about("merge_request", { iid: 5, target_project_id: 6 }, { project: { id: 9 } }),
    "merge_request 5 @6",
  ],
  ["comment on a commit that is none", about("note", note("Commit", { commit_id: "" })), ""],
  ["task", about("work_item", { id: 301, iid: 4, type: "Task", action: "open" }), "issue 4 @6"],
  ["page renamed", about("wiki_page", { slug: "a/b", action: "update" }), "wiki_page a/b @6, wiki_page @6"],
  ["page deleted", about("wiki_page", { slug: "a/b", action: "delete" }), "wiki_page a/b @6"],
  ["release deleted", { object_kind: "release", action: "delete", tag: "v1", ...project }, "release v1 @6, tag v1 @6"],
  ["vulnerability", about("vulnerability", { project_id: 50, url: "https://x/1" }, {}), "vulnerability @50"],
  ["reaction to an issue", reacted({ issue: { id: 1, iid: 42 } }), "issue 42 @6"],
  ["reaction to a merge request", reacted({ merge_request: { id: 1, iid: 5 } }), "merge_request 5 @6"],
  ["reaction to a snippet", reacted({ snippet: { id: 53 } }), "snippet 53 @6"],
  [
    "reaction to a comment",
    reacted({ note: note("Issue"), issue: { id: 1, iid: 42 } }),
    "issue_note 42/9 @6, issue 42 @6",
  ],
  ["reaction to a commit", reacted({ note: note("Commit", { commit_id: "cfe32cf6" }) }), "commit cfe32cf6 @6"],
  ["comment on an epic", about("note", note("Epic"), { group_id: 3 }), ""],
  ["token expires", about("access_token", { id: 25, user_id: 90 }), ""],
  ["access requested", { event_name: "user_access_request_to_group", group_id: 3, user_id: 64 }, ""],
  ["project destroyed", { event_name: "project_destroy", project_id: 22, project_namespace_id: 32 }, inGroup(22)],
  [
    "subgroup destroyed",
    { event_name: "subgroup_destroy", group_id: 10, parent_group_id: 7 },
    "group 10 @group/10, subgroup 10 @group/7",
  ],
  ["key", { event_name: "key_create", id: 4, username: "root" }, ""],
  [
    "many refs",
    { event_name: "repository_update", project_id: 1, refs: ["refs/heads/fix/a", "refs/tags/v1", "refs/keep/x"] },
    "branch fix/a @1, tag v1 @1",
  ],
  ["no branch left", { object_kind: "push", ref: "refs/heads/..", after: NONE, ...project }, ""],
  ["something new", about("satellite", { id: 1 }), ""],
  ["a name of every object", about("toString", { id: 1 }), ""],
];

const hintOf = (text: string): Hint => {
  const [, type = "", id, scope = ""] = /^(\S+)(?: (.+?))? @(\S+)$/.exec(text) ?? [];
  return { type, ...(id !== undefined && { id }), scope };
};
const hintsOf = (refs: string): Payload["hints"] => (refs === "" ? "ignored" : refs.split(", ").map(hintOf));

/** Each webhook that is known of, and what it gives. */
export const payloads: readonly Payload[] = [
  ...recorded
    .filter((name) => name.startsWith("webhooks-") || name.endsWith("-event"))
    .map((name) => {
      const refs = expected[name];
      if (refs === undefined) throw new Error(`${name}: say what it gives`);
      return { name, body: JSON.stringify(fixture(`${name}.json`)), hints: hintsOf(refs) };
    }),
  ...others.map(([name, body, refs]) => ({ name, body: JSON.stringify(body), hints: hintsOf(refs) })),
];
