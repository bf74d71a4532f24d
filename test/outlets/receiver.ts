/** A web server at hand that takes what outlets send, and can be down, gone, or lose its answers. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { Context, Taken, Target } from "./outlet.kit.ts";

export interface Request {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** How a request is answered: a status, with headers; or a function that does it all. */
export type Answer = number | { status: number; headers?: Record<string, string>; body?: string };

export async function createReceiver(t: Context) {
  const requests: Request[] = [];
  let losing = false;
  let came = () => {};
  const at = {
    /** What it answered 2xx to. */
    accepted: [] as Request[],
    requests,
    answer: (_: Request): Answer => 204,
    url: "",
    lose: () => {
      losing = true;
    },
    down: () =>
      new Promise<unknown>((closed) => {
        server.close(closed);
        server.closeAllConnections();
      }),
    /** Resolves at the next request. */
    next: () =>
      new Promise<void>((resolve) => {
        came = resolve;
      }),
    up: () => listen(new URL(at.url).port),
  };
  const server = createServer(async (incoming, outgoing) => {
    let body = "";
    for await (const chunk of incoming) body += chunk;
    const request = { method: incoming.method ?? "", url: incoming.url ?? "", headers: incoming.headers, body };
    requests.push(request);
    came();
    const answer = at.answer(request);
    const { status, headers = {}, body: text = "" } = typeof answer === "number" ? { status: answer } : answer;
    if (status >= 200 && status < 300) at.accepted.push(request);
    if (losing) {
      losing = false;
      incoming.socket.destroy();
      return;
    }
    outgoing.writeHead(status, headers).end(text);
  });
  const listen = (port: string) =>
    new Promise<void>((listening) => server.listen(Number(port), "127.0.0.1", listening));
  await listen("0");
  at.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return at;
}

export type Receiver = Awaited<ReturnType<typeof createReceiver>>;

const POISON = "poison!";

/** The levers of the suite, over a receiver. */
export function targetOver(
  receiver: Receiver,
  open: Target["open"],
  read: (request: Request) => readonly Taken[],
  refusal = 422,
): Target {
  let gone = false;
  const refuses = (request: Request) => read(request).some(({ text }) => text === POISON);
  receiver.answer = (request) => (gone ? 410 : refuses(request) ? refusal : 204);
  return {
    open,
    taken: async () => receiver.accepted.flatMap(read),
    down: receiver.down,
    up: receiver.up,
    poison: POISON,
    lose: receiver.lose,
    leave: () => {
      gone = true;
    },
    enter: () => {
      gone = false;
    },
  };
}
