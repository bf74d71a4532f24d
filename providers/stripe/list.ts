/**
 * Reads of all objects of a type: `list`, `within` and `probe`.
 * @module
 */
import { AccessLost, type Page } from "tidemark";
import { z } from "zod";
import { type Access, failureOf, get } from "./client.ts";
import { isDeleted, type Source } from "./read.ts";
import { type Definition, definitions } from "./types.ts";

/** How many objects a page has at most. */
const LIMIT = "100";
/** How often a list begins anew because the object at its cursor vanished, and nothing else says where it was. */
const RESTARTS = 5;

interface Listed {
  id: string;
  object: string;
  created?: number;
}

const isListed = (value: unknown): value is Listed => {
  const { id, object, created } = (value ?? {}) as Partial<Record<keyof Listed, unknown>>;
  return typeof id === "string" && typeof object === "string" && (created === undefined || typeof created === "number");
};

// The objects as they are: as a shape of zod's, each was copied, a twentieth of a sweep's time.
const objectList = z.looseObject({
  object: z.literal("list"),
  data: z.array(z.custom<Listed>(isListed, "an object of Stripe's has an id, a type, and a time as a number")),
  has_more: z.boolean(),
});

/** Where a list is: the pass, the last object and when that was created; how often it began anew. */
const place = z.object({
  pass: z.number(),
  after: z.string().nullable(),
  created: z.number().nullable(),
  restarts: z.number(),
});
type Place = z.infer<typeof place>;

const BEGIN: Place = { pass: 0, after: null, created: null, restarts: 0 };

/**
 * A page of all objects, newest first; the passes come one after another.
 * @param since seconds: only what was created since then
 * @param parent what the objects are within, as a filter
 */
export async function listObjects(
  source: Source,
  text: string | null,
  since: number | undefined,
  access: Access,
  parent: Readonly<Record<string, string>> = {},
): Promise<Page<object>> {
  const at = text === null ? BEGIN : place.parse(JSON.parse(text));
  const { passes = [{}], undated } = source.definition;
  const dated: Record<string, string> = since === undefined || undated ? {} : { "created[gte]": String(since) };
  const filter = { limit: LIMIT, ...parent, ...passes[at.pass], ...dated };
  const { data, has_more, restarts } = await pageAfter(source, filter, at, access);
  for (const { object } of data) {
    if (object !== source.type) throw new TypeError(`Stripe's list of ${source.type} holds something else`);
  }
  const last = data.at(-1);
  const onward =
    has_more && last
      ? { pass: at.pass, after: last.id, created: last.created ?? null, restarts }
      : { ...BEGIN, pass: at.pass + 1 };
  const items = data.filter((object) => !isDeleted(object) && (object.created ?? Infinity) >= (since ?? 0));
  return { items, next: onward.pass < passes.length ? JSON.stringify(onward) : null };
}

/**
 * The object at a cursor may vanish, and the cursor with it: then on from when it was created, that second included; or
 * from the beginning, where a list has no such filter.
 */
async function pageAfter(
  { client, definition: { path, undated } }: Source,
  filter: Readonly<Record<string, string>>,
  { after, created, restarts }: Place,
  access: Access,
): Promise<z.infer<typeof objectList> & Pick<Place, "restarts">> {
  const ask = async (more: Readonly<Record<string, string>>) =>
    objectList.parse(await get(client, path, { ...filter, ...more }, access));
  if (after === null) return { ...(await ask({})), restarts };
  try {
    return { ...(await ask({ starting_after: after })), restarts };
  } catch (error) {
    const { code, param } = failureOf(error);
    if (code !== "resource_missing" || param !== "starting_after") throw error;
    if (created !== null && !undated) return { ...(await ask({ "created[lte]": String(created) })), restarts };
    if (restarts >= RESTARTS) throw error;
    return { ...(await ask({})), restarts: restarts + 1 };
  }
}

/** A page of what is within one object. If that is not there, neither is anything within it. */
export async function listWithin(
  source: Source,
  parent: string,
  text: string | null,
  access: Access,
): Promise<Page<object>> {
  const name = source.definition.within ?? "";
  try {
    return await listObjects(source, text, undefined, access, { [name]: parent });
  } catch (error) {
    const { code, param } = failureOf(error);
    if (code === "resource_missing" && param === name) return { items: [], next: null };
    throw error;
  }
}

/**
 * Resolves if the list of the type answers: it does only to a key that may read it. What is within another type is
 * listed within the newest of that one; without any there is nothing to be read.
 * @throws AccessLost if it is refused, or not there
 */
export async function probeType({ client, definition }: Source, access: Access): Promise<void> {
  const first = async ({ path }: Definition, filter: Readonly<Record<string, string>> = {}) => {
    const { data } = objectList.parse(await get(client, path, { limit: "1", ...filter }, access));
    return data[0];
  };
  const { path, within } = definition;
  try {
    if (within === undefined) {
      await first(definition);
      return;
    }
    const parent = await first(definitions[within], definitions[within].passes?.[0]);
    if (parent) await first(definition, { [within]: parent.id });
  } catch (cause) {
    if (failureOf(cause).statusCode !== 404) throw cause;
    throw new AccessLost(`Stripe has no list at /v1/${path}: look at the client's host and account`, { cause });
  }
}
