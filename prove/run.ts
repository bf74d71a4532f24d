/** Runs the tests of a figure in processes of their own. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Figure, isTest, sizeOf, type Tier } from "./figure.ts";
import { judge, type Told, type Verdict } from "./judge.ts";
import type { Heard } from "./reporter.ts";

/** Milliseconds for one campaign. */
const LIMIT: Readonly<Record<Tier, number>> = { commit: 600_000, ci: 1_800_000, night: 10 * 3_600_000 };

const root = fileURLToPath(new URL("..", import.meta.url));
const running = new Set<ChildProcess>();
// A group of their own, so that what never ends can be ended with all its children.
const end = ({ pid, exitCode, signalCode }: ChildProcess) => {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGKILL");
};

/** Ends what runs. */
export const endAll = (): void => running.forEach(end);

/** Runs the figures of a tier. Those that one campaign says are said by one run of it. */
export function createProver(tier: Tier): (figure: Figure) => Promise<Verdict | undefined> {
  const known = new Map<string, Told & { ms: number }>();
  return async (figure) => {
    const size = sizeOf(figure, tier);
    if (size === null) return undefined;
    const [file = ""] = figure.run;
    if (!existsSync(join(root, file))) return { figure, tier, state: "absent", said: `there is no ${file} yet`, ms: 0 };
    const key = JSON.stringify([figure.run, size]);
    const begun = performance.now();
    const told = known.get(key) ?? { ...(await run(figure.run, size, LIMIT[tier])), ms: performance.now() - begun };
    known.set(key, told);
    const [state, said] = judge(figure, size, told);
    return { figure, tier, state, said, ms: told.ms };
  };
}

function run(files: readonly string[], size: Readonly<Record<string, string>>, limit: number): Promise<Told> {
  const how = isTest(files) ? ["--test", "--test-concurrency=1", "--test-reporter=./prove/reporter.ts"] : [];
  const args = ["--import", "./scripts/cache.mjs", "--conditions=@tidemark/source", ...how, ...files];
  const { NODE_TEST_CONTEXT: _, ...own } = process.env;
  const child = spawn(process.execPath, args, {
    ...{ cwd: root, env: { ...own, ...size }, detached: true },
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(child);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    end(child);
  }, limit);
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  return new Promise((resolve) => {
    child.on("close", (code) => {
      clearTimeout(timer);
      running.delete(child);
      const lines = output.trimEnd().split("\n");
      const heard = lines.flatMap((line) => (line.startsWith('{"kind":') ? [JSON.parse(line) as Heard] : []));
      resolve({ heard, last: lines.at(-1) ?? "", code: late ? null : (code ?? 1) });
    });
  });
}
