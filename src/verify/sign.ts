/**
 * Standard Webhooks 1.0.0 (github.com/standard-webhooks/standard-webhooks), the sender's side: a signature for each secret.
 *
 * A `whsec_` secret gives `v1`, HMAC-SHA256; a `whsk_` key gives `v1a`, Ed25519. The specification names `whsk_` but not its
 * bytes: 32 are taken for the seed, 64 for the seed and the public key after it, as libsodium writes it.
 * @module
 */
import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { macOf } from "./hmac.ts";
import { currentSecrets, type Secrets } from "./secrets.ts";

/** What is signed: the message's id, when this attempt is made, and the body as it is sent. */
export interface Signed {
  /** The same for each attempt. Printable ASCII without a full stop. */
  id: string;
  /** Cut to whole seconds. */
  at: Date;
  body: string | Uint8Array;
}

/** Bytes of a secret, by the specification. */
const [SHORTEST, LONGEST] = [24, 64];
/** What stands before the seed of an Ed25519 key in PKCS #8. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** {@link currentSecrets} for {@link signStandardWebhook}: each must be `whsec_…` or `whsk_…`, and of the right length. */
export const signingSecrets = (secrets: Secrets, option: string): ReturnType<typeof currentSecrets> =>
  currentSecrets(secrets, option, parseKey);

/**
 * The headers of a signed webhook. Of several secrets each gives a signature, so that a receiver may hold any of them.
 * @param secrets as {@link signingSecrets} gives them
 * @throws TypeError for an id that could pass for a part of the body, or a secret that is none
 */
export function signStandardWebhook(secrets: readonly string[], { id, at, body }: Signed): Record<string, string> {
  if (!/^[!-\-/-~]{1,256}$/.test(id)) throw new TypeError("a webhook's id is printable ASCII without a full stop");
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const parts = [`${id}.${timestamp}.`, body];
  const signatures = secrets.map((secret) => signatureOf(parseKey(secret, "a secret"), parts));
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}

function signatureOf(key: Buffer | KeyObject, parts: readonly (string | Uint8Array)[]): string {
  if (Buffer.isBuffer(key)) return `v1,${macOf(key, parts).toString("base64")}`;
  const message = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return `v1a,${sign(null, message, key).toString("base64")}`;
}

function parseKey(secret: string, option: string): Buffer | KeyObject {
  const [, kind, text = ""] = /^(whsec|whsk)_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const bytes = Buffer.from(text, "base64");
  if (kind === "whsec" && bytes.length >= SHORTEST && bytes.length <= LONGEST) return bytes;
  if (kind === "whsk" && (bytes.length === 32 || bytes.length === 64)) {
    return createPrivateKey({ key: Buffer.concat([PKCS8, bytes.subarray(0, 32)]), format: "der", type: "pkcs8" });
  }
  throw new TypeError(
    `${option} must be "whsec_" and ${SHORTEST} to ${LONGEST} bytes in base64, or the private key, "whsk_" and its bytes`,
  );
}
