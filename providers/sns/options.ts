/**
 * The options of `sns`, and what is wrong with them.
 * @module
 */
import type { Awaitable, Provider } from "tidemark";
import type { Secrets } from "tidemark/verify";
import type { HintsOf } from "./hints.ts";
import type { Subscription } from "./subscription.ts";
import { checkTopic } from "./topic.ts";

/** The options of `sns`. */
// biome-ignore lint/suspicious/noExplicitAny: the states are those of the inner provider
export interface SnsOptions<Types extends Record<string, object> = Record<string, any>> {
  /** How the resources are read: any provider. Its own webhook is not used, nor its `endpoint`. */
  inner: Provider<Types>;
  /**
   * The ARNs of the topics that are believed; one, several, or a function that knows the current ones and is given the
   * scope that the application named. Anyone can have SNS sign what he publishes to a topic of his own.
   */
  topics: Secrets;
  /** Where a message says to look, in place of the inner provider's webhook. */
  hints: HintsOf<keyof Types & string>;
  /** The versions of signatures that are accepted: `"1"` is SHA-1, `"2"` SHA-256. Default both. */
  versions?: readonly ("1" | "2")[];
  /**
   * With it, raw delivery is accepted, which SNS does not sign: the password of the endpoint's URL,
   * `https://sns:<password>@example.com/…`. Default: raw delivery is refused.
   */
  rawSecret?: Secrets;
  /**
   * Confirms a subscription to one of the topics. Default: the request that SNS asks for. One that is made with
   * credentials can have SNS refuse to unsubscribe without them.
   */
  confirm?: (subscription: Subscription) => Awaitable<unknown>;
  /** Is told that the endpoint was unsubscribed from one of the topics: from now on SNS is silent. */
  unsubscribed?: (subscription: Subscription) => Awaitable<unknown>;
  /** For certificates and confirmations. Default the global one. The inner provider has its own. */
  fetch?: (request: Request) => Promise<Response>;
}

/** @throws TypeError for an option that is wrong, with what to write instead */
export function checkOptions(options: SnsOptions): void {
  const { inner, topics, hints, versions = ["2"], confirm, unsubscribed, fetch } = options;
  if (typeof inner?.resources !== "object" || inner.resources === null) {
    throw new TypeError("sns({ inner }) must be a provider: it says how to read what the messages are about");
  }
  if (typeof topics !== "function") {
    const list = [topics].flat();
    for (const topic of list.length > 0 ? list : [""]) checkTopic(String(topic), "sns({ topics })");
  }
  if (typeof hints !== "function") {
    throw new TypeError("sns({ hints }) must be a function that says where a message says to look");
  }
  if (!Array.isArray(versions) || versions.length === 0 || versions.some((one) => one !== "1" && one !== "2")) {
    throw new TypeError('sns({ versions }) must list "1", "2" or both');
  }
  for (const [name, value] of Object.entries({ confirm, unsubscribed, fetch })) {
    if (value !== undefined && typeof value !== "function") throw new TypeError(`sns({ ${name} }) must be a function`);
  }
}
