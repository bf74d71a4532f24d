/**
 * The real engine on the real store, in virtual time, in a hostile world. `SEEDS=10000 FROM=1 OPS=300` runs more.
 * A failure names its seed and the command that replays it with a trace.
 */
import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { figure } from "./figure.ts";
import { RARE } from "./world/rare.ts";
import type { Result } from "./world/world.ts";

const { SEEDS = "100", FROM = "1", OPS = "300" } = process.env;
const from = Number(FROM);
const ops = Number(OPS);
const seeds = Array.from({ length: Number(SEEDS) }, (_, i) => from + i);
type Told = Result & { differs: boolean };

async function runAll(): Promise<Told[]> {
  const threads = Math.min(2, availableParallelism());
  const results: Told[] = [];
  const share = (thread: number) => seeds.filter((_, i) => i % threads === thread);
  await Promise.all(
    Array.from({ length: threads }, (_, thread) => {
      const workerData = { seeds: share(thread), ops, again: 20 };
      const worker = new Worker(new URL("./world/worker.ts", import.meta.url), { workerData });
      return new Promise<void>((resolve, reject) => {
        worker.on("message", (result: Told) => results.push(result));
        worker.on("error", reject);
        worker.on("exit", () => resolve());
      });
    }),
  );
  return results;
}

test(`${seeds.length} worlds of ${ops} writes: order, no gaps, nothing lost, convergence (S1 S2 S3 S4 S6 S9 L1 L3 L4)`, async (t) => {
  const results = await runAll();
  assert.equal(results.length, seeds.length, "every seed ran to its end");
  const bad = results.filter(({ failures, differs }) => failures.length > 0 || differs);
  for (const { seed, failures, differs } of bad) {
    const why = differs ? "ran twice with different traces" : failures[0];
    t.diagnostic(
      `seed ${seed}: ${why}; npm exec -- node --conditions=@tidemark/source test/world/replay.ts ${seed} ${ops}`,
    );
  }
  assert.equal(bad.length, 0, `${bad.length} seeds failed: see above for how to replay them`);
  const sum = (of: (result: Told) => number) => results.reduce((total, result) => total + of(result), 0);
  const counts = new Map<string, number>();
  for (const { counts: some } of results)
    for (const [key, n] of Object.entries(some)) counts.set(key, (counts.get(key) ?? 0) + n);
  t.diagnostic(JSON.stringify(Object.fromEntries([...counts].sort())));
  // What the worlds are for must have happened.
  for (const fault of ["read failed", "webhook rejected"]) {
    const came = counts.get(fault) ?? 0;
    assert.ok(came >= Math.min(100, seeds.length / 5), `"${fault}" came ${came} times`);
  }
  const rare = RARE.map((name) => [name, sum(({ rare }) => rare[name])] as const).sort(([, a], [, b]) => a - b);
  for (const [name, n] of rare) assert.ok(n >= Math.min(100, seeds.length / 10), `${name}: ${n}`);
  const [[, least] = ["", 0]] = rare;
  if (least >= 100)
    figure(t, "F5", `${rare.length} rare states: ${rare.map(([name, n]) => `${n} ${name}`).join(", ")}`);
  const last = from + seeds.length - 1;
  figure(
    t,
    "F3",
    `${seeds.length} worlds (seeds ${from} to ${last}): ${sum(({ changes }) => changes)} changes, ${sum(({ calls }) => calls.fetch)} fetches, ${sum(({ hours }) => hours).toFixed(0)} virtual hours, 0 violations`,
  );
});
