/**
 * An event of Stripe, from a webhook or from the feed: where does it say to look?
 * @module
 */
import type { Hint } from "tidemark";
import { z } from "zod";
import { carriedBy, collectionsOf, fieldOf, idIn, isType, pointsOf, type StripeRef } from "./points.ts";
import type { StripeType } from "./types.ts";

/** Not copied: a snapshot event carries the whole object, and of it only where to look is read. */
const carriedObject = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);

/** A snapshot event carries the object as it was. It is not believed: only where to look is read. */
const snapshotEvent = z.object({
  id: z.string().optional(),
  type: z.string(),
  created: z.number().optional(),
  account: z.string().nullish(),
  data: z.object({ object: carriedObject }),
});

/** A thin event names the object, where there is one. */
const thinEvent = z.object({
  id: z.string(),
  object: z.literal("v2.core.event"),
  type: z.string(),
  created: z.string().optional(),
  context: z.string().nullish(),
  snapshot_event: z.string().nullish(),
  related_object: z.object({ id: z.string().nullish(), type: z.string() }).nullish(),
});

const isThin = (body: unknown): boolean => fieldOf(body, "object") === "v2.core.event";

/** What both kinds say. */
interface Said {
  refs: StripeRef[];
  id: string | undefined;
  name: string;
  /** In ms since 1970; NaN if it does not say. */
  at: number;
  /** The connected account that it happened in. */
  account: string | null | undefined;
}

/** What an event says. */
export interface Told<T extends StripeType> {
  /** The connected account that it happened in; `""` if it names none. */
  account: string;
  hints: Hint<T>[];
}

/**
 * Where an event says to look: the object itself, then what is within it, then what changes with it. No hints for types
 * that are not selected.
 * @throws ZodError if it is no event
 */
export function readEvent<T extends StripeType>(body: unknown, types: ReadonlySet<T>): Told<T> {
  const said = isThin(body) ? ofThin(thinEvent.parse(body)) : ofSnapshot(snapshotEvent.parse(body));
  const { id, name, at } = said;
  const event = id !== undefined &&
    id !== "" && { event: { id, name, ...(!Number.isNaN(at) && { at: new Date(at) }) } };
  const refs = [...said.refs, ...said.refs.flatMap(collectionsOf)];
  const selected = refs.filter((ref): ref is StripeRef & { type: T } => isOneOf(types, ref.type));
  const distinct = new Map(selected.map(({ type, id }) => [`${type} ${id}`, { type, id, ...event }]));
  return { account: said.account ?? "", hints: [...distinct.values()] };
}

const isOneOf = (types: ReadonlySet<string>, type: string): boolean => types.has(type);

function ofSnapshot({ id, type: name, created, account, data: { object } }: z.infer<typeof snapshotEvent>): Said {
  const own = idIn(object["id"]);
  const given = object["object"];
  const known = (own !== undefined && typeof given === "string" && given) || carriedBy(name);
  const self = own !== undefined && isType(known) ? [{ type: known, id: own }] : [];
  return { refs: [...self, ...pointsOf(known, object)], id, name, at: (created ?? Number.NaN) * 1_000, account };
}

/** With `snapshot_event` for an id, a thin event and the snapshot event of the same change count as one. */
function ofThin(event: z.infer<typeof thinEvent>): Said {
  const { type: name, created, context, related_object } = event;
  const related = idIn(related_object?.id);
  const known = related_object?.type ?? "";
  const refs = related !== undefined && isType(known) ? [{ type: known, id: related }] : [];
  return { refs, id: event.snapshot_event ?? event.id, name, at: Date.parse(created ?? ""), account: context };
}
