/**
 * `npm run soak`: an engine under a steady load that is killed every minute, for an hour.
 *
 *   service ──webhooks, again until acknowledged──► engine, killed every minute ──changes over HTTP──► judge
 *      ▲                                              │
 *      └──────────────── reads, sweeps ───────────────┘
 *
 * In the end what the judge was told is what the service has, and memory, disk, handles and latency are what they were.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { EngineOptions } from "./engine.ts";
import type { Sample } from "./flat.ts";
import { createJudge, type Judge } from "./judge.ts";
import { lineOf, report } from "./report.ts";
import { diskOf, handlesOf, memoryOf, quantile } from "./sample.ts";
import type { Order, Seen } from "./service.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    rate: { type: "string", default: "500" },
    things: { type: "string", default: "2000" },
    kill: { type: "string", default: "60" },
    out: { type: "string", default: fileURLToPath(new URL("hour.json", import.meta.url)) },
  },
});
const [minutes, rate, things, kill] = [values.minutes, values.rate, values.things, values.kill].map(Number) as [
  number,
  number,
  number,
  number,
];
/** Seconds from one sample to the next. */
const EVERY = 5;
/** Milliseconds of history that are kept: a sixth of a shorter run, so that it is compacted there, too. */
const RETENTION = Math.min(300_000, Math.max(60_000, minutes * 10_000));
const TOKEN = "a-token-of-this-soak-alone";
const MB = 1_048_576;

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tidemark-soak-"));
const file = join(folder, "soak.db");

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Answers of a child are one at a time: it is asked, and says. */
async function ask<T>(child: ChildProcess, order: Order): Promise<T> {
  const answered = once(child, "message");
  child.send(order);
  return (await answered)[0] as T;
}

/** Takes a sample of what the last seconds were. */
async function sampleOf(service: ChildProcess, engine: ChildProcess, judge: Judge, at: number): Promise<Sample> {
  const { acks, pending, written } = await ask<Seen>(service, { look: true });
  const { changes, lateness } = judge.take();
  return {
    ...{ at, memory: memoryOf(engine.pid) / MB, service: memoryOf(service.pid) / MB, disk: diskOf(file) / MB },
    ...{ handles: handlesOf(engine.pid), ack50: quantile(acks, 0.5), ack99: quantile(acks, 0.99) },
    ...{ late50: quantile(lateness, 0.5), late99: quantile(lateness, 0.99), pending, written, changes },
  };
}

/** After the load: all is acknowledged, and the judge has what there is. Answers what is not so. */
async function settle(service: ChildProcess, judge: Judge): Promise<string[]> {
  const truth = new Map(await ask<[string, number][]>(service, { end: true }));
  const wrong = () => [...truth].filter(([id, version]) => judge.versions.get(id) !== version);
  // What the engine was reading when it was killed is read again when its lease is over.
  const until = performance.now() + 300_000;
  while (performance.now() < until) {
    const { pending } = await ask<Seen>(service, { look: true });
    if (pending === 0 && wrong().length === 0) return [];
    await pause(250);
  }
  return wrong().map(([id, version]) => `${id} is at version ${version}, told was ${judge.versions.get(id) ?? "none"}`);
}

const port = await freePort();
const service = fork(script("service.ts"));
const [servicePort] = (await once(service, "message")) as [number];
const base = `http://127.0.0.1:${port}`;
const options: EngineOptions = {
  ...{ file, port, token: TOKEN },
  api: `http://127.0.0.1:${servicePort}`,
  retention: RETENTION,
};
const startEngine = () => fork(script("engine.ts"), [JSON.stringify(options)]);

let engine = startEngine();
const judge = createJudge(base, TOKEN);
await ask<Seen>(service, { look: true });
service.send({ begin: { engine: base, rate, things } } satisfies Order);
const began = performance.now();
const seconds = () => (performance.now() - began) / 1_000;
const samples: Sample[] = [];
let kills = 0;
for (let next = EVERY; next <= minutes * 60; next += EVERY) {
  await pause(Math.max(0, (next - seconds()) * 1_000));
  const sample = await sampleOf(service, engine, judge, Math.round(seconds()));
  samples.push(sample);
  if (next % 60 === 0) console.log(lineOf(sample));
  if (next % kill !== 0 || next === minutes * 60) continue;
  engine.kill("SIGKILL");
  await once(engine, "exit");
  kills++;
  engine = startEngine();
}
const left = await settle(service, judge);
await judge.stop();
const { acknowledged = 0, written = 0 } = { ...(await ask<Seen>(service, { look: true })) };
const { changes } = judge.take();
for (const child of [engine, service]) child.kill("SIGKILL");
rmSync(folder, { recursive: true, force: true });

const violations = [...judge.violations, ...left];
process.exit(report({ rate, minutes, kills, written, acknowledged, changes, violations, samples }, values.out) ? 0 : 1);
