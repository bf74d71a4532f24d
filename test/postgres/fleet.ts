/** Several processes on one database, the API that they read, and what they told us. */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface WorkerOptions {
  url: string;
  schema: string;
  /** Where the provider's API is. */
  api: string;
  /** Seconds of the engine's clock in a real one, since `base`. */
  rate: number;
  base: number;
  /** The cursor that its reader saved. */
  after: string | null;
  /** Takes part in the subscription. */
  book: boolean;
}

export type Told =
  | { kind: "ready" }
  | { kind: "answered"; number: number; status: number }
  | { kind: "saw"; cursor: string }
  | { kind: "refused" }
  | { kind: "trouble"; message: string };

export interface Slot {
  child: ChildProcess;
  ready: boolean;
  /** Of its reader, kept over the deaths of its processes. */
  cursor: string | null;
  position: number;
}

export interface Fleet {
  slots: Slot[];
  /** What readers saw that they should not have: a gap, a repeat, an inversion. */
  problems: string[];
  /** How many reads were older than what was recorded, or could not be ordered. */
  refused: number;
  /** Has a process take a webhook. Resolves to whether it was acknowledged; false if the process died before. */
  post(slot: number, id: string): Promise<boolean>;
  /** `kill -9`, and another process in its place. */
  kill(slot: number): void;
  readyOnes(): number[];
  close(): Promise<void>;
}

const file = fileURLToPath(new URL("worker.ts", import.meta.url));

/** @param files the programs of the processes, in turn: of another version, say */
export function createFleet(
  size: number,
  options: Omit<WorkerOptions, "after" | "base">,
  files: readonly string[] = [file],
): Fleet {
  const base = Date.now();
  const waiting = new Map<number, { slot: number; resolve: (acknowledged: boolean) => void }>();
  let numbers = 0;
  const problems: string[] = [];
  // Compiled once, a process is up in half the time: what the suite keeps, else in a folder of its own.
  const cache = mkdtempSync(join(tmpdir(), "tidemark-fleet-"));
  const env = { NODE_COMPILE_CACHE: cache, ...process.env };

  const hear = (at: number, child: ChildProcess, told: Told) => {
    const slot = fleet.slots[at];
    if (slot?.child !== child) return;
    if (told.kind === "ready") slot.ready = true;
    if (told.kind === "refused") fleet.refused++;
    if (told.kind === "answered") {
      waiting.get(told.number)?.resolve(told.status === 202);
      waiting.delete(told.number);
    }
    if (told.kind === "saw") {
      const position = Number(told.cursor.split(".")[1]);
      if (position !== slot.position + 1) problems.push(`reader ${at} saw ${position} after ${slot.position}`);
      Object.assign(slot, { position, cursor: told.cursor });
    }
  };
  const forget = (at: number) => {
    for (const [number, { slot, resolve }] of waiting) {
      if (slot !== at) continue;
      waiting.delete(number);
      resolve(false);
    }
  };
  const start = (at: number, before?: Slot) => {
    const { cursor = null, position = 0 } = before ?? {};
    const given = JSON.stringify({ ...options, base, after: cursor } satisfies WorkerOptions);
    const child = fork(files[at % files.length] ?? file, [given], {
      execArgv: ["--conditions=@tidemark/source", "--no-warnings"],
      env,
    });
    fleet.slots[at] = { child, ready: false, cursor, position };
    child.on("message", (told: Told) => hear(at, child, told));
    child.on("error", () => {});
  };
  const fleet: Fleet = {
    slots: [],
    problems,
    refused: 0,
    post: (at, id) =>
      new Promise((resolve) => {
        const number = ++numbers;
        waiting.set(number, { slot: at, resolve });
        fleet.slots[at]?.child.send({ number, id }, (error) => error && forget(at));
      }),
    kill(at) {
      const slot = fleet.slots[at];
      slot?.child.kill("SIGKILL");
      start(at, slot);
      forget(at);
    },
    readyOnes: () => [...fleet.slots.keys()].filter((at) => fleet.slots[at]?.ready),
    async close() {
      const ends = fleet.slots.map(({ child }) => new Promise((resolve) => child.once("exit", resolve)));
      for (const { child } of fleet.slots) child.kill("SIGKILL");
      await Promise.all(ends);
      rmSync(cache, { recursive: true, force: true });
    },
  };
  for (let at = 0; at < size; at++) start(at);
  return fleet;
}

export interface Api {
  url: string;
  /** What each resource is. */
  truth: Map<string, number>;
  fetches: number;
  /** Is told which process reads; its answer is what was there before this, and goes out after it. */
  before: (id: string, pid: number) => Promise<void>;
  /** The same, when the answer is out. */
  after: (id: string, pid: number) => void;
  close(): Promise<void>;
}

export async function startApi(): Promise<Api> {
  const server = createServer(async ({ url = "/", headers }, answer) => {
    const [id, pid] = [url.slice(1), Number(headers["worker"])];
    const state = JSON.stringify({ id, value: api.truth.get(id) ?? 0 });
    api.fetches++;
    await api.before(id, pid);
    answer.end(state, () => api.after(id, pid));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const api: Api = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    truth: new Map(),
    fetches: 0,
    before: async () => {},
    after: () => {},
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return api;
}
