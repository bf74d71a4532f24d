/** Runs its share of the seeds in a thread of its own, and tells the results. */
import { parentPort, workerData } from "node:worker_threads";
import { type Result, simulate } from "./world.ts";

const { seeds, ops, again }: { seeds: number[]; ops: number; again: number } = workerData;
for (const seed of seeds) {
  const result: Result = await simulate(seed, { ops });
  // Determinism: the same seed, the same trace.
  const repeated = seed % again === 0 ? await simulate(seed, { ops }) : undefined;
  parentPort?.postMessage({ ...result, differs: repeated !== undefined && repeated.trace !== result.trace });
}
