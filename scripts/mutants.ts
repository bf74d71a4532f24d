/**
 * Removes one guard at a time and sees a test fail: `npm run mutants`, or `npm run mutants -- --only row`, an area or
 * the id of one mutant.
 *
 * Each mutant is applied in a copy of the repository, the tests it names run there, and one of them must fail; whole,
 * they must pass. A guard whose mutant survives is either not tested or not needed.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { areas } from "./mutants/index.ts";
import type { Mutant } from "./mutants/mutant.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Milliseconds that the tests of a mutant have at least, and times what they take whole. What takes longer has wedged what it mutates. */
const LIMIT = 60_000;
const SLOWER = 5;
/** Milliseconds for a campaign whole. */
const WHOLE = 1_200_000;

const folders: string[] = [];
const copies: string[] = [];
const running = new Set<ChildProcess>();
// The tests run in a group of their own, so that a mutant that loops for ever can be ended with all its children.
const end = ({ pid, exitCode, signalCode }: ChildProcess) => {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGKILL");
};
process.on("exit", () => {
  for (const child of running) end(child);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    console.error(`stopped by ${signal}`);
    process.exit(1);
  });
}

function copyRepository(): string {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-mutant-"));
  folders.push(folder);
  // What tests leave behind when they are ended goes with it; a server of theirs that runs as another user must get in.
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "tmp"), { mode: 0o755 });
  const copy = join(folder, "repository");
  mkdirSync(copy);
  const { stdout } = spawnSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" });
  for (const file of stdout.split("\n")) {
    if (file !== "" && existsSync(join(root, file))) cpSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/**
 * Runs the tests a mutant names, to the first that fails: one is enough, and a campaign has minutes more. Those of real servers run
 * to their end, or the servers would stay.
 */
function runTests(
  cwd: string,
  { tests, env }: Mutant,
  limit: number,
): Promise<{ first: string | undefined; took: number }> {
  const args = [
    "--import",
    "./scripts/cache.mjs",
    "--conditions=@tidemark/source",
    "--test",
    "--test-reporter=tap",
    ...tests,
  ];
  const begun = performance.now();
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, TMPDIR: join(cwd, "../tmp"), ...env },
    detached: true,
  });
  running.add(child);
  const timer = setTimeout(end, limit, child);
  const servers = tests.some((file) => file.includes("postgres"));
  let output = "";
  let first: string | undefined;
  child.stdout.on("data", (chunk) => {
    output += chunk;
    first ??= /^\s*not ok \d+ - (.*)\n/m.exec(output)?.[1];
    if (first !== undefined && !servers) end(child);
  });
  return new Promise((resolve) => {
    child.on("close", (code) => {
      clearTimeout(timer);
      running.delete(child);
      if (code !== 0) first ??= code === null ? "it ran too long" : "";
      resolve({ first, took: performance.now() - begun });
    });
  });
}

/** What became of a mutant, and whether that is as it should be. */
async function tryMutant(copy: string, mutant: Mutant, limit: number): Promise<[good: boolean, line: string]> {
  const file = join(copy, mutant.file);
  const original = readFileSync(file, "utf8");
  if (original.split(mutant.find).length !== 2) return [false, `STALE    its text is not once in ${mutant.file}`];
  writeFileSync(
    file,
    original.replace(mutant.find, () => mutant.replace),
  );
  const { first } = await runTests(copy, mutant, limit);
  writeFileSync(file, original);
  if (first === undefined) return [false, `SURVIVED ${mutant.removes}`];
  // Where a whole file fails, and no test in it, nothing ran: that proves nothing about the guard.
  if (first === "" || first.endsWith(".ts")) return [false, `BROKEN   the mutant does not run: ${first}`];
  return [true, `killed   ${mutant.removes} | ${first.slice(0, 60)}`];
}

/** Works through the list, two at a time. */
async function each<T>(list: readonly T[], run: (copy: string, item: T) => Promise<void>): Promise<void> {
  const queue = [...list];
  const work = async (copy: string) => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(copy, item);
  };
  await Promise.all(copies.map(work));
}

const only = process.argv.includes("--only") ? process.argv[process.argv.indexOf("--only") + 1] : undefined;
const chosen = Object.entries(areas).flatMap(([area, list]) =>
  list.filter(({ id }) => !process.argv.includes("--only") || area === only || id === only),
);
if (chosen.length === 0) {
  console.error(`No mutant is called "${only}". The areas: ${Object.keys(areas).join(", ")}.`);
  process.exit(1);
}
for (let i = 0; i < Math.min(2, availableParallelism()); i++) copies.push(copyRepository());

let bad = 0;
const campaignOf = ({ tests, env }: Mutant) => JSON.stringify([tests, env]);
const distinct = new Map(chosen.map((mutant) => [campaignOf(mutant), mutant]));
const limits = new Map<string, number>();
await each([...distinct.values()], async (copy, mutant) => {
  const { first, took } = await runTests(copy, mutant, WHOLE);
  limits.set(campaignOf(mutant), Math.max(LIMIT, SLOWER * took));
  if (first === undefined) return;
  limits.delete(campaignOf(mutant));
  console.log(`${mutant.tests.join(" ")} fails without any mutant: ${first}`);
});

await each(chosen, async (copy, mutant) => {
  const limit = limits.get(campaignOf(mutant));
  const [good, line] =
    limit === undefined ? [false, "UNKNOWN  its tests fail without it"] : await tryMutant(copy, mutant, limit);
  if (!good) bad++;
  console.log(`${mutant.id.padEnd(28)} ${line}`);
});
console.log(bad === 0 ? `all ${chosen.length} mutants were killed` : `${bad} of ${chosen.length} were not killed`);
process.exitCode = bad === 0 ? 0 : 1;
