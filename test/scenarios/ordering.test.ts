/** Scenarios of order: reads that are late, versions that tie, stick or fall, and what is not news at all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync } from "tidemark";
import { createDesk, memory, take, webhookOf } from "../desk.ts";
import { handClock } from "../stories/clock.ts";
import { VERSIONS } from "../stories/shelf.ts";
import { DAY, follow, HOUR, holdBack, MINUTE, passUntil, SECOND } from "./kit.ts";

/** Longer than a reader has a resource to itself. */
const LEASE = 200 * SECOND;

for (const versions of VERSIONS) {
  test(`a page that began before a newer state was read is not recorded over it: versions ${versions}`, async (t) => {
    const { shelf, one, other, states, later } = follow(t, { versions });
    shelf.put("x");
    const page = holdBack(shelf, "list");
    const sweeping = one.drain();
    await page.seen;
    await other.post(shelf.put("x"));
    await other.drain();
    assert.deepEqual(await states("x"), [2]);
    const fetches = shelf.count("fetch");
    page.letGo();
    await sweeping;
    await later(SECOND);
    assert.deepEqual(await states("x"), [2]);
    // A lower version is certainly older; what cannot be ordered is looked at again.
    assert.equal(shelf.count("fetch") - fetches, versions === "strict" ? 0 : 1);
    await one.endsAtTruth();
  });

  test(`an answer that waited ten minutes in a process that stood still is never told: versions ${versions}`, async (t) => {
    const { shelf, one, other, clock, states, later } = follow(t, { versions });
    shelf.put("x");
    await one.drain();
    await one.post(shelf.put("x"));
    const answer = holdBack(shelf, "fetch");
    const reading = one.drain();
    await answer.seen;
    const newer = shelf.put("x");
    clock.advance(10 * MINUTE);
    await other.post(newer);
    await other.drain();
    assert.deepEqual(await states("x"), [1, 3]);
    answer.letGo();
    await reading;
    await later(SECOND);
    assert.deepEqual(await states("x"), [1, 3]);
    await one.endsAtTruth();
  });
}

test("a read below the version that a webhook named is told if it is newer, and repeated until that version comes", async (t) => {
  const { shelf, one, states, later, dirty } = follow(t);
  shelf.put("x");
  await one.drain();
  shelf.put("x");
  await later(MINUTE);
  const { show } = shelf;
  shelf.show = (id) => ({ id, n: 2 });
  const told = { ...shelf.put("x"), version: 3 };
  await one.post(told);
  await one.drain();
  assert.deepEqual(await states("x"), [1, 2], "what it shows is newer than what is recorded");
  const reads = shelf.count("fetch");
  for (let s = 0; s < 20; s++) await later(SECOND);
  assert.deepEqual(await states("x"), [1, 2]);
  assert.equal((await dirty()).length, 1, "still owed");
  const repeated = shelf.count("fetch") - reads;
  assert.ok(repeated >= 3 && repeated < 20, `${repeated} reads in 20 s: it backs off`);
  shelf.show = show;
  await passUntil(later, async () => (await states("x")).length === 3, MINUTE);
  await one.endsAtTruth();
  // A version that nobody serves is given up.
  await one.post({ ...shelf.put("y"), version: 99 });
  await one.drain();
  assert.equal((await dirty()).length, 1);
  await later(5 * MINUTE);
  await one.endsAtTruth();
});

test("without versions a replica that shows the state before, three seconds after the new one, is not believed", async (t) => {
  const LAG = 5 * SECOND;
  const { shelf, one, states, later } = follow(t, { versions: "none", lag: { fetch: LAG, list: LAG } });
  shelf.put("x");
  await one.drain();
  await later(MINUTE);
  await one.post(shelf.put("x"));
  await one.drain();
  assert.deepEqual(await states("x"), [1, 2]);
  await later(3 * SECOND);
  const { show } = shelf;
  let behind = 0;
  shelf.show = (id) => {
    behind++;
    return { id, n: 1 };
  };
  await one.sync.get("shelf.thing", "x", { maxAge: 0, timeout: 0 }).catch(() => {});
  assert.equal(behind, 1, "it was asked");
  assert.deepEqual(await states("x"), [1, 2]);
  shelf.show = show;
  await later(MINUTE);
  assert.deepEqual(await states("x"), [1, 2]);
  await one.endsAtTruth();
});

test("A, B and A again within one read: nothing is told, or all three in their order", async (t) => {
  const { shelf, clock, one, other, states, later } = follow(t, { versions: "none" });
  let n = 1;
  shelf.put("x");
  shelf.show = (id) => ({ id, n });
  await one.drain();
  await later(MINUTE);
  const hint = (id: string) => ({ type: "thing", id: "x", event: { id, name: "thing.changed" } });
  // Both went by before it was read.
  await one.post(hint("b"), hint("a"));
  await one.drain();
  assert.deepEqual(await states("x"), [1]);
  // The read saw B, and A was read beside it before its answer came.
  n = 2;
  await one.post(hint("b again"));
  const answer = holdBack(shelf, "fetch");
  const reading = one.drain();
  await answer.seen;
  n = 1;
  clock.advance(LEASE);
  await other.post(hint("a again"));
  await other.drain();
  assert.deepEqual(await states("x"), [1]);
  answer.letGo();
  await reading;
  await later(MINUTE);
  assert.deepEqual(await states("x"), [1, 2, 1], "B was there, and after it A: both are known to be true");
});

test("a provider that went back to a backup is believed after three reads and a minute, with one change", async (t) => {
  const { shelf, one, other, clock, states, later } = follow(t);
  for (let i = 0; i < 3; i++) shelf.put("x");
  await one.drain();
  await later(MINUTE);
  // A page from before, on its way until all is over.
  const page = holdBack(shelf, "list");
  const sweeping = other.sync.sweep("shelf.thing");
  await page.seen;
  shelf.show = (id) => ({ id, n: 1 });
  const reads = shelf.count("fetch");
  const begun = clock.now();
  await one.post({ type: "thing", id: "x" });
  await one.drain();
  assert.deepEqual(await states("x"), [3], "one read alone is not believed");
  await passUntil(later, async () => (await states("x")).length > 1, 5 * MINUTE);
  assert.ok(shelf.count("fetch") - reads >= 3 && clock.now() - begun >= MINUTE);
  assert.deepEqual(await states("x"), [3, 1]);
  page.letGo();
  await sweeping;
  await later(5 * MINUTE);
  assert.deepEqual(await states("x"), [3, 1], "the page shows a higher version, and is not believed");
});

test("a change that leaves the update time as it was is told by the next sweep at the latest", async (t) => {
  const { shelf, one, states, later } = follow(t, { versions: "tied" }, { sweepEvery: DAY });
  shelf.put("x");
  await one.drain();
  shelf.put("x");
  await later(2 * MINUTE);
  assert.deepEqual(await states("x"), [1]);
  for (let hours = 0; hours < 48 && (await states("x")).length === 1; hours++) await later(HOUR);
  await later(MINUTE);
  assert.deepEqual(await states("x"), [1, 2]);
  await one.endsAtTruth();
});

test("equal content with a later update time is no change, and its version is known from then on", async (t) => {
  const desk = createDesk({ feed: false });
  const clock = handClock();
  const store = memory(clock);
  const sync = createSync({ providers: { desk: desk.provider }, store, time: clock });
  t.after(() => sync.stop());
  const versions = async () => (await store.rows({ type: "desk.note", limit: 9 })).map(({ version }) => version);
  desk.put("1", "a");
  await sync.drain();
  assert.deepEqual(await versions(), [1]);
  clock.advance(MINUTE);
  assert.equal((await sync.webhook("desk", webhookOf([desk.put("1", "a")]))).status, 202);
  await sync.drain();
  assert.equal(desk.count("fetch"), 1, "it was looked at");
  assert.deepEqual(await versions(), [2]);
  assert.equal((await take(sync.changes({ follow: false }))).length, 1);
});
