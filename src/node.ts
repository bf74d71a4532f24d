/**
 * `tidemark/node`: webhooks in `node:http` and what is built on it (Express, Fastify), with the raw bytes and without
 * building a web `Request`.
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Providers } from "./kind.ts";
import { BodyRefused, type Incoming } from "./receive.ts";
import { incoming, type Receiver, type Sync } from "./sync.ts";
import { systemTime } from "./time.ts";
import { readBody, refuseLength } from "./web.ts";

/**
 * A listener that answers a provider's webhooks.
 *
 * ```ts
 * createServer(webhook(sync, "stripe")).listen(3000);
 * app.post("/webhooks/stripe", webhook(sync, "stripe"));     // Express: before any body parser
 * ```
 *
 * @param provider the provider's key in `createSync`
 * @param options.scope what the request is for, if the application knows: a webhook of another scope is refused
 */
export function webhook<P extends Providers>(
  sync: Sync<P>,
  provider: keyof P & string,
  options: { scope?: string } = {},
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const receiver = sync as Sync<P> & Receiver;
  return async (request, response) => {
    const { status, headers, body } = await receiver[incoming](provider, incomingOf(request), options.scope);
    // What was not read of a refused body would be taken for the next request.
    if (!request.complete) response.setHeader("connection", "close");
    response.writeHead(status, headers).end(body);
  };
}

const incomingOf = (request: IncomingMessage): Incoming => ({
  method: request.method ?? "GET",
  url: request.url ?? "/",
  headers: { get: (name) => one(request.headersDistinct[name.toLowerCase()]) },
  async read(limit) {
    if (request.readableDidRead || ("body" in request && request.body !== undefined)) {
      throw new BodyRefused(
        400,
        "a body parser ran first: mount the webhook before it, the signature needs the raw body",
      );
    }
    refuseLength(request.headers["content-length"], limit);
    return readBody(request, limit, systemTime);
  },
});

/** A header that came twice is none: which of the two was meant, the sender and we might answer differently. */
const one = (values: readonly string[] | undefined): string | null =>
  values?.length === 1 ? (values[0] ?? null) : null;
