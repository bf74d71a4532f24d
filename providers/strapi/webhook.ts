/**
 * A Strapi webhook: does the sender know the secret, and where does it say to look?
 *
 * Strapi signs nothing: a webhook has the headers that were typed in beside its URL, and no id of a delivery.
 * @module
 */
import { createHash } from "node:crypto";
import { type Cause, type Hint, WebhookRejected, type WebhookRequest } from "tidemark";
import { parseJson } from "tidemark/client";
import { verifyHmac, verifyToken } from "tidemark/verify";
import { z } from "zod";
import { idAt, isWord, statusOf } from "./id.ts";
import type { ContentType } from "./types.ts";

const thing = z.looseObject({}).nullish();
const payload = z.looseObject({
  event: z.string().min(1),
  createdAt: z.string().optional(),
  uid: z.string().optional(),
  entry: thing,
  media: thing,
});
type Payload = z.infer<typeof payload>;

/**
 * Checks the header that was given to the webhook; `authorization` holds `Bearer <secret>`, another the secret alone.
 * @throws WebhookRejected if it holds none of the secrets
 */
export function verifySecret({ headers }: WebhookRequest, header: string, secrets: readonly string[]): void {
  const before = header === "authorization" ? "Bearer " : "";
  const expected = secrets.map((secret) => before + secret);
  if (!verifyToken(expected, headers.get(header)))
    throw new WebhookRejected(`the header ${header} is missing, or holds none of the secrets`);
}

/**
 * Checks `X-Strapi-Signature-256: sha256=<hex>`, HMAC-SHA256 of the raw body, as proposed in
 * github.com/strapi/strapi/pull/27268.
 * @throws WebhookRejected if it holds under none of the secrets
 */
export function verifySignature({ headers, body }: WebhookRequest, secrets: readonly string[]): void {
  const header = headers.get("x-strapi-signature-256") ?? "";
  if (!header.startsWith("sha256=") || !verifyHmac(secrets, [body], header.slice("sha256=".length))) {
    throw new WebhookRejected("X-Strapi-Signature-256 is missing, or holds under none of the secrets");
  }
}

/**
 * Where a verified webhook says to look.
 * @throws SyntaxError or ZodError if it is no payload of Strapi's
 */
export function hintsOf<Name extends string>(
  body: Uint8Array,
  types: Readonly<Record<Name, ContentType>>,
): Hint<Name>[] {
  const given = payload.parse(parseJson(body));
  const event = causeOf(given, body);
  const names = Object.keys(types) as Name[];
  const looks = names.flatMap((name) => looksFor(types[name], given).map((id) => ({ name, id })));
  // Without an id it is a question to the feed, and no resource's cause.
  return looks.map(({ name, id }) => (id === undefined ? { type: name } : { type: name, id, ...(event && { event }) }));
}

/** The ids of a type that a payload names; undefined stands for all of them. */
function looksFor(type: ContentType, given: Payload): (string | undefined)[] {
  if (type.kind === "media") return "media" in given ? [fileIn(given)] : [];
  // A release publishes many entries at once, and names none of them.
  if (given.event.startsWith("releases.")) return [undefined];
  return given.uid === type.uid ? entriesIn(type, given) : [];
}

const fileIn = ({ media }: Payload): string | undefined => {
  const id = String(media?.["id"]);
  return /^\d+$/.test(id) ? id : undefined;
};

/**
 * The row says which version changed. Where it says less, all that it may be are looked at. It is missing at all where
 * another write took its place before Strapi read it again (github.com/strapi/strapi/issues/25387): the type is asked.
 */
function entriesIn({ localized, statuses }: ContentType, { entry }: Payload): (string | undefined)[] {
  const key = entry?.["documentId"];
  const locale = entry?.["locale"];
  if (!entry || !isWord(key) || (localized && !isWord(locale))) return [undefined];
  const status = statusOf(entry);
  const changed = statuses.filter((one) => one === undefined || status === undefined || one === status);
  return changed.map((one) =>
    idAt({ key, ...(localized && { locale: locale as string }), ...(one && { status: one }) }),
  );
}

/**
 * There is no id of a delivery. Two bodies that are the same, to the millisecond in which they were sent, tell of the
 * same change: a read after the one is a read after the other. One that does not say when it was sent may be another.
 */
function causeOf({ event, createdAt }: Payload, body: Uint8Array): Cause | undefined {
  const at = new Date(createdAt ?? Number.NaN);
  if (Number.isNaN(at.getTime())) return undefined;
  return { id: createHash("sha256").update(body).digest("hex"), name: event, at };
}
