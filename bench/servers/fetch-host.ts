/**
 * A host in the style of `fetch` on `node:http`: a web `Request` in, a web `Response` out.
 * @module
 */
import type { RequestListener } from "node:http";
import { Readable } from "node:stream";

/** Calls a fetch handler for each request. */
export const fetchHost =
  (handle: (request: Request) => Promise<Response>): RequestListener =>
  async (incoming, outgoing) => {
    const headers = new Headers(incoming.headers as Record<string, string>);
    const body = Readable.toWeb(incoming) as ReadableStream<Uint8Array<ArrayBuffer>>;
    const request = new Request("http://localhost/webhook", { method: "POST", headers, body, duplex: "half" });
    const response = await handle(request);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  };
