/**
 * A change as a Server-Sent Event, written once for all who read it.
 * @module
 */
import type { Change } from "../change.ts";

export interface Frame {
  cursor: string;
  type: string;
  scope: string;
  text: string;
}

/** Without a name, so that an `EventSource` gives it to `onmessage`. Its id is the cursor: a browser resumes after it. */
export const frameOf = (change: Change): Frame => ({
  cursor: change.cursor,
  type: change.type,
  scope: change.scope,
  text: `id: ${change.cursor}\ndata: ${JSON.stringify(change)}\n\n`,
});

/** Where a reader is, without a change: an `EventSource` keeps the id of a message that it gives to nobody. */
export const placeFrame = (cursor: string): string => `id: ${cursor}\n\n`;

/** Nothing: keeps proxies from closing an idle connection, and tells us of readers that have left. */
export const HEARTBEAT = ":\n\n";

/** The cursor is of no use any more: what was seen is still true, but the reader must begin anew. */
export const lostFrame = (reason: string): string => `event: lost\ndata: ${JSON.stringify({ error: reason })}\n\n`;

/** Nothing for now: an `EventSource` whose stream ends with it comes back after so many milliseconds. */
export const AWAY = "retry: 3000\n\n";

const encoder = new TextEncoder();
export const encode = (text: string): Uint8Array => encoder.encode(text);
