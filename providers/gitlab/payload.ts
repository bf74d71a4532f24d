/**
 * Of the payload of an event only what says where to look.
 * @module
 */
import { z } from "zod";

/** A whole number, or one beyond 2^53 as its digits. */
const id = z.union([z.int().nonnegative(), z.string().regex(/^\d+$/)]).transform(String);
/** What names a thing in a path. */
const name = z.string().refine((text) => !["", ".", ".."].includes(text));
const text = z.string().nullish();
const sha = z.string().regex(/^[0-9a-f]{7,64}$/);

const numbered = z.looseObject({ id: id.nullish(), iid: id.nullish() }).nullish();

export const payload = z.looseObject({
  ...{ object_kind: text, event_name: text, event_type: text },
  project: z.looseObject({ id: id.nullish() }).nullish(),
  ...{ project_id: id.nullish(), group_id: id.nullish(), parent_group_id: id.nullish(), user_id: id.nullish() },
  ...{ ref: text, after: text, tag: z.union([name, z.boolean()]).nullish() },
  ...{ build_id: id.nullish(), deployment_id: id.nullish() },
  refs: z.array(z.string()).nullish(),
  commits: z.array(z.looseObject({ id: sha })).nullish(),
  object_attributes: z
    .looseObject({
      ...{ id: id.nullish(), iid: id.nullish(), project_id: id.nullish(), target_project_id: id.nullish() },
      ...{ action: text, type: text, noteable_type: text, commit_id: sha.nullish() },
      ...{ slug: name.nullish(), name: z.string().nullish() },
    })
    .nullish(),
  ...{ issue: numbered, merge_request: numbered, snippet: numbered },
  note: z.looseObject({ id: id.nullish(), noteable_type: text, commit_id: sha.nullish() }).nullish(),
});
export type Payload = z.infer<typeof payload>;
