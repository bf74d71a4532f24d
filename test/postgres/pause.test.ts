/**
 * A process is stopped (SIGSTOP) with what it has read in its hands, until its lease is over and another process has recorded
 * something newer; then it goes on. `PG_PAUSES=200` for a longer campaign.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { postgres } from "tidemark/postgres";
import { createRandom } from "tidemark/testing";
import { figure } from "../figure.ts";
import { createGround } from "../postgres.ts";
import { createServerClock } from "./clock.ts";
import { createFleet, startApi } from "./fleet.ts";
import { checkLog, isSettled, until } from "./load.ts";

const PAUSES = Number(process.env["PG_PAUSES"] ?? 5);
/** The server's clock alone runs so fast: a lease, 180 s, is over in half a second. */
const RATE = 360;
/** A process that holds a lock when it is stopped keeps it until the server ends its session. Then nobody can take over. */
const PATIENCE = 2_000;

test(`${PAUSES} x SIGSTOP of a process that has read, beyond its lease: another takes over, what comes late changes nothing`, async (t) => {
  const random = createRandom(3);
  const { pool, schema, url, clear } = await createGround();
  const clock = await createServerClock(pool, { url, schema, rate: RATE });
  const api = await startApi();
  const store = postgres({ pool, schema });
  await store.open();
  const fleet = createFleet(2, { url: clock.url, schema, api: api.url, rate: 4, book: false });
  t.after(async () => {
    for (const { child } of fleet.slots) child.kill("SIGCONT");
    await fleet.close();
    await api.close();
    await store.close();
    await clock.clear();
    await clear();
  });
  await until("both are up", () => fleet.readyOnes().length === 2);
  const recorded = async (id: string) => {
    const [last] = await store.entries({ after: 0, limit: 1, newest: true, ref: { type: "a.thing", scope: "", id } });
    return last?.state ? JSON.parse(last.state).value : undefined;
  };
  let [taken, blocked, slowest] = [0, 0, 0];
  // Whether it stands still at a lock is chance: until half of those that were asked for did not.
  const isEnough = () => taken + blocked >= PAUSES && taken >= PAUSES / 2;
  for (let round = 0; !isEnough() && round < 4 * PAUSES; round++) {
    const id = `k${round}`;
    api.truth.set(id, 1);
    const stopped = Promise.withResolvers<number>();
    // Before the answer goes out, or some moments after it: between its arrival and its commit.
    const delay = random.int(-1, 4);
    const stop = async (pid: number) => {
      if (delay > 0) await pause(delay);
      process.kill(pid, "SIGSTOP");
      // What it has seen is old from now on.
      api.truth.set(id, 2);
      stopped.resolve(pid);
    };
    let first = true;
    const once = (pid: number) => {
      if (first) void stop(pid);
      first = false;
    };
    api.before = async (asked, pid) => (asked === id && delay < 0 ? once(pid) : undefined);
    api.after = (asked, pid) => (asked === id && delay >= 0 ? once(pid) : undefined);
    const poster = random.int(0, 1);
    void fleet.post(poster, id);
    const pid = await stopped.promise;
    const other = fleet.slots.findIndex(({ child }) => child.pid !== pid);
    const begun = Date.now();
    const posting = fleet.post(other, id);
    const takenOver = await until("another takes over", async () => (await recorded(id)) === 2, PATIENCE).then(
      () => true,
      () => false,
    );
    if (takenOver) slowest = Math.max(slowest, Date.now() - begun);
    if (takenOver) taken++;
    else blocked++;
    process.kill(pid, "SIGCONT");
    assert.ok(await posting, "the webhook that came meanwhile was acknowledged");
    await until("nothing is owed", () => isSettled(store));
    assert.equal(await recorded(id), 2, `${id}: what came late is not recorded over what is newer`);
  }
  const changes = await checkLog(store, api, { acknowledged: [] });
  await until("every reader saw all", () => fleet.slots.every(({ position }) => position >= changes));
  assert.deepEqual(fleet.problems, []);
  assert.ok(fleet.refused > 0, "a late read that nobody had to refuse tests nothing");
  assert.ok(isEnough(), `taken over ${taken} times, ${blocked} times stopped while it held a lock`);
  figure(
    t,
    "F10",
    `${PAUSES} x SIGSTOP${taken + blocked > PAUSES ? ` and ${taken + blocked - PAUSES} more` : ""}: taken over ${taken} times within ${slowest} ms (a lease is ${180_000 / RATE} ms), ${blocked} times stopped while it held a lock; ${fleet.refused} late reads refused, ${changes} changes, 0 older states after newer ones`,
  );
});
