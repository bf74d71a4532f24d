/** `kill -9` at every statement of a delivery whose effects are in the store's own file. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { sqlite } from "tidemark/sqlite";
import { createTeller } from "./teller.ts";

const CHANGES = 2;
const teller = fileURLToPath(new URL("teller.ts", import.meta.url));

/** Runs a delivery that is killed at its n-th statement. Answers whether it was, or had come to its end. */
function runTeller(path: string, last: number): Promise<boolean> {
  const child = spawn(process.execPath, ["--conditions=@tidemark/source", "--no-warnings", teller, path, `${last}`]);
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("close", (code, signal) => {
      if (signal !== "SIGKILL" && code !== 0) reject(new Error(errors));
      else resolve(signal === "SIGKILL");
    });
  });
}

test("kill -9 between every two statements of a delivery: each change takes effect exactly once", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "tidemark-teller-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const log = join(directory, "log.db");
  const store = sqlite(log);
  for (let id = 0; id < CHANGES; id++) {
    await store.update({ refs: [{ type: "a.thing", scope: "", id: `${id}` }] }, (row) => ({
      row: { ...row, present: true, print: "x", first: 1, last: 1 },
      append: [{ state: JSON.stringify({ id: `${id}` }), at: 1, via: "sweep", causes: [] }],
    }));
  }
  await store.close();
  const own = new DatabaseSync(log);
  own.exec("create table effect (cursor text); create table account (id text primary key, n integer)");
  own.close();

  let kills = 0;
  const partial = new Set<number>();
  const countEffects = (db: DatabaseSync) => Number(db.prepare("select count(*) n from effect").get()?.["n"]);
  const tryKill = async (last: number) => {
    const path = join(directory, `${last}.db`);
    copyFileSync(log, path);
    const killed = await runTeller(path, last);
    const db = new DatabaseSync(path);
    partial.add(countEffects(db));
    // Later than a hold may last: what the killed one held is free again.
    const { sync, subscribe } = createTeller(path, 3_600_000);
    subscribe();
    await sync.drain();
    await sync.stop();
    assert.equal(countEffects(db), CHANGES, `killed at statement ${last}`);
    const accounts = db.prepare("select id, n from account order by id").all();
    assert.deepEqual(
      accounts.map(({ id, n }) => [id, n]),
      Array.from({ length: CHANGES }, (_, id) => [`${id}`, 1]),
    );
    db.close();
    if (killed) kills++;
    return killed;
  };
  const lanes = [1, 2].map(async (first) => {
    for (let last = first; await tryKill(last); last += 2);
  });
  await Promise.all(lanes);
  t.diagnostic(`${kills} kills`);
  assert.ok(kills > 10 * CHANGES);
  assert.deepEqual([...partial].sort(), [0, 1, 2], "kills came between any two changes");
});
