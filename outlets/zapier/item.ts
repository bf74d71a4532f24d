/**
 * A change as Zapier takes it: one flat object whose `id` is another for each change, and the same each time it comes.
 *
 * Zapier knows by `id` what it has seen, so the id of the resource alone would hide every later change of it.
 * @module
 */
import type { Change } from "tidemark";
import { changeId, nameOf } from "tidemark/outlet";

/** What a Zap is given. */
export interface ZapierItem {
  /** Resource and version: `"in_1@7f3a…-12-…"`. */
  id: string;
  /** `"stripe.invoice.updated"`. */
  event: string;
  type: string;
  scope: string;
  /** The provider's id. */
  resource: string;
  at: string;
  [more: string]: unknown;
}

/** @param data what is said of the change; the fields of an object stand beside the others, what is none is `data` */
export function itemOf(change: Change, data: unknown): ZapierItem {
  const { type, scope, id, at } = change;
  const said = typeof data === "object" && data !== null && !Array.isArray(data) ? data : { data };
  const own = { event: nameOf(change), type, scope, resource: id, at: at.toISOString() };
  return { ...said, ...own, id: `${id}@${changeId(change)}` };
}

/** What is said of a change unless the application says otherwise. */
export const plain = ({ before, after, initial }: Change): unknown => ({ before, after, initial });

/** Which changes an event names: of a type, or of a type and what happened; and the types it could be of. */
export interface Event {
  type: string;
  /** `created`, `updated` or `deleted`; undefined: any. */
  what?: string;
}

/** What a name may mean: `stripe.invoice` and `stripe.invoice.updated`. Undefined: nothing, by its form. */
export function eventOf(name: string): Event | undefined {
  const [, type = "", what] = /^(.+?\..+?)(?:\.(created|updated|deleted))?$/.exec(name) ?? [];
  return type === "" ? undefined : { type, ...(what && { what }) };
}

export const isOf = (change: Change, { type, what }: Event): boolean =>
  change.type === type && (what === undefined || nameOf(change) === `${type}.${what}`);
