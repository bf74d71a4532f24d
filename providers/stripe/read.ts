/**
 * Reads of one type: `fetch`, `list` and `probe`.
 * @module
 */
import type Stripe from "stripe";
import { AccessLost, type Gone, gone, type Page } from "tidemark";
import { z } from "zod";
import { failureOf, get } from "./client.ts";
import type { Definition } from "./types.ts";

/** How many objects a page has at most. */
const LIMIT = "100";
/** How often a list begins anew because the object at its cursor vanished, and nothing else says where it was. */
const RESTARTS = 5;

/** A type as Stripe has it. */
export interface Source {
  client: Stripe;
  type: string;
  definition: Definition;
}

const deleted = z.looseObject({ deleted: z.literal(true) });
const objectList = z.looseObject({
  object: z.literal("list"),
  data: z.array(z.looseObject({ id: z.string(), object: z.string(), created: z.number().optional() })),
  has_more: z.boolean(),
});

/**
 * The object as it is. What came back must say that it is this object, because not only Stripe may have answered.
 * @returns `null` for `resource_missing`, which Stripe says of an object of another mode or account, too; `gone` for
 *   what says `deleted: true` (customers; docs.stripe.com/api/customers/delete)
 */
export async function fetchObject(
  { client, type, definition: { path } }: Source,
  id: string,
  signal: AbortSignal,
): Promise<object | null | Gone> {
  let answer: unknown;
  try {
    answer = await get(client, `${path}/${encodeURIComponent(id)}`, {}, signal);
  } catch (error) {
    const { statusCode, code } = failureOf(error);
    if (statusCode === 404 && code === "resource_missing") return null;
    throw error;
  }
  const object = z.looseObject({ id: z.literal(id), object: z.literal(type) }).safeParse(answer);
  if (!object.success) throw new TypeError(`Stripe's answer is not the ${type} that was asked for`);
  return isDeleted(answer) ? gone : object.data;
}

const isDeleted = (answer: unknown): boolean => deleted.safeParse(answer).success;

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
 */
export async function listObjects(
  source: Source,
  text: string | null,
  since: number | undefined,
  signal: AbortSignal,
): Promise<Page<object>> {
  const at = text === null ? BEGIN : place.parse(JSON.parse(text));
  const { passes = [{}], undated } = source.definition;
  const dated: Record<string, string> = since === undefined || undated ? {} : { "created[gte]": String(since) };
  const filter = { limit: LIMIT, ...passes[at.pass], ...dated };
  const { data, has_more, restarts } = await pageAfter(source, filter, at, signal);
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
  signal: AbortSignal,
): Promise<z.infer<typeof objectList> & Pick<Place, "restarts">> {
  const ask = async (more: Readonly<Record<string, string>>) =>
    objectList.parse(await get(client, path, { ...filter, ...more }, signal));
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

/**
 * Resolves if the list of the type answers: it does only to a key that may read it.
 * @throws AccessLost if it is refused, or not there
 */
export async function probeType({ client, definition: { path } }: Source, signal: AbortSignal): Promise<void> {
  try {
    objectList.parse(await get(client, path, { limit: "1" }, signal));
  } catch (cause) {
    if (failureOf(cause).statusCode !== 404) throw cause;
    throw new AccessLost(`Stripe has no list at /v1/${path}: look at the client's host and account`, { cause });
  }
}
