/**
 * What is answered: JSON that nobody keeps, and refusals that say what to do.
 * @module
 */

const HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" } as const;

/** `value` as JSON. */
export const json = (status: number, value: unknown, headers: Record<string, string> = {}): Response =>
  new Response(`${JSON.stringify(value)}\n`, {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...HEADERS, ...headers },
  });

/** Why there is nothing else: `{ "error": "…" }`. */
export const refusal = (status: number, error: string, headers: Record<string, string> = {}): Response =>
  json(status, { error }, headers);

/** A stream of Server-Sent Events. `x-accel-buffering`: nginx would keep what is small until there is more. */
export const events = (body: ReadableStream<Uint8Array> | string): Response =>
  new Response(body, {
    headers: { "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no", ...HEADERS },
  });
