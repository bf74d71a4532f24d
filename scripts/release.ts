/**
 * What stands between a change and its release.
 *
 *   changed   fails if code that is published has changed since the last release and CHANGELOG.md says nothing of it
 *   stamp     puts what is below Unreleased below the version of package.json; npm calls it in `npm version`
 *   ready     fails if the version must not be published; npm calls it before `npm publish`
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { lastRelease, stamp } from "./release/changelog.ts";
import { objections, PUBLISHED, refusals } from "./release/rules.ts";

const root = process.cwd();
const path = join(root, "CHANGELOG.md");
const changelog = readFileSync(path, "utf8");
const shape = z.object({ version: z.string(), repository: z.object({ url: z.string() }).optional() });
const manifestIn = (file: string) => shape.parse(JSON.parse(readFileSync(join(root, file), "utf8")));

/** The lines that git answers; undefined where there is no repository, as in a folder that was unpacked. */
function git(...args: readonly string[]): string[] | undefined {
  const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.split("\n").filter((line) => line !== "") : undefined;
}

/** The files that differ from the commit that released the last version; before the first, all of them. */
function changedFiles(): string[] {
  const version = lastRelease(changelog);
  if (version === undefined) return git("ls-files", "--", ...PUBLISHED) ?? [];
  // Not by its tag: a clone may be without.
  const [base] = git("log", "-1", "--format=%H", `-S## ${version} (`, "--", "CHANGELOG.md") ?? [];
  return base === undefined ? [] : (git("diff", "--name-only", base, "--", ...PUBLISHED) ?? []);
}

const commands: Record<string, () => string[]> = {
  changed: () => objections(changelog, changedFiles()),
  stamp: () => {
    writeFileSync(path, stamp(changelog, manifestIn("package.json").version, new Date().toISOString().slice(0, 10)));
    return [];
  },
  ready: () => {
    const { version, repository } = manifestIn("package.json");
    const tags = git("tag", "--points-at", "HEAD") ?? [];
    return refusals({
      changelog,
      version,
      locked: manifestIn("package-lock.json").version,
      tags,
      repository: repository?.url,
    });
  },
};

const [name = ""] = process.argv.slice(2);
const wrong = commands[name]?.() ?? [`release.ts takes one of ${Object.keys(commands).join(", ")}`];
for (const sentence of wrong) console.error(sentence);
process.exitCode = wrong.length === 0 ? 0 : 1;
