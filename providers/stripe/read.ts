/**
 * Reads of one type: `fetch` and `list`.
 * @module
 */
import type Stripe from "stripe";
import { type Gone, gone, type Page } from "tidemark";
import { z } from "zod";
import { failureOf, get } from "./client.ts";
import type { Definition } from "./types.ts";

/** How many objects a page has at most. */
const LIMIT = "100";

const deleted = z.looseObject({ id: z.string(), deleted: z.literal(true) });
const page = z.looseObject({
  object: z.literal("list"),
  data: z.array(z.looseObject({ id: z.string(), object: z.string(), created: z.number().optional() })),
  has_more: z.boolean(),
});

/**
 * The object as it is. The client takes any JSON without an `error` for the answer, even a gateway's 503, so what came
 * back must say that it is this object.
 */
export async function fetchObject(
  client: Stripe,
  type: string,
  { path }: Definition,
  id: string,
): Promise<object | null | Gone> {
  let answer: unknown;
  try {
    answer = await get(client, `${path}/${encodeURIComponent(id)}`);
  } catch (error) {
    const { statusCode, code } = failureOf(error);
    // Also for an object of another mode or account: believed only between two good probes.
    if (statusCode === 404 && code === "resource_missing") return null;
    throw error;
  }
  const object = z.looseObject({ id: z.literal(id), object: z.literal(type) }).safeParse(answer);
  if (!object.success) throw new TypeError(`Stripe's answer is not the ${type} that was asked for`);
  return deleted.safeParse(answer).success ? gone : object.data;
}

/** Where a list is: the pass, the last object, and when that was created. */
const place = z.object({ pass: z.number(), after: z.string().nullable(), created: z.number().nullable() });
type Place = z.infer<typeof place>;

/** A page of all objects, newest first; the passes come one after another. */
export async function listObjects(
  client: Stripe,
  type: string,
  definition: Definition,
  text: string | null,
  since: number | undefined,
): Promise<Page<object>> {
  const at: Place = text === null ? { pass: 0, after: null, created: null } : place.parse(JSON.parse(text));
  const { passes = [{}], byCreated } = definition;
  const filter = {
    limit: LIMIT,
    ...passes[at.pass],
    ...(since !== undefined && byCreated && { "created[gte]": String(since) }),
  };
  const { data, has_more } = await pageAfter(client, definition, filter, at);
  for (const object of data) {
    if (object.object !== type) throw new TypeError(`Stripe's list of ${type} holds something else`);
  }
  const last = data.at(-1);
  const onward =
    has_more && last
      ? { ...at, after: last.id, created: last.created ?? null }
      : { pass: at.pass + 1, after: null, created: null };
  const next = onward.pass < passes.length ? JSON.stringify(onward) : null;
  return { items: data, next };
}

/** The object behind a cursor may vanish, and the cursor with it: then on from when it was created, that second included. */
async function pageAfter(client: Stripe, { path, byCreated }: Definition, filter: Record<string, string>, at: Place) {
  const { after, created } = at;
  if (after === null) return page.parse(await get(client, path, filter));
  try {
    return page.parse(await get(client, path, { ...filter, starting_after: after }));
  } catch (error) {
    const { code, param } = failureOf(error);
    if (code !== "resource_missing" || param !== "starting_after" || created === null || !byCreated) throw error;
    return page.parse(await get(client, path, { ...filter, "created[lte]": String(created) }));
  }
}
