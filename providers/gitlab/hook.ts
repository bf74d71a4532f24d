/**
 * What is said of a hook by GitLab, and what is wrong with it: pure.
 * @module
 */
import type { EndpointCheck, EndpointFault } from "tidemark";
import { z } from "zod";
import type { Place } from "./scope.ts";
import type { GitLabType } from "./types.ts";

export const hook = z.looseObject({
  id: z.union([z.int(), z.string().regex(/^\d+$/)]).transform(String),
  url: z.string(),
  alert_status: z.string().nullish(),
  /** Older servers say neither. */
  token_present: z.boolean().nullish(),
  signing_token_present: z.boolean().nullish(),
  custom_webhook_template: z.string().nullish(),
  push_events_branch_filter: z.string().nullish(),
});
export type Hook = z.infer<typeof hook>;

/** The events of a hook, and the types that they tell of. */
const EVENTS: Readonly<Record<string, readonly GitLabType[]>> = {
  push_events: ["branch", "commit"],
  tag_push_events: ["tag"],
  issues_events: ["issue"],
  confidential_issues_events: ["issue"],
  note_events: ["issue_note", "merge_request_note", "snippet_note", "snippet"],
  confidential_note_events: ["issue_note"],
  merge_requests_events: ["merge_request"],
  pipeline_events: ["pipeline"],
  job_events: ["job"],
  deployment_events: ["deployment"],
  releases_events: ["release"],
  milestone_events: ["milestone"],
  wiki_page_events: ["wiki_page"],
  feature_flag_events: ["feature_flag"],
  vulnerability_events: ["vulnerability"],
};
const GROUP: Readonly<Record<string, readonly GitLabType[]>> = {
  ...EVENTS,
  issues_events: ["issue", "epic"],
  member_events: ["group_member"],
  subgroup_events: ["subgroup"],
  project_events: ["group_project", "project"],
};
/** A system hook tells of projects, groups and users in any case. */
const SYSTEM: Readonly<Record<string, readonly GitLabType[]>> = {
  push_events: ["branch", "commit"],
  tag_push_events: ["tag"],
  merge_requests_events: ["merge_request"],
  repository_update_events: ["branch", "tag"],
};
const TABLES = { project: EVENTS, group: GROUP, instance: SYSTEM };

/** The events that the types need. */
export const flagsOf = (types: readonly GitLabType[], place: Place): string[] =>
  Object.entries(TABLES[place]).flatMap(([flag, told]) => (told.some((type) => types.includes(type)) ? [flag] : []));

/** What was seen: the hook, whether what it sent last was refused, and how many there are in all. */
interface Seen {
  found: Hook | undefined;
  refused: boolean;
  others: number;
}

/** What is wrong with a hook. `plain`: whether there is a secret token for one that signs nothing. */
export function verdictOn({ found, refused, others }: Seen, flags: readonly string[], plain: boolean): EndpointCheck {
  if (!found && others === 0) return wrong("missing", "there is no hook");
  if (!found) return wrong("elsewhere", `none of the hooks here has this URL; others: ${others}`);
  const { alert_status, token_present, signing_token_present } = found;
  if (alert_status && alert_status !== "executable") {
    return wrong("disabled", `the hook is ${alert_status}: it failed too often`);
  }
  // What an older server does not tell is no fault.
  const off = flags.filter((flag) => found[flag] === false);
  if (off.length > 0) return wrong("events", `the hook does not send ${off.join(", ")}`);
  if (found.custom_webhook_template) return wrong("form", "the hook has a template of its own");
  if (found.push_events_branch_filter) return wrong("form", "the hook sends pushes of some branches only");
  const lacks = plain ? token_present === false && !signing_token_present : signing_token_present === false;
  if (lacks) return wrong("secret", `the hook has no ${plain ? "signing token and no secret token" : "signing token"}`);
  if (refused) return wrong("secret", "what the hook sent last was refused (401): its secret is another one");
  return { ok: true };
}

const wrong = (fault: EndpointFault, problem: string): EndpointCheck => ({ ok: false, fault, problem });
