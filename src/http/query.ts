/**
 * What a request for changes asks for, checked, and held within what its caller may see.
 * @module
 */
import type { View } from "./access.ts";
import { refusal } from "./reply.ts";

/** Which changes. */
export interface Asked {
  /** The cursor to resume after; null: from the beginning. */
  after: string | null;
  /** Only what comes from now on. */
  now: boolean;
  types?: readonly string[];
  scope?: string;
  /** How many at most, of a page. */
  limit: number;
}

/** Changes of a page, unless asked for fewer or more. */
const LIMIT = 100;
const MOST = 1_000;
const KNOWN = new Set(["after", "from", "types", "scope", "limit"]);

/** What the query says; a `Response`: what is wrong with it. */
export function askedOf(request: Request, view: View): Asked | Response {
  const query = new URL(request.url).searchParams;
  const unknown = [...query.keys()].find((name) => !KNOWN.has(name));
  if (unknown !== undefined) return refusal(400, `unknown parameter: there are ${[...KNOWN].join(", ")}`);
  const from = query.get("from") ?? "start";
  if (from !== "start" && from !== "now") return refusal(400, 'from must be "start" or "now"');
  const limit = Number(query.get("limit") ?? LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST) return refusal(400, `limit must be from 1 to ${MOST}`);
  // What an EventSource saw last is later than what it was first asked to begin after.
  const after = request.headers.get("last-event-id") || query.get("after") || null;
  const types = typesOf(query);
  const within = narrowed(types, query.get("scope") ?? undefined, view);
  return within instanceof Response ? within : { after, now: from === "now", limit, ...within };
}

/** `types=a,b&types=c`. */
function typesOf(query: URLSearchParams): readonly string[] | undefined {
  const types = query.getAll("types").flatMap((some) => some.split(",").filter((type) => type !== ""));
  return types.length === 0 ? undefined : types;
}

/** Both what is asked for and what may be seen; a `Response` if something else is asked for. */
export function narrowed(types: readonly string[] | undefined, scope: string | undefined, view: View): View | Response {
  if (scope !== undefined && view.scope !== undefined && scope !== view.scope) return refusal(403, "not your scope");
  const allowed = view.types && new Set(view.types);
  if (allowed && types?.some((type) => !allowed.has(type))) return refusal(403, "not your types");
  const [inTypes, inScope] = [types ?? view.types, scope ?? view.scope];
  return { ...(inTypes && { types: inTypes }), ...(inScope !== undefined && { scope: inScope }) };
}
