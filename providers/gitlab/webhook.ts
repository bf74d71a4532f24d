/**
 * A GitLab webhook: is it GitLab's, and where does it say to look?
 * @module
 */
import { type Cause, type Hint, WebhookRejected, type WebhookRequest } from "tidemark";
import { parseJson } from "tidemark/client";
import { currentSecrets, type Secrets, standardSecrets, verifyStandardWebhook, verifyToken } from "tidemark/verify";
import { events, headers as kinds, type Look } from "./events.ts";
import { type Payload, payload } from "./payload.ts";
import { type Place, placeOf } from "./scope.ts";
import { definitions, type GitLabType } from "./types.ts";

/** A signing token, as GitLab 19 and later gives it; anything else is a secret token, sent along as it is. */
export const isSigning = (secret: string): boolean => secret.startsWith("whsec_");

/** Checks secrets once; see `currentSecrets`. */
export const secretsOf = (secrets: Secrets, option: string): ReturnType<typeof currentSecrets> =>
  currentSecrets(secrets, option, (secret) => isSigning(secret) && standardSecrets(secret, option));

/**
 * Checks that a request is GitLab's: by its signature if there is one, and then by that alone; else by the secret token.
 * So a signing token cannot be got round by leaving the signature out: it is never taken for a secret token.
 * @throws WebhookRejected if it is not
 */
export function verify(request: WebhookRequest, secrets: readonly string[]): void {
  const { headers } = request;
  if (headers.get("webhook-signature") !== null) {
    verifyStandardWebhook(secrets.filter(isSigning), request);
    return;
  }
  const plain = secrets.filter((secret) => !isSigning(secret));
  if (verifyToken(plain, headers.get("x-gitlab-token"))) return;
  throw new WebhookRejected("webhook-signature is missing, and X-Gitlab-Token is none of the secret tokens");
}

/** What was delivered, or should have been. */
export interface Delivered {
  /** `X-Gitlab-Event`. Not signed: it is looked at only where the body does not say what happened. */
  header: string | null;
  /** `Idempotency-Key`: the same for each attempt at a delivery (GitLab 17.4 and later). */
  key: string | null;
  body: unknown;
  /** The scope that the application named. */
  asked?: string | undefined;
}

/** Which types are synchronized, and the only scope of a kind, if there is but one. */
export interface Known<T extends GitLabType> {
  types: ReadonlySet<T>;
  only(place: Place): string | undefined;
}

/**
 * Where a verified request says to look.
 * @throws ZodError or SyntaxError if it is no payload; WebhookRejected if it is of another scope than the request
 */
export function hintsOf<T extends GitLabType>({ headers, body, scope }: WebhookRequest, known: Known<T>): Hint<T>[] {
  // The same key twice; the one of a signature is signed.
  const key = headers.get("webhook-id") ?? headers.get("idempotency-key");
  return hintsIn({ header: headers.get("x-gitlab-event"), key, body: parseJson(body), asked: scope }, known);
}

/** Where a payload says to look. What the application named a scope for stays in it. */
export function hintsIn<T extends GitLabType>({ header, key, body, asked }: Delivered, known: Known<T>): Hint<T>[] {
  const given = payload.parse(body);
  const name = given.object_kind ?? given.event_name;
  if (!name) return refresh(header, asked, known);
  const looks = Object.hasOwn(events, name) ? (events[name]?.(given) ?? []) : [];
  const home = homeOf(given);
  const cause = causeOf(key, name, given);
  const located = looks.map((look) => ({ ...look, scope: look.scope ?? scopeFor(look, home, asked, known) }));
  if (asked !== undefined && isElsewhere(asked, home, located)) {
    throw new WebhookRejected("the delivery is of another project or group than the one it was received for");
  }
  return located.flatMap(({ type, scope, ...where }) => {
    if (!isWanted(type, known) || scope === undefined || (asked !== undefined && scope !== asked)) return [];
    return [{ type, ...where, scope, ...(cause && { event: cause }) }];
  });
}

const isWanted = <T extends GitLabType>(type: GitLabType, { types }: Known<T>): type is T =>
  (types as ReadonlySet<string>).has(type);

/** The project that an event is of. */
const homeOf = ({ project, project_id, object_attributes: about }: Payload): string | undefined =>
  about?.target_project_id ?? project?.id ?? project_id ?? about?.project_id ?? undefined;

/** Where what has no scope of its own is: in the event's project, or in the only place that there is for it. */
function scopeFor<T extends GitLabType>(
  { type }: Look,
  home: string | undefined,
  asked: string | undefined,
  { only }: Known<T>,
): string | undefined {
  const place = definitions[type].in;
  if (place === "project" && home !== undefined) return home;
  return asked !== undefined && placeOf(asked) === place ? asked : only(place);
}

/** Whether an event says where it is, and that is not where the application asked for. */
function isElsewhere(
  asked: string,
  home: string | undefined,
  looks: readonly { scope?: string | undefined }[],
): boolean {
  const named = [home, ...looks.map(({ scope }) => scope)].filter((scope) => scope !== undefined);
  return named.length > 0 && !named.includes(asked);
}

/** The body does not say what happened, as with a template of the hook's own: something of this type, that is all. */
function refresh<T extends GitLabType>(header: string | null, asked: string | undefined, known: Known<T>): Hint<T>[] {
  const type = header !== null && Object.hasOwn(kinds, header) ? kinds[header] : undefined;
  if (type === undefined || !isWanted(type, known)) return [];
  const { in: place } = definitions[type];
  const scope = asked !== undefined && placeOf(asked) === place ? asked : known.only(place);
  if (scope !== undefined) return [{ type, scope }];
  throw new TypeError("the payload names no event: take the custom template off the hook, or name the scope");
}

/** Other headers with an id are shared by several deliveries, or are another one each time. */
function causeOf(key: string | null, name: string, { object_attributes: about }: Payload): Cause | undefined {
  if (key === null || !/^[\w-]{8,128}$/.test(key)) return undefined;
  return { id: key, name: about?.action ? `${name}.${about.action}` : name };
}
