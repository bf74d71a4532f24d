/** The test that docs/testing.md begins with runs as it stands there, and finds a handler that is wrong. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/testing.md"), "utf8");
const [, code = ""] = /^```ts file=board\.test\.ts\n(.*?)^```/ms.exec(page) ?? [];

/** Runs the block, and answers which of its tests passed and failed. */
function run(text: string): { passed: number; failed: string[] } {
  const folder = mkdtempSync(join(root, "docs-test-"));
  try {
    const file = join(folder, "board.test.ts");
    writeFileSync(file, text);
    // A run within a run would report to the outer one.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const args = ["--conditions=@tidemark/source", "--test", "--test-reporter=tap", file];
    const { stdout } = spawnSync(process.execPath, args, { cwd: root, env, encoding: "utf8" });
    const failed = [...stdout.matchAll(/^\s*not ok \d+ - (.*)$/gm)].map(([, name = ""]) => name);
    return { passed: [...stdout.matchAll(/^\s*ok \d+ - /gm)].length, failed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("the example of the page passes in every seed", () => {
  const { passed, failed } = run(code);
  assert.deepEqual(failed, []);
  assert.equal(passed, 20);
});

test("with a handler that forgets deletions it fails, and names the seeds", () => {
  const wrong = code.replace("after ? board.set(id, after) : board.delete(id)", "after && board.set(id, after)");
  assert.notEqual(wrong, code);
  const { failed } = run(wrong);
  assert.ok(failed.length > 5, `${failed.length} failed`);
  assert.match(failed[0] ?? "", /^the board ends at the truth \(seed \d+\)$/);
});
