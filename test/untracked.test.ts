/** An error that no test awaits fails its file and is told with its stack, though no promise is followed. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const untracked = fileURLToPath(new URL("../scripts/untracked.mjs", import.meta.url));

/** Runs a test that does this after a promise, and is over before it comes to anything. */
function run(does: string) {
  const code = `import { test } from "node:test"; test("one", async () => { await null; ${does} });`;
  const args = ["--import", untracked, "--test-reporter=tap", "--input-type=module", "-e", code];
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return spawnSync(process.execPath, args, { env, encoding: "utf8" });
}

for (const [what, does] of [
  ["an error thrown in a callback", `setImmediate(function late() { throw new Error("lost") });`],
  ["a rejection that nobody handles", `setImmediate(function late() { void Promise.reject(new Error("lost")) });`],
] as const) {
  test(`${what} fails the file`, () => {
    const { status, stderr } = run(does);
    assert.equal(status, 1);
    assert.match(stderr, /Error: lost\n\s+at .*late/);
  });
}

test("a file whose errors are all awaited passes", () => {
  assert.equal(run("").status, 0);
});
