/**
 * Cases in which a poller of Stripe's event list never sees a change. No webhook comes in any of them, and no sweep but
 * the one that is named: what is found is found by the feed.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openAccount, POLL } from "./account.ts";

test("a second event in the same second as the cursor is seen", async (t) => {
  const account = openAccount(t);
  const app = account.open();
  await app.drain();
  const first = account.put("charge.pending", "ch_1");
  const second = account.put("charge.succeeded", "ch_2");
  assert.equal(first.created, second.created);
  // It appears when the first one was read, and the cursor stands on their second or behind it.
  second.visible = account.seconds() + POLL + 1;
  account.later(POLL);
  await app.drain();
  assert.deepEqual(await app.states("ch_1"), [account.n("ch_1")]);
  assert.deepEqual(await app.states("ch_2"), [], "not there yet");
  account.later(POLL);
  assert.deepEqual(account.after(first.created), [], "who asks for what is later than the cursor never sees it");
  await app.drain();
  assert.deepEqual(
    (await app.recorded("ch_2")).map(({ via }) => via),
    ["poll"],
  );
  await account.endsAtTruth(app);
});

for (const late of [4, 60, 400]) {
  test(`an event that appears ${late} s late, behind a newer one that was polled, is seen`, async (t) => {
    const account = openAccount(t);
    const app = account.open();
    await app.drain();
    account.later(POLL - 3);
    const older = account.put("charge.pending", "ch_1");
    older.visible = older.created + late;
    account.later(2);
    const newer = account.put("charge.pending", "ch_2");
    account.later(1);
    assert.deepEqual(account.after(0), [newer], "a poll of this moment sees the newer one alone …");
    const reads = account.asked.length;
    await app.drain();
    assert.match(account.asked[reads] ?? "", /^events/, "… and there is one");
    for (let passed = 0; passed < 3; passed++) {
      account.later(POLL);
      await app.drain();
    }
    assert.ok(!account.after(newer.created).includes(older), "who goes on after the newer one never sees the older");
    for (const id of ["ch_1", "ch_2"])
      assert.deepEqual(
        (await app.recorded(id)).map(({ via }) => via),
        ["poll"],
      );
    await account.endsAtTruth(app);
  });
}

test("an object that changes during the backfill, behind the page that showed it, is seen", async (t) => {
  const account = openAccount(t, { pageSize: 2 });
  const app = account.open();
  for (const id of ["ch_1", "ch_2", "ch_3"]) account.put("charge.pending", id);
  // So long ago that the feed does not begin with their events.
  account.later(3_600);
  const old = account.n("ch_3");
  const gate = account.hold("starting_after=");
  const backfill = app.drain();
  await gate.arrived;
  account.put("charge.succeeded", "ch_3");
  gate.open();
  await backfill;
  assert.deepEqual(await app.states("ch_3"), [old], "the backfill is over, and has the old state");
  account.later(POLL);
  await app.drain();
  assert.deepEqual(
    (await app.recorded("ch_3")).map(({ n, via }) => [n, via]),
    [
      [old, "sweep"],
      [account.n("ch_3"), "poll"],
    ],
  );
  assert.equal(account.asked.filter((path) => path.startsWith("charges?")).length, 2, "no second sweep found it");
  await account.endsAtTruth(app);
});

test("a cursor that is 40 days old is a gap: everything is swept, and it is said", async (t) => {
  const account = openAccount(t);
  const before = account.open();
  for (const id of ["ch_1", "ch_2", "ch_3"]) account.put("charge.pending", id);
  account.put("product.created", "prod_1");
  account.later(3_600);
  await before.drain();
  await before.sync.stop();
  account.put("charge.succeeded", "ch_1");
  account.remove("prod_1");
  account.put("charge.pending", "ch_4");
  account.later(40 * 86_400);
  account.put("charge.succeeded", "ch_2");
  account.later(61);
  assert.equal(account.after(0).length, 1, "of the outage the events hold no more than its last minute");
  const gaps: string[] = [];
  const after = account.open({
    observe: (event) => void (event.kind === "gap" && gaps.push(`${event.what} ${event.state}`)),
  });
  await after.drain();
  account.later(10);
  await after.drain();
  assert.deepEqual(gaps, ["feed events open", "feed events closed"]);
  assert.equal((await after.states("prod_1")).at(-1), null);
  assert.deepEqual(
    (await after.recorded("ch_1")).map(({ via }) => via),
    ["sweep", "sweep"],
  );
  assert.equal((await after.recorded("ch_4")).length, 1);
  await account.endsAtTruth(after);
});
