/**
 * Where a message says to look: the application knows.
 * @module
 */
import type { Awaitable, Hint } from "tidemark";
import { nameOf } from "./topic.ts";

/** What SNS says of a message. */
export interface SnsNotification {
  /** The same each time it is sent. Empty in raw delivery without one. */
  id: string;
  /** The topic's ARN. */
  topic: string;
  message: string;
  subject?: string;
  /** When it was published; not told in raw delivery. */
  at?: Date;
  /** Not signed: anyone who saw a message may send it again with others. */
  attributes: Readonly<Record<string, string>>;
}

/**
 * Reads a message. A hint without an id says that something of its type changed. What it throws is answered 400, and
 * SNS does not try again; `RetryLater` makes it.
 * @param message what was published
 * @param attributes the values by name; those of binary attributes in base64. They are not signed: what they say may
 *   only decide where to look, never what is true
 */
export type HintsOf<T extends string> = (
  message: string,
  attributes: Readonly<Record<string, string>>,
  notification: SnsNotification,
) => Awaitable<readonly Hint<T>[]>;

/** The hints of a message, each with the message as its event. */
export async function hintsOf<T extends string>(read: HintsOf<T>, given: SnsNotification): Promise<Hint<T>[]> {
  const { id, topic, message, subject, at, attributes } = given;
  const told = { id, topic, message, attributes, ...(subject !== undefined && { subject }), ...(at && { at }) };
  const hints = await read(message, attributes, told);
  if (id === "") return [...hints];
  const event = { id, name: nameOf(topic), ...(at && { at }) };
  return hints.map((hint) => ({ event, ...hint }));
}
