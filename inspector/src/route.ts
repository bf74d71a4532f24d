/**
 * Views have addresses: the part after `#`, so that they can be linked and no server sees what is looked at. Pure.
 *
 *   #/changes?type=stripe.invoice          #/resource/stripe.invoice/in_1?scope=acct_1
 * @module
 */

/** A view: its name, what it is about, and how it is narrowed. */
export interface Route {
  readonly view: string;
  readonly parts: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

/** The view of an address; the overview of one that means nothing. */
export function routeOf(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const [view = "", ...parts] = path.split("/").map(decoded);
  return { view: view === "" ? "overview" : view, parts, query: Object.fromEntries(new URLSearchParams(search)) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a view; what is empty is left out. */
export function linkTo(
  view: string,
  parts: readonly string[] = [],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value);
  const path = [view === "overview" ? "" : view, ...parts].map(encodeURIComponent).join("/");
  return `#/${path}${search.size > 0 ? `?${search}` : ""}`;
}

/** The address of a resource. */
export const resourceLink = ({ type, scope, id }: { type: string; scope: string; id: string }): string =>
  linkTo("resource", [type, id], { scope });
