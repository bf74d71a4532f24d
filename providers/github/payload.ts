/**
 * Of the payload of an event only what says where to look.
 * @module
 */
import { z } from "zod";

const thing = z.looseObject({}).nullish();
const from = z.looseObject({ from: z.string() }).nullish();
const repositories = z.array(z.looseObject({ full_name: z.string() })).nullish();
const account = z.looseObject({ login: z.string() }).nullish();

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
  ...{ review: thing, workflow_run: thing, workflow_job: thing, check_run: thing, deployment: thing },
  ...{ member: thing, team: thing, organization: account },
  membership: z.looseObject({ user: thing }).nullish(),
  ...{ repositories, repositories_added: repositories, repositories_removed: repositories },
  ...{ parent_issue: thing, sub_issue: thing, blocked_issue: thing, blocking_issue: thing },
});
export type Payload = z.infer<typeof payload>;
