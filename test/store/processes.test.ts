/** Several processes on one file: opened at once, updates of one row one after another, positions and ticks in one order. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { sqlite } from "tidemark/sqlite";

const PROCESSES = 3;
const UPDATES = 200;
const sharer = fileURLToPath(new URL("sharer.ts", import.meta.url));

function run(path: string, name: string): Promise<number[]> {
  const args = ["--conditions=@tidemark/source", "--no-warnings", sharer, path, name, String(UPDATES)];
  const child = spawn(process.execPath, args);
  let [output, errors] = ["", ""];
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("close", (code) => (code === 0 ? resolve(JSON.parse(output)) : reject(new Error(errors))));
  });
}

test(`${PROCESSES} processes share a file from its first moment`, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "tidemark-shared-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "t.db");
  const names = Array.from({ length: PROCESSES }, (_, n) => `p${n}`);
  const ticks = (await Promise.all(names.map((name) => run(path, name)))).flat();
  const store = sqlite(path);
  t.after(() => store.close());
  const total = PROCESSES * UPDATES;
  const [counter] = await store.rows({ type: "a.counter", limit: 1 });
  assert.equal(counter?.regressions, total, "updates of one row do not overlap");
  const entries = await store.entries({ after: 0, limit: 2 * total });
  assert.deepEqual(
    entries.map(({ position }) => position),
    Array.from({ length: total }, (_, i) => i + 1),
  );
  assert.ok(
    entries.every(({ tick }, i) => i === 0 || tick > (entries[i - 1]?.tick ?? 0)),
    "ticks keep one order",
  );
  assert.equal(new Set(ticks).size, total);
});
