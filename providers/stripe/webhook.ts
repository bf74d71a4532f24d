/**
 * A Stripe webhook: is it Stripe's, and where does it say to look?
 * @module
 */
import { type Hint, WebhookRejected, type WebhookRequest } from "tidemark";
import { verifyHmac } from "tidemark/verify";
import { z } from "zod";
import { definitions, idIn, pointsOf, type StripeType } from "./types.ts";

/** Seconds by which a signature's time may differ from ours (docs.stripe.com/webhooks#verify-manually). */
const TOLERANCE = 300;

/**
 * Checks `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>…]`: HMAC-SHA256 of `t.body` with the whole secret,
 * `whsec_` included. While a secret is being rolled there is one `v1` for each; other schemes are ignored.
 * @throws WebhookRejected if none holds under any of the secrets, or the time is off
 */
export function verifySignature({ headers, body, now }: WebhookRequest, secrets: readonly string[]): void {
  const header = headers.get("stripe-signature");
  if (header === null || header.length > 4_096) throw new WebhookRejected("there is no usable Stripe-Signature header");
  const { time, signatures } = parseHeader(header);
  const holds = signatures.some((signature) => verifyHmac(secrets, [`${time}.`, body], signature));
  if (!holds) throw new WebhookRejected("the signature does not hold under any of the secrets");
  // Stripe's own clients let a signature of the future pass; there is no reason to.
  if (Math.abs(now / 1_000 - Number(time)) > TOLERANCE) throw new WebhookRejected("the signature is not of this time");
}

function parseHeader(header: string): { time: string; signatures: string[] } {
  const times: string[] = [];
  const signatures: string[] = [];
  for (const item of header.split(",")) {
    const at = item.indexOf("=");
    const [key, value] = [item.slice(0, at).trim(), item.slice(at + 1).trim()];
    if (key === "t") times.push(value);
    if (key === "v1") signatures.push(value);
  }
  const [time] = times;
  if (time === undefined || times.length > 1 || !/^\d{1,12}$/.test(time)) {
    throw new WebhookRejected("the Stripe-Signature header has no time, or several");
  }
  return { time, signatures };
}

/** Of an event only what says where to look. Snapshot events carry the object as it was; it is not believed. */
const snapshotEvent = z.looseObject({
  id: z.string().optional(),
  type: z.string(),
  created: z.number().optional(),
  account: z.string().nullish(),
  data: z.looseObject({ object: z.looseObject({ object: z.string().optional(), id: z.string().nullish() }) }),
});
const thinEvent = z.looseObject({
  id: z.string(),
  object: z.literal("v2.core.event"),
  type: z.string(),
  created: z.string().optional(),
  context: z.string().nullish(),
  snapshot_event: z.string().nullish(),
  related_object: z.looseObject({ id: z.string().nullish(), type: z.string() }).nullish(),
});

/**
 * Where an event says to look: the object itself, and what changes with it.
 * @throws ZodError if it is no event
 */
export function hintsOf<T extends StripeType>(body: unknown, types: ReadonlySet<T>): Hint<T>[] {
  const thin = thinEvent.safeParse(body);
  const { refs, cause, account } = thin.success ? ofThin(thin.data) : ofSnapshot(snapshotEvent.parse(body));
  // Events of connected accounts would be read with another account's credential: they are none of ours.
  if (account) return [];
  const isOurs = (ref: Ref): ref is Ref<T> => (types as ReadonlySet<string>).has(ref.type);
  return refs.filter(isOurs).map(({ type, id }) => ({ type, id, ...(cause && { event: cause }) }));
}

interface Ref<T extends StripeType = StripeType> {
  type: T;
  id: string;
}

interface Told {
  refs: Ref[];
  cause: { id: string; name: string; at?: Date } | undefined;
  account: string | null | undefined;
}

function ofSnapshot({ id, type, created, account, data }: z.infer<typeof snapshotEvent>): Told {
  const { object } = data;
  const known = object.object ?? typeOf(type);
  const own = idIn(object.id);
  const refs = pointsOf(known, object);
  if (own !== undefined && known in definitions) refs.unshift({ type: known as StripeType, id: own });
  // An upcoming invoice has no id yet; a discount and an entitlement summary can only be read through their owners.
  if (own === undefined || known === "discount") refs.push(...ownersOf(object));
  const at = created === undefined ? {} : { at: new Date(created * 1_000) };
  return { refs, cause: id === undefined ? undefined : { id, name: type, ...at }, account };
}

const ownersOf = (object: Readonly<Record<string, unknown>>): Told["refs"] =>
  (["customer", "subscription"] as const).flatMap((type) => {
    const id = idIn(object[type]);
    return id === undefined ? [] : [{ type, id }];
  });

/** A thin event and the snapshot event of the same change count as one. */
function ofThin({ id, type, created, context, snapshot_event, related_object }: z.infer<typeof thinEvent>): Told {
  const related = idIn(related_object?.id);
  const known = related_object?.type ?? "";
  const refs = related !== undefined && known in definitions ? [{ type: known as StripeType, id: related }] : [];
  const at = created === undefined ? {} : { at: new Date(created) };
  return { refs, cause: { id: snapshot_event ?? id, name: type, ...at }, account: context };
}

/** The type that an event's name begins with, where the object does not say: `customer.subscription.updated`. */
function typeOf(name: string): string {
  const parts = name.split(".").slice(0, -1);
  for (let from = 0; from < parts.length; from++) {
    const type = parts.slice(from).join(".");
    if (type in definitions) return type;
  }
  return "";
}
