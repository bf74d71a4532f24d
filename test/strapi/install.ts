/** The Strapi that the tests run against: installed once, into a folder of the system's temporary ones. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("project/", import.meta.url));

/**
 * The environment of another project. Its packages are compiled for the machine's own Node, not for the one that this
 * project brings: that has no headers. What npm tells its scripts is of this project, and is left out, too.
 */
export function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|INIT_CWD$)/i.test(name));
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  return { ...Object.fromEntries(own), PATH: path.join(delimiter), STRAPI_TELEMETRY_DISABLED: "true" };
}

/** Installs it, if this very project was not yet: 715 MB, some minutes. Answers the folder. `TIDEMARK_STRAPI` names another. */
export function install(): string {
  const manifest = readFileSync(join(project, "package.json"));
  const name = `tidemark-strapi-${createHash("sha256").update(manifest).digest("hex").slice(0, 12)}`;
  const folder = process.env["TIDEMARK_STRAPI"] ?? join(tmpdir(), name);
  const stamp = join(folder, "installed");
  for (const part of ["src", "config"]) rmSync(join(folder, part), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(project, folder, { recursive: true });
  mkdirSync(join(folder, "database/migrations"), { recursive: true });
  if (existsSync(stamp) && readFileSync(stamp).equals(manifest)) return folder;
  console.log(`Installing Strapi into ${folder} (once) …`);
  const args = ["install", "--no-audit", "--no-fund", "--loglevel=error"];
  const shell = process.platform === "win32";
  const { status } = spawnSync("npm", args, { cwd: folder, env: environment(), stdio: "inherit", shell });
  if (status !== 0)
    throw new Error(`Strapi could not be installed into ${folder}: see the lines above, then run it again`);
  writeFileSync(stamp, manifest);
  return folder;
}
