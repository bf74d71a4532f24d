/** The linter's own rule bites: only src/time.ts may ask the machine for clock, timers or randomness. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const root = fileURLToPath(new URL("..", import.meta.url));
const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
const scratch = mkdtempSync(join(tmpdir(), "tidemark-lint-"));
for (const file of ["biome.json", ".gitignore", "scripts/time.grit"]) cpSync(join(root, file), join(scratch, file));
after(() => rmSync(scratch, { recursive: true, force: true }));

const report = z.object({
  diagnostics: z.array(
    z.object({ category: z.string(), location: z.object({ start: z.object({ line: z.number() }) }) }),
  ),
});

/** The lines of a file that the rule objects to. */
function objected(file: string, lines: readonly string[]): number[] {
  const path = join(scratch, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${lines.join("\n")}\n`);
  const args = [biome, "lint", "--reporter=json", "--max-diagnostics=none", file];
  const { stdout } = spawnSync(process.execPath, args, { cwd: scratch, encoding: "utf8" });
  rmSync(path);
  const { diagnostics } = report.parse(JSON.parse(stdout));
  return diagnostics.filter(({ category }) => category === "plugin").map(({ location }) => location.start.line);
}

const forbidden = [
  "export const a = Date.now();",
  "export const b = new Date();",
  "export const c = [1].map(Math.random);",
  "export const d = performance.now();",
  "export const e = setTimeout(() => {}, 5);",
  "export const f = setInterval(() => {}, 5);",
  "export const g = setImmediate(() => {});",
  "export const h = globalThis.setTimeout(() => {}, 5);",
  "export const i = globalThis.Date.now();",
  'export { setTimeout as wait } from "node:timers/promises";',
];
const allowed = [
  "export const a = new Date(5);",
  'export const b = Date.parse("2026-01-01");',
  "export const c = (time: { now(): number }) => time.now();",
  "// Date.now() and setTimeout in a comment",
];

test("the engine and the providers take clock, timers and randomness from time.ts alone", () => {
  const every = forbidden.map((_, index) => index + 1);
  assert.deepEqual(objected("src/store/some.ts", forbidden), every);
  assert.deepEqual(objected("providers/some/index.ts", forbidden), every);
});

test("what only looks like it is allowed, and time.ts and the tests are free", () => {
  assert.deepEqual(objected("src/some.ts", allowed), []);
  assert.deepEqual(objected("src/time.ts", forbidden), []);
  assert.deepEqual(objected("test/some.ts", forbidden), []);
});
