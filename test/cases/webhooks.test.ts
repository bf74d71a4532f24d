/**
 * Cases in which a webhook handler that mirrors a Stripe account ends with something else than the account holds. In each
 * the hard step is asserted, then that this engine ends at the truth. `naiveRow` is what such a handler keeps.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { naiveRow, openAccount, type Thing } from "./account.ts";

test("two events of one second, the second one is newer: the newer state", async (t) => {
  const account = openAccount(t);
  const app = account.open();
  await app.drain();
  const naive = naiveRow();
  const events = [account.put("product.created", "prod_1"), account.put("product.updated", "prod_1")];
  // Two more that arrive the other way round, before anything is read.
  const [first, second] = [account.put("product.created", "prod_2"), account.put("product.updated", "prod_2")];
  assert.equal(new Set([...events, first, second].map(({ created }) => created)).size, 1, "all of one second");
  for (const event of events) {
    naive.hear(event);
    assert.equal(await app.deliver(event), 202);
    await app.drain();
  }
  assert.notEqual(naive.n, account.n("prod_1"), "who drops what is not of a later second keeps the older state");
  for (const event of [second, first]) assert.equal(await app.deliver(event), 202);
  await app.drain();
  await account.endsAtTruth(app);
});

test("both states of one second are in the stream if both were read", async (t) => {
  const account = openAccount(t);
  const app = account.open();
  await app.drain();
  const ns: number[] = [];
  for (const type of ["product.created", "product.updated", "product.updated"]) {
    const event = account.put(type, "prod_1");
    ns.push(account.n("prod_1"));
    await app.deliver(event);
    await app.drain();
  }
  assert.equal(account.seconds(), account.events.at(0)?.created, "within one second");
  assert.deepEqual(await app.states("prod_1"), ns);
  await account.endsAtTruth(app);
});

for (const [name, id] of [
  ["customer", "cus_1"],
  ["product", "prod_1"],
] as const) {
  test(`a ${name} is deleted, then an older update arrives: it stays deleted`, async (t) => {
    const account = openAccount(t);
    const app = account.open();
    await app.drain();
    const naive = naiveRow();
    const hear = async (event: ReturnType<typeof account.put>) => {
      naive.hear(event);
      assert.equal(await app.deliver(event), 202);
      await app.drain();
    };
    await hear(account.put(`${name}.created`, id));
    account.later(5);
    const late = account.put(`${name}.updated`, id);
    account.later(5);
    await hear(account.remove(id));
    assert.equal((await app.states(id)).at(-1), null, "the deletion arrived");
    account.later(5);
    const reads = account.asked.length;
    await hear(late);
    assert.ok(account.asked.length > reads, "the late event was looked into");
    assert.notEqual(naive.n, undefined, "who believes the payload has the object back, and for ever");
    assert.equal((await app.states(id)).at(-1), null);
    await account.endsAtTruth(app);
  });
}

test("an event of an unknown type is taken, costs nothing, and holds up nothing", async (t) => {
  const account = openAccount(t);
  const app = account.open();
  await app.drain();
  const reads = account.asked.length;
  const created = account.seconds();
  const unknown = { id: "evt_x", object: "event", type: "hologram.rotated", created };
  const hologram = { object: { id: "holo_1", object: "hologram" } };
  // An endpoint that answers these with an error is switched off by Stripe after some days.
  assert.equal(await app.deliver({ ...unknown, data: hologram }), 202);
  assert.equal(await app.deliver({ ...unknown, id: "evt_y", data: { object: { anything: [1] } } }), 202);
  const thin = { id: "evt_z", object: "v2.core.event", type: "v2.hologram.rotated", created: "2027-01-15T08:00:00Z" };
  assert.equal(await app.deliver({ ...thin, related_object: { id: "holo_1", type: "v2.hologram" } }), 202);
  await app.drain();
  assert.equal(account.asked.length, reads, "nothing of it is read");
  // A name that nobody knows yet, of an object that is known: that object may have changed.
  assert.equal(await app.deliver(account.put("charge.teleported", "ch_1")), 202);
  await app.drain();
  assert.deepEqual(await app.states("ch_1"), [account.n("ch_1")]);
  await account.endsAtTruth(app);
});

test("two reads are under way, the older one ends last: the newer state", async (t) => {
  const account = openAccount(t);
  const [one, other] = [account.open(), account.open()];
  await one.drain();
  await one.deliver(account.put("charge.pending", "ch_1"));
  const old = account.n("ch_1");
  const gate = account.hold("charges/ch_1");
  const slow = one.drain();
  await gate.arrived;
  // The reader hangs for longer than its lease, so another process reads, too.
  account.later(200);
  await other.deliver(account.put("charge.succeeded", "ch_1"));
  await other.drain();
  assert.deepEqual(await other.states("ch_1"), [account.n("ch_1")]);
  gate.open();
  await slow;
  const came = account.answers
    .filter(({ path }) => path === "charges/ch_1")
    .map(({ body }) => (body as Thing).metadata.n);
  assert.deepEqual(came.slice(0, 2).map(Number), [account.n("ch_1"), old], "the older answer did come last");
  account.later(10);
  await other.drain();
  assert.deepEqual(await other.states("ch_1"), [account.n("ch_1")], "the older state is nowhere in the stream");
  await account.endsAtTruth(other);
});

test("a page is read, a fresher event is recorded, then the page arrives: the event's state", async (t) => {
  const account = openAccount(t);
  const [one, other] = [account.open(), account.open()];
  account.put("charge.pending", "ch_1");
  // So long ago that the feed does not name it.
  account.later(3_600);
  const old = account.n("ch_1");
  const gate = account.hold("charges?");
  const backfill = one.drain();
  await gate.arrived;
  await other.deliver(account.put("charge.succeeded", "ch_1"));
  await other.drain();
  assert.deepEqual(await other.states("ch_1"), [account.n("ch_1")], "the event was faster than the page");
  gate.open();
  await backfill;
  const [page] = account.answers.filter(({ path }) => path.startsWith("charges?")).map(({ body }) => body["data"]);
  assert.equal(Number((page as Thing[])[0]?.metadata.n), old, "who writes the page as it comes has the old state");
  account.later(10);
  await other.drain();
  assert.deepEqual(await other.states("ch_1"), [account.n("ch_1")]);
  await account.endsAtTruth(other);
});

test("a page is read, the object changes, the page is recorded, then the event arrives: the event's state", async (t) => {
  const account = openAccount(t);
  const app = account.open();
  account.put("charge.pending", "ch_1");
  // So long ago that the feed does not name it.
  account.later(3_600);
  const old = account.n("ch_1");
  const gate = account.hold("charges?");
  const backfill = app.drain();
  await gate.arrived;
  const event = account.put("charge.succeeded", "ch_1");
  account.later(2);
  gate.open();
  await backfill;
  assert.deepEqual(await app.states("ch_1"), [old], "the page is recorded, and it is out of date");
  const naive = naiveRow();
  const [page] = account.answers.filter(({ path }) => path.startsWith("charges?")).map(({ body }) => body["data"]);
  naive.write((page as [Thing])[0], account.seconds());
  naive.hear(event);
  assert.equal(naive.n, old, "who stamps a page with the time of its writing drops the event");
  await app.deliver(event);
  await app.drain();
  assert.deepEqual(await app.states("ch_1"), [old, account.n("ch_1")]);
  await account.endsAtTruth(app);
});

test("an object is read for one event, and changes again within the second: the last state", async (t) => {
  const account = openAccount(t);
  const app = account.open();
  await app.drain();
  const naive = naiveRow();
  const pending = account.put("charge.pending", "ch_1", { status: "pending" });
  await app.deliver(pending);
  await app.drain();
  naive.write(pending.data.object, account.seconds());
  const old = account.n("ch_1");
  const succeeded = account.put("charge.succeeded", "ch_1", { status: "succeeded" });
  naive.hear(succeeded);
  assert.equal(naive.n, old, "who compares the event with the second of the read drops it");
  await app.deliver(succeeded);
  await app.drain();
  assert.deepEqual(await app.states("ch_1"), [old, account.n("ch_1")]);
  await account.endsAtTruth(app);
});

test("a refund's event leads to one read, and what it carries is not believed", async (t) => {
  const account = openAccount(t);
  const app = account.open();
  await app.drain();
  const event = account.put("charge.refunded", "ch_1", { amount_refunded: 500 });
  const lie = { ...event.data.object, amount_refunded: 0, metadata: { n: "999" } };
  const reads = account.asked.length;
  assert.equal(await app.deliver({ ...event, api_version: "2015-01-01", data: { object: lie } }), 202);
  await app.drain();
  assert.deepEqual(account.asked.slice(reads), ["charges/ch_1"]);
  assert.deepEqual(await app.states("ch_1"), [account.n("ch_1")]);
  await account.endsAtTruth(app);
});

test("a deleted product answers 404 through the real client: the deletion is recorded", async (t) => {
  const account = openAccount(t);
  const app = account.open();
  await app.drain();
  await app.deliver(account.put("product.created", "prod_1"));
  await app.drain();
  const event = account.remove("prod_1");
  const reads = account.asked.length;
  await app.deliver(event);
  await app.drain();
  const asked = account.asked.slice(reads).map((path) => path.replace(/\?.*/, " list"));
  assert.deepEqual(asked, ["products/prod_1", "products list", "products/prod_1", "products list"]);
  assert.equal((await app.states("prod_1")).at(-1), null);
  await account.endsAtTruth(app);
});
