/** Several processes on one schema: opened at once, writing at once, killed in the middle. `KILLS=500` for a longer campaign. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { postgres } from "tidemark/postgres";
import { createRandom } from "tidemark/testing";
import { migrations } from "../../src/store/postgres/schema.ts";
import { groundFor, readLog, startChild } from "./postgres.kit.ts";

const KILLS = Number(process.env["KILLS"] ?? 6);
const positionsOf = (entries: readonly { position: number }[]) => entries.map(({ position }) => position);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

test("two processes write from a schema's first moment on while a third reads: no gap, no inversion, no update lost", async (t) => {
  const [PROCESSES, UPDATES] = [2, 150];
  const { pool, schema, url, later } = await groundFor(t);
  const store = postgres({ pool, schema });
  later(() => store.close());
  const children = upTo(PROCESSES).map((n) => startChild("postgres.sharer.ts", [url, schema, `p${n}`, `${UPDATES}`]));
  let running = true;
  const outputs = Promise.all(children.map(({ output }) => output)).finally(() => {
    running = false;
  });
  const seen: number[] = [];
  const ticks = new Map<string, number>();
  const last = () => seen.at(-1) ?? 0;
  while (running || (await store.head()).position > last()) {
    for (const { position, id, tick } of await store.entries({ after: last(), limit: 50 })) {
      assert.equal(position, last() + 1, "what is read has no gap");
      assert.ok(tick > (ticks.get(id) ?? 0), "the entries of one resource are in the order of their ticks");
      seen.push(position);
      ticks.set(id, tick);
    }
  }
  const given = (await outputs).flatMap((output) => JSON.parse(output));
  const total = PROCESSES * UPDATES;
  assert.equal(new Set(given).size, total, "no tick was given twice");
  assert.deepEqual(seen, upTo(2 * total));
  assert.deepEqual(positionsOf(await readLog(store)), seen);
  const [counter] = await store.rows({ type: "a.counter", limit: 1 });
  assert.equal(counter?.regressions, total, "updates of one row do not overlap");
  const hinted = await store.rows({ type: "a.thing", state: "dirty", limit: 10_000 });
  assert.equal(hinted.length, total + 1, "no hint is lost");
  const [survey] = await store.survey();
  assert.equal(survey?.live, 4);
});

test("ten processes open a schema at once: all of them find one log", async (t) => {
  const { pool, schema, url, later } = await groundFor(t);
  const children = upTo(10).map((n) => startChild("postgres.sharer.ts", [url, schema, `p${n}`, "1"]));
  await Promise.all(children.map(({ output }) => output));
  const store = postgres({ pool, schema });
  later(() => store.close());
  const { rows } = await pool.query(`select (select count(*)::int from ${schema}.head) as heads,
    (select count(*)::int from ${schema}.version) as versions, (select count(*)::int from ${schema}.tick) as ticks`);
  assert.deepEqual(rows, [{ heads: 1, versions: migrations.length, ticks: 1 }]);
  assert.ok((await readLog(store)).length >= 20);
});

test(`${KILLS} x kill -9 under load: no acknowledged webhook is lost, no position is missing, counts are right`, async (t) => {
  const { int } = createRandom(1);
  const { pool, schema, url } = await groundFor(t);
  const acknowledged = new Set<string>();
  for (let kill = 0; kill < KILLS; kill++) {
    const child = startChild("postgres.victim.ts", [url, schema, String((kill + 1) * 1_000_000)]);
    const least = int(1, 200);
    child.onLine((lines) => lines >= least && child.kill());
    for (const id of (await child.output).split("\n").slice(0, -1)) acknowledged.add(id);
    const store = postgres({ pool, schema });
    const rows = new Set<string>();
    for (let after: { type: string; scope: string; id: string } | undefined; ; ) {
      const page = await store.rows({ type: "a.thing", limit: 1_000, ...(after && { after }) });
      for (const { id } of page) rows.add(id);
      after = page.at(-1);
      if (page.length < 1_000) break;
    }
    assert.deepEqual(
      [...acknowledged].filter((id) => !rows.has(id)),
      [],
      "acknowledged webhooks that were lost",
    );
    const { position } = await store.head();
    assert.deepEqual(positionsOf(await readLog(store)), upTo(position));
    await store.close();
    const counted = `select (select coalesce(sum(count), 0)::int from ${schema}.live) as live,
      (select count(*)::int from ${schema}.row where present) as present`;
    const { live, present } = (await pool.query(counted)).rows[0];
    assert.equal(live, present, "what is live is counted");
  }
  assert.ok(acknowledged.size > KILLS);
  t.diagnostic(`${KILLS} kills, ${acknowledged.size} acknowledged webhooks`);
});
