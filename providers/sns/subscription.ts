/**
 * What SNS asks and tells of a subscription, once it is verified.
 * @module
 */
import { type Awaitable, RetryLater } from "tidemark";
import type { Envelope } from "./envelope.ts";
import { hostOf } from "./topic.ts";

/** A subscription of the endpoint to a topic. */
export interface Subscription {
  /** The topic's ARN. */
  topic: string;
  /** Confirms the subscription, also one that was ended. */
  token: string;
}

/** Milliseconds: SNS waits 15 s for our answer (docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html). */
const TIMEOUT = 5_000;

/**
 * Makes the request that confirms a subscription. The URL is built from what was checked; the one in the message is not
 * visited.
 */
export async function confirmSubscription(
  { topic, token }: Subscription,
  fetch: (request: Request) => Promise<Response>,
): Promise<void> {
  const query = new URLSearchParams({ Action: "ConfirmSubscription", TopicArn: topic, Token: token });
  const signal = AbortSignal.timeout(TIMEOUT);
  const response = await fetch(new Request(`https://${hostOf(topic)}/?${query}`, { redirect: "manual", signal }));
  await response.body?.cancel();
  if (response.status !== 200) throw new Error(`SNS answers ${response.status} to the confirmation of a subscription`);
}

/**
 * Has a subscription confirmed, or somebody told that it ended.
 * @throws RetryLater if that fails: SNS comes again, a few times
 */
export async function tell(
  { type, topic, token }: Pick<Envelope, "type" | "topic" | "token">,
  who: (subscription: Subscription) => Awaitable<unknown>,
): Promise<void> {
  try {
    await who({ topic, token });
  } catch (cause) {
    throw new RetryLater(5_000, `a ${type} of SNS was verified, but what it asks for failed`, { cause });
  }
}
