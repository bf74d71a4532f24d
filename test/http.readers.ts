/**
 * Many readers of one process: `READERS=1000 SECONDS=20 node --conditions=@tidemark/source --expose-gc test/http.readers.ts`.
 * The server is a process of its own, which changes something a hundred times a second; this one reads, and asks it for its heap.
 */
import { fork } from "node:child_process";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { createSync } from "tidemark";
import { createHandler } from "tidemark/http";
import { listener } from "tidemark/node";
import { createDesk, memory } from "./desk.ts";

const { READERS = "1000", SECONDS = "20", RATE = "100" } = process.env;
const TOKEN = "a-token-that-is-long-enough";

interface Told {
  port?: number;
  heap?: number;
  cpu?: number;
  changes?: number;
}

/** The process that serves. */
async function serve(): Promise<void> {
  const desk = createDesk({ feed: false });
  const sync = createSync({ providers: { desk: desk.provider }, store: memory() });
  await sync.start();
  const server = createServer(listener(createHandler(sync, { token: TOKEN })));
  server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
  let written = 0;
  let begun = 0;
  // As many as are due: a timer alone falls behind.
  const keepUp = () => {
    while (written < ((performance.now() - begun) / 1_000) * Number(RATE)) void change();
  };
  process.on("message", (word) => {
    if (word === "begin") {
      begun = performance.now();
      setInterval(keepUp, 10);
    } else {
      globalThis.gc?.();
      process.send?.({ heap: process.memoryUsage().rss, cpu: process.cpuUsage().user / 1e6, changes: written });
    }
  });
  async function change(): Promise<void> {
    const id = `n${written++ % 500}`;
    desk.put(id, `${written} ${"x".repeat(200)}`);
    await sync.hint("desk.note", id);
  }
}

/** Reads as an `EventSource` does; tells how many changes came. */
function read(port: number, counts: number[], i: number): Promise<void> {
  const headers = { authorization: `Bearer ${TOKEN}`, accept: "text/event-stream" };
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", path: "/changes?from=now", headers, agent: false }, (answer) => {
      resolve();
      answer.on("data", (chunk: Buffer) => {
        for (let at = chunk.indexOf("data: "); at >= 0; at = chunk.indexOf("data: ", at + 6))
          counts[i] = (counts[i] ?? 0) + 1;
      });
    }).on("error", reject);
  });
}

async function measure(): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), ["serve"], { execArgv: [...process.execArgv, "--expose-gc"] });
  const heard = () => new Promise<Told>((resolve) => child.once("message", (told) => resolve(told as Told)));
  const { port = 0 } = await heard();
  const counts = Array.from({ length: Number(READERS) }, () => 0);
  for (const i of counts.keys()) await read(port, counts, i);
  child.send("begin");
  const ask = () => {
    const told = heard();
    child.send("tell");
    return told;
  };
  for (let second = 0; second <= Number(SECONDS); second += 5) {
    const { heap = 0, cpu = 0, changes = 0 } = await ask();
    const [least, most] = [Math.min(...counts), Math.max(...counts)];
    console.log(
      `${second} s: ${(heap / 1e6).toFixed(0)} MB, ${cpu.toFixed(1)} s of CPU, ${changes} written, read ${least} to ${most}`,
    );
    await new Promise((resolve) => setTimeout(resolve, 5_000));
  }
  child.kill("SIGKILL");
  process.exit(0);
}

await (process.argv[2] === "serve" ? serve() : measure());
