/**
 * What is said of a hook by GitHub, and what is wrong with it: pure.
 * @module
 */
import type { EndpointCheck, EndpointFault } from "tidemark";
import { z } from "zod";
import { isOrganization } from "./state.ts";
import { definitions, type GitHubType } from "./types.ts";

const id = z.union([z.string(), z.int()]).transform(String);

/** A hook. Of its secret GitHub shows asterisks; of what came last, how it was answered. */
export const hook = z.looseObject({
  id,
  active: z.boolean(),
  events: z.array(z.string()),
  config: z.looseObject({ url: z.string().nullish(), secret: z.string().nullish() }),
  last_response: z.looseObject({ code: z.number().nullish() }).nullish(),
});
export type Hook = z.infer<typeof hook>;

/** The events of the hooks, and the types that they tell of. Those of Apps alone are not among them. */
const TELLS: Readonly<Record<string, readonly GitHubType[]>> = {
  issues: ["issue", "pull_request", "milestone"],
  sub_issues: ["issue"],
  issue_dependencies: ["issue"],
  issue_comment: ["issue_comment", "issue", "pull_request"],
  pull_request: ["pull_request", "milestone"],
  pull_request_review: ["review", "pull_request"],
  pull_request_review_comment: ["review_comment", "pull_request"],
  pull_request_review_thread: ["pull_request"],
  label: ["label"],
  milestone: ["milestone"],
  release: ["release"],
  repository: ["repository"],
  public: ["repository"],
  star: ["repository"],
  fork: ["repository"],
  push: ["branch", "tag", "repository"],
  create: ["branch", "tag"],
  delete: ["branch", "tag"],
  branch_protection_rule: ["branch"],
  commit_comment: ["commit_comment"],
  workflow_run: ["workflow_run"],
  workflow_job: ["workflow_run"],
  check_run: ["check_run"],
  deployment: ["deployment"],
  deployment_status: ["deployment"],
  member: ["collaborator"],
  team_add: ["collaborator", "team"],
  team: ["team"],
  membership: ["team"],
  organization: ["organization_member"],
};

/** The events that the types need in a scope: those of a repository in its hook, those of an organisation in its own. */
export function eventsFor(types: readonly GitHubType[], scope: string): string[] {
  const there = types.filter((type) => (definitions[type].ofOrganization ?? false) === isOrganization(scope));
  return Object.entries(TELLS).flatMap(([event, told]) => (told.some((type) => there.includes(type)) ? [event] : []));
}

/** The events that are needed and not sent. */
export const lackingIn = ({ events }: Hook, needed: readonly string[]): string[] =>
  events.includes("*") ? [] : needed.filter((event) => !events.includes(event));

/** Whether what it sent last was answered as what is signed with another secret is. */
export const isRefused = ({ last_response }: Hook): boolean => last_response?.code === 401;

/** What is wrong with a hook. */
export function verdictOn(found: Hook | undefined, others: number, needed: readonly string[]): EndpointCheck {
  // No type is of this scope.
  if (needed.length === 0) return { ok: true };
  if (!found && others === 0) return wrong("missing", "there is no hook");
  if (!found) return wrong("elsewhere", `none of the hooks here has this URL; others: ${others}`);
  if (!found.active) return wrong("disabled", "the hook is not active");
  const lacking = lackingIn(found, needed);
  if (lacking.length > 0) return wrong("events", `the hook does not send ${lacking.join(", ")}`);
  if (!found.config.secret) return wrong("secret", "the hook has no secret");
  if (isRefused(found)) return wrong("secret", "what the hook sent last was refused (401): its secret is another one");
  return { ok: true };
}

const wrong = (fault: EndpointFault, problem: string): EndpointCheck => ({ ok: false, fault, problem });
