/**
 * Raw delivery: the bare message, which SNS does not sign. It is believed only with a secret of the application's own,
 * which SNS sends along as the password of the endpoint's URL.
 * @module
 */
import { WebhookRejected, type WebhookRequest } from "tidemark";
import { verifyToken } from "tidemark/verify";
import type { SnsNotification } from "./hints.ts";

export const isRaw = ({ headers }: WebhookRequest): boolean => headers.get("x-amz-sns-rawdelivery") === "true";

/**
 * The message of a raw delivery, or the question for the password: SNS sends it only when asked, by a 401 with a realm
 * (docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html).
 * @throws WebhookRejected if there is no secret, it is another, or the topic is not believed
 */
export function readRaw(
  { headers, body }: WebhookRequest,
  allowed: readonly string[],
  secrets: readonly string[],
): SnsNotification | Response {
  if (secrets.length === 0) {
    throw new WebhookRejected("raw delivery is not signed: switch it off at the subscription, or give a rawSecret");
  }
  const authorization = headers.get("authorization");
  if (authorization === null) {
    return new Response(null, { status: 401, headers: { "www-authenticate": 'Basic realm="sns"' } });
  }
  if (!verifyToken(secrets, passwordOf(authorization))) throw new WebhookRejected("the password is not the rawSecret");
  const topic = headers.get("x-amz-sns-topic-arn") ?? "";
  if (!allowed.includes(topic)) throw new WebhookRejected("the message is of a topic that is not among the topics");
  const id = headers.get("x-amz-sns-message-id") ?? "";
  return { id, topic, message: Buffer.from(body).toString(), attributes: {} };
}

/** `Basic <base64 of user:password>`; the user is not looked at. */
function passwordOf(authorization: string): string {
  const [scheme = "", credentials = ""] = authorization.split(" ");
  const text = Buffer.from(credentials, "base64").toString();
  return scheme.toLowerCase() === "basic" && text.includes(":") ? text.slice(text.indexOf(":") + 1) : "";
}
