/**
 * Whether an envelope is from SNS, and of a topic that is believed.
 * @module
 */
import { verify, type X509Certificate } from "node:crypto";
import { WebhookRejected } from "tidemark";
import type { CertificatesOf } from "tidemark/verify";
import type { Envelope } from "./envelope.ts";
import { hostOf } from "./topic.ts";

const HASHES: Readonly<Record<string, string>> = { "1": "RSA-SHA1", "2": "RSA-SHA256" };

/** Whether a URL is of a certificate, by its path. Its host is that of the topic's region, or it is not asked for. */
export const isCertificate = ({ pathname }: URL): boolean =>
  /^\/SimpleNotificationService-[0-9a-f]{32}\.pem$/.test(pathname);

/** What an envelope is verified with. */
export interface Verification {
  /** The ARNs of the topics that are believed. */
  allowed: readonly string[];
  versions: readonly string[];
  certificatesOf: CertificatesOf;
  /** Ms since 1970. */
  now: number;
}

/**
 * Verifies the signature and what it is worth. What costs nothing comes first: who does not know a topic has nothing
 * fetched. The time is not bounded: SNS repeats a message for an hour with the time at which it was published.
 * @throws WebhookRejected if it does not hold, or is of a topic that is not believed
 * @throws RetryLater if the certificate could not be had
 */
export async function verifyEnvelope(
  { topic, version, certificate, signature, signed }: Envelope,
  { allowed, versions, certificatesOf, now }: Verification,
): Promise<void> {
  if (!allowed.includes(topic)) throw new WebhookRejected("the message is of a topic that is not among the topics");
  const hash = versions.includes(version) ? HASHES[version] : undefined;
  if (hash === undefined) throw new WebhookRejected("the signature is of a version that is not among the versions");
  if (!certificate.startsWith(`https://${hostOf(topic)}/`)) {
    throw new WebhookRejected("the signing certificate is not of the topic's region");
  }
  const bytes = Buffer.from(signature, "base64");
  const [signer] = await certificatesOf(certificate, now);
  if (!signer || !isInForce(signer, now)) throw new WebhookRejected("the signing certificate is not in force");
  if (bytes.toString("base64") !== signature || !verify(hash, Buffer.from(signed), signer.publicKey, bytes)) {
    throw new WebhookRejected("the signature does not hold");
  }
}

const isInForce = ({ validFrom, validTo }: X509Certificate, now: number): boolean =>
  now >= Date.parse(validFrom) && now <= Date.parse(validTo);
