/**
 * Reads of a repository or an organisation: one thing, a page of a list, itself.
 * @module
 */
import { AccessLost } from "tidemark";
import { z } from "zod";
import { type Headers, statusOf } from "./errors.ts";
import { type Answer, type Asked, type ClientOf, MOVED, send } from "./send.ts";
import { type Fields, homeOf, isOrganization, isSameName } from "./state.ts";

/** The most that GitHub gives. */
const PER_PAGE = "100";

const fields = z.looseObject({});
const rows = z.array(fields);

/**
 * Reads one thing of a repository or an organisation.
 *
 * @param path below the scope; `{name}`s stand for params
 * @throws what {@link meaningOf} makes of an error
 */
export async function get(
  clientOf: ClientOf,
  asked: Asked,
  path: string,
  params: Readonly<Record<string, string>> = {},
): Promise<Fields> {
  return fields.parse((await request(clientOf, asked, path, params)).data);
}

/** A list, and where in it. `field`: the one that holds the rows. `homeless`: they do not say where they belong. */
export interface PageOf {
  path: string;
  params: Readonly<Record<string, string>>;
  page: number;
  field?: string | undefined;
  homeless?: boolean | undefined;
}

/**
 * Reads a page of a list. `more`: GitHub names a next one. How full the page is does not tell, because some things are
 * left out of a page after it was cut.
 *
 * @throws AccessLost if there is no such list, or it has become that of a repository with another name
 */
export async function getPage(
  clientOf: ClientOf,
  asked: Asked,
  { path, params, page, field, homeless }: PageOf,
): Promise<Rows> {
  const all = { ...params, per_page: PER_PAGE, page: String(page) };
  const { data, headers } = await request(clientOf, asked, path, all).catch((cause) => {
    // Nothing was ever pushed to it.
    if (statusOf(cause) === 409) return { data: [], headers: {} as Headers };
    return lost(asked, cause);
  });
  const found: Fields[] = rows.parse(field !== undefined && !Array.isArray(data) ? fields.parse(data)[field] : data);
  if (found[0] && !homeless) checkHome(asked, found[0]);
  const link = headers["link"] ?? "";
  const total = totalOf(link);
  return { rows: found, more: /\brel="?next\b/.test(link), ...(total !== undefined && { total }) };
}

/** A page of a list: whether there is more, and about how many there are in all, which the last page does not say. */
interface Rows {
  rows: Fields[];
  more: boolean;
  total?: number;
}

/** By the number of the last page, as if that were full. */
function totalOf(link: string): number | undefined {
  const last = link.split(",").find((one) => /\brel="?last\b/.test(one));
  const [, page] = /[?&]page=(\d+)/.exec(last ?? "") ?? [];
  return page === undefined ? undefined : Number(page) * Number(PER_PAGE);
}

/** Reads the repository or the organisation, which must be there under the name of the scope. */
export async function getHome(clientOf: ClientOf, asked: Asked): Promise<Fields> {
  const home = fields.parse((await send(clientOf, asked, "", {}).catch((cause) => lost(asked, cause))).data);
  checkHome(asked, home);
  return home;
}

function lost({ scope }: Asked, cause: unknown): never {
  if (statusOf(cause) !== 404) throw cause;
  throw new AccessLost(`GitHub does not show ${scope}: it is gone, or the token may not read it`, { cause });
}

/** A repository that was renamed or moved answers under its old name, too, until another takes it. */
function checkHome({ scope }: Asked, state: Fields): void {
  const home = isOrganization(scope) ? String(state["login"]) : homeOf(state);
  if (isSameName(home, scope)) return;
  throw new AccessLost(`${scope} is now ${home}: name it so in github({ repos })`);
}

/** Asks, and if the answer came from elsewhere, whether the scope still has its name. */
export async function request(
  clientOf: ClientOf,
  asked: Asked,
  path: string,
  params: Readonly<Record<string, string>>,
): Promise<Answer> {
  const { url, ...answer } = await send(clientOf, asked, path, params);
  if (MOVED.test(url)) await getHome(clientOf, asked);
  return answer;
}
