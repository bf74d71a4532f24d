/**
 * One keep-alive connection that knows no more of HTTP than where a response ends: the load must cost less than what it
 * is put on.
 * @module
 */
import { connect, type Socket } from "node:net";

export interface Connection {
  /** Sends one request. Resolves to the status of its response. */
  ask(request: Buffer): Promise<number>;
  close(): void;
}

export async function openConnection(port: number): Promise<Connection> {
  const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  let text = "";
  let waiting: { resolve: (status: number) => void; reject: (error: Error) => void } | undefined;

  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    if (!isComplete(text)) return;
    const status = Number(text.slice(9, 12));
    text = "";
    waiting?.resolve(status);
  });
  const fail = () => waiting?.reject(new Error("the server closed a connection"));
  socket.on("error", fail).on("close", fail);
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request);
      }),
    close: () => {
      waiting = undefined;
      socket.destroy();
    },
  };
}

/** There is one response at a time on a connection. */
function isComplete(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const head = text.slice(0, end);
  const length = /\ncontent-length: *(\d+)/i.exec(head);
  if (length) return text.length >= end + 4 + Number(length[1]);
  if (/\ntransfer-encoding: *chunked/i.test(head)) return text.endsWith("0\r\n\r\n");
  return true;
}
