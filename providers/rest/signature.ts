/**
 * Is a webhook the service's? Its signature is an HMAC over what a template says, under one of the secrets.
 * @module
 */
import { WebhookRejected, type WebhookRequest } from "tidemark";
import { currentSecrets, type Secrets, standardSecrets, verifyHmac, verifyStandardWebhook } from "tidemark/verify";

/** How webhooks are signed. */
export interface WebhookOptions {
  /** The secret; several while one is being replaced; or a function that knows the current ones. */
  secret: Secrets;
  /** `"standard-webhooks"` for the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`. */
  signature: Signature | "standard-webhooks";
}

/** A signature of a service's own kind. */
export interface Signature {
  /** The header that holds it: `"x-signature"`. */
  header: string;
  /** The header is a list, `t=1614265330,v1=5257a8…`, and this is the name of the signature in it. Any one may hold. */
  field?: string;
  /** What is between the entries of such a list. Default `","`. */
  separator?: string;
  /** What stands before the signature itself: `"sha256="`. Default: nothing. */
  prefix?: string;
  /** Default `"sha256"`. */
  algorithm?: "sha1" | "sha256" | "sha512";
  /** Default `"hex"`. */
  encoding?: "hex" | "base64";
  /** How the secret is written: `"whsec"` is base64 after `whsec_`. Default `"utf8"`, as it is. */
  key?: "utf8" | "hex" | "base64" | "whsec";
  /** What is signed: a text with `{body}`, and as the service has it `{timestamp}`, `{id}`, `{method}`, `{url}`. Default `"{body}"`. */
  template?: string;
  /** When it was signed. */
  timestamp?: Timestamp;
  /** The header that holds `{id}`. */
  id?: string;
  /** What `{url}` stands for, where the service signs an address that a proxy changes. Default: the request's. */
  url?: string;
}

/** Where a signature's time is, and how much it may be off. */
export interface Timestamp {
  /** The header that holds it; or, where the signature's header is a list, `field`: its name there. */
  header?: string;
  field?: string;
  /** Default `"s"`, seconds since 1970. */
  unit?: "s" | "ms";
  /** Milliseconds either way. Default 300,000. */
  tolerance?: number;
}

/** Verifies a request. Answers the delivery's id if that is signed. */
export type Verify = (request: WebhookRequest) => Promise<string | undefined>;

/** Characters of a header. Room for some twenty signatures; each costs a MAC of the whole body. */
const LONGEST = 2_048;
const TOLERANCE = 300_000;

/** @throws TypeError for a secret that is empty, or not written as `key` says */
export function verifierOf({ secret, signature }: WebhookOptions): Verify {
  const option = "rest({ webhook.secret })";
  if (signature === "standard-webhooks") {
    const secretsOf = standardSecrets(secret, option);
    return async (request) => verifyStandardWebhook(await secretsOf(request.scope), request).id;
  }
  const { key = "utf8" } = signature;
  const secretsOf = currentSecrets(secret, option, (text) => keyOf(text, key, option));
  return async (request) => {
    const keys = (await secretsOf(request.scope)).map((text) => keyOf(text, key, option));
    return verify(keys, signature, request);
  };
}

function keyOf(secret: string, key: NonNullable<Signature["key"]>, option: string): string | Uint8Array {
  if (key === "utf8") return secret;
  const text = key === "whsec" ? secret.replace(/^whsec_/, "") : secret;
  const encoding = key === "hex" ? "hex" : "base64";
  const bytes = Buffer.from(text, encoding);
  // A decoder drops what it does not know: what is left might be hardly a key at all.
  const isWhole = key === "hex" ? bytes.length * 2 === text.length : /^[A-Za-z0-9+/]+={0,2}$/.test(text);
  if (bytes.length === 0 || !isWhole) throw new TypeError(`${option} must be written in ${key}, as signature.key says`);
  return bytes;
}

function verify(keys: readonly (string | Uint8Array)[], signature: Signature, request: WebhookRequest) {
  const { header, field, prefix = "", algorithm = "sha256", encoding = "hex" } = signature;
  const entries = field === undefined ? undefined : entriesOf(read(request, header), signature.separator ?? ",");
  const id = signature.id === undefined ? undefined : idIn(request, signature.id);
  const signed = signedBy(signature, { id, timestamp: timestampIn(request, signature, entries) }, request);
  const claims = entries ? named(entries, field) : [read(request, header)];
  const holds = claims.some(
    (claim) =>
      claim.startsWith(prefix) && verifyHmac(keys, signed, claim.slice(prefix.length), { algorithm, encoding }),
  );
  if (!holds) throw new WebhookRejected(`${header} is missing, or holds under none of the secrets`);
  return id;
}

function read({ headers }: WebhookRequest, name: string): string {
  const value = headers.get(name) ?? "";
  if (value.length > LONGEST) throw new WebhookRejected(`${name} is too long`);
  return value;
}

function entriesOf(list: string, separator: string): [name: string, value: string][] {
  return list.split(separator).map((entry) => {
    const equals = entry.indexOf("=");
    return [entry.slice(0, Math.max(equals, 0)).trim(), entry.slice(equals + 1).trim()];
  });
}

const named = (entries: [name: string, value: string][], name: string | undefined): string[] =>
  entries.filter(([one]) => one === name).map(([, value]) => value);

/** Letters and digits alone: a full stop could let a part of the body pass for a part of the id. */
function idIn(request: WebhookRequest, name: string): string {
  const id = read(request, name);
  if (!/^[\w-]{1,256}$/.test(id)) throw new WebhookRejected(`${name} is missing, or no id`);
  return id;
}

function timestampIn(
  request: WebhookRequest,
  { header, timestamp }: Signature,
  entries: [string, string][] | undefined,
) {
  if (timestamp === undefined) return undefined;
  const { field, unit = "s", tolerance = TOLERANCE } = timestamp;
  const found = named(entries ?? [], field);
  // One that is there twice is none.
  const text = timestamp.header !== undefined ? read(request, timestamp.header) : found.length === 1 ? found[0] : "";
  if (text === undefined || !/^\d{1,13}$/.test(text)) {
    throw new WebhookRejected(`${timestamp.header ?? header} holds no time of the signature`);
  }
  const at = Number(text) * (unit === "s" ? 1_000 : 1);
  if (!(Math.abs(request.now - at) <= tolerance)) {
    throw new WebhookRejected(`the signature is more than ${tolerance / 1_000} s off: look at this machine's clock`);
  }
  return text;
}

/** What the template says was signed; the body as the bytes it is. */
function signedBy(
  { template = "{body}", url }: Signature,
  known: { id: string | undefined; timestamp: string | undefined },
  request: WebhookRequest,
): (string | Uint8Array)[] {
  const values: Record<string, string | Uint8Array | undefined> = {
    ...known,
    body: request.body,
    method: request.method,
    url: url ?? request.url,
  };
  return template.split(/\{(\w+)\}/).map((part, i) => (i % 2 === 0 ? part : (values[part] ?? "")));
}
