/**
 * The options of `gitlab`, and what is checked of them.
 * @module
 */
import type { Awaitable } from "tidemark";
import type { Fetch } from "tidemark/client";
import type { Secrets } from "tidemark/verify";
import type { HookOf } from "./log.ts";
import type { Names } from "./scope.ts";
import { definitions, type GitLabType } from "./types.ts";

/** The options of `gitlab`. */
export interface GitLabOptions<T extends GitLabType = GitLabType> {
  /** The GitLab, `"https://gitlab.example.com"`; with its path, if it has one. Default `"https://gitlab.com"`. */
  url?: string;
  /**
   * A personal, project or group access token, or one of OAuth, that may read the API (`read_api`); or a function that has
   * one for each scope, asked before each request.
   */
  token: string | ((scope: string) => Awaitable<string>);
  /**
   * The signing token of the hooks, `"whsec_…"`, as GitLab 19 and later has it, or the secret token of older ones; both,
   * or two of them, while one is being replaced.
   */
  webhookSecret: Secrets;
  /** The projects by their numbers, `"278964"`; or a function that knows the current ones. Each is a scope. */
  projects?: Names;
  /** The groups by their numbers, `"9970"`, in the same forms. Each is a scope, `"group/9970"`. Default none. */
  groups?: Names;
  /** Whether the users of the whole GitLab are synchronized, in the scope `"instance"`. Needs an administrator's token. */
  instance?: boolean;
  /** What to synchronize. Default: every type. */
  types?: readonly T[];
  /**
   * What there was before: `"all"` (default); a date, for what was updated since where GitLab can tell, and all of the
   * other types; `"none"`, for what webhooks and feeds name from now on. Sweeps then read again what is recorded.
   */
  backfill?: "all" | "none" | Date;
  /**
   * The hook whose log is read, for each scope: what was not delivered is looked at. That of a group is to be named in one
   * scope alone. Default: none is read.
   */
  deliveries?: HookOf;
  /** Default: the global one, looked up at each request. */
  fetch?: Fetch;
}

/** @throws TypeError for an option that is wrong, with what to write instead */
export function checkOptions({ token, types, backfill = "all" }: GitLabOptions): void {
  if (typeof token !== "function" && !isToken(token)) {
    throw new TypeError("gitlab({ token }) must be an access token, or a function that has one for each scope");
  }
  const all = Object.keys(definitions).join(", ");
  if (types !== undefined && (!Array.isArray(types) || types.length === 0)) {
    throw new TypeError(`gitlab({ types }) must list some of ${all}; leave it out for all of them`);
  }
  for (const type of types ?? []) {
    if (!Object.hasOwn(definitions, type)) {
      throw new TypeError(`gitlab({ types }): there is no "${type}"; there are: ${all}`);
    }
    const { within } = definitions[type as GitLabType];
    if (within !== undefined && !types?.includes(within)) {
      throw new TypeError(`gitlab({ types }): "${type}" is listed within "${within}": name that, too`);
    }
  }
  if (backfill !== "all" && backfill !== "none" && !(backfill instanceof Date && !Number.isNaN(backfill.getTime()))) {
    throw new TypeError('gitlab({ backfill }) must be "all", "none" or a Date');
  }
}

/** What fits into a header. */
export const isToken = (token: unknown): token is string => typeof token === "string" && /^[!-~]+$/.test(token);
