/**
 * A web-standard handler as a listener of `node:http`: bodies are streamed both ways, no faster than the other side takes them.
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/**
 * Bridges a handler to `node:http`, and to what is built on it.
 *
 * ```ts
 * createServer(listener(createHandler(sync, { token }))).listen(3000);
 * ```
 * The request's signal aborts when the connection is closed. A handler that rejects is answered 500, and nothing of the error is shown.
 */
export function listener(
  handler: (request: Request) => Promise<Response>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (incoming, outgoing) => {
    const controller = new AbortController();
    outgoing.on("close", () => controller.abort());
    let response: Response;
    try {
      response = await handler(requestOf(incoming, controller.signal));
    } catch {
      response = new Response("the handler failed\n", { status: 500 });
    }
    await send(response, incoming, outgoing);
  };
}

function requestOf(incoming: IncomingMessage, signal: AbortSignal): Request {
  const { method = "GET", rawHeaders } = incoming;
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i] ?? "", rawHeaders[i + 1] ?? "");
  const hasBody = method !== "GET" && method !== "HEAD";
  const body = hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" as const } : {};
  return new Request(urlOf(incoming), { method, headers, signal, ...body });
}

/** The host is what the caller says it is: nothing may be decided by it. */
function urlOf({ url = "/", headers }: IncomingMessage): URL {
  const path = url.startsWith("/") ? url : "/";
  try {
    return new URL(path.replace(/^\/+/, "/"), `http://${headers.host ?? "localhost"}`);
  } catch {
    return new URL(path.replace(/^\/+/, "/"), "http://localhost");
  }
}

async function send(response: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  // What was not read of a refused body would be taken for the next request.
  if (!incoming.complete) outgoing.setHeader("connection", "close");
  outgoing.writeHead(response.status, [...response.headers].flat());
  if (!response.body) return void outgoing.end();
  outgoing.flushHeaders();
  // A reader that leaves in the midst of it is no error of anybody.
  await pipeline(Readable.fromWeb(response.body as never), outgoing).catch(() => {});
}
