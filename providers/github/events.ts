/**
 * Where each event says to look (docs.github.com/webhooks/webhook-events-and-payloads). One that is not here is of no use.
 * @module
 */
import { z } from "zod";
import { definitions, type Fields, type GitHubType, homeOf, versionOf } from "./types.ts";

/** A resource to look at. Without a scope it is in the repository of the payload. */
export interface Look {
  type: GitHubType;
  id: string;
  /** What the payload shows: a read must show at least that. None for what was deleted. */
  version?: number;
  scope?: string;
}

const thing = z.looseObject({}).nullish();
const from = z.looseObject({ from: z.string() }).nullish();
const account = z.looseObject({ login: z.string() }).nullish();

/** Of a payload only what says where to look. */
export const payload = z.looseObject({
  action: z.string().nullish(),
  repository: z.looseObject({ full_name: z.string() }).nullish(),
  changes: z
    .looseObject({
      name: from,
      new_issue: thing,
      repository: z.looseObject({ name: from }).nullish(),
      owner: z.looseObject({ from: z.looseObject({ user: account, organization: account }) }).nullish(),
    })
    .nullish(),
  ...{ ref: z.string().nullish(), ref_type: z.string().nullish() },
  ...{ issue: thing, comment: thing, pull_request: thing, label: thing, milestone: thing, release: thing },
  ...{ parent_issue: thing, sub_issue: thing, blocked_issue: thing, blocking_issue: thing },
});
export type Payload = z.infer<typeof payload>;

/** An object of a payload: where to find what it shows. */
function look(type: GitHubType, object: Fields | null | undefined): Look[] {
  const definition = definitions[type];
  const id = object?.[definition.key];
  if (!object || (typeof id !== "number" && typeof id !== "string")) return [];
  const version = versionOf(definition, object);
  return [{ type, id: String(id), ...(version !== undefined && { version }) }];
}

/** The object that the event is about. What has left has no version to wait for. */
const subject = (type: GitHubType, object: Fields | null | undefined, { action }: Payload): Look[] =>
  look(type, object).map((found) =>
    action === "deleted" || action === "transferred" ? { type, id: found.id } : found,
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
const ofBranch = (id: string | null | undefined): Look[] => (id ? [{ type: "branch", id }] : []);

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

const BRANCH = "refs/heads/";

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
  pull_request_review: ofPullRequest,
  pull_request_review_comment: ofPullRequest,
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
  push: (given) => [
    ...ofBranch(given.ref?.startsWith(BRANCH) ? given.ref.slice(BRANCH.length) : null),
    ...ofRepository(given),
  ],
  create: ({ ref, ref_type }) => ofBranch(ref_type === "branch" ? ref : null),
  delete: ({ ref, ref_type }) => ofBranch(ref_type === "branch" ? ref : null),
};
