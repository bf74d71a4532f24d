/**
 * Signatures as their services document them, verified once more: what a provider believes must hold here, too. Nothing of
 * the project's own is used, and where a spelling is free, more is taken here than there.
 */
import { createHmac, createPublicKey, verify, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";

/** Whether a request is its service's. */
export type Holds = (headers: Headers, body: Buffer, now: number) => boolean;

const hmac = (key: string | Buffer, ...parts: (string | Buffer)[]) => {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return mac.digest();
};
const of = (headers: Headers, name: string): string => headers.get(name) ?? "";
const fixture = (path: string) => readFileSync(new URL(`../fixtures/${path}`, import.meta.url));
/** Within five minutes, and a rounded second. */
const near = (ms: number, now: number, minutes = 5): boolean => Math.abs(ms - now) <= minutes * 60_000 + 1_000;

/** The header is the MAC of the body, with what stands before it, and nothing else. */
export const text =
  (header: string, secret: string, prefix: string, encoding: "hex" | "base64"): Holds =>
  (headers, body) =>
    of(headers, header) === `${prefix}${hmac(secret, body).toString(encoding)}`;

/** The header is a secret that both know. */
export const token =
  (header: string, secret: string): Holds =>
  (headers) =>
    of(headers, header) === secret;

/** The password of HTTP's basic authentication. */
export const basic =
  (password: string): Holds =>
  (headers) => {
    const [scheme, credentials = ""] = of(headers, "authorization").split(" ");
    const given = Buffer.from(credentials, "base64").toString();
    return /^basic$/i.test(scheme ?? "") && given.replace(/^[^:]*:/, "") === password;
  };

/** `t=…,v1=…`: docs.stripe.com/webhooks#verify-manually. */
export const stripe =
  (secret: string): Holds =>
  (headers, body, now) => {
    const header = of(headers, "stripe-signature");
    const time = /(?:^|,)\s*t\s*=\s*(\d+)/.exec(header)?.[1] ?? "";
    const signature = hmac(secret, `${time}.`, body).toString("hex");
    return near(Number(time) * 1_000, now) && new RegExp(`(^|,)\\s*v1\\s*=\\s*${signature}\\s*(,|$)`).test(header);
  };

/** `t=…, v1=…`, with milliseconds and three minutes: workos.com/docs/events/data-syncing/webhooks. */
export const workos =
  (secret: string): Holds =>
  (headers, body, now) => {
    const header = of(headers, "workos-signature");
    const time = /(?:^|,)\s*t\s*=\s*(\d+)/.exec(header)?.[1] ?? "";
    const signature = hmac(secret, `${time}.`, body).toString("hex");
    return near(Number(time), now, 3) && new RegExp(`(^|,)\\s*v1\\s*=\\s*${signature}\\s*(,|$)`).test(header);
  };

const standardHeaders = (headers: Headers) => {
  const prefix = headers.has("webhook-signature") ? "webhook" : "svix";
  return {
    signatures: of(headers, `${prefix}-signature`).split(" "),
    time: of(headers, `${prefix}-timestamp`),
    before: `${of(headers, `${prefix}-id`)}.${of(headers, `${prefix}-timestamp`)}.`,
  };
};

/** `v1` of Standard Webhooks. */
export const standard =
  (secret: string): Holds =>
  (headers, body, now) => {
    const { signatures, time, before } = standardHeaders(headers);
    const key = Buffer.from(secret.replace("whsec_", ""), "base64");
    return near(Number(time) * 1_000, now) && signatures.includes(`v1,${hmac(key, before, body).toString("base64")}`);
  };

/** `v1a` of Standard Webhooks. */
export const asymmetric =
  (secret: string): Holds =>
  (headers, body, now) => {
    const { signatures, time, before } = standardHeaders(headers);
    const spki = Buffer.concat([
      Buffer.from("302a300506032b6570032100", "hex"),
      Buffer.from(secret.replace("whpk_", ""), "base64"),
    ]);
    const key = createPublicKey({ key: spki, format: "der", type: "spki" });
    const message = Buffer.concat([Buffer.from(before), body]);
    return (
      near(Number(time) * 1_000, now) &&
      signatures.some(
        (one) => one.startsWith("v1a,") && verify(null, message, key, Buffer.from(one.slice(4), "base64")),
      )
    );
  };

/** developer.paypal.com/api/rest/webhooks/rest: `id|time|webhook|crc32`, by the certificate at one URL. */
export const paypal = (webhookId: string): Holds => {
  const key = new X509Certificate(fixture("paypal/own-small-key/test-cert.pem")).publicKey;
  return (headers, body) => {
    const part = (name: string) => of(headers, `paypal-${name}`);
    const signed = `${part("transmission-id")}|${part("transmission-time")}|${webhookId}|${crc32(body)}`;
    const url = "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-TEST-0002";
    const signature = Buffer.from(part("transmission-sig"), "base64");
    return part("cert-url") === url && verify("RSA-SHA256", Buffer.from(signed), key, signature);
  };
};

/** docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html. */
export const sns = (topic: string): Holds => {
  const key = new X509Certificate(fixture("sns/small-cert.pem")).publicKey;
  const names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
  return (_, body) => {
    const envelope: Record<string, unknown> = JSON.parse(body.toString());
    const given = names.filter((name) => typeof envelope[name] === "string");
    const own = envelope["Type"] === "Notification" ? given.filter((name) => !/URL$|Token/.test(name)) : given;
    const signed = own.map((name) => `${name}\n${envelope[name]}\n`).join("");
    const hash = envelope["SignatureVersion"] === "1" ? "RSA-SHA1" : "RSA-SHA256";
    const signature = Buffer.from(String(envelope["Signature"]), "base64");
    return envelope["TopicArn"] === topic && verify(hash, Buffer.from(signed), key, signature);
  };
};
