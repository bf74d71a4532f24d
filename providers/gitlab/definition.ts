/**
 * What is particular to a type of GitLab's. The table of them is in `types.ts`.
 * @module
 */
import type { Place } from "./scope.ts";
import type { Fields } from "./state.ts";
import type { GitLabType } from "./types.ts";

/** Times by which GitLab sorts a list, and from which on it gives one: `created_after`, `updated_after`. */
export type Order = "created_at" | "updated_at";

/**
 * Paths are below the root of the API. In them `{scope}` stands for the number of the project or group, `{id}` for the
 * id; where it is listed within another, `{parent}` for that one's, and `{id}` for the rest.
 */
export interface Definition {
  /** What it is in. Elsewhere there is none of it. */
  in: Place;
  /** The field that is the id, or what finds it: in a scope it never names anything else while the resource lives. */
  key: string | ((state: Fields) => unknown);
  path: string;
  /** Where all are listed. Left out: nowhere, or, where the id is the scope's own, there is just the one. */
  list?: string;
  /** The type that it is listed within; `list` then has `{parent}`. */
  within?: GitLabType;
  /** There is just the one, and its id is the scope's. */
  single?: true;
  query?: Readonly<Record<string, string>>;
  /** The list is sorted by this when all is read, and goes on from the time of the last row. */
  order?: Order;
  /** It can be asked for what was updated since. `sorted`: by that time, too. */
  since?: "sorted" | "unsorted";
  /** The list gives what `fetch` gives, but for the volatile paths. */
  whole?: true;
  /** The list can be asked for up to a hundred by their `iid`. */
  batch?: true;
  /** Some are shown to members of a certain role alone; to others they are not found. */
  hides?: true;
  /** The field, or what finds it, that names the scope's number: what is found by its own id may have moved elsewhere. */
  home?(state: Fields): unknown;
  /** Fields with times that never fall; the latest is the version. */
  versions?: readonly string[];
  /** The field that grows when the id is deleted and created again: GitLab's own number, or the time of creation. */
  incarnation?: "id" | "created_at";
  /** What differs on every read, depends on who asks, or is in only one of list and `fetch`. */
  volatile?: readonly string[];
}
