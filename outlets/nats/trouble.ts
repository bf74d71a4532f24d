/**
 * What an error of the NATS client means for a change.
 * @module
 */

/** The message is larger than the stream takes (the server's error 10054). */
const TOO_LARGE = 10_054;

/** Whether only this message was refused, and others may pass: it is too large, or its subject is none. */
export function refusesChange(cause: unknown): boolean {
  const { name, code } = (cause ?? {}) as { name?: unknown; code?: unknown };
  return code === TOO_LARGE || name === "InvalidArgumentError" || name === "InvalidSubjectError";
}

/** What went wrong, in a word: a message of the client may quote a subject, and in it an id. */
export function wordOf(cause: unknown): string {
  const { name, code } = (cause ?? {}) as { name?: unknown; code?: unknown };
  return [name, code].filter((one) => typeof one === "string" || typeof one === "number").join(" ") || "unknown";
}
