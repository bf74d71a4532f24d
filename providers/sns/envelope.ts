/**
 * The envelope that SNS puts around a message, and what of it is signed.
 *
 * The signed text is lines of names and values, and a value may have line breaks in it. So that it can be read in one
 * way only, every value but the message must be of one line.
 * @module
 */
import { WebhookRejected } from "tidemark";
import { z } from "zod";

/** An envelope. Nothing in it is true before its signature was verified; its attributes are not signed at all. */
export interface Envelope {
  type: "Notification" | "SubscriptionConfirmation" | "UnsubscribeConfirmation";
  id: string;
  topic: string;
  message: string;
  subject?: string;
  at: Date;
  /** Empty in a notification. */
  token: string;
  attributes: Readonly<Record<string, string>>;
  version: string;
  signature: string;
  certificate: string;
  /** What was signed. */
  signed: string;
}

const word = z.string().regex(/^[\x21-\x7e]{1,2048}$/);
const line = z.string().regex(/^[^\p{Cc}\u2028\u2029]{0,256}$/u);
const time = z.iso.datetime();
const common = {
  ...{ Message: z.string(), MessageId: word, Timestamp: time, TopicArn: word },
  ...{ SignatureVersion: word, Signature: word, SigningCertURL: word },
};
const confirmation = { ...common, SubscribeURL: word, Token: word };
const attributes = z.record(z.string(), z.object({ Value: z.string() })).catch({});
const shape = z.discriminatedUnion("Type", [
  z.object({ Type: z.literal("Notification"), Subject: line.nullish(), MessageAttributes: attributes, ...common }),
  z.object({ Type: z.literal("SubscriptionConfirmation"), ...confirmation }),
  z.object({ Type: z.literal("UnsubscribeConfirmation"), ...confirmation }),
]);

/** The names of what is signed, in their order (docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html). */
const SIGNED = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

/** @throws WebhookRejected for what is no envelope: nobody has signed it */
export function readEnvelope(body: Uint8Array): Envelope {
  const { data } = shape.safeParse(parse(body));
  if (data === undefined) throw notOfSns();
  const given: Record<string, unknown> = data;
  const lines = SIGNED.map((name) => [name, given[name]]).filter(([, value]) => typeof value === "string");
  const signed = lines.map(([name, value]) => `${name}\n${value}\n`).join("");
  // Half a character would be signed like the sign that stands for what is broken.
  if (!signed.isWellFormed()) throw notOfSns();
  const { MessageAttributes = {}, Subject } = data.Type === "Notification" ? data : {};
  return {
    ...{
      type: data.Type,
      id: data.MessageId,
      topic: data.TopicArn,
      message: data.Message,
      at: new Date(data.Timestamp),
    },
    ...(typeof Subject === "string" && { subject: Subject }),
    token: data.Type === "Notification" ? "" : data.Token,
    attributes: Object.fromEntries(Object.entries(MessageAttributes).map(([name, { Value }]) => [name, Value])),
    ...{ version: data.SignatureVersion, signature: data.Signature, certificate: data.SigningCertURL },
    signed,
  };
}

const notOfSns = (): WebhookRejected => new WebhookRejected("the body is no message of SNS");

/** JSON. What SNS hands to a Lambda function is the same, but for the spelling of a name. */
function parse(body: Uint8Array): unknown {
  try {
    const { SigningCertUrl, ...envelope } = JSON.parse(Buffer.from(body).toString());
    return { SigningCertURL: SigningCertUrl, ...envelope };
  } catch {
    return undefined;
  }
}
