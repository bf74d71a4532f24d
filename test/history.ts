/** The project as it was at a commit, in a folder of its own, where its programs run as they did. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

export interface Past {
  /** The path of a file. */
  file(path: string): string;
  remove(): void;
}

/** Undefined where the commit is not at hand: a clone without its history, or no clone. */
export function checkOut(commit: string): Past | undefined {
  const { status, stdout } = spawnSync("git", ["archive", commit, "package.json", "src", "test"], {
    ...{ cwd: root, maxBuffer: 2 ** 28 },
  });
  if (status !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "tidemark-past-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const unpacked = spawnSync("tar", ["-x", "-C", folder], { input: stdout });
  if (unpacked.status !== 0) {
    remove();
    return undefined;
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return { file: (path) => join(folder, path), remove };
}
