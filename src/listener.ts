/**
 * A web-standard handler as a listener of `node:http`: bodies are streamed both ways, no faster than the other side takes them.
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setPeer } from "./peer.ts";

/**
 * Bridges a handler to `node:http`, and to what is built on it.
 *
 * ```ts
 * createServer(listener(createHandler(sync, { token }))).listen(3000);
 * ```
 * The request's signal aborts when the connection is closed. A handler that rejects is answered 500, and nothing of
 * the error is shown; what no `Request` can be made of, as the method `TRACE`, is answered 400.
 */
export function listener(
  handler: (request: Request) => Promise<Response>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (incoming, outgoing) => {
    const controller = new AbortController();
    outgoing.on("close", () => controller.abort());
    await send(await answerOf(handler, incoming, controller.signal), incoming, outgoing);
  };
}

async function answerOf(
  handler: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  signal: AbortSignal,
): Promise<Response> {
  let request: Request;
  try {
    request = requestOf(incoming, signal);
  } catch {
    // Of TRACE, for one. It is the caller's doing: no failure of ours that somebody is woken for.
    return new Response("no web request can be made of this\n", { status: 400 });
  }
  try {
    return await handler(request);
  } catch {
    return new Response("the handler failed\n", { status: 500 });
  }
}

function requestOf(incoming: IncomingMessage, signal: AbortSignal): Request {
  const { method = "GET", rawHeaders } = incoming;
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i] ?? "", rawHeaders[i + 1] ?? "");
  const hasBody = method !== "GET" && method !== "HEAD";
  const body = hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" as const } : {};
  const request = new Request(urlOf(incoming), { method, headers, signal, ...body });
  const { remoteAddress } = incoming.socket;
  if (remoteAddress !== undefined) setPeer(request, remoteAddress);
  return request;
}

/** The host is what the caller says it is: nothing may be decided by it. One that is none becomes `localhost`. */
function urlOf({ url = "/", headers }: IncomingMessage): URL {
  const path = url.startsWith("/") ? url.replace(/^\/+/, "/") : "/";
  const said = `http://${headers.host ?? "localhost"}`;
  // With a name and a password no request can be made of it.
  const isHost = URL.canParse(said) && !said.includes("@");
  return new URL(path, isHost ? said : "http://localhost");
}

async function send(response: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  // What was not read of a refused body would be taken for the next request. A reader whose stream has ended comes back over a
  // new connection: a server that is being closed has none, and waits for no old one.
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  if (!incoming.complete || isStream) outgoing.setHeader("connection", "close");
  outgoing.writeHead(response.status, [...response.headers].flat());
  if (!response.body) return void outgoing.end();
  outgoing.flushHeaders();
  // A reader that leaves in the midst of it is no error of anybody.
  await pipeline(Readable.fromWeb(response.body as never), outgoing).catch(() => {});
}
