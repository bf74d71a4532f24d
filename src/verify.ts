/**
 * `tidemark/verify`: helpers for plugins that verify signatures. Secrets that may rotate, MACs over raw bytes compared in
 * constant time, Standard Webhooks, and certificates that are fetched.
 * @module
 */
export { type CertificatesOf, type CertificatesOptions, certificates } from "./verify/certificates.ts";
export { type HmacOptions, verifyHmac, verifyToken } from "./verify/hmac.ts";
export { currentSecrets, type Secrets } from "./verify/secrets.ts";
export { type Signed, signingSecrets, signStandardWebhook } from "./verify/sign.ts";
export { type StandardWebhook, standardSecrets, verifyStandardWebhook } from "./verify/standard.ts";
