/** What a `kill -9` leaves at every statement of a delivery whose effects are in the store's own file. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { sqlite } from "tidemark/sqlite";
import { createTeller } from "./teller.ts";

const CHANGES = 2;
const teller = fileURLToPath(new URL("teller.ts", import.meta.url));

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

  const child = spawn(process.execPath, ["--conditions=@tidemark/source", "--no-warnings", teller, log, directory], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  assert.deepEqual(await once(child, "exit"), [null, "SIGKILL"]);

  const images = readdirSync(directory).filter((name) => /^\d+\.db$/.test(name));
  const partial = new Set<number>();
  const countEffects = (db: DatabaseSync) => Number(db.prepare("select count(*) n from effect").get()?.["n"]);
  for (const name of images) {
    const path = join(directory, name);
    const db = new DatabaseSync(path);
    partial.add(countEffects(db));
    // Later than a hold may last: what the dead one held is free again.
    const { sync, subscribe } = createTeller(path, 3_600_000);
    subscribe();
    await sync.drain();
    await sync.stop();
    assert.equal(countEffects(db), CHANGES, `killed at statement ${name}`);
    const accounts = db.prepare("select id, n from account order by id").all();
    assert.deepEqual(
      accounts.map(({ id, n }) => [id, n]),
      Array.from({ length: CHANGES }, (_, id) => [`${id}`, 1]),
    );
    db.close();
  }
  t.diagnostic(`${images.length} kills`);
  assert.ok(images.length > 10 * CHANGES);
  assert.deepEqual([...partial].sort(), [0, 1, 2], "kills came between any two changes");
});
