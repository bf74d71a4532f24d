/** docs/security.md: every file that it names is there, and every test that it names is in its file. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const text = (path: string) => readFileSync(new URL(path, root), "utf8");
const rows = text("docs/security.md")
  .split("\n")
  .map((line) => /^\| (\d+) \|.*\| ([^|]+) \| ([^|]+) \|$/.exec(line))
  .filter((row) => row !== null)
  .map(([, number, files = "", tests = ""]) => ({
    number: Number(number),
    files: [...files.matchAll(/`([^`]+)`/g)].map(([, file = ""]) => file),
    tests: [...tests.matchAll(/`([^`]+)` \(`([^`]+)`\)/g)].map(([, name = "", file = ""]) => ({ name, file })),
  }));

test("each of the 32 attacks has a defence that is there, and a test that is in its file", () => {
  assert.deepEqual(
    rows.map(({ number }) => number),
    Array.from({ length: 32 }, (_, i) => i + 1),
  );
  const missing: string[] = [];
  for (const { number, files, tests } of rows) {
    assert.ok(files.length > 0 && tests.length > 0, `${number}`);
    for (const file of files) if (!existsSync(new URL(file, root))) missing.push(`${number}: ${file}`);
    for (const { name, file } of tests) {
      if (!existsSync(new URL(file, root)) || !text(file).includes(name)) missing.push(`${number}: ${file}: ${name}`);
    }
  }
  assert.deepEqual(missing, []);
});
