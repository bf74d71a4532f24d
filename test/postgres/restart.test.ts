/** The server stops as in a power cut, under load, and starts again. `PG_STOPS=200` for a longer campaign. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { postgres } from "tidemark/postgres";
import { createRandom } from "tidemark/testing";
import { figure } from "../figure.ts";
import { createFleet, startApi } from "./fleet.ts";
import { checkLog, isSettled, startLoad, until } from "./load.ts";
import { startOwnServer } from "./server.ts";

/** Milliseconds: a lease, 180 s, and what its next read takes. */
const LEASED = 240_000;
const STOPS = Number(process.env["PG_STOPS"] ?? 5);

test(`${STOPS} x immediate stop of the server under 4 processes: nothing acknowledged is lost, they go on by themselves`, async (t) => {
  const random = createRandom(2);
  // The machine stays up, so what was given to it is not lost; commits are waited for as always.
  const server = await startOwnServer(["fsync=off"]);
  const api = await startApi();
  const pool = new pg.Pool({ connectionString: server.url, max: 3 });
  const store = postgres({ pool });
  await store.open();
  const fleet = createFleet(4, { url: server.url, schema: "tidemark", api: api.url, rate: 1, book: false });
  t.after(async () => {
    await fleet.close();
    await api.close();
    await store.close();
    await pool.end();
    await server.remove();
  });
  await until("all are up", () => fleet.readyOnes().length === 4);
  const load = startLoad(fleet, api, random, 5, 8);
  let slowest = 0;
  for (let stop = 0; stop < STOPS; stop++) {
    await pause(random.int(20, 250));
    await server.stopNow();
    await server.start();
    const [up, before] = [Date.now(), load.acknowledged.length];
    await until("webhooks are acknowledged again", () => load.acknowledged.length > before);
    slowest = Math.max(slowest, Date.now() - up);
  }
  await load.finish();
  // What was read while no server was there to record it is leased for as long as a lease lasts.
  await until("nothing is owed", () => isSettled(store), LEASED);
  const changes = await checkLog(store, api, load);
  await until("every reader saw all", () => fleet.slots.every(({ position }) => position >= changes));
  assert.deepEqual(fleet.problems, []);
  const { length: acknowledged } = load.acknowledged;
  assert.ok(acknowledged >= STOPS, `${acknowledged} were acknowledged`);
  figure(
    t,
    "F7",
    `${STOPS} immediate stops: 0 of ${acknowledged} acknowledged webhooks for one resource each lost; ${changes} changes, 0 doubled, 0 gaps; acknowledging again within ${slowest} ms`,
  );
});
