/**
 * A GitHub webhook: is it GitHub's, and where does it say to look?
 * @module
 */
import { type Cause, type Hint, WebhookRejected, type WebhookRequest } from "tidemark";
import { parseJson } from "tidemark/client";
import { verifyHmac } from "tidemark/verify";
import { events, type Look } from "./events.ts";
import { type Payload, payload } from "./payload.ts";
import { isSameName } from "./state.ts";
import { definitions, type GitHubType } from "./types.ts";

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

/** Whether it tells of what an App may read. */
export const isOfInstallation = (event: string): boolean => /^installation/.test(event);

/**
 * Where a verified delivery says to look. What the application named a scope for stays in it.
 *
 * @param spelled a scope's name as the application writes it: GitHub ignores its case
 * @throws ZodError or SyntaxError if it is no payload; WebhookRejected if it is of another repository than the request
 */
export function hintsOf<T extends GitHubType>(
  { headers, body, scope: asked }: WebhookRequest,
  types: ReadonlySet<T>,
  spelled: (name: string) => string,
): Hint<T>[] {
  const event = headers.get("x-github-event") ?? "";
  if (!whereOf(event)) return [];
  const given = payload.parse(parseJson(textOf(body)));
  const guid = headers.get("x-github-delivery");
  return hintsIn({ event, guid, given, asked }, types, spelled);
}

/** What was delivered, or should have been. */
interface Delivered {
  event: string;
  guid: string | null;
  given: Payload;
  asked?: string | undefined;
}

/** Where a payload says to look. */
export function hintsIn<T extends GitHubType>(
  { event, guid, given, asked }: Delivered,
  types: ReadonlySet<T>,
  spelled: (name: string) => string,
): Hint<T>[] {
  const where = whereOf(event);
  if (!where) return [];
  const cause = causeOf(guid, event, given.action);
  const looks = where(given).map((look) => ({ ...look, scope: look.scope ?? homeOfType(look.type, given) }));
  const homes = [given.repository?.full_name, given.organization?.login].filter((home) => home !== undefined);
  const named = [...homes, ...looks.map(({ scope }) => scope)];
  if (asked !== undefined && homes.length > 0 && !named.some((home) => isSameName(home ?? "", asked))) {
    throw new WebhookRejected("the delivery is of another repository");
  }
  const anyType = isOfInstallation(event) ? [...types].find((type) => !definitions[type].ofOrganization) : undefined;
  return looks.flatMap(({ scope, ...look }) => {
    const one = wanted(look, types, anyType);
    if (!one || scope === undefined || (asked !== undefined && !isSameName(scope, asked))) return [];
    return [{ ...one, scope: spelled(scope), ...(cause && { event: cause }) }];
  });
}

const whereOf = (event: string) => (Object.hasOwn(events, event) ? events[event] : undefined);

/** The repository of a payload or, for what belongs to it, the organisation. */
const homeOfType = (type: GitHubType, { repository, organization }: Payload): string | undefined =>
  definitions[type].ofOrganization ? organization?.login : repository?.full_name;

/** A look of a type that is synchronized; if it is none, of any that will do. */
function wanted<T extends GitHubType>({ type, ...where }: Look, types: ReadonlySet<T>, any?: T): Hint<T> | undefined {
  const isWanted = (one: GitHubType): one is T => (types as ReadonlySet<string>).has(one);
  if (isWanted(type)) return { type, ...where };
  return any === undefined ? undefined : { type: any };
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
