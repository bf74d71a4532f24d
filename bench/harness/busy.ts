/**
 * How much of the machine others use: looked at just before each measurement, when nothing of ours runs.
 * @module
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

function cpuTimes(): { idle: number; all: number } | undefined {
  try {
    const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n");
    const times = line.trim().split(/\s+/).slice(1, 9).map(Number);
    return { idle: (times[3] ?? 0) + (times[4] ?? 0), all: times.reduce((sum, time) => sum + time, 0) };
  } catch {
    return undefined;
  }
}

/** Cores that were busy for the last `ms`; NaN where there is no `/proc`. */
export async function busyCores(ms = 250): Promise<number> {
  const before = cpuTimes();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const after = cpuTimes();
  if (!before || !after) return Number.NaN;
  return (1 - (after.idle - before.idle) / (after.all - before.all)) * availableParallelism();
}
