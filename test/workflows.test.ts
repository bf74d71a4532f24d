/** What GitHub is told: it is valid, calls what there is, asks for no more rights than it needs, and names what it runs by its commit. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseDocument } from "yaml";
import { z } from "zod";

const root = fileURLToPath(new URL("..", import.meta.url));
const github = join(root, ".github");
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));

const rights = z.record(z.string(), z.enum(["read", "write"]));
const step = z
  .strictObject({ uses: z.string(), with: z.record(z.string(), z.unknown()).optional() })
  .or(z.strictObject({ run: z.string() }));
const workflow = z.strictObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions: z.strictObject({ contents: z.literal("read") }),
  concurrency: z.unknown().optional(),
  jobs: z.record(
    z.string(),
    z.strictObject({
      ...{ "runs-on": z.string(), "timeout-minutes": z.number(), steps: z.array(step) },
      ...{ strategy: z.unknown().optional(), environment: z.string().optional(), permissions: rights.optional() },
    }),
  ),
});
const form = z.strictObject({
  ...{ name: z.string(), description: z.string(), labels: z.array(z.string()).optional() },
  body: z.array(
    z.strictObject({
      ...{ type: z.enum(["markdown", "textarea", "input", "checkboxes"]), id: z.string().optional() },
      ...{ attributes: z.record(z.string(), z.unknown()), validations: z.unknown().optional() },
    }),
  ),
});
const dependabot = z.strictObject({
  version: z.literal(2),
  updates: z.array(
    z.looseObject({
      ...{ "package-ecosystem": z.enum(["npm", "github-actions"]), schedule: z.object({ interval: z.string() }) },
      ...{ directory: z.string().optional(), directories: z.array(z.string()).optional(), groups: z.object() },
    }),
  ),
});

const textOf = (file: string) => readFileSync(join(github, file), "utf8");
function read<T>(file: string, shape: z.ZodType<T>): T {
  const document = parseDocument(textOf(file));
  assert.deepEqual([...document.errors, ...document.warnings], [], file);
  return shape.parse(document.toJS());
}
const filesIn = (folder: string) => readdirSync(join(github, folder)).map((file) => `${folder}/${file}`);
const workflows = filesIn("workflows").map((file) => ({ file, jobs: read(file, workflow).jobs }));
const steps = workflows.flatMap(({ file, jobs }) =>
  Object.values(jobs).flatMap((job) => job.steps.map((one) => ({ file, ...one }))),
);
const runs = steps.flatMap((one) => ("run" in one ? one.run : []));

test("the workflows call scripts and files that exist", () => {
  assert.ok(runs.length > 6);
  for (const line of runs) {
    const [command, first = "", second = ""] = line.split(" ");
    const script = first === "run" ? second : first;
    if (command === "npm" && script !== "publish") assert.ok(scripts[script], line);
    for (const [file] of line.matchAll(/\bscripts\/\S+/g)) assert.ok(existsSync(join(root, file)), line);
  }
  assert.deepEqual(
    ["test", "check", "reference"].filter((name) => !runs.some((line) => line.endsWith(name))),
    [],
  );
});

test("actions are named by their commit, and the version of it stands beside", () => {
  const used = steps.flatMap((one) => ("uses" in one ? { file: one.file, uses: one.uses } : []));
  assert.ok(used.length > 6);
  for (const { file, uses } of used) {
    assert.match(uses, /^actions\/[\w-]+@[0-9a-f]{40}$/, file);
    assert.match(textOf(file), new RegExp(`${uses} # v\\d+\\.\\d+\\.\\d+$`, "m"));
  }
});

test("only what publishes may sign, after all tests, and publishes with provenance", () => {
  for (const { file, jobs } of workflows) {
    for (const [name, { permissions }] of Object.entries(jobs)) {
      if (permissions) assert.equal(`${file} ${name}`, "workflows/release.yml publish");
    }
  }
  const { publish } = read("workflows/release.yml", workflow).jobs;
  assert.deepEqual(publish?.permissions, { contents: "read", "id-token": "write" });
  const lines = publish?.steps.flatMap((one) => ("run" in one ? one.run : []));
  assert.deepEqual(lines, ["npm test", "npm run check", "npm publish --provenance --access public"]);
});

test("issue forms are valid, and their fields have ids of their own", () => {
  const forms = filesIn("ISSUE_TEMPLATE").filter((file) => !file.endsWith("config.yml"));
  assert.ok(forms.length > 2);
  for (const file of forms) {
    const ids = read(file, form).body.flatMap(({ type, id }) => (type === "markdown" ? [] : (id ?? "")));
    assert.equal(new Set(ids).size, ids.length, file);
    assert.ok(!ids.includes(""), file);
  }
  read("ISSUE_TEMPLATE/config.yml", z.strictObject({ blank_issues_enabled: z.boolean() }));
});

test("every folder with packages of its own is kept up to date", () => {
  const { updates } = read("dependabot.yml", dependabot);
  const npm = updates.filter((one) => one["package-ecosystem"] === "npm");
  const looked = npm.flatMap(({ directory, directories = [] }) => [...(directory ? [directory] : []), ...directories]);
  for (const folder of looked) assert.ok(existsSync(join(root, folder, "package.json")), folder);
  for (const folder of ["/", "/examples", "/scripts/reference"]) assert.ok(looked.includes(folder), folder);
});
