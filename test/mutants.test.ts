/** The lists of mutants cannot rot: what each removes still stands where it says. `npm run mutants` runs them. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { areas } from "../scripts/mutants/index.ts";

const root = new URL("../", import.meta.url);
const mutants = Object.values(areas).flat();

test("each mutant's text stands exactly once in its file, and its replacement is another", () => {
  const texts = new Map<string, string>();
  for (const { id, file, find, replace } of mutants) {
    const text = texts.get(file) ?? readFileSync(new URL(file, root), "utf8");
    texts.set(file, text);
    assert.equal(text.split(find).length - 1, 1, `${id}: its text must stand once in ${file}:\n${find}`);
    assert.notEqual(find, replace, id);
  }
});

test("each mutant has an id of its own, says what it removes, and names tests that exist", () => {
  const ids = new Set(mutants.map(({ id }) => id));
  assert.equal(ids.size, mutants.length, "an id is used twice");
  for (const area of Object.keys(areas)) assert.ok(!ids.has(area), `${area} is both an area and an id`);
  for (const { id, removes, tests } of mutants) {
    assert.notEqual(removes, "", id);
    assert.ok(tests.length > 0, id);
    for (const file of tests) assert.ok(existsSync(new URL(file, root)), `${id}: there is no ${file}`);
  }
});
