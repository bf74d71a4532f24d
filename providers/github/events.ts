/**
 * Where each event says to look (docs.github.com/webhooks/webhook-events-and-payloads). One that is not here is of no use.
 * @module
 */
import type { Payload } from "./payload.ts";
import { type Fields, homeOf, idIn, versionOf } from "./state.ts";
import { definitions, type GitHubType } from "./types.ts";

/**
 * A resource to look at, or without an id all of a type. Without a scope it is in the repository or the organisation of
 * the payload.
 */
export interface Look {
  type: GitHubType;
  id?: string;
  /** What the payload shows: a read must show at least that. None for what was deleted. */
  version?: number;
  scope?: string;
}

/** One that the payload shows. */
type Found = Look & { id: string };

/** An object of a payload: where to find what it shows. */
function look(type: GitHubType, object: Fields | null | undefined): Found[] {
  const definition = definitions[type];
  const id = object ? idIn(definition, object) : undefined;
  if (!object || id === undefined) return [];
  const version = versionOf(definition, object);
  return [{ type, id, ...(version !== undefined && { version }) }];
}

/** The object that the event is about. What has left has no version to wait for. */
const subject = (type: GitHubType, object: Fields | null | undefined, { action }: Payload): Look[] =>
  look(type, object).map(({ version, ...found }) =>
    version === undefined || action === "deleted" || action === "transferred" ? found : { ...found, version },
  );

/** Actions that change what a milestone counts. */
const counting = ["opened", "closed", "reopened", "deleted", "transferred", "milestoned", "demilestoned"];

/** The milestone whose counters changed with an issue or a pull request. */
const milestoneOf = (object: Fields | null | undefined, { action, milestone }: Payload): Look[] =>
  counting.includes(action ?? "") ? look("milestone", milestone ?? (object?.["milestone"] as Fields | null)) : [];

/** Issues name the pull requests among them. */
const issueType = (issue: Payload["issue"]): GitHubType => (issue?.["pull_request"] ? "pull_request" : "issue");

/** An issue that may be in another repository. */
const issueAnywhere = (issue: Payload["issue"]): Look[] =>
  look(issueType(issue), issue).map((found) => ({ ...found, scope: homeOf(issue ?? {}) }));

const ofRepository = ({ repository }: Payload): Look[] => look("repository", repository);
const ofPullRequest = (given: Payload): Look[] => look("pull_request", given.pull_request);
/** What a push, a creation or a deletion names: `fix/a` is a branch or a tag. */
const ofRef = (id: string | null | undefined, type: string | null | undefined): Look[] =>
  id && (type === "branch" || type === "tag") ? [{ type, id }] : [];

/** The same with its whole name. */
function ofFullRef(ref: string | null | undefined): Look[] {
  const [, kind, id] = /^refs\/(heads|tags)\/(.+)$/.exec(ref ?? "") ?? [];
  return ofRef(id, kind === "heads" ? "branch" : "tag");
}

/** A team, and who may work in a repository because of it. A new name gives it another slug; the old one is not told. */
const ofTeam = ({ team, repository, changes }: Payload): Look[] => [
  ...look("team", team).map(({ type, id }) => ({ type, id })),
  ...(changes?.name ? [{ type: "team" } as const] : []),
  ...(repository ? [{ type: "collaborator" } as const] : []),
];

/** Repositories that an App has got or has lost: in those reads say that they are lost. */
const ofInstallation = ({ repositories, repositories_added, repositories_removed }: Payload): Look[] =>
  [repositories, repositories_added, repositories_removed].flatMap((some) =>
    (some ?? []).flatMap((one) => look("repository", one).map((found) => ({ ...found, scope: one.full_name }))),
  );

/** A repository under the name it had: reads there now say that it moved. */
function formerName({ repository, changes }: Payload): Look[] {
  const { user, organization } = changes?.owner?.from ?? {};
  const owner = user?.login ?? organization?.login;
  const name = changes?.repository?.name?.from;
  if (owner === undefined && name === undefined) return [];
  const [nowOwner = "", nowName = ""] = repository?.full_name.split("/") ?? [];
  const scope = `${owner ?? nowOwner}/${name ?? nowName}`;
  return look("repository", repository).map(({ type, id }) => ({ type, id, scope }));
}

export const events: Readonly<Record<string, (given: Payload) => Look[]>> = {
  issues: (given) => [
    ...subject(issueType(given.issue), given.issue, given),
    ...milestoneOf(given.issue, given),
    ...issueAnywhere(given.changes?.new_issue),
  ],
  sub_issues: ({ parent_issue, sub_issue }) => [...issueAnywhere(parent_issue), ...issueAnywhere(sub_issue)],
  issue_dependencies: ({ blocked_issue, blocking_issue }) => [
    ...issueAnywhere(blocked_issue),
    ...issueAnywhere(blocking_issue),
  ],
  issue_comment: (given) => [
    ...subject("issue_comment", given.comment, given),
    ...look(issueType(given.issue), given.issue),
  ],
  pull_request: (given) => [...ofPullRequest(given), ...milestoneOf(given.pull_request, given)],
  pull_request_review: (given) => [...look("review", given.review), ...ofPullRequest(given)],
  pull_request_review_comment: (given) => [...subject("review_comment", given.comment, given), ...ofPullRequest(given)],
  pull_request_review_thread: ofPullRequest,
  // Its old name, too: that is now nobody's.
  label: (given) => [
    ...subject("label", given.label, given),
    ...(given.changes?.name ? [{ type: "label", id: given.changes.name.from } as const] : []),
  ],
  milestone: (given) => subject("milestone", given.milestone, given),
  release: (given) => subject("release", given.release, given),
  repository: (given) => [...subject("repository", given.repository, given), ...formerName(given)],
  public: ofRepository,
  star: ofRepository,
  fork: ofRepository,
  push: (given) => [...ofFullRef(given.ref), ...ofRepository(given)],
  create: ({ ref, ref_type }) => ofRef(ref, ref_type),
  delete: ({ ref, ref_type }) => ofRef(ref, ref_type),
  // Whether a branch is protected is in its state; a rule's name may be a pattern.
  branch_protection_rule: () => [{ type: "branch" }],
  commit_comment: ({ comment }) => look("commit_comment", comment),
  workflow_run: ({ workflow_run }) => look("workflow_run", workflow_run),
  workflow_job: ({ workflow_job }) => look("workflow_run", { id: workflow_job?.["run_id"] }),
  check_run: ({ check_run }) => look("check_run", check_run),
  deployment: ({ deployment }) => look("deployment", deployment),
  deployment_status: ({ deployment }) => look("deployment", deployment),
  deployment_review: ({ workflow_run }) => look("workflow_run", workflow_run),
  member: ({ member }) => look("collaborator", member),
  organization: ({ membership }) => look("organization_member", membership),
  team: ofTeam,
  team_add: ofTeam,
  membership: (given) => ofTeam(given),
  installation: ofInstallation,
  installation_repositories: ofInstallation,
};
