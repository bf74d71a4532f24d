/**
 * The bad network between the providers and Tidemark: it takes every webhook, tells the sender that all is well, and
 * then loses it, doubles it, or brings it late and behind younger ones.
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Random } from "./random.ts";

export const LOST = 0.3;
export const DOUBLED = 0.2;
/** Milliseconds by which a webhook is late at most. Far more than the time between two operations. */
export const LATE = 1_500;

/** When the copies of a webhook arrive: milliseconds from now, one for each. None: it is lost. */
export function fateOf(random: Random): number[] {
  const chance = random();
  const copies = chance < LOST ? 0 : chance < LOST + DOUBLED ? 2 : 1;
  return Array.from({ length: copies }, () => Math.floor(random() * LATE));
}

/** What became of the webhooks. */
export interface NetworkCounts {
  sent: number;
  lost: number;
  doubled: number;
  /** Copies that met nobody: the engine was dead. */
  unmet: number;
}

export interface Network {
  /** Where the provider of this name sends its webhooks. */
  urlOf(provider: string): string;
  /** Where they are brought. Empty: nobody has asked for webhooks yet, and there are none. */
  target: string;
  readonly counts: NetworkCounts;
  /** How many are still under way. */
  readonly underWay: number;
  close(): Promise<void>;
}

/** What belongs to one connection, and not to the message. */
const HOP = new Set(["host", "connection", "content-length", "transfer-encoding", "keep-alive", "expect"]);

/** @param lost is told of each webhook that gets lost: its provider, and what it was about */
export async function startNetwork(random: Random, lost: (provider: string, what: string) => void): Promise<Network> {
  const counts: NetworkCounts = { sent: 0, lost: 0, doubled: 0, unmet: 0 };
  const timers = new Set<NodeJS.Timeout>();
  const sending = new Set<Promise<void>>();

  const bring = async (path: string, headers: Headers, body: Uint8Array<ArrayBuffer>) => {
    try {
      const response = await fetch(network.target + path, { method: "POST", headers, body });
      await response.arrayBuffer();
    } catch {
      counts.unmet++;
    }
  };
  const send = (ms: number, run: () => Promise<void>) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      const sent = run().finally(() => sending.delete(sent));
      sending.add(sent);
    }, ms);
    timers.add(timer);
  };

  const server = createServer(async (request, response) => {
    const body = new Uint8Array(await buffer(request));
    response.writeHead(200).end();
    if (network.target === "") return;
    const path = request.url ?? "/";
    const pairs = Object.entries(request.headersDistinct).filter(([name]) => !HOP.has(name));
    const headers = new Headers(
      pairs.flatMap(([name, values = []]) => values.map((value): [string, string] => [name, value])),
    );
    counts.sent++;
    const fate = fateOf(random);
    if (fate.length === 2) counts.doubled++;
    if (fate.length === 0) {
      counts.lost++;
      lost(path.slice(1), aboutOf(headers, body));
    }
    for (const ms of fate) send(ms, () => bring(path, headers, body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  const network: Network = {
    urlOf: (provider) => `http://127.0.0.1:${port}/${provider}`,
    target: "",
    counts,
    get underWay() {
      return timers.size + sending.size;
    },
    async close() {
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(sending);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return network;
}

/** What a webhook is about, for people: `issues.closed`, `customer.updated`. */
export function aboutOf(headers: Headers, body: Uint8Array): string {
  const payload: unknown = JSON.parse(Buffer.from(body).toString());
  const field = (name: string): string => {
    const value = typeof payload === "object" && payload !== null ? (payload as Record<string, unknown>)[name] : "";
    return typeof value === "string" ? value : "";
  };
  const event = headers.get("x-github-event");
  return event === null ? field("type") : [event, field("action")].filter(Boolean).join(".");
}
