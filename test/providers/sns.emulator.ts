/** Amazon SNS as an endpoint meets it: envelopes that are signed, the certificate's host, confirmations. The keys are the tests' own. */
import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Delivery, Payload } from "tidemark/testing";

const folder = new URL("../fixtures/sns/", import.meta.url);
const file = (name: string) => readFileSync(new URL(name, folder), "utf8");
/** A recorded message, with what was signed of it. */
export const fixture = (name: string): { headers: Record<string, string>; body: Json; stringToSign: string } =>
  JSON.parse(file(`${name}.json`));
export type Json = Record<string, unknown>;

export const pem = file("test-cert.pem");
export const TOPIC = "arn:aws:sns:us-east-1:123456789012:MyTopic";
export const OTHER_TOPIC = "arn:aws:sns:us-east-1:123456789012:Another";
export const HOST = "https://sns.us-east-1.amazonaws.com";
export const CERTIFICATE = `${HOST}/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem`;

/** A short key, for what is signed by the thousand. */
const SMALL = `${HOST}/SimpleNotificationService-00000000000000000000000000000000.pem`;
const keys = { usual: createPrivateKey(file("test-key.pem")), small: createPrivateKey(file("small-key.pem")) };

/** Answers as the host that has the certificate and confirms subscriptions. */
export function answerSns(request: Request): Response {
  if (request.url === CERTIFICATE) return new Response(pem);
  if (request.url === SMALL) return new Response(file("small-cert.pem"));
  const { searchParams } = new URL(request.url);
  const confirms = request.url.startsWith(`${HOST}/?`) && searchParams.get("Action") === "ConfirmSubscription";
  return confirms ? new Response("<ConfirmSubscriptionResponse/>") : new Response("", { status: 404 });
}

const SIGNED = {
  Notification: ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
  SubscriptionConfirmation: ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
};

/** The body, signed over what it holds. */
export function signBody(body: Json, version = "2"): Json {
  const names = body["Type"] === "Notification" ? SIGNED.Notification : SIGNED.SubscriptionConfirmation;
  const text = names.filter((name) => typeof body[name] === "string").map((name) => `${name}\n${body[name]}\n`);
  const key = body["SigningCertURL"] === SMALL ? keys.small : keys.usual;
  const signature = sign(version === "1" ? "RSA-SHA1" : "RSA-SHA256", Buffer.from(text.join("")), key);
  return { ...body, SignatureVersion: version, Signature: signature.toString("base64") };
}

/** A body that is signed, of `more` and what a notification has. */
export const bodyOf = (more: Json = {}, version = "2"): Json =>
  signBody(
    {
      ...{ Type: "Notification", MessageId: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324", TopicArn: TOPIC },
      ...{ Message: "note.updated n1", Timestamp: "2027-01-15T08:00:00.000Z", SigningCertURL: CERTIFICATE },
      ...more,
    },
    version,
  );

/** What SNS sends for a message; `topic` is what is believed, in the place of a secret. */
export const deliveryOf =
  (version: "1" | "2") =>
  (
    { body }: Pick<Payload, "body">,
    topic: string,
    at: number,
    id = "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
  ): Delivery => {
    const message = { Message: Buffer.from(body).toString(), Timestamp: new Date(at).toISOString() };
    const envelope = bodyOf({ ...message, MessageId: id, TopicArn: topic, SigningCertURL: SMALL }, version);
    return { headers: { "content-type": "text/plain; charset=UTF-8" }, body: JSON.stringify(envelope) };
  };
