/**
 * A PayPal webhook: is it PayPal's, and for one of our webhooks?
 *
 * PayPal signs `transmission id | time | webhook id | CRC-32 of the body` with RSA, and names the certificate. All of it is
 * checked here, without asking PayPal about each webhook. A CRC is no hash: who has seen one signed webhook can make
 * another body for it. So nothing in a body is believed but where to look.
 * @module
 */
import { verify, type X509Certificate } from "node:crypto";
import { crc32 } from "node:zlib";
import { WebhookRejected, type WebhookRequest } from "tidemark";
import type { CertificatesOf } from "tidemark/verify";
import { isPayPal } from "./hosts.ts";

const ID = /^[\w-]{1,128}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
/** Base64 of 128 to 1,024 bytes. */
const SIGNATURE = /^[A-Za-z0-9+/]{170,1366}={0,2}$/;

/** How a webhook is checked. */
export interface Checks {
  certificatesOf: CertificatesOf;
  /** Milliseconds by which its time may differ. */
  tolerance: number;
}

/** Whether a certificate may be had from there. Each has a name of its own, and never changes. */
export const isCertificate = (url: URL): boolean =>
  isPayPal(url) && /^\/v1\/notifications\/certs\/\w[\w-]{0,255}$/.test(url.pathname);

/**
 * Checks the signature, for each of the webhooks' ids.
 * @throws WebhookRejected if it holds for none of them; RetryLater if the certificate cannot be had now
 */
export async function verifySignature(
  { headers, body, now }: WebhookRequest,
  webhookIds: readonly string[],
  { certificatesOf, tolerance }: Checks,
): Promise<void> {
  const header = (name: string) => headers.get(`paypal-${name}`) ?? "";
  const [id, time, text] = [header("transmission-id"), header("transmission-time"), header("transmission-sig")];
  if (!ID.test(id) || !TIME.test(time) || !SIGNATURE.test(text)) {
    throw new WebhookRejected("PayPal's headers of the transmission are missing, or not as PayPal writes them");
  }
  if (header("auth-algo") !== "SHA256withRSA") throw new WebhookRejected("the signature is not SHA256withRSA");
  if (!(Math.abs(now - Date.parse(time)) <= tolerance)) {
    throw new WebhookRejected("the time of the transmission is further off than paypal({ tolerance }) lets pass");
  }
  const signature = Buffer.from(text, "base64");
  // Several texts stand for the same bytes; PayPal writes one of them.
  if (signature.toString("base64") !== text) throw new WebhookRejected("the signature is not base64");
  const [certificate] = await certificatesOf(header("cert-url"), now);
  const key = keyOf(certificate, now);
  const crc = crc32(body);
  const holds = webhookIds.some((webhook) =>
    verify("RSA-SHA256", Buffer.from(`${id}|${time}|${webhook}|${crc}`), key, signature),
  );
  if (holds) return;
  throw new WebhookRejected(
    "the signature holds for none of the webhooks in paypal({ webhookId }): is it one of this app, and the body unchanged?",
  );
}

function keyOf(certificate: X509Certificate | undefined, now: number) {
  const isInForce = certificate && Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo);
  if (isInForce) return certificate.publicKey;
  throw new WebhookRejected("the signing certificate has ended, or has not begun");
}
