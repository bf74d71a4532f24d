/** No change lands unsaid, and nothing is published that must not be: scripts/release.ts, in repositories made here. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { lastRelease, sectionsOf, stamp, unreleased } from "../scripts/release/changelog.ts";
import { objections, refusals } from "../scripts/release/rules.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const said = "# Changelog\n\n## Unreleased\n\n- A thing.\n\n## 0.1.0 (2026-11-01)\n\nThe first version.\n";
const silent = "# Changelog\n\n## Unreleased\n\n## 0.1.0 (2026-11-01)\n\nThe first version.\n";

test("a changelog has sections, and a release takes what is below Unreleased", () => {
  assert.deepEqual(sectionsOf(said), [
    { title: "Unreleased", body: "- A thing." },
    { title: "0.1.0", body: "The first version." },
  ]);
  assert.equal(lastRelease("# Changelog\n\n## Unreleased\n\nAll of it.\n"), undefined);
  const next = stamp(said, "0.2.0", "2026-11-30");
  assert.deepEqual([unreleased(next), lastRelease(next)], ["", "0.2.0"]);
  assert.match(next, /^## Unreleased\n\n## 0\.2\.0 \(2026-11-30\)\n\n- A thing\.$/m);
  assert.throws(() => stamp(silent, "0.2.0", "2026-11-30"), /nothing below Unreleased/);
  assert.throws(() => stamp(said, "0.1.0", "2026-11-30"), /has a 0\.1\.0 already/);
});

test("a change of what is published must be said, any other need not", () => {
  assert.deepEqual(objections(silent, ["docs/api.md", "test/row.test.ts", "srcs/a.ts"]), []);
  assert.deepEqual(objections(said, ["src/row.ts"]), []);
  for (const file of ["src/row.ts", "providers/stripe/feed.ts", "outlets/nats/index.ts", "cli/main.ts"]) {
    const [objection = ""] = objections(silent, ["docs/api.md", file]);
    assert.ok(objection.startsWith(`${file} has changed since 0.1.0`), objection);
  }
});

test("a version is refused for each thing that is not as it should be", () => {
  const good = {
    changelog: silent,
    version: "0.1.0",
    locked: "0.1.0",
    tags: ["v0.1.0"],
    repository: "git+https://x/y.git",
  };
  assert.deepEqual(refusals(good), []);
  const wrong: [Partial<typeof good> | { repository: undefined }, RegExp][] = [
    [{ changelog: said }, /changes below Unreleased/],
    [{ changelog: silent.replace("0.1.0", "0.0.9") }, /last section of CHANGELOG.md 0\.0\.9/],
    [{ locked: "0.0.9" }, /package-lock.json 0\.0\.9/],
    [{ tags: ["v0.0.9"] }, /no tag v0\.1\.0/],
    [{ repository: undefined }, /names no repository/],
  ];
  for (const [change, why] of wrong) {
    const [first = "", ...more] = refusals({ ...good, ...change });
    assert.match(first, why);
    assert.deepEqual(more, []);
  }
});

/** A repository with the scripts, a source and a version to come. */
function repository(t: TestContext) {
  const cwd = mkdtempSync(join(tmpdir(), "tidemark-release-"));
  t.after(() => rmSync(cwd, { recursive: true, force: true }));
  const write = (file: string, text: string) => writeFileSync(join(cwd, file), text);
  const run = (command: string, args: readonly string[], fails = false) => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
    assert.equal(status !== 0, fails, `${command} ${args.join(" ")}\n${stdout}${stderr}`);
    return stderr;
  };
  const release = (name: string, fails = false) => run(process.execPath, ["scripts/release.ts", name], fails);
  mkdirSync(join(cwd, "src"));
  cpSync(join(root, "scripts/release.ts"), join(cwd, "scripts/release.ts"));
  cpSync(join(root, "scripts/release"), join(cwd, "scripts/release"), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(cwd, "node_modules"), "junction");
  write(".gitignore", "node_modules\n");
  write("src/index.ts", "export {};\n");
  write("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\nThe first version.\n");
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const manifest = {
    name: "some",
    version: "0.0.0",
    type: "module",
    repository: { type: "git", url: "git+https://x/y.git" },
  };
  write("package.json", JSON.stringify({ ...manifest, scripts: { version: scripts.version } }));
  write("package-lock.json", JSON.stringify({ ...manifest, lockfileVersion: 3, packages: { "": manifest } }));
  run("git", ["init", "-q", "-b", "main"]);
  for (const [key, value] of [
    ["user.name", "A"],
    ["user.email", "a@example.com"],
    ["commit.gpgsign", "false"],
  ] as const)
    run("git", ["config", key, value]);
  const commit = (message: string) => {
    run("git", ["add", "-A"]);
    run("git", ["commit", "-q", "-m", message]);
  };
  commit("The beginning");
  return { run, release, write, commit, read: () => readFileSync(join(cwd, "CHANGELOG.md"), "utf8") };
}

test("npm version makes a release that may be published, and the next change must be said", (t) => {
  const { run, release, write, commit, read } = repository(t);
  release("changed");
  assert.match(release("ready", true), /changes below Unreleased/);
  run("npm", ["version", "0.1.0"]);
  assert.match(read(), /^## Unreleased\n\n## 0\.1\.0 \(\d{4}-\d\d-\d\d\)\n\nThe first version\.$/m);
  release("ready");
  release("changed");

  write("README.md", "Said better.\n");
  commit("Of no concern");
  release("changed");
  write("src/index.ts", "export const more = 1;\n");
  assert.match(release("changed", true), /^src\/index\.ts has changed since 0\.1\.0/);
  commit("Unsaid");
  assert.match(release("changed", true), /^src\/index\.ts has changed since 0\.1\.0/);
  assert.match(release("ready", true), /no tag v0\.1\.0/);
  write("CHANGELOG.md", read().replace("## Unreleased\n", "## Unreleased\n\n- `more`.\n"));
  release("changed");
});

test("a name that is none is an error", (t) => {
  assert.match(repository(t).release("publish", true), /takes one of changed, stamp, ready/);
});
