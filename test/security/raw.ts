/** Requests as bytes on a connection: headers that come twice, in any case, or not as a client would send them. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, connect } from "node:net";

interface Test {
  after(run: () => unknown): void;
}

/** A server on a port of its own, until the test is over. */
export async function listen(t: Test, answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A request with its headers as they are given, and the status that it is answered with. */
export async function post(
  port: number,
  path: string,
  headers: readonly (readonly [name: string, value: string])[],
  body: Uint8Array,
): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  const lines = [...headers, ["host", "x"], ["content-length", `${body.length}`]].map(
    ([name, value]) => `${name}: ${value}`,
  );
  socket.write(`POST ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  socket.write(body);
  try {
    const [answer] = (await once(socket, "data")) as [Buffer];
    return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer.toString("latin1"))?.[1]);
  } finally {
    socket.destroy();
  }
}
