/** docs/scenarios.md: it has all 68, every test that it names is in the file that it names, and none of this folder is left out. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const text = (path: string) => readFileSync(new URL(path, root), "utf8");
const rows = [...text("docs/scenarios.md").matchAll(/^\| (\d+) \| (.+) \| `([^`]+)` \| `([^`]+)` \|$/gm)].map(
  ([, n, scenario = "", name = "", file = ""]) => ({ n: Number(n), scenario, name, file }),
);

/** The names that tests of a file may have: what a template puts in may be anything. */
function namesIn(file: string): RegExp[] {
  const calls = text(`test/${file}`).matchAll(/^ *(?:test|attack)\(\s*(["`])(.+?)\1,/gm);
  return [...calls].map(([, , name = ""]) => {
    const parts = name.split(/\$\{[^}]+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${parts.join(".+")}$`);
  });
}

test("the page has each of the 68 scenarios once, in their order", () => {
  assert.deepEqual(
    rows.map(({ n }) => n),
    Array.from({ length: 68 }, (_, i) => i + 1),
  );
  for (const { n, scenario } of rows) assert.ok(scenario.includes(": "), `${n} says what is given, and what holds`);
  assert.equal(new Set(rows.map(({ scenario }) => scenario)).size, 68);
});

test("every test that the page of scenarios names is in its file", () => {
  for (const { n, name, file } of rows) {
    assert.ok(
      namesIn(file).some((known) => known.test(name)),
      `${n}: ${file} has no test "${name}"`,
    );
  }
});

test("every scenario of this folder is on the page", () => {
  const own = readdirSync(new URL("test/scenarios", root)).filter((file) => /\.test\.ts$/.test(file));
  for (const file of own.filter((name) => name !== "page.test.ts")) {
    const named = rows.filter((row) => row.file === `scenarios/${file}`);
    const names = namesIn(`scenarios/${file}`);
    assert.ok(names.length > 0, file);
    for (const known of names)
      assert.ok(
        named.some(({ name }) => known.test(name)),
        `${file}: ${known.source}`,
      );
  }
});
