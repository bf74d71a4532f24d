/** When all of a type fails, what failed waits together; when one resource does, it waits alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync } from "tidemark";
import { createRandom, createVirtualTime } from "tidemark/testing";
import { Outages } from "../src/work/outage.ts";
import { createDesk, memory } from "./desk.ts";

const HOUR = 3_600_000;

interface Context {
  after(run: () => unknown): void;
}

/** An engine with so many notes that are hinted while the service is down. */
async function setUp(t: Context, notes: number, broken: (id: string) => boolean) {
  const desk = createDesk({ feed: false });
  const time = createVirtualTime({ random: createRandom(1) });
  const store = memory(time);
  const sync = createSync({ providers: { desk: desk.provider }, store, time, sweepEvery: 30 * 24 * HOUR });
  t.after(() => sync.stop());
  const state = { down: false };
  desk.before = (call) => {
    const [kind = "", where = ""] = call.split(" ");
    if (kind === "fetch" && (state.down || broken(where.slice(1)))) throw new Error("503");
  };
  const started = sync.start();
  await time.run(time.now() + 60_000);
  await started;
  const hint = async (ids: readonly string[]) => {
    for (const id of ids) desk.put(id, "new");
    const hinted = Promise.all(ids.map((id) => sync.hint("desk.note", id)));
    await time.run(time.now() + 1_000);
    await hinted;
  };
  const ids = Array.from({ length: notes }, (_, i) => `n${i}`);
  const dirty = async () => {
    const rows = await store.rows({ state: "dirty", limit: 1_000 });
    return rows.length;
  };
  return { desk, time, sync, hint, ids, state, dirty };
}

test("an hour's outage with three hundred that wait costs each a try and then some a minute, and they are read within two minutes after it", async (t) => {
  const { desk, time, hint, ids, state, dirty } = await setUp(t, 300, () => false);
  state.down = true;
  await hint(ids);
  await time.run(time.now() + HOUR);
  const asked = desk.count("fetch");
  assert.ok(asked >= 300 && asked < 900, `${asked} asked`);
  state.down = false;
  await time.run(time.now() + 2 * 60_000);
  assert.equal(await dirty(), 0);
});

test("what was never tried is tried in an outage, and its answer ends it", async (t) => {
  const { desk, time, hint, ids, state, dirty } = await setUp(t, 40, () => false);
  state.down = true;
  await hint(ids);
  await time.run(time.now() + 10 * 60_000);
  state.down = false;
  await hint(["fresh"]);
  assert.equal(desk.count("fetch /fresh"), 1);
  await time.run(time.now() + 70_000);
  assert.equal(await dirty(), 0);
});

test("resources that can never be read, however many, hold up no other", async (t) => {
  const { desk, time, hint, ids } = await setUp(t, 40, (id) => id.startsWith("n"));
  await hint(ids);
  await time.run(time.now() + 10 * 60_000);
  for (let n = 0; n < 10; n++) {
    await hint([`good${n}`]);
    assert.equal(desk.count(`fetch /good${n}`), 1, "read within the second");
  }
});

test("a few that fail among others that are read are no outage: each is tried as it backs off by itself", async (t) => {
  const { desk, hint, ids } = await setUp(t, 4, (id) => id.startsWith("n"));
  await hint(ids);
  for (let n = 0; n < 60; n++) await hint([`good${n}`]);
  assert.ok(desk.count("fetch /n") >= 22, `${desk.count("fetch /n")} tries in a minute`);
});

test("a resource that can never be read is tried less and less, up to once an hour", async (t) => {
  const { desk, time, hint } = await setUp(t, 1, (id) => id === "n0");
  await hint(["n0"]);
  const tries = async (ms: number) => {
    const before = desk.count("fetch /n0");
    await time.run(time.now() + ms);
    return desk.count("fetch /n0") - before;
  };
  const first = await tries(HOUR);
  assert.ok(first >= 8 && first <= 30, `${first} tries in the first hour`);
  await tries(3 * HOUR);
  // A pause is drawn from up to an hour: half of one, as a rule.
  const later = await tries(12 * HOUR);
  assert.ok(later >= 12 && later <= 48, `${later} tries in twelve hours`);
});

test("some failures are no outage; the wait grows to a minute, whatever the clock does; what is over is forgotten", () => {
  const outages = new Outages();
  for (let n = 0; n < 7; n++) outages.failed("a", 0);
  assert.equal(outages.wait("a", 0), 0);
  const waits = Array.from({ length: 10 }, () => {
    outages.failed("a", 0);
    return outages.wait("a", 0);
  });
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000]);
  assert.equal(outages.wait("a", -HOUR), 60_000);
  assert.equal(outages.wait("a", 60_000), 0);
  assert.equal(outages.wait("b", 0), 0);
  outages.worked("a");
  assert.equal(outages.wait("a", 0), 0);
  for (let n = 0; n < 10_000; n++) outages.failed(`${n}`, n);
  assert.ok(outages.size <= 1_024, `${outages.size}`);
});
