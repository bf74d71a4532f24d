/** Each world that ever found something wrong is run again, twice, and both times the same happens. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { figure } from "./figure.ts";
import { found } from "./seeds.ts";
import { simulate } from "./world/world.ts";

let good = 0;
for (const { seed, ops, what, test: file } of found) {
  test(`seed ${seed}: ${what}`, async () => {
    assert.ok(existsSync(new URL(`../${file}`, import.meta.url)), `there is no ${file}`);
    const first = await simulate(seed, { ops });
    const second = await simulate(seed, { ops });
    assert.deepEqual(first.failures, []);
    assert.ok(first.changes > 0, "nothing happened");
    assert.equal(second.trace, first.trace, "a seed that is run again has the same trace");
    good++;
  });
}

test("all of them were run", (t) => {
  assert.equal(good, found.length);
  figure(t, "F3", `${good} seeds that found something wrong: 0 violations, equal traces`);
});
