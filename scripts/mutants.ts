/**
 * Removes one guard at a time and sees a test fail: `npm run mutants`, or `npm run mutants -- --only row`.
 *
 * Each mutant is applied in a copy of the repository, the tests it names run there, and one of them must fail. A guard
 * whose mutant survives is either not tested or not needed.
 */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loops } from "./mutants/loops.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { row } from "./mutants/row.ts";
import { store } from "./mutants/store.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const areas: Record<string, readonly Mutant[]> = { row, loops, store };
const LIMIT = 300_000;

function copyRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), "tidemark-mutant-"));
  const listed = spawnSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" });
  for (const file of listed.stdout.split("\n").filter(Boolean)) cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

function runTests(cwd: string, { tests, env }: Mutant): Promise<{ failed: boolean; first: string }> {
  const args = ["--conditions=@tidemark/source", "--test", "--test-reporter=tap", ...tests];
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env }, timeout: LIMIT });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  return new Promise((resolve) => {
    child.on("close", (code) => {
      const first = /^\s*not ok \d+ - (.*)$/m.exec(output)?.[1] ?? (code === null ? "it ran too long" : "");
      resolve({ failed: code !== 0, first });
    });
  });
}

async function tryMutant(copy: string, mutant: Mutant): Promise<boolean> {
  const file = join(copy, mutant.file);
  const original = readFileSync(file, "utf8");
  if (original.split(mutant.find).length !== 2) {
    console.log(`${mutant.id.padEnd(24)} STALE: its text does not stand once in ${mutant.file}`);
    return false;
  }
  writeFileSync(
    file,
    original.replace(mutant.find, () => mutant.replace),
  );
  const { failed, first } = await runTests(copy, mutant);
  writeFileSync(file, original);
  console.log(
    `${mutant.id.padEnd(24)} ${failed ? "killed  " : "SURVIVED"} ${mutant.removes}${failed ? ` | ${first.slice(0, 60)}` : ""}`,
  );
  return failed;
}

const only = process.argv.includes("--only") ? process.argv[process.argv.indexOf("--only") + 1] : undefined;
const chosen = Object.entries(areas).flatMap(([area, list]) =>
  list.filter(({ id }) => only === undefined || area === only || id === only),
);
let survivors = 0;
await Promise.all(
  Array.from({ length: Math.min(2, availableParallelism()) }, async () => {
    const copy = copyRepository();
    for (let mutant = chosen.shift(); mutant; mutant = chosen.shift())
      if (!(await tryMutant(copy, mutant))) survivors++;
    rmSync(copy, { recursive: true, force: true });
  }),
);
console.log(survivors === 0 ? "every mutant was killed" : `${survivors} survived or are stale`);
process.exitCode = survivors === 0 ? 0 : 1;
