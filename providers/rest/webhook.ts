/**
 * Where does an event say to look? The same for what a webhook brings and what a log of events holds.
 * @module
 */
import { createHash } from "node:crypto";
import type { Cause, Hint, WebhookRequest } from "tidemark";
import { parseJson } from "tidemark/client";
import { Mismatch } from "./mismatch.ts";
import type { ResourceOptions } from "./options.ts";
import type { Verify } from "./signature.ts";
import { idOf, timeOf, valueAt, valuesAt, versionFrom } from "./values.ts";

/** A place in the body, or a header of the request. */
export type PlaceOrHeader = string | { header: string };

/** Where an event says what it is. */
export interface Envelope {
  /** Its name: `"type"`, or `{ header: "x-event" }`. */
  name: PlaceOrHeader;
  /**
   * Its own id, by which repeats are recognised. Default: the signed delivery id if there is one; without any, each
   * delivery is looked at.
   */
  id?: PlaceOrHeader;
  /** When it happened. */
  at?: string;
  /** The scope it is of. Default: the one that the application named. */
  scope?: string;
  /** The place of the events, where a body holds a list of them; `""` if it is the list. Default: the body is one event. */
  events?: string;
}

/**
 * Where to look for one type: the place of the id, or of several; with a version, the least that a read must show (not
 * for what may be a deletion). `true`: the event does not say which one.
 */
export type Target = true | string | readonly string[] | { id: string; version?: string };

/** By the event's name, which may end in `*`: by type, where to look. */
export type Events<Type extends string = string> = Readonly<Record<string, { readonly [T in Type]?: Target }>>;

/** How events are read. */
export interface Reader {
  /** The service's name. */
  service: string;
  envelope: Envelope;
  events: Events;
  resources: Readonly<Record<string, Pick<ResourceOptions, "version">>>;
}

/** Where a webhook says to look. It must be verified first. */
export async function receive(reader: Reader, verify: Verify, request: WebhookRequest): Promise<Hint[]> {
  const signedId = await verify(request);
  const body = parseJson(request.body);
  const { name, id, events } = reader.envelope;
  const found = events === undefined ? [body] : eventsAt(reader, body, events);
  return found.flatMap((event) => {
    const given = typeof name === "string" ? valueAt(event, name) : request.headers.get(name.header);
    return hintsIn(reader, event, given, deliveryId(id, event, signedId, request));
  });
}

function eventsAt({ service }: Reader, body: unknown, place: string): unknown[] {
  const found = valueAt(body, place);
  if (Array.isArray(found)) return found;
  throw new Mismatch(service, "envelope.events", `the body has no list at "${place}"`);
}

/**
 * The id by which a repeat is recognised. One from a header that is not signed counts together with the body: whoever
 * repeats an old webhook under the id of one that is still to come would hide that otherwise.
 */
function deliveryId(
  source: PlaceOrHeader | undefined,
  event: unknown,
  signedId: string | undefined,
  { headers, body }: WebhookRequest,
): string | undefined {
  if (source === undefined) return signedId;
  if (typeof source === "string") return idOf(valueAt(event, source));
  const given = headers.get(source.header);
  if (given === null || given === "" || given === signedId) return given || undefined;
  return `${given.slice(0, 256)} ${createHash("sha256").update(body).digest("base64url")}`;
}

/**
 * Where an event says to look.
 * @throws Mismatch for what has no name, and so is no event
 */
export function hintsIn(reader: Reader, event: unknown, name: unknown, id: string | undefined): Hint[] {
  const { envelope, events } = reader;
  if (typeof name !== "string" || name === "") {
    throw new Mismatch(reader.service, "envelope.name", "the event has no name there");
  }
  const cause = causeOf(envelope, event, name, id);
  const scope = envelope.scope === undefined ? undefined : idOf(valueAt(event, envelope.scope));
  const common = { ...(cause && { event: cause }), ...(scope !== undefined && { scope }) };
  const targets = Object.entries(events).flatMap(([pattern, types]) =>
    fits(pattern, name) ? Object.entries(types) : [],
  );
  return targets.flatMap(([type, target]) =>
    target === undefined ? [] : lookAt(reader, event, type, target).map((hint) => ({ ...hint, ...common })),
  );
}

const fits = (pattern: string, name: string): boolean =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

function causeOf({ at: place }: Envelope, event: unknown, name: string, id: string | undefined): Cause | undefined {
  if (id === undefined) return undefined;
  const at = place === undefined ? undefined : timeOf(valueAt(event, place));
  return at === undefined ? { id, name } : { id, name, at: new Date(at) };
}

/** An event without the id that it should have still says that something of this type changed. */
function lookAt({ resources }: Reader, event: unknown, type: string, target: Target): Hint[] {
  if (target === true) return [{ type }];
  const isPlace = typeof target === "string" || Array.isArray(target);
  const { id: place, version: versionPlace } = isPlace
    ? { id: target as string | readonly string[] }
    : (target as { id: string; version?: string });
  const ids = new Set([place].flat().flatMap((one) => valuesAt(event, one).map(idOf)));
  ids.delete(undefined);
  if (ids.size === 0) return [{ type }];
  const kind = resources[type]?.version;
  const version =
    kind !== undefined && versionPlace !== undefined ? versionFrom(kind, valueAt(event, versionPlace)) : undefined;
  return [...ids].map((id) => ({ type, id: id as string, ...(version !== undefined && { version }) }));
}
