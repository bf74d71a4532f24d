/** Processes that share a subscription, and one of them is killed. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { sqlite } from "tidemark/sqlite";
import { sleep, systemTime } from "../../src/time.ts";

const CHANGES = 3_000;
const RESOURCES = 50;
/** How much quicker time passes for the processes: a hold of 90 seconds is over in 3. */
const SPEED = 30;
const member = fileURLToPath(new URL("member.ts", import.meta.url));

test("kill -9 of one of three processes that share a subscription: the others take over, each change exactly once", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "tidemark-members-"));
  const path = join(directory, "t.db");
  const children: ChildProcess[] = [];
  t.after(() => {
    for (const child of children) child.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  });
  const begun = Date.now();
  const store = sqlite(path);
  const write = async (from: number, to: number) => {
    for (let n = from; n < to; n += RESOURCES) {
      const refs = Array.from({ length: RESOURCES }, (_, i) => ({ type: "a.thing", scope: "", id: `${i}` }));
      await store.update({ refs }, (row, tick) => ({
        row: { ...row, present: true, print: `${n}`, first: tick, last: tick },
        append: [{ state: JSON.stringify({ id: row.id, n }), at: tick, via: "sweep", causes: [] }],
      }));
    }
  };
  await write(0, CHANGES);
  const db = new DatabaseSync(path);
  t.after(() => db.close());
  db.exec("create table effect (cursor text primary key, id text, who text)");
  let errors = "";
  const run = (who: string) => {
    const args = ["--conditions=@tidemark/source", "--no-warnings", member, path, who, `${begun}`, `${SPEED}`];
    const child = spawn(process.execPath, args);
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    children.push(child);
    return child;
  };
  const count = (where = "1") => Number(db.prepare(`select count(*) n from effect where ${where}`).get()?.["n"]);
  const until = async (done: () => boolean) => {
    while (!done()) await sleep(systemTime, 5);
  };
  const [, b] = ["a", "b", "c"].map(run);
  await until(() => ["a", "b", "c"].every((who) => count(`who = '${who}'`) > 20));
  b?.kill("SIGKILL");
  const killed = Date.now();
  await until(() => count() === CHANGES);
  await store.close();
  t.diagnostic(
    `all done ${(((Date.now() - killed) * SPEED) / 1_000).toFixed(0)} s after the kill, as the processes count`,
  );
  assert.equal(count("who = 'b'") < CHANGES / 2, true);
  const effects = db.prepare("select cursor, id from effect order by rowid").all();
  const last = new Map<unknown, number>();
  for (const { cursor, id } of effects) {
    const position = Number(String(cursor).split(".")[1]);
    assert.ok(position > (last.get(id) ?? 0), `${id}: ${position} after ${last.get(id)}`);
    last.set(id, position);
  }
  const ends = children.filter((child) => child !== b).map((child) => once(child, "close"));
  for (const child of children) child.kill("SIGTERM");
  await Promise.all(ends);
  assert.equal(errors, "");
  const [at] = db.prepare("select value from checkpoint where name = 'subscriber|teller'").all();
  const { parts, members } = JSON.parse(String(at?.["value"]));
  assert.deepEqual([parts.length, parts.every(({ holder }: { holder: unknown }) => holder === null)], [6, true]);
  assert.ok(Object.keys(members).length <= 1, "who stopped has left");
});
