/**
 * A local API with the customers that a bench needs, in a process of its own. Each read of one answers a new state; the
 * list answers the same ones each time.
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answerCalls } from "./child.ts";
import { customer, customerId, numberOf } from "./event.ts";

let reads = 0;
/** The list's pages, as text made once. */
let pages: Buffer[] = [];

const LIMIT = 100;
const EMPTY = Buffer.from(JSON.stringify({ object: "list", url: "/v1", has_more: false, data: [] }));

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://localhost");
  const id = url.pathname.split("/")[3];
  const body = id !== undefined ? JSON.stringify(customer(id, `read ${++reads}`)) : (pages[pageOf(url)] ?? EMPTY);
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
});

function pageOf({ pathname, searchParams }: URL): number {
  if (pathname !== "/v1/customers") return -1;
  const after = searchParams.get("starting_after");
  return after === null ? 0 : Math.ceil((numberOf(after) + 1) / LIMIT);
}

const stub = {
  /** @param size how many customers its list has */
  async start(size = 0): Promise<number> {
    pages = Array.from({ length: Math.ceil(size / LIMIT) }, (_, page) => {
      const ids = Array.from({ length: Math.min(LIMIT, size - page * LIMIT) }, (_, i) => customerId(page * LIMIT + i));
      const data = ids.map((id) => customer(id, "listed"));
      return Buffer.from(
        JSON.stringify({ object: "list", url: "/v1/customers", has_more: (page + 1) * LIMIT < size, data }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  },
  /** How many customers were read since it was last asked. */
  takeReads(): number {
    const taken = reads;
    reads = 0;
    return taken;
  },
};

export type Stub = typeof stub;

if (process.send) answerCalls(stub, () => server.closeAllConnections());
