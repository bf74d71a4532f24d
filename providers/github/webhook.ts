/**
 * A GitHub webhook: is it GitHub's, and where does it say to look?
 * @module
 */
import { type Cause, type Hint, WebhookRejected, type WebhookRequest } from "tidemark";
import { verifyHmac } from "tidemark/verify";
import { events, type Look, payload } from "./events.ts";
import { isSameName } from "./types.ts";

/**
 * Checks `X-Hub-Signature-256: sha256=<hex>`: HMAC-SHA256 of the raw body. There is no time in it: a replay is harmless,
 * because nothing in a body is believed but where to look.
 * @throws WebhookRejected if it holds under none of the secrets
 */
export function verifySignature({ headers, body }: WebhookRequest, secrets: readonly string[]): void {
  const header = headers.get("x-hub-signature-256") ?? "";
  if (!header.startsWith("sha256=") || !verifyHmac(secrets, [body], header.slice("sha256=".length))) {
    throw new WebhookRejected("X-Hub-Signature-256 is missing, or holds under none of the secrets");
  }
}

/**
 * Where a verified delivery says to look. What the application named a scope for stays in it.
 *
 * @param spelled a repository's name as the application writes it: GitHub ignores its case
 * @throws ZodError or SyntaxError if it is no payload; WebhookRejected if it is of another repository than the request
 */
export function hintsOf<T extends string>(
  { headers, body, scope: asked }: WebhookRequest,
  types: ReadonlySet<T>,
  spelled: (name: string) => string,
): Hint<T>[] {
  const event = headers.get("x-github-event") ?? "";
  const where = Object.hasOwn(events, event) ? events[event] : undefined;
  if (!where) return [];
  const given = payload.parse(JSON.parse(textOf(body)));
  const home = given.repository?.full_name;
  if (home === undefined) return [];
  if (asked !== undefined && !isSameName(home, asked)) {
    throw new WebhookRejected("the delivery is of another repository");
  }
  const cause = causeOf(headers.get("x-github-delivery"), event, given.action);
  const isWanted = (one: Look): one is Look & { type: T } => (types as ReadonlySet<string>).has(one.type);
  const hints: Hint<T>[] = [];
  for (const { scope = home, ...one } of where(given).filter(isWanted)) {
    if (asked !== undefined && !isSameName(scope, asked)) continue;
    hints.push({ ...one, scope: spelled(scope), ...(cause && { event: cause }) });
  }
  return hints;
}

/** A hook sends JSON, or a form with JSON in it; the signature is over the one as over the other. */
function textOf(body: Uint8Array): string {
  const text = Buffer.from(body).toString();
  return text.startsWith("payload=") ? (new URLSearchParams(text).get("payload") ?? "") : text;
}

/**
 * A delivery's GUID is the same for its repeats, and for every hook that is told of the same. What is no GUID may be a
 * counter that starts anew: then a repeat is looked at again, which is better than a change that is not.
 */
function causeOf(delivery: string | null, event: string, action: string | null | undefined): Cause | undefined {
  if (delivery === null || !/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(delivery)) return undefined;
  return { id: delivery, name: action ? `${event}.${action}` : event };
}
