/** `kill -9` at random moments under load. `KILLS=1000` for a longer campaign. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { sqlite } from "tidemark/sqlite";
import { createRandom } from "tidemark/testing";
import { figure } from "../figure.ts";

const KILLS = Number(process.env["KILLS"] ?? 20);
const LANES = 2;
const victim = fileURLToPath(new URL("victim.ts", import.meta.url));

/** Runs a process until it has acknowledged `least` webhooks and `ms` more, then kills it. Answers what it acknowledged. */
function runVictim(path: string, begin: number, least: number, ms: number): Promise<number[]> {
  const child = spawn(process.execPath, [
    "--conditions=@tidemark/source",
    "--no-warnings",
    victim,
    path,
    String(begin),
  ]);
  let output = "";
  let errors = "";
  let killing = false;
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  child.stdout.on("data", (chunk) => {
    output += chunk;
    if (killing || output.split("\n").length <= least) return;
    killing = true;
    setTimeout(() => child.kill("SIGKILL"), ms);
  });
  return new Promise((resolve, reject) => {
    child.on("close", (_, signal) => {
      if (signal !== "SIGKILL") return reject(new Error(`the victim ended by itself: ${errors}`));
      // A line that was cut off by the kill is no acknowledgement that anybody got.
      resolve(output.split("\n").slice(0, -1).map(Number));
    });
  });
}

async function lane(seed: number, kills: number): Promise<{ acknowledged: number; changes: number }> {
  const { int } = createRandom(seed);
  const directory = mkdtempSync(join(tmpdir(), "tidemark-kill-"));
  const path = join(directory, "t.db");
  const acknowledged = new Set<number>();
  let changes = 0;
  try {
    for (let kill = 0; kill < kills; kill++) {
      const begin = Math.max(0, ...acknowledged) + 1_000;
      for (const id of await runVictim(path, begin, int(1, 200), int(0, 60))) acknowledged.add(id);
      const db = new DatabaseSync(path);
      assert.equal(db.prepare("pragma integrity_check").get()?.["integrity_check"], "ok");
      db.close();
      const store = sqlite(path);
      const rows = new Set<number>();
      for (let after: { type: string; scope: string; id: string } | undefined; ; ) {
        const page = await store.rows({ limit: 10_000, ...(after && { after }) });
        for (const { id } of page) rows.add(Number(id));
        after = page.at(-1);
        if (page.length < 10_000) break;
      }
      const lost = [...acknowledged].filter((id) => !rows.has(id));
      assert.deepEqual(lost, [], "acknowledged webhooks that were lost");
      const { position } = await store.head();
      const positions: number[] = [];
      for (let after = 0; after < position; after = positions.at(-1) ?? position) {
        positions.push(...(await store.entries({ after, limit: 10_000 })).map((entry) => entry.position));
      }
      assert.ok(positions.every((at, i) => at === i + 1) && positions.length === position, "positions without gaps");
      changes = position;
      await store.close();
    }
    return { acknowledged: acknowledged.size, changes };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test(`${KILLS} x kill -9 under load: no acknowledged webhook is lost, no position is missing, the file is sound`, async (t) => {
  const lanes = await Promise.all(Array.from({ length: LANES }, (_, i) => lane(i + 1, Math.ceil(KILLS / LANES))));
  const sum = (key: "acknowledged" | "changes") => lanes.reduce((total, one) => total + one[key], 0);
  const [acknowledged, changes] = [sum("acknowledged"), sum("changes")];
  assert.ok(acknowledged > KILLS && changes > KILLS, `${acknowledged} acknowledged, ${changes} changes`);
  figure(t, "F6", `${KILLS} kills: 0 of ${acknowledged} acknowledged webhooks lost, ${changes} changes without a gap`);
});
