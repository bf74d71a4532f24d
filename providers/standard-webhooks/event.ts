/**
 * The event in a verified webhook: what is it called, and where does it say to look?
 * @module
 */
import type { Cause, Hint } from "tidemark";
import { parseJson } from "tidemark/client";
import { z } from "zod";

/** A verified event. */
export interface StandardEvent {
  /** The message's id: the same each time it is sent. */
  id: string;
  /** What the body calls its `type`: `"invoice.paid"`; empty if it has none. */
  name: string;
  /** When it happened: the body's `timestamp`, where there is one. */
  at?: Date;
  /** The body as it came, parsed. Integers beyond 2^53 are strings of their digits. */
  body: unknown;
}

/** What events change: types by the events' names, or a function for what is written otherwise. */
export type Events<T extends string> = Readonly<Record<string, T>> | ((event: StandardEvent) => readonly Hint<T>[]);

/** As the specification advises it. What is otherwise is the sender's own, and as good as not there. */
const advised = z.object({
  type: z.string().max(256).catch(""),
  timestamp: z.string().max(64).optional().catch(undefined),
  data: z.object({ id: z.union([z.string(), z.int()]).optional().catch(undefined) }).catch({}),
});

/** @throws SyntaxError for a body that is no JSON */
export function readEvent(id: string, bytes: Uint8Array): StandardEvent {
  const body = parseJson(bytes);
  const { type = "", timestamp = "" } = advised.safeParse(body).data ?? {};
  const at = new Date(timestamp);
  return { id, name: type, body, ...(!Number.isNaN(at.getTime()) && { at }) };
}

/** Where an event says to look. One of a type, without an id, says that something of that type changed. */
export function hintsOf<T extends string>(
  event: StandardEvent,
  types: readonly string[],
  events: Events<T> | undefined,
): Hint<T>[] {
  const { id, name, at } = event;
  const cause: Cause = { id, name: name === "" ? "webhook" : name, ...(at && { at }) };
  if (typeof events === "function") return events(event).map((hint) => ({ event: cause, ...hint }));
  const type = events ? ownOf(events, name) : (typeOf(name, types) as T | undefined);
  if (type === undefined) return [];
  const one = advised.parse(event.body).data.id;
  return [{ type, event: cause, ...(one !== undefined && one !== "" && { id: String(one) }) }];
}

const ownOf = <T>(map: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(map, key) ? map[key] : undefined;

/** The longest beginning of a name, up to a full stop or whole, that is a type. */
function typeOf(name: string, types: readonly string[]): string | undefined {
  for (let end = name.length; end > 0; end = name.lastIndexOf(".", end - 1)) {
    const begin = name.slice(0, end);
    if (types.includes(begin)) return begin;
  }
  return undefined;
}
