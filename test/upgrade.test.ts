/**
 * Versions that meet: a file of the one before is opened by this one, which the one before then refuses; and processes of both
 * share one Postgres, as in a deploy that takes its time. `MIXED=300` for so many seconds of that.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { postgres } from "tidemark/postgres";
import { sqlite } from "tidemark/sqlite";
import { createRandom } from "tidemark/testing";
import { figure } from "./figure.ts";
import { checkOut } from "./history.ts";
import { createServerClock } from "./postgres/clock.ts";
import { createFleet, startApi } from "./postgres/fleet.ts";
import { checkLog, isSettled, startLoad, until } from "./postgres/load.ts";
import { createGround } from "./postgres.ts";

const SECONDS = Number(process.env["MIXED"] ?? 3);
/** A dead process's hold of the subscription, 90 s, is over in 4.5. */
const RATE = 20;

/** The last commits before the tables of SQLite changed, and before what is written into those of Postgres did. */
const BEFORE = {
  sqlite: "4e4221274e512f2043be6c5cb8c1295449e90f3d",
  postgres: "8b17ca23b3d446cb3e5dd4478c6a13f9dfb7a22c",
};
const past = { sqlite: checkOut(BEFORE.sqlite), postgres: checkOut(BEFORE.postgres) };
const skip = past.sqlite && past.postgres ? false : "the commits of the versions before are not at hand";
process.on("exit", () => {
  past.sqlite?.remove();
  past.postgres?.remove();
});
const now = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Has a program acknowledge webhooks on a file, so many at least, and kills it. Answers them, or why it ended by itself. */
function acknowledge(program: string, path: string, begin: number, least: number): Promise<number[] | Error> {
  const args = ["--conditions=@tidemark/source", "--no-warnings", program, path, String(begin)];
  const child = spawn(process.execPath, args);
  let [output, errors] = ["", ""];
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  child.stdout.on("data", (chunk) => {
    output += chunk;
    if (output.split("\n").length > least) child.kill("SIGKILL");
  });
  return new Promise((resolve) => {
    child.on("close", (_, signal) =>
      resolve(signal === "SIGKILL" ? output.split("\n").slice(0, -1).map(Number) : new Error(errors)),
    );
  });
}

test("a file of the version before is opened by this one, which goes on with its log; the one before refuses it then", {
  skip,
}, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "tidemark-upgrade-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "t.db");
  const old = past.sqlite?.file("test/store/victim.ts") ?? "";
  const before = await acknowledge(old, path, 0, 300);
  if (before instanceof Error) throw before;
  const after = await acknowledge(now("store/victim.ts"), path, 1_000_000, 300);
  if (after instanceof Error) throw after;
  const refused = await acknowledge(old, path, 2_000_000, 1);
  assert.ok(refused instanceof Error && /newer version/.test(refused.message), String(refused));
  const store = sqlite(path);
  const rows = new Set((await store.rows({ limit: 10_000 })).map(({ id }) => Number(id)));
  const entries = await store.entries({ after: 0, limit: 10_000 });
  await store.close();
  assert.deepEqual(
    [...before, ...after].filter((id) => !rows.has(id)),
    [],
    "acknowledged webhooks that were lost",
  );
  assert.ok(entries.every(({ position }, i) => position === i + 1) && entries.length > 300);
  const ofBefore = entries.filter(({ id }) => Number(id) < 1_000_000).length;
  assert.ok(ofBefore > 0 && ofBefore < entries.length, "both versions have recorded something");
  figure(
    t,
    "F27",
    `a file of the version before opened by this one: 0 of ${before.length + after.length} acknowledged webhooks lost, ${entries.length} changes without a gap; the version before refuses it then`,
  );
});

test(`${SECONDS} s of processes of two versions on one Postgres, which are killed at random: nothing is lost or doubled`, {
  skip,
}, async (t) => {
  const random = createRandom(27);
  const { pool, schema, url, clear } = await createGround();
  const clock = await createServerClock(pool, { url, schema, rate: RATE });
  const [book, page] = [`${schema}_book`, `${schema}_book.page`];
  await pool.query(`create schema ${book}; create table ${page} (n bigserial, position int, id text)`);
  const api = await startApi();
  const store = postgres({ pool, schema });
  await store.open();
  const files = [past.postgres?.file("test/postgres/worker.ts") ?? "", now("postgres/worker.ts")];
  const fleet = createFleet(4, { url: clock.url, schema, api: api.url, rate: RATE, book: true }, files);
  t.after(async () => {
    await fleet.close();
    await api.close();
    await store.close();
    await clock.clear();
    await pool.query(`drop schema ${book} cascade`);
    await clear();
  });
  await until("all are up", () => fleet.readyOnes().length === 4);
  const load = startLoad(fleet, api, random);
  let kills = 0;
  for (const end = Date.now() + SECONDS * 1_000; Date.now() < end; kills++) {
    await pause(random.int(200, 800));
    await until("three processes are up", () => fleet.readyOnes().length >= 3);
    fleet.kill(random.pick(fleet.readyOnes()));
  }
  await load.finish();
  await until("nothing is owed", () => isSettled(store));
  const changes = await checkLog(store, api, load);
  await until("every reader saw all", () => fleet.slots.every(({ position }) => position >= changes));
  assert.deepEqual(fleet.problems, []);
  const booked = async () => (await pool.query(`select position from ${page} order by n`)).rows;
  for (let done = 0; done < changes; done = (await booked()).length) {
    const known = done;
    await until("the subscription goes on", async () => (await booked()).length > known || known === changes);
  }
  assert.deepEqual(
    (await booked()).map(({ position }) => position),
    Array.from({ length: changes }, (_, i) => i + 1),
  );
  const { length } = load.acknowledged;
  assert.ok(length > 0 && kills > 1, `${length} acknowledged, ${kills} kills`);
  figure(
    t,
    "F27",
    `${SECONDS} s of two versions on one Postgres, ${kills} kills: 0 of ${length} acknowledged webhooks lost, ${changes} changes, 0 doubled, 0 gaps, each handled once and in order`,
  );
});
