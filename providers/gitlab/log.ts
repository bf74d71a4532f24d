/**
 * The log of what a hook sent, and what came of it (docs.gitlab.com/api/project_webhooks, GitLab 17.3 and later).
 * @module
 */
import type { Awaitable } from "tidemark";
import type { Access, Client } from "tidemark/client";
import { z } from "zod";
import { nextOf } from "./client.ts";

/** The hook whose log is read in a scope, by its path: `"projects/278964/hooks/12"`, `"groups/9970/hooks/7"`. */
export type HookOf = (scope: string) => Awaitable<string | undefined>;

const PATH = /^(projects|groups)\/\d+\/hooks\/\d+$/;
const WRONG = 'which is no hook: write "projects/278964/hooks/12" or "groups/9970/hooks/7"';

/**
 * The hook of a scope, if there is one.
 * @throws TypeError for what is none
 */
export async function hookFor(hookOf: HookOf, scope: string): Promise<string | undefined> {
  const hook = await hookOf(scope);
  if (hook === undefined || PATH.test(hook)) return hook;
  throw new TypeError(`gitlab({ deliveries }) gave ${hook}, ${WRONG}`);
}

const id = z.union([z.int(), z.string().regex(/^\d+$/)]).transform(String);
const header = z.record(z.string(), z.unknown()).nullish();

const entry = z.looseObject({
  id,
  /** A status, or that there was none: "internal error". */
  response_status: z.union([z.string(), z.number()]).transform(String),
  request_headers: header,
  request_data: z.unknown().optional(),
  /** Older servers do not tell. */
  created_at: z.string().nullish(),
});
/** What was sent once. */
export type Entry = z.infer<typeof entry>;

/** The most that GitLab gives of them. */
const PER_PAGE = 20;

/** A page of a hook's log, newest first; undefined if the token may not read it. */
export async function readLog(client: Client, hook: string, page: number, access: Access) {
  const query = { per_page: PER_PAGE, page };
  const { status, body, headers } = await client.get(`${hook}/events`, access, { query, allow: [403, 404] });
  if (status === 403 || status === 404) return undefined;
  return { entries: z.array(entry).parse(body), more: nextOf(headers.get("link") ?? "") !== undefined };
}

/** Whether nobody took it: a redirect is not followed. */
export const isLost = ({ response_status }: Entry): boolean => !/^2\d\d$/.test(response_status);

/** A header of what was sent, however it is written. */
export function headerOf({ request_headers }: Entry, name: string): string | null {
  const [, value] = Object.entries(request_headers ?? {}).find(([key]) => key.toLowerCase() === name) ?? [];
  return typeof value === "string" ? value : null;
}
