// Installs the dependencies when they are missing or older than the lock file; otherwise does nothing. With the name of a
// folder that has a lock file of its own, those of that folder.
// Runs on any Node >= 20, before anything is installed: only node: modules here.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [folder = ""] = process.argv.slice(2);
const root = fileURLToPath(new URL(folder === "" ? ".." : `../${folder}/`, import.meta.url));
const installed = `${root}node_modules/.package-lock.json`;
const runtime = folder === "" ? `${root}node_modules/.bin/node` : installed;
const lock = `${root}package-lock.json`;

const current = () =>
  existsSync(installed) && existsSync(runtime) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs;

if (!current()) {
  console.log("Installing dependencies (once) …");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const options = { cwd: root, stdio: "inherit", shell: process.platform === "win32" };
  // A lock file knows the packages of the platforms that the registry had when it was written. `npm ci` wants all of them;
  // in a folder of examples the missing ones of other platforms do not matter.
  const command = folder === "" ? ["ci"] : ["install", "--no-save", "--package-lock=true"];
  const result = spawnSync(npm, [...command, "--no-audit", "--no-fund", "--loglevel=error"], options);
  if (result.status !== 0) {
    console.error("The dependencies could not be installed: see the lines above, then run the same command again.");
    process.exit(result.status ?? 1);
  }
}
