/**
 * What an error is to the caller: of what Tidemark itself says the message, of anything else the name.
 * @module
 */
import { CursorLost, describe, Misuse } from "../errors.ts";
import { AWAY } from "./frame.ts";
import { events, refusal } from "./reply.ts";
import type { Asking } from "./route.ts";

/** What the path names is not there, or what was asked of it cannot be. Throws what is something else. */
export function misused(error: unknown, { params }: Asking): Response {
  if (error instanceof Misuse) return refusal(Object.keys(params).length > 0 ? 404 : 400, error.message);
  throw error;
}

/** @param follows a stream was asked for: after a 503 an `EventSource` never comes back, so that it is told to */
export function failure(error: unknown, follows: boolean): Response {
  if (error instanceof CursorLost) return refusal(410, describe(error));
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return refusal(504, "the provider did not answer in time");
  }
  return follows ? events(AWAY) : refusal(503, describe(error), { "retry-after": "5" });
}
