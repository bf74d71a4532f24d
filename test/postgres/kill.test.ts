/** `kill -9` of a random one of four processes, again and again. `PG_KILLS=500` for a longer campaign. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { postgres } from "tidemark/postgres";
import { createRandom } from "tidemark/testing";
import { figure } from "../figure.ts";
import { createGround } from "../postgres.ts";
import { createServerClock } from "./clock.ts";
import { createFleet, startApi } from "./fleet.ts";
import { checkLog, isSettled, startLoad, until } from "./load.ts";

const KILLS = Number(process.env["PG_KILLS"] ?? 12);
/** A dead process's hold of the subscription, 90 s, is over in 4.5. */
const RATE = 20;

test(`${KILLS} x kill -9 of a random one of 4 processes: nothing acknowledged is lost, nothing doubled, all readers see 1..N`, async (t) => {
  const random = createRandom(1);
  const { pool, schema, url, clear } = await createGround();
  const clock = await createServerClock(pool, { url, schema, rate: RATE });
  await pool.query(
    `create schema ${schema}_book; create table ${schema}_book.page (n bigserial, position int, id text)`,
  );
  const api = await startApi();
  const store = postgres({ pool, schema });
  await store.open();
  const fleet = createFleet(4, { url: clock.url, schema, api: api.url, rate: RATE, book: true });
  t.after(async () => {
    await fleet.close();
    await api.close();
    await store.close();
    await clock.clear();
    await pool.query(`drop schema ${schema}_book cascade`);
    await clear();
  });
  const load = startLoad(fleet, api, random);
  for (let kill = 0; kill < KILLS; kill++) {
    await until("three processes are up", () => fleet.readyOnes().length >= 3);
    await pause(random.int(0, 150));
    fleet.kill(random.pick(fleet.readyOnes()));
  }
  await load.finish();
  await until("nothing is owed", () => isSettled(store));
  const changes = await checkLog(store, api, load);
  await until("every reader saw all", () => fleet.slots.every(({ position }) => position >= changes));
  assert.deepEqual(fleet.problems, []);
  const booked = async () => (await pool.query(`select position from ${schema}_book.page order by n`)).rows;
  // A transaction for each change: after hundreds of kills it is far behind.
  for (let done = 0; done < changes; ) {
    await until("the subscription goes on", async () => (await booked()).length > done);
    done = (await booked()).length;
  }
  const positions = (await booked()).map(({ position }) => position);
  assert.deepEqual(
    positions,
    Array.from({ length: changes }, (_, i) => i + 1),
    "exactly once, in order",
  );
  const { length: acknowledged } = load.acknowledged;
  assert.ok(acknowledged > KILLS && changes > KILLS, `${acknowledged} acknowledged, ${changes} changes`);
  figure(
    t,
    "F8",
    `${KILLS} kills: 0 of ${acknowledged} acknowledged webhooks for one resource each lost; ${changes} changes, 0 doubled, 0 gaps; 4 readers and a subscription in the application's transaction saw 1..${changes}`,
  );
});
