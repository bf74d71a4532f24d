/**
 * Empty projects in a folder of their own, into which the package is installed as a stranger would.
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { z } from "zod";

/** What is told to whoever runs the check; everything else that is thrown is a fault of the check itself. */
export class Unfit extends Error {}

export interface Packed {
  tarball: string;
  /** In bytes. */
  size: number;
  unpacked: number;
  files: readonly string[];
}

const answered = z.tuple([
  z.object({
    ...{ filename: z.string(), size: z.number(), unpackedSize: z.number() },
    files: z.array(z.object({ path: z.string() })),
  }),
]);

/** A folder that is gone when the process ends. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-pack-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

// npm and npx run under the Node.js that runs this, whichever the shell would take.
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}` };

/**
 * Answers what the command writes.
 * @throws Unfit with what was tried and the command's own words, if it fails
 */
export function run(what: string, command: string, args: readonly string[], cwd: string): string {
  const shell = process.platform === "win32" && command.startsWith("np");
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: "utf8", shell });
  if (status === 0) return stdout;
  throw new Unfit(`${what} failed.\n${error?.message ?? `${stdout}${stderr}`}`);
}

/** Packs what is in `root` into `folder`. The build comes first by itself, so that what npm answers is JSON and nothing else. */
export function pack(root: string, folder: string): Packed {
  run("the build", "npm", ["run", "build"], root);
  const flags = ["--ignore-scripts", "--json", "--pack-destination", folder];
  const [{ filename, size, unpackedSize, files }] = answered.parse(
    JSON.parse(run("npm pack", "npm", ["pack", ...flags], root)),
  );
  return { tarball: join(folder, filename), size, unpacked: unpackedSize, files: files.map(({ path }) => path) };
}

/** An empty project in `folder` with the tarball and some packages, each as npm takes it. Answers its path. */
export function install(folder: string, name: string, packages: readonly string[]): string {
  const cwd = join(folder, name);
  mkdirSync(cwd);
  writeFileSync(join(cwd, "package.json"), JSON.stringify({ name, private: true, type: "module" }));
  const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  run(`npm install of the tarball (${name})`, "npm", ["install", ...flags, ...packages], cwd);
  return cwd;
}
