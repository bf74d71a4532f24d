/**
 * Signed webhooks, 500 a second, 30 % of them twice and some forged, for a back end in a process of its own that syncs each to the
 * disk before it answers. `WEBHOOKS=100000` for so many, and for what the answers take: beside other tests that says nothing.
 */
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { sqlite } from "tidemark/sqlite";
import { createRandom } from "tidemark/testing";
import { macOf } from "../src/verify/hmac.ts";
import { figure, otherWork } from "./figure.ts";
import { SECRET, type Told } from "./flood.service.ts";

const { WEBHOOKS } = process.env;
const COUNT = Number(WEBHOOKS ?? 1_000);
const RATE = 500;
const TWICE = 0.3;
const FORGED = 0.01;
/** Megabytes. */
const MEMORY = 300;

/** Answers the status. */
function send(port: number, agent: Agent, body: string, signature: string): Promise<number> {
  const headers = { "content-length": Buffer.byteLength(body), signature };
  return new Promise((resolve, reject) => {
    const sent = request({ port, agent, method: "POST", host: "127.0.0.1", headers }, (answer) => {
      answer.resume().on("end", () => resolve(answer.statusCode ?? 0));
    });
    sent.on("error", reject).end(body);
  });
}

test(`${COUNT} signed webhooks at ${RATE} a second: all are acknowledged, none is lost, forged ones are refused`, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "tidemark-flood-"));
  const path = join(directory, "t.db");
  const file = fileURLToPath(new URL("flood.service.ts", import.meta.url));
  const service = fork(file, [path], { execArgv: ["--conditions=@tidemark/source", "--no-warnings"] });
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  t.after(() => {
    service.kill("SIGKILL");
    agent.destroy();
    rmSync(directory, { recursive: true, force: true });
  });
  const hear = async () => (await once(service, "message"))[0] as Told;
  const ready = await hear();
  const { port } = ready.kind === "ready" ? ready : assert.fail("it does not listen");

  const { chance, int } = createRandom(17);
  const acknowledged = new Set<string>();
  const waits: number[] = [];
  let refused = 0;
  const post = async (n: number, forged = false) => {
    const body = JSON.stringify({ id: `t${n}`, event: `evt_${n}` });
    const begun = performance.now();
    const status = await send(port, agent, body, macOf(forged ? "another" : SECRET, [body]).toString("hex"));
    if (forged) {
      assert.equal(status, 401);
      refused++;
      return;
    }
    assert.equal(status, 202);
    waits.push(performance.now() - begun);
    acknowledged.add(`t${n}`);
  };
  const busy = WEBHOOKS === undefined ? undefined : otherWork();
  const posts: Promise<void>[] = [];
  const begun = performance.now();
  for (let n = 0; posts.length < COUNT; n++) {
    posts.push(post(n));
    if (chance(TWICE)) posts.push(post(Math.max(0, n - int(0, 50))));
    if (chance(FORGED)) posts.push(post(-n - 1, true));
    const early = (posts.length * 1_000) / RATE - (performance.now() - begun);
    if (early > 5) await pause(early);
  }
  await Promise.all(posts);
  const seconds = (performance.now() - begun) / 1_000;
  let rest = { changes: 0, mb: 0 };
  for (const end = Date.now() + 60_000; rest.changes < acknowledged.size; await pause(50)) {
    assert.ok(Date.now() < end, `${rest.changes} of ${acknowledged.size} are recorded`);
    service.send("rest");
    const told = await hear();
    if (told.kind === "rest") rest = told;
  }
  service.kill("SIGKILL");
  const store = sqlite(path);
  const recorded = new Set((await store.entries({ after: 0, limit: 2 * COUNT })).map(({ id }) => id));
  await store.close();
  assert.deepEqual(
    [...acknowledged].filter((id) => !recorded.has(id)),
    [],
    "acknowledged webhooks that were lost",
  );
  assert.equal(recorded.size, acknowledged.size, "a forged one is recorded");
  assert.ok(rest.mb < MEMORY, `${rest.mb} MB`);
  const p99 = waits.sort((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? Number.NaN;
  if (busy) return t.skip(`0 lost, p99 ${p99.toFixed()} ms, ${rest.mb.toFixed()} MB; but ${busy}`);
  if (WEBHOOKS !== undefined) assert.ok(p99 <= 100, `99 of 100 are answered within ${p99.toFixed()} ms`);
  figure(
    t,
    "F17",
    `${COUNT} webhooks in ${seconds.toFixed()} s about ${acknowledged.size} resources: 0 lost, ${refused} forged ones refused, p99 ${p99.toFixed()} ms, ${rest.mb.toFixed()} MB`,
  );
});
