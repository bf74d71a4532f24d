/**
 * A disk that is full, one that cannot be written, a file that another process has locked: webhooks are answered 503 as long as
 * that lasts, what was answered 202 is there, and it goes on by itself. `FAULTS=50` for more rounds of each.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sqlite } from "tidemark/sqlite";
import { figure } from "../figure.ts";
import { createDisk, createIntake, lock, quick } from "./fault.kit.ts";

const ROUNDS = Number(process.env["FAULTS"] ?? 3);
/** Each round with a lock takes the five seconds for which SQLite waits for one. */
const LOCKS = Math.ceil(ROUNDS / 3);
const AT_ONCE = 5;
/** More than there are pages of the log that may be written again. */
const ENOUGH = 3_000;

const disk = createDisk("64m");
const skip = disk ? false : "no file system can be mounted here";
process.on("exit", () => disk?.remove());

test(`${ROUNDS} x a full disk: webhooks are answered 503, none that was acknowledged is lost, and it goes on when there is room`, {
  skip,
}, async (t) => {
  if (!disk) return;
  const store = sqlite(join(disk.path, "full.db"), { time: quick });
  const intake = createIntake(store);
  await intake.start();
  let refused = 0;
  for (let round = 0; round < ROUNDS; round++) {
    disk.fill();
    let statuses = await intake.post(AT_ONCE);
    for (let posts = 1; !statuses.has(503); posts++) {
      assert.ok(posts < ENOUGH, "the disk is full, and nobody says so");
      statuses = await intake.post(AT_ONCE);
    }
    assert.deepEqual(
      [...statuses.keys()].filter((status) => status !== 202 && status !== 503),
      [],
    );
    refused += statuses.get(503) ?? 0;
    disk.empty();
    assert.deepEqual([...(await intake.post(AT_ONCE))], [[202, AT_ONCE]], "there is room again");
  }
  await intake.settle();
  await intake.stop();
  await store.close();
  figure(
    t,
    "F13",
    `${ROUNDS} x a full disk: ${refused} webhooks refused with 503, 0 of ${intake.acknowledged.length} acknowledged ones lost`,
  );
});

test(`${ROUNDS} x a disk that cannot be written: webhooks are answered 503, and 202 by the same engine when it can`, {
  skip,
}, async (t) => {
  if (!disk) return;
  const path = join(disk.path, "protected.db");
  let acknowledged = 0;
  let refused = 0;
  for (let round = 0; round < ROUNDS; round++) {
    disk.protect(true);
    const store = sqlite(path, { time: quick });
    const intake = createIntake(store, `r${round}-`);
    const statuses = await intake.post(AT_ONCE);
    assert.deepEqual([...statuses], [[503, AT_ONCE]]);
    refused += AT_ONCE;
    disk.protect(false);
    assert.deepEqual([...(await intake.post(AT_ONCE))], [[202, AT_ONCE]], "it can be written again");
    await intake.start();
    await intake.settle();
    acknowledged += intake.acknowledged.length;
    await intake.stop();
    await store.close();
  }
  figure(t, "F13", `${ROUNDS} x read-only: ${refused} refused with 503, 0 of ${acknowledged} acknowledged ones lost`);
});

test(`${LOCKS} x a file that another process has locked: webhooks are answered 503, and 202 when it lets go`, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "tidemark-locked-"));
  const path = join(directory, "t.db");
  const store = sqlite(path, { time: quick });
  const intake = createIntake(store);
  t.after(async () => {
    await intake.stop();
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  await intake.post(1);
  for (let round = 0; round < LOCKS; round++) {
    const { release } = await lock(path);
    const statuses = await intake.post(AT_ONCE);
    await release();
    assert.deepEqual([...statuses], [[503, AT_ONCE]]);
    assert.deepEqual([...(await intake.post(AT_ONCE))], [[202, AT_ONCE]], "it was let go");
  }
  await intake.start();
  await intake.settle();
  const { length } = intake.acknowledged;
  figure(
    t,
    "F13",
    `${LOCKS} x locked by another process: ${LOCKS * AT_ONCE} refused with 503, 0 of ${length} acknowledged ones lost`,
  );
});
