/**
 * What every server of a bench has in common, and the process that it runs in: `server.ts <name>` is `servers/<name>.ts`.
 * @module
 */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { answerCalls } from "./child.ts";
import { now } from "./numbers.ts";

export interface ServerOptions {
  /** For its files. */
  directory: string;
  /** Whether webhooks are worked off, with one read of the API each. */
  work: boolean;
  /** The ports of what it may need. */
  api?: number;
  redis?: number;
  /** A PostgreSQL database of its own. */
  database?: string;
}

/** A way to take webhooks. */
export interface Opened {
  listener: RequestListener;
  /** Resolves when all that was taken is worked off. */
  settled(): Promise<void>;
  close(): Promise<void>;
}
/** @param handled is to be called with the id of each customer whose state was brought in */
export type Open = (options: ServerOptions, handled: (id: string) => void) => Opened | Promise<Opened>;

let opened: Opened | undefined;
let count = 0;
let last = 0;
let times: [string, number][] = [];
const http = createServer((request, response) => opened?.listener(request, response));

const server = {
  async start(options: ServerOptions): Promise<number> {
    const { open } = (await import(`../servers/${process.argv[2]}.ts`)) as { open: Open };
    opened = await open(options, (id) => {
      count++;
      last = now();
      if (times.length < 10_000) times.push([id, last]);
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    return (http.address() as AddressInfo).port;
  },
  settled: () => opened?.settled(),
  /** What was handled since it was last asked: how many, when the last one was, and when each of the first 10,000. */
  takeHandled() {
    const taken = { count, last, times };
    [count, times] = [0, []];
    return taken;
  },
  /** CPU time of the whole process so far, in microseconds. */
  cpu(): number {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
};

export type Server = typeof server;

if (process.send)
  answerCalls(server, async () => {
    http.closeAllConnections();
    await opened?.close();
  });
