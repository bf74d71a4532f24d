/**
 * Of the payload of an event only what says where to look.
 * @module
 */
import { z } from "zod";

/** A whole number, or one beyond 2^53 as its digits. */
const id = z.union([z.int().nonnegative(), z.string().regex(/^\d+$/)]).transform(String);
const text = z.string().nullish();

const numbered = z.looseObject({ id: id.nullish(), iid: id.nullish() }).nullish();

export const payload = z.looseObject({
  ...{ object_kind: text, event_name: text, event_type: text },
  project: z.looseObject({ id: id.nullish() }).nullish(),
  ...{ project_id: id.nullish(), group_id: id.nullish(), parent_group_id: id.nullish(), user_id: id.nullish() },
  ...{ ref: text, after: text, tag: z.union([z.string(), z.boolean()]).nullish() },
  ...{ build_id: id.nullish(), deployment_id: id.nullish() },
  refs: z.array(z.string()).nullish(),
  commits: z.array(z.looseObject({ id: z.string() })).nullish(),
  object_attributes: z
    .looseObject({
      ...{ id: id.nullish(), iid: id.nullish(), project_id: id.nullish(), target_project_id: id.nullish() },
      ...{ action: text, type: text, noteable_type: text, commit_id: text },
      ...{ slug: text, name: text },
    })
    .nullish(),
  ...{ issue: numbered, merge_request: numbered, snippet: numbered },
  note: z.looseObject({ id: id.nullish(), noteable_type: text, commit_id: text }).nullish(),
});
export type Payload = z.infer<typeof payload>;
