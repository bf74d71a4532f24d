/**
 * What is particular to a type of GitHub's. The table of them is in `types.ts`.
 * @module
 */
import type { Fields } from "./state.ts";
import type { GitHubType } from "./types.ts";

/** Paths are below `/repos/{owner}/{repo}`, or below `/orgs/{org}` for what belongs to an organisation. */
export interface Definition {
  /** It belongs to an organisation: in a repository there is none of it. */
  ofOrganization?: true;
  /** The field that is the id, or what finds it: in a scope it never names anything else while the resource lives. */
  key: string | ((state: Fields) => unknown);
  /** `{id}` stands for the id; where it is listed within another, `{parent}` for that one's, `{id}` for the rest. */
  path: string;
  /** A path that answers 404 if it is not there, where `path` answers in any case. */
  check?: string;
  /** Where all are listed; left out with `path: ""`: there is only the one that `path` gives. */
  list?: string;
  /** The type that it is listed within; `list` then has `{parent}`. */
  within?: GitHubType;
  /** The field of the list's answer that holds the rows. */
  rows?: string;
  /** The parameters of the list. */
  query?: Readonly<Record<string, string>>;
  /** The list can be filtered by `since`. */
  since?: true;
  /** The list gives what `fetch` gives, but for the volatile paths. */
  whole?: true;
  /** Its states do not say where they belong. Then only a redirect tells that the scope has another name. */
  homeless?: true;
  /** Fields with times that never fall; the latest is the version. */
  versions?: readonly string[];
  /**
   * The field with the time of creation, where the id is a number within the repository: those begin with 1 again in
   * a repository that is deleted and created again by its name.
   */
  created?: string;
  /** What differs on every read, or between the list and `fetch`. */
  volatile?: readonly string[];
  /** Whether a state is of this type at all: the issues API answers for pull requests, too. */
  isOne?(state: Fields): boolean;
}
