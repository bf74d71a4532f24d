/** docs/stories.md: every test that it names is in the file that it names, and no story's test is left out. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const text = (path: string) => readFileSync(new URL(path, root), "utf8");
const rows = [...text("docs/stories.md").matchAll(/\| `([^`]+)` \| `([\w/]+)` \|$/gm)].map(
  ([, name = "", file = ""]) => ({
    name,
    file,
  }),
);
/** `order` is a file of this folder. */
const pathOf = (file: string): string =>
  file === "outages" || file.includes("/") ? `test/${file}.test.ts` : `test/stories/${file}.test.ts`;

test("every test that the page of stories names is in its file", () => {
  assert.ok(rows.length > 30);
  for (const { name, file } of rows) assert.ok(text(pathOf(file)).includes(name), `${file}: ${name}`);
});

test("every test of a story is on the page", () => {
  const own = readdirSync(new URL("test/stories", root)).filter(
    (file) => file.endsWith(".test.ts") && file !== "page.test.ts",
  );
  for (const file of own) {
    const names = [
      ...text(`test/stories/${file}`).matchAll(/^ *test\(\s*["`](.+?)(?:: [\w ]+ \$\{\w+\})?["`], async/gm),
    ];
    assert.ok(names.length > 0, file);
    for (const [, name] of names)
      assert.ok(
        rows.some((row) => row.name === name),
        `${file}: ${name}`,
      );
  }
});
