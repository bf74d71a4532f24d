/** A real server for a sync, as an application has it: `node:http`, the listener, the handler, the built page. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createHandler, type HandlerOptions } from "tidemark/http";
import { listener } from "tidemark/node";
import { built } from "./built.ts";

export const TOKEN = "a-token-of-the-page-tests";

export interface Served {
  /** As in `http://127.0.0.1:3000`. */
  origin: string;
  port: number;
  /** Where the page is opened, with the token. */
  inspector: string;
  /** Cuts every connection and stops. */
  close(): Promise<void>;
}

/** @param port 0: any */
export async function serve(
  sync: Parameters<typeof createHandler>[0],
  options: HandlerOptions = { token: TOKEN, operate: true, inspector: true },
  port = 0,
): Promise<Served> {
  await built();
  const server = createServer(listener(createHandler(sync, options)));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const bound = (server.address() as AddressInfo).port;
  const origin = `http://127.0.0.1:${bound}`;
  return {
    ...{ origin, port: bound, inspector: `${origin}${options.base ?? ""}/inspector#token=${TOKEN}` },
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}
