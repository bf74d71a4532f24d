/**
 * Reads of one resource: `fetch`.
 * @module
 */
import { AccessLost, type Context, Hidden } from "tidemark";
import { path } from "tidemark/client";
import { isNotFound, type PayPal } from "./client.ts";
import { readPage } from "./pages.ts";
import { type Definition, idIn, type PayPalType } from "./types.ts";
import { findWithin } from "./within.ts";

/** A type as PayPal has it. */
export interface Source {
  paypal: PayPal;
  type: PayPalType;
  definition: Definition;
}

/**
 * The resource as it is. What came back must say that it is this one, because not only PayPal may have answered.
 * @returns `null` where PayPal says that there is none
 * @throws Hidden for a 403, if others of the type can be read; where they cannot be listed nobody knows: AccessLost
 */
export async function fetchResource(source: Source, id: string, context: Context): Promise<object | null> {
  const { definition } = source;
  if (definition.path === "") return findWithin(source, id, context);
  try {
    return await getResource(source, id, context);
  } catch (cause) {
    if (!(cause instanceof AccessLost) || !definition.list) throw cause;
    await readPage(source.paypal, definition.list, null, context);
    throw new Hidden(`PayPal lets the app read other resources of type ${source.type}, and not this one`, { cause });
  }
}

async function getResource({ paypal, type, definition }: Source, id: string, context: Context): Promise<object | null> {
  const own = path`${definition.within ? id.slice(id.indexOf("/") + 1) : id}`;
  const { query } = definition;
  const answer = await paypal.get(
    definition.path.replace("{id}", () => own),
    context,
    { query, allow: [404] },
  );
  if (isNotFound(answer)) return null;
  if (answer.status !== 404 && idIn(definition, answer.body) === id) return answer.body as object;
  throw new TypeError(`PayPal's answer is not the ${type} that was asked for: look at paypal({ url })`);
}
