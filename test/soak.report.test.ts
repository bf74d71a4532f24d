/** What a soak is said to have come to: a run in which nothing happened proves nothing. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Result, report } from "../soak/report.ts";

test("a soak is right if something was written, all of it was acknowledged, and nothing was violated", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-report-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  t.mock.method(console, "log", () => {});
  const good: Result = {
    ...{ rate: 500, minutes: 1, kills: 1, written: 10, acknowledged: 10, changes: 10 },
    ...{ violations: [], samples: [] },
  };
  const isRight = (some: Partial<Result>) => report({ ...good, ...some }, join(folder, "hour.json"));
  assert.equal(isRight({}), true);
  assert.equal(isRight({ violations: ["t1 is at version 2, told was 1"] }), false);
  assert.equal(isRight({ acknowledged: 9 }), false, "sweeps found what webhooks did not bring");
  assert.equal(isRight({ written: 0, acknowledged: 0, changes: 0 }), false);
});
