/**
 * Reads of one object: `fetch`.
 * @module
 */
import type Stripe from "stripe";
import { type Gone, gone, Hidden } from "tidemark";
import { type Access, failureOf, get } from "./client.ts";
import { fieldOf, idIn } from "./points.ts";
import type { Definition } from "./types.ts";

/** A type as Stripe has it. */
export interface Source {
  client: Stripe;
  type: string;
  definition: Definition;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/**
 * The object as it is. What came back must say that it is this object, because not only Stripe may have answered.
 * @param id of an object within another one: `parent/own`
 * @returns `null` for `resource_missing`, which Stripe says of an object of another account, too; `gone` for what says
 *   `deleted: true` (customers; docs.stripe.com/api/customers/delete)
 * @throws Hidden if Stripe says that the object is there in the other mode
 */
export async function fetchObject(source: Source, id: string, access: Access): Promise<object | null | Gone> {
  const { client, type, definition } = source;
  const own = definition.within === undefined ? id : id.slice(id.indexOf("/") + 1);
  let answer: unknown;
  try {
    answer = await get(client, `${definition.path}/${encodeURIComponent(own)}`, {}, access);
  } catch (error) {
    const { statusCode, code, message = "" } = failureOf(error);
    if (statusCode !== 404 || code !== "resource_missing") throw error;
    if (!/exists in (test|live) mode/.test(message)) return null;
    throw new Hidden("the object is one of the other mode: give the client a key of the mode it had before", {
      cause: error,
    });
  }
  const isAnother = () => new TypeError(`Stripe's answer is not the ${type} that was asked for`);
  if (!isObject(answer) || answer["id"] !== own || answer["object"] !== type) throw isAnother();
  if (isDeleted(answer)) return gone;
  if (idOf(source, answer) !== id) throw isAnother();
  return answer;
}

/** The id by which it is fetched: its own, after that of what it is within. */
export function idOf({ definition: { within } }: Pick<Source, "definition">, object: object): string {
  const own = String(fieldOf(object, "id"));
  return within === undefined ? own : `${idIn(fieldOf(object, within))}/${own}`;
}

/** Whether what Stripe answers says that it is deleted. */
export const isDeleted = (answer: unknown): boolean => fieldOf(answer, "deleted") === true;
