/**
 * `tidemark/node`: webhooks in `node:http` and what is built on it (Express, Fastify), with the raw bytes and without
 * building a web `Request`.
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { incoming, type Receiver, type Sync } from "./api.ts";
import type { Providers } from "./kind.ts";
import { BodyRefused, type Incoming } from "./receive.ts";
import { systemTime } from "./time.ts";
import { collector, cutOff, DEADLINE, refuseLength, tooSlow } from "./web.ts";

export { listener } from "./listener.ts";

/**
 * A listener that answers a provider's webhooks.
 *
 * ```ts
 * createServer(webhook(sync, "stripe")).listen(3000);
 * app.post("/webhooks/stripe", webhook(sync, "stripe"));     // Express: before any body parser, or after express.raw()
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
    // With its length, a response is one write and has no chunks.
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
  };
}

const incomingOf = (request: IncomingMessage): Incoming => ({
  method: request.method ?? "GET",
  url: request.url ?? "/",
  headers: { get: (name) => headerOf(request.rawHeaders, name.toLowerCase()) },
  async read(limit) {
    const kept = rawBodyOf(request);
    if (kept === undefined && (request.readableDidRead || ("body" in request && request.body !== undefined))) {
      throw new BodyRefused(500, PARSED);
    }
    refuseLength(kept?.byteLength ?? request.headers["content-length"], limit);
    return kept ?? readBody(request, limit);
  },
});

/**
 * Collects a body as its chunks come. By events: the stream's own iterator took a tenth of the time of a webhook, and
 * ends the connection before a refusal can be answered.
 */
const readBody = (request: IncomingMessage, limit: number): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const body = collector(limit);
    const cancel = systemTime.after(DEADLINE, () => refuse(tooSlow()), true);
    function done() {
      cancel();
      body.release();
      request.off("data", take).off("end", finish).off("close", close);
    }
    function refuse(error: unknown) {
      done();
      request.pause();
      reject(error);
    }
    function take(chunk: unknown) {
      try {
        if (!(chunk instanceof Uint8Array)) throw new BodyRefused(500, PARSED);
        body.take(chunk);
      } catch (error) {
        refuse(error);
      }
    }
    function finish() {
      const bytes = body.bytes();
      done();
      resolve(bytes);
    }
    const close = () => refuse(cutOff());
    if (request.destroyed) return close();
    // Stays: an error that comes later, when nobody listens, would end the process.
    request
      .on("data", take)
      .on("end", finish)
      .on("close", close)
      .on("error", (cause) => refuse(cutOff(cause)));
  });

const PARSED =
  "a body parser ran first: mount the webhook before it, or have it keep the raw bytes; the signature is over those";

/** The raw bytes, where a host has read them and kept them as they came: `express.raw()`, a cloud function's `rawBody`. */
function rawBodyOf(request: IncomingMessage & { rawBody?: unknown; body?: unknown }): Uint8Array | undefined {
  return [request.rawBody, request.body].find((body) => body instanceof Uint8Array);
}

/**
 * A header that came twice is none: which of the two was meant, the sender and we might answer differently. Looked for
 * in the raw ones, because `headersDistinct` builds all of them for each request.
 */
function headerOf(raw: readonly string[], name: string): string | null {
  let found: string | null = null;
  for (let i = 0; i < raw.length; i += 2) {
    const key = raw[i];
    if (key?.length !== name.length || key.toLowerCase() !== name) continue;
    if (found !== null) return null;
    found = raw[i + 1] ?? null;
  }
  return found;
}
