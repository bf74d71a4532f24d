/** Stories of a backfill that used up what a provider allows: live changes starved, and what failed was called complete. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, type EngineEvent, type Limits, RetryLater } from "tidemark";
import { createVirtualTime } from "tidemark/testing";
import { sleep } from "../../src/time.ts";
import { memory, webhookOf } from "../desk.ts";
import { within } from "./mortal.ts";
import { type Call, Shelf } from "./shelf.ts";

const MINUTE = 60_000;
/** Ms until the service answers. */
const LATENCY = 200;
const SCOPE = { type: "thing", scope: "" };

/** A service that allows so many requests in each minute, and a process that follows it from now on. */
async function limited(things: number, allowed: number, limits: Limits = { rate: 1_000_000 }) {
  const time = createVirtualTime();
  const shelf = new Shelf({ page: 50 });
  shelf.provider.limits = limits;
  for (let i = 0; i < things; i++) shelf.put(`t${String(i).padStart(4, "0")}`);
  // Its list names things without their states: each is read by itself.
  const { thing } = shelf.provider.resources;
  const list = thing.list ?? assert.fail();
  thing.list = async (at, context) => {
    const { items = [], next } = await list(at, context);
    return { refs: items.map(({ id }) => ({ id })), next };
  };
  const spent = new Map<number, number>();
  let refused = 0;
  shelf.before = async (_: Call) => {
    await sleep(time, LATENCY);
    const minute = Math.floor(time.now() / MINUTE);
    const count = (spent.get(minute) ?? 0) + 1;
    spent.set(minute, count);
    if (count <= allowed) return;
    refused++;
    throw new RetryLater((minute + 1) * MINUTE - time.now(), "60 a minute");
  };
  const changed = new Map<string, number>();
  const events: EngineEvent[] = [];
  const observe = (event: EngineEvent) => {
    events.push(event);
    if (event.kind === "change") changed.set(event.id, time.now());
  };
  const store = memory(time);
  const sync = createSync({ providers: { shelf: shelf.provider }, store, time, observe });
  await within(time, sync.start());
  const stop = async () => {
    await within(time, sync.stop());
    await store.close();
  };
  const health = async () => (await within(time, sync.health())) ?? assert.fail();
  return { time, shelf, sync, health, changed, events, stop, refused: () => refused };
}

for (const [known, limits] of [
  ["not told", { rate: 1_000_000 }],
  ["declared", { rate: 1, quota: { calls: 60, per: MINUTE } }],
] as const) {
  test(`a live change is not starved by a backfill at the provider's limit, and the backfill comes to its end: the limit is ${known}`, async () => {
    const { time, shelf, sync, health, changed, stop, refused } = await limited(400, 60, limits);
    const waits: number[] = [];
    for (let minute = 0; minute < 6; minute++) {
      await time.run(time.now() + 43_000);
      const hint = { ...SCOPE, ...shelf.put(`t00${minute}0`) };
      const told = time.now();
      changed.delete(hint.id);
      assert.equal((await within(time, sync.webhook("shelf", webhookOf([hint]))))?.status, 202);
      await time.run(time.now() + 80_000);
      waits.push((changed.get(hint.id) ?? Number.POSITIVE_INFINITY) - told);
    }
    const most = known === "declared" ? 1_000 : MINUTE + 2_000;
    assert.ok(Math.max(...waits) <= most, `a live change waits for its read and no longer: ${waits}`);
    await time.run(time.now() + 10 * MINUTE);
    const calls = shelf.calls.length;
    if (known === "declared") assert.ok(refused() <= calls / 100, `${refused()} of ${calls} were refused`);
    else assert.ok(refused() > 0 && refused() <= calls / 10, `${refused()} of ${calls} were refused`);
    assert.equal(changed.size, 400, "nothing was lost");
    const [type] = (await health()).types;
    assert.deepEqual([type?.live, type?.dirty, type?.failing], [400, 0, 0]);
    await stop();
  });
}

test("a backfill that ends early, whatever refuses it, is not complete: nobody is told that it is", async () => {
  const { time, shelf, sync, health, events, stop } = await limited(200, 1_000_000);
  let synced = false;
  void sync.synced("shelf.thing").then(() => {
    synced = true;
  });
  const broken = [() => new RetryLater(30_000, "limit"), () => new Error("the service answers 500")];
  for (const [i, refuse] of [...broken, ...broken].entries()) {
    const before = shelf.before;
    let pages = 0;
    shelf.before = (call) => {
      if (call.what === "list" && (pages++ > 0 || i > 1)) throw refuse();
    };
    await within(time, sync.sweep("shelf.thing"), 10 * MINUTE).catch(() => {});
    const { types } = await health();
    assert.deepEqual([synced, types[0]?.lastSweep ?? null], [false, null]);
    assert.equal(events.filter(({ kind }) => kind === "sweep").length, 0);
    shelf.before = before;
  }
  shelf.before = () => {};
  await time.run(time.now() + 10 * MINUTE);
  assert.deepEqual([synced, (await health()).types[0]?.lastSweep !== null], [true, true]);
  assert.equal((await health()).types[0]?.live, 200);
  await stop();
});
