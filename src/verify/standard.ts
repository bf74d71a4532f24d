/**
 * Standard Webhooks 1.0.0 (github.com/standard-webhooks/standard-webhooks), the receiver's side.
 *
 *   webhook-id: msg_1    webhook-timestamp: 1614265330    webhook-signature: v1,<base64> v1a,<base64>
 *
 * A signature is over `id.timestamp.body`: `v1` is HMAC-SHA256 under a `whsec_` secret, `v1a` Ed25519 under the key whose
 * public half is `whpk_`. The kind of a secret decides what may be verified with it, never the header.
 * @module
 */
import { createPublicKey, type KeyObject, timingSafeEqual, verify } from "node:crypto";
import { RetryLater, WebhookRejected } from "../errors.ts";
import type { WebhookRequest } from "../provider.ts";
import { decode, macOf } from "./hmac.ts";
import { currentSecrets, type Secrets } from "./secrets.ts";

/** What is known of a webhook once it is verified. */
export interface StandardWebhook {
  /** The message's id: the same for each attempt to deliver it. */
  id: string;
  /** When this attempt was signed. */
  at: Date;
}

/** Milliseconds by which a signature's time may differ from ours: what the reference libraries allow. */
const TOLERANCE = 300_000;
/** Characters. Room for some twenty signatures; each costs a comparison, or a verification of the whole body. */
const LONGEST = 1_024;
/** Bytes of a secret at least, by the specification. */
const SHORTEST = 24;

/** {@link currentSecrets} for {@link verifyStandardWebhook}: each must be `whsec_…` or `whpk_…`, and long enough. */
export const standardSecrets = (secrets: Secrets, option: string): ReturnType<typeof currentSecrets> =>
  currentSecrets(secrets, option, parseKey);

/**
 * Verifies a request over its raw bytes, against every secret.
 *
 * The headers may be called `svix-…` instead of `webhook-…`. A signature of another version is ignored.
 * @param secrets as {@link standardSecrets} gives them; a signature under one of them is enough
 * @param options `tolerance`: milliseconds that the time of the signature may be off, either way. Default 300,000
 * @throws WebhookRejected if no signature holds, a header is missing or odd, or the time is off
 * @throws RetryLater for a secret that is none: the sender tries again while it is being put right
 */
export function verifyStandardWebhook(
  secrets: readonly string[],
  { headers, body, now }: Pick<WebhookRequest, "headers" | "body" | "now">,
  { tolerance = TOLERANCE }: { tolerance?: number } = {},
): StandardWebhook {
  const keys = keysOf(secrets);
  const { id, timestamp, signatures } = parseHeaders(headers);
  const at = Number(timestamp) * 1_000;
  if (!(Math.abs(now - at) <= tolerance)) {
    throw new WebhookRejected(`the signature is more than ${tolerance / 1_000} s off: look at this machine's clock`);
  }
  const signed = [`${id}.${timestamp}.`, body];
  if (!keys.map((key) => holds(key, signed, signatures)).includes(true)) {
    throw new WebhookRejected(
      "the signature holds under none of the secrets: is it this endpoint's secret, and the body unchanged?",
    );
  }
  return { id, at: new Date(at) };
}

/** What the headers say. */
interface Parts {
  id: string;
  timestamp: string;
  /** By version, in the order of the header. */
  signatures: readonly { version: string; value: string }[];
}

function parseHeaders(headers: WebhookRequest["headers"]): Parts {
  const prefix = headers.get("webhook-signature") === null ? "svix" : "webhook";
  const get = (name: string): string => headers.get(`${prefix}-${name}`) ?? "";
  const [id, timestamp, signature] = [get("id"), get("timestamp"), get("signature")];
  // A full stop would let a part of the body pass for a part of the id; a header that came twice has a blank in it.
  if (!/^[!-\-/-~]{1,256}$/.test(id)) throw new WebhookRejected(`${prefix}-id is missing, or no id`);
  if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookRejected(`${prefix}-timestamp is missing, or not in seconds`);
  if (signature === "" || signature.length > LONGEST) {
    throw new WebhookRejected(`${prefix}-signature is missing, or too long`);
  }
  const signatures = signature.split(" ").map((one) => {
    const comma = one.indexOf(",");
    return { version: one.slice(0, Math.max(comma, 0)), value: one.slice(comma + 1) };
  });
  return { id, timestamp, signatures };
}

/** A secret, ready to verify the one version that it is for. */
type Key = { version: "v1"; secret: Buffer } | { version: "v1a"; publicKey: KeyObject };

/** Whether one of the given signatures is the key's. */
function holds(key: Key, signed: readonly (string | Uint8Array)[], given: Parts["signatures"]): boolean {
  const length = key.version === "v1" ? 32 : 64;
  const claimed = given
    .filter(({ version }) => version === key.version)
    .map(({ value }) => decode(value, length, "base64"))
    .filter((bytes) => bytes !== undefined);
  if (claimed.length === 0) return false;
  if (key.version === "v1") {
    const mac = macOf(key.secret, signed);
    return claimed.map((bytes) => timingSafeEqual(mac, bytes)).includes(true);
  }
  const message = Buffer.concat(signed.map((part) => Buffer.from(part)));
  return claimed.some((bytes) => verify(null, message, key.publicKey, bytes));
}

function keysOf(secrets: readonly string[]): Key[] {
  try {
    return secrets.map((secret) => parseKey(secret, "a secret"));
  } catch (cause) {
    throw new RetryLater(5_000, (cause as Error).message, { cause });
  }
}

function parseKey(secret: string, option: string): Key {
  const [, kind, text = ""] = /^(whsec|whpk)_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const bytes = Buffer.from(text, "base64");
  if (kind === "whsec" && bytes.length >= SHORTEST) return { version: "v1", secret: bytes };
  if (kind === "whpk" && bytes.length === 32) {
    const jwk = { kty: "OKP", crv: "Ed25519", x: bytes.toString("base64url") };
    return { version: "v1a", publicKey: createPublicKey({ key: jwk, format: "jwk" }) };
  }
  throw new TypeError(
    `${option} must be "whsec_" and at least ${SHORTEST} bytes in base64, or the public key, "whpk_" and 32 bytes`,
  );
}
