/**
 * Packs the package as it would be published, installs it into empty projects, and looks at it as those who install it do:
 * what the tests cannot see, because they run on the sources. `--write` writes the table of docs/size.md anew.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { idle, weigh } from "./pack/bundle.ts";
import { foreign } from "./pack/contents.ts";
import { lint } from "./pack/lint.ts";
import { install, pack, run, scratchFolder, Unfit } from "./pack/project.ts";
import { differences, needless, tableOf, type Weight, weightsIn } from "./pack/size.ts";
import { checkTypes, compilers } from "./pack/types.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const PAGE = join(root, "docs/size.md");
/** Bytes that may be left of a program that uses nothing. */
const NOTHING = 100;

const names = z.record(z.string(), z.string());
const manifest = z
  .object({
    exports: z.record(z.string(), z.unknown()),
    peerDependencies: names,
    devDependencies: names,
  })
  .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
const entries = Object.keys(manifest.exports).map((entry) => `tidemark${entry.slice(1)}`);
const code = entries.filter((entry) => !entry.endsWith(".json"));
const peers = Object.keys(manifest.peerDependencies);
const ours = (name: string) => `${name}@${manifest.devDependencies[name]}`;

/** Imports each entry by itself, and requires all of them as CommonJS does, without the providers' clients. */
function importEntries(names: readonly string[], cwd: string): void {
  for (const name of names) {
    const how = name.endsWith(".json") ? ', { with: { type: "json" } }' : "";
    const script = `await import(${JSON.stringify(name)}${how});`;
    run(`importing "${name}"`, process.execPath, ["--input-type=module", "-e", script], cwd);
  }
  const script = `for (const name of ${JSON.stringify(names)}) require(name);`;
  run("requiring what was imported", process.execPath, ["--input-type=commonjs", "-e", script], cwd);
}

/** The command as a stranger runs it: `npx tidemark demo`. */
function playDemo(cwd: string): void {
  const said = run("npx tidemark demo", "npx", ["--no-install", "tidemark", "demo", "--fast"], cwd);
  if (!/received, no differences/.test(said)) throw new Unfit(`npx tidemark demo ended otherwise:\n${said}`);
}

/** What each entry weighs, which must be what the page says. */
async function weighEntries(cwd: string): Promise<void> {
  const left = await idle(cwd, code, peers);
  if (left > NOTHING) throw new Unfit(`${left} bytes are left of a program that imports every entry and uses none`);
  const weights: Weight[] = [];
  for (const entry of code) weights.push(await weigh(cwd, entry, peers));
  console.log(tableOf(weights));
  for (const weight of weights) {
    const more = needless(weight, code);
    if (more.length > 0) throw new Unfit(`${weight.entry} brings what nobody asked for: ${more.join(", ")}`);
  }
  const page = readFileSync(PAGE, "utf8");
  const changed = differences(weightsIn(page), weights);
  if (process.argv.includes("--write")) writeFileSync(PAGE, page.replace(/^\|.*\|$(\n^\|.*\|$)*/m, tableOf(weights)));
  else if (changed.length > 0) {
    throw new Unfit(`${changed.join(";\n")}.\nIf that is as it should be: npm run check -- --write`);
  }
}

async function check(): Promise<void> {
  const scratch = scratchFolder();
  const { tarball, size, unpacked, files } = pack(root, scratch);
  const more = foreign(files);
  if (more.length > 0) throw new Unfit(`the tarball holds what is of no use there: ${more.join(", ")}`);
  await lint(root, tarball);
  // What is for OpenTelemetry needs its API; nothing else needs anything that the package does not bring.
  const bare = install(scratch, "bare", [tarball]);
  importEntries(
    entries.filter((name) => name !== "tidemark/otel"),
    bare,
  );
  playDemo(bare);
  await weighEntries(bare);
  const clients = ["stripe", "@octokit/rest", "@opentelemetry/api", "typescript", "@types/node"].map(ours);
  const full = install(scratch, "full", [tarball, ...clients, ...compilers()]);
  importEntries(["tidemark/otel"], full);
  await checkTypes(full, join(root, "test/types"));
  const kilobytes = (bytes: number) => `${Math.round(bytes / 1_000)} kB`;
  console.log(
    `The package installs, its ${entries.length} entries import, its types hold; ${kilobytes(size)} packed, ${kilobytes(unpacked)} unpacked.`,
  );
}

await check().catch((error: unknown) => {
  if (!(error instanceof Unfit)) throw error;
  console.error(`The package is not fit to publish: ${error.message}`);
  process.exitCode = 1;
});
