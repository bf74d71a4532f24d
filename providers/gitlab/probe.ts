/**
 * Whether a type can be read in a scope.
 *
 * GitLab answers 404 for what is gone and for what we may not see. So an absence is believed only while the scope can be
 * seen, its list can be read, and nothing of the type is hidden from the token.
 * @module
 */
import { AccessLost, type Context } from "tidemark";
import type { Access, Client } from "tidemark/client";
import { get, getPage, inScope } from "./client.ts";
import type { Definition } from "./definition.ts";
import { numberOf, placeOf } from "./scope.ts";
import { type Fields, textOf } from "./state.ts";

/**
 * The role from which on nothing in a project is hidden: Planner. Guests are not shown confidential issues and internal
 * notes (docs.gitlab.com/user/permissions).
 */
const PLANNER = 15;

const HOMES = { project: "projects/{scope}", group: "groups/{scope}?with_projects=false" };

/** @throws AccessLost if it cannot be read, or not all of it */
export async function probeType(client: Client, definition: Definition, context: Context): Promise<void> {
  const { in: place, list, hides, within } = definition;
  if (placeOf(context.scope) !== place) return;
  if (place !== "instance") await getHome(client, context);
  if (hides) await checkRole(client, context);
  if (list !== undefined && within === undefined) await getPage(client, inScope(list, context), "per_page=1", context);
}

/**
 * Reads the project or group that a scope is.
 * @throws AccessLost if it is not shown
 */
export async function getHome(client: Client, access: Access): Promise<Fields> {
  const { scope } = access;
  const template = placeOf(scope) === "group" ? HOMES.group : HOMES.project;
  const home = await get(client, inScope(template, access), access);
  if (home === undefined) {
    throw new AccessLost(`GitLab does not show ${scope}: it is gone, or the token may not see it`);
  }
  if (textOf(home["id"]) === numberOf(scope)) return home;
  throw new TypeError(`GitLab answers for ${scope} with what is none: look at gitlab({ url })`);
}

/** An administrator sees everything; in a project or group, who is a member of it with a certain role. */
async function checkRole(client: Client, access: Access): Promise<void> {
  const { scope } = access;
  const me = await get(client, "user", access);
  if (me?.["is_admin"] === true) return;
  const place = placeOf(scope);
  if (place === "instance") throw new AccessLost("users are all shown to an administrator alone: give its token");
  const id = textOf(me?.["id"]);
  const folder = place === "group" ? "groups" : "projects";
  const member = id && (await get(client, inScope(`${folder}/{scope}/members/all/{id}`, access, { id }), access));
  const level = member ? member["access_level"] : undefined;
  if (typeof level === "number" && level >= PLANNER) return;
  throw new AccessLost(`the token sees a part of ${scope} only, so what it does not find may be there: ${WANTED}`);
}

const WANTED = "give its user the role Planner or Reporter, or more";
