/**
 * The service, a process of its own: it writes at a steady rate, answers reads, and sends a webhook for each write until that
 * is acknowledged, as services do.
 */
import { createHmac } from "node:crypto";
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { type Page, SECRET, SIGNATURE, type Thing, type Told } from "./thing.ts";

/** What the parent says: begin, or write no more. */
export type Order = { begin: { engine: string; rate: number; things: number } } | { end: true } | { look: true };
/** What the service has seen since the last look, and how it stands. Times are in ms. */
export interface Seen {
  written: number;
  acknowledged: number;
  /** Attempts that were not answered 2xx: the engine was away, or said that it could not. */
  refused: number;
  /** Webhooks that are not acknowledged yet. */
  pending: number;
  acks: number[];
}

const TICK = 10;
const PAGE = 500;
/** Milliseconds to the next attempt: doubled each time. */
const AGAIN = 500;
const LATEST = 8_000;
const SIZE = 600;

const known = new Map<string, Thing>();
const agent = new Agent({ keepAlive: true, maxSockets: 128 });
let seen: Seen = { written: 0, acknowledged: 0, refused: 0, pending: 0, acks: [] };
let writing: NodeJS.Timeout | undefined;
let events = 0;
let engine = "";

const server = createServer((asked, answer) => {
  const url = new URL(asked.url ?? "/", "http://service");
  const id = url.pathname.split("/")[2];
  const found = id === undefined ? pageAfter(url.searchParams.get("after") ?? "") : known.get(id);
  const body = JSON.stringify(found ?? { error: "there is none" });
  answer.writeHead(found ? 200 : 404, { "content-type": "application/json" }).end(body);
});

function pageAfter(after: string): Page {
  const ids = [...known.keys()].sort().filter((id) => id > after);
  const things = ids.slice(0, PAGE).flatMap((id) => known.get(id) ?? []);
  return { things, next: ids.length > PAGE ? (things.at(-1)?.id ?? null) : null };
}

function write(id: string): void {
  const version = (known.get(id)?.version ?? 0) + 1;
  known.set(id, { id, version, at: Date.now(), text: "x".repeat(SIZE) });
  seen.written++;
  seen.pending++;
  send({ event: `evt_${++events}`, id, version }, AGAIN);
}

function send(told: Told, again: number): void {
  const body = JSON.stringify(told);
  const signature = createHmac("sha256", SECRET).update(body).digest("hex");
  const headers = { "content-type": "application/json", [SIGNATURE]: signature };
  const began = performance.now();
  const failed = () => {
    seen.refused++;
    setTimeout(send, again, told, Math.min(2 * again, LATEST));
  };
  const sent = request(`${engine}/webhooks/a`, { method: "POST", headers, agent }, (answer) => {
    answer.resume();
    if (answer.statusCode !== 202) return failed();
    seen.acks.push(performance.now() - began);
    seen.acknowledged++;
    seen.pending--;
  });
  sent.once("error", failed);
  sent.end(body);
}

function begin({ rate, things }: { rate: number; things: number }): void {
  const started = performance.now();
  let writes = 0;
  writing = setInterval(() => {
    // By the clock: a timer that came late makes up for it.
    const due = Math.floor(((performance.now() - started) * rate) / 1_000);
    for (; writes < due; writes++) write(`t${Math.floor(Math.random() * things)}`);
  }, TICK);
}

process.on("message", (order: Order) => {
  if ("begin" in order) {
    engine = order.begin.engine;
    begin(order.begin);
  } else if ("look" in order) {
    process.send?.(seen);
    seen = { ...seen, refused: 0, acks: [] };
  } else {
    clearInterval(writing);
    process.send?.([...known.values()].map(({ id, version }) => [id, version]));
  }
});
process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
