/**
 * Which resources an object and its events speak of.
 * @module
 */
import { others } from "./others.ts";
import { type Carried, definitions, type StripeType } from "./types.ts";

const carried = new Map<string, Carried>([...Object.entries(definitions), ...Object.entries(others)]);

/** Whether an object's name is that of a type. */
export const isType = (name: string): name is StripeType => Object.hasOwn(definitions, name);

/** A resource of Stripe. */
export interface StripeRef {
  type: StripeType;
  id: string;
}

/** What changes with an object. */
export const pointsOf = (name: string, object: object): StripeRef[] =>
  Object.entries(carried.get(name)?.points ?? {}).flatMap(([path, type]) =>
    valuesAt(object, path.split(".")).flatMap((value) => {
      const id = idIn(value);
      return id === undefined ? [] : [{ type, id }];
    }),
  );

function valuesAt(value: unknown, [key, ...rest]: readonly string[]): unknown[] {
  if (key === undefined) return [value];
  if (key === "*") return Array.isArray(value) ? value.flatMap((item) => valuesAt(item, rest)) : [];
  return valuesAt(fieldOf(value, key), rest);
}

/** The types that are listed within one, by that one. */
const children = new Map<string, StripeType[]>();
for (const type of Object.keys(definitions) as StripeType[]) {
  const { within } = definitions[type];
  if (within) children.set(within, [...(children.get(within) ?? []), type]);
}

/** What is within a resource, as a whole: an event of it may be one of them, and what it embeds of them is cut. */
export const collectionsOf = ({ type, id }: StripeRef): StripeRef[] =>
  (children.get(type) ?? []).map((child) => ({ type: child, id: `${id}/` }));

/** A field of what may be an object. */
export const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;

/** An id, or that of an expanded object. */
export function idIn(value: unknown): string | undefined {
  const id = typeof value === "object" ? fieldOf(value, "id") : value;
  return typeof id === "string" && id !== "" ? id : undefined;
}

/** The name of the object that an event carries, where the object does not say, or is not there yet. */
export const carriedBy = (event: string): string =>
  [...carried].find(([, { events }]) => events.some((name) => name === event))?.[0] ?? "";

/** The events that say something of these types. */
export function eventsOf(types: ReadonlySet<string>): string[] {
  const says = ([name, { points = {} }]: [string, Carried]) =>
    types.has(name) || Object.values(points).some((type) => types.has(type));
  return [...new Set([...carried].filter(says).flatMap(([, { events }]) => events))];
}
