/**
 * What is: one resource, a page of all, and whether they can be read at all.
 * @module
 */
import { AccessLost, type Context, type Gone, gone, Hidden, type Page } from "tidemark";
import { Mismatch } from "./mismatch.ts";
import type { ResourceOptions, Statuses } from "./options.ts";
import { placeFrom, textOf } from "./paging.ts";
import { pathOf, queryOf, readPage, type Service } from "./service.ts";
import { idOf, valueAt, versionOf, versionPlaces } from "./values.ts";

/** A type of a service. */
export interface Source {
  service: Service;
  type: string;
  resource: ResourceOptions;
  statuses: Required<Statuses>;
}

/** The resource as it is. An answer that is another resource says nothing of this one. */
export async function fetchOne(source: Source, id: string, context: Context): Promise<object | null | Gone> {
  const { service, type, resource } = source;
  const { absent, gone: deleted, hidden } = source.statuses;
  const { path: template, query = {}, item = "" } = fetchOf(resource);
  const path = pathOf(template, { id, scope: context.scope });
  if (path === undefined) return null;
  const allow = [...absent, ...deleted, ...hidden];
  const { status, body } = await service.get(path, context, { query: queryOf(query, context), allow });
  if (hidden.includes(status)) throw new Hidden(`${service.name} answers ${status}: this ${type} is not for us`);
  if (deleted.includes(status)) return gone;
  if (absent.includes(status)) return null;
  const given = valueAt(body, item);
  // Something between us and the service may answer so, too: only a status says that there is none.
  if (given === undefined || given === null) throw mismatch(source, "fetch", `nothing stands at "${item}"`);
  // What was deleted need not fit the schema any more.
  const isGone = isDeleted(resource, given);
  const state = isGone ? given : stateOf(source, given);
  if (idIn(resource, state) === id) return isGone ? gone : (state as object);
  throw new Hidden(
    `${service.name} answers another ${type} than was asked for: look at resources.${type}.id and fetch`,
  );
}

/** `fetch`, where a path alone is enough. */
export const fetchOf = ({ fetch }: Pick<ResourceOptions, "fetch">) =>
  typeof fetch === "string" ? { path: fetch } : fetch;

/** A page of all of them: the states, if rows are what `fetch` gives, else which there are. */
export async function listPage(source: Source, text: string | null, context: Context): Promise<Page<object>> {
  const { service, type, resource } = source;
  const { list = { path: "" }, id = "id", version } = resource;
  const place = text === null ? null : placeFrom(text);
  const option = `resources.${type}.list`;
  const { rows, next, ...total } = await readPage(service, { option, list, id, place }, context);
  const live = rows.filter((row) => !isDeleted(resource, row));
  const end = next === null ? null : textOf(next);
  if (list.whole) return { items: live.map((row) => stateOf(source, row)), next: end, ...total };
  const refs = live.map((row) => {
    const seen = version && versionOf(version, row);
    return { id: idOfRow(source, row), ...(seen !== undefined && { version: seen }) };
  });
  return { refs, next: end, ...total };
}

/** The id of a row. */
export function idOfRow(source: Source, row: unknown): string {
  const id = idIn(source.resource, row);
  if (id !== undefined) return id;
  throw mismatch(source, "id", `a row has no id at "${source.resource.id ?? "id"}"`);
}

/**
 * Resolves if the path can be read.
 * @throws AccessLost if it is not there: then nothing that is below it can be believed to be gone
 */
export async function probePath(service: Service, template: string, context: Context): Promise<void> {
  const path = pathOf(template, { id: "", scope: context.scope });
  const { status } = await service.get(path ?? template, context, { allow: [404, 410] });
  if (status === 404 || status === 410) throw new AccessLost(`${service.name} answers ${status} to rest({ probe })`);
}

/** The id of a state; undefined if there is none. */
export const idIn = ({ id = "id" }: Pick<ResourceOptions, "id">, state: unknown): string | undefined =>
  idOf(valueAt(state, id));

/** Texts that say no: some services write all that they have as text. The last is how MySQL writes that there is no time. */
const NO = /^(0|false|0000-00-00.*)?$/i;

const isDeleted = ({ deleted }: Pick<ResourceOptions, "deleted">, value: unknown): boolean => {
  const mark = deleted === undefined ? undefined : valueAt(value, deleted);
  return typeof mark === "string" ? !NO.test(mark) : Boolean(mark);
};

/** What came, as a state in which all that the engine needs is there. Messages name places, never what stands there. */
function stateOf(source: Source, given: unknown): object {
  const { state, id = "id", version } = source.resource;
  const { success, data, error } = state.safeParse(given);
  if (!success) {
    const problems = error.issues.map(({ path, code }) => `${path.join(".") || "the whole"} (${code})`).slice(0, 5);
    throw mismatch(source, "state", `the answer does not fit: ${problems.join(", ")}`);
  }
  if (idIn(source.resource, data) === undefined) {
    throw mismatch(source, "id", `a state has no id at "${id}"`);
  }
  if (version !== undefined && versionOf(version, data) === undefined) {
    throw mismatch(source, "version", `a state has none at "${versionPlaces(version).join('", "')}"`);
  }
  return data;
}

/** What does not fit an option of the type. */
export const mismatch = ({ service, type }: Source, option: string, message: string): Mismatch =>
  new Mismatch(service.name, `resources.${type}.${option}`, message);
