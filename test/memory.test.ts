/**
 * A sweep of a great many resources in a process of its own: its memory stays what it is, and other writes do not wait for it.
 * `SWEPT=1000000` for so many.
 */
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { figure } from "./figure.ts";
import type { Told } from "./memory.service.ts";

const SWEPT = Number(process.env["SWEPT"] ?? 20_000);
const MEMORY = 400;
/** The longest that a webhook's save may wait for the sweep, in ms: some pages of it. */
const WAIT = 2_000;

test(`a backfill and a sweep of ${SWEPT} resources, page by page: less than ${MEMORY} MB, and no write waits for its end`, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "tidemark-memory-"));
  const file = fileURLToPath(new URL("memory.service.ts", import.meta.url));
  const child = fork(file, [join(directory, "t.db"), String(SWEPT)], {
    execArgv: ["--conditions=@tidemark/source", "--no-warnings"],
  });
  t.after(() => {
    child.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  });
  const [{ changes, mb, longest, seconds }] = (await once(child, "message")) as [Told];
  assert.equal(changes, SWEPT, "all of it is in the log, once");
  assert.ok(mb < MEMORY, `${mb.toFixed()} MB`);
  assert.ok(longest < WAIT, `a hint waited ${longest.toFixed()} ms for its save`);
  figure(
    t,
    "F28",
    `${SWEPT} resources filled in and swept once more in ${seconds.toFixed()} s: ${mb.toFixed()} MB at most, a hint beside it saved within ${longest.toFixed()} ms`,
  );
});
