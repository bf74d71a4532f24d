/** Scenarios of deletion and identity: what vanished, came back, moved, or was only out of sight. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost, createSync, type Page } from "tidemark";
import { FORGET } from "../../src/row.ts";
import { openAccount } from "../cases/account.ts";
import { createDesk, memory, take, webhookOf } from "../desk.ts";
import { handClock } from "../stories/clock.ts";
import type { Thing } from "../stories/shelf.ts";
import { DAY, follow, HOUR, holdBack, MINUTE, passUntil, SECOND } from "./kit.ts";

test("a live thing that slips to the page before, because another was deleted there, is not deleted", async (t) => {
  const { shelf, one, states, later } = follow(t, {}, { sweepEvery: DAY });
  const { thing } = shelf.provider.resources;
  const shown: string[] = [];
  let between = () => {};
  // By numbers of rows, two on a page.
  thing.list = async (page): Promise<Page<Thing>> => {
    const from = Number(page ?? 0);
    if (from === 2) between();
    const items = shelf.all().slice(from, from + 2);
    shown.push(...items.map(({ id }) => id));
    return { items, next: shelf.all().length > from + 2 ? String(from + 2) : null };
  };
  for (let i = 0; i < 6; i++) shelf.put(`t${i}`);
  await one.drain();
  shown.length = 0;
  between = () => {
    between = () => {};
    shelf.remove("t0");
  };
  const [report] = await one.sync.sweep("shelf.thing");
  assert.deepEqual(shown, ["t0", "t1", "t3", "t4", "t5"], "t2 stood on no page");
  assert.equal(report?.suspects, 1);
  assert.deepEqual(await states("t2"), [3]);
  await later(2 * DAY);
  await one.endsAtTruth();
});

for (const versions of ["strict", "none"] as const) {
  test(`a list that is behind does not bring back what was read as gone: versions ${versions}`, async (t) => {
    const LAG = 10 * SECOND;
    const { shelf, one, other, states, later } = follow(t, { versions, lag: { fetch: 0, list: LAG } });
    shelf.put("x");
    await one.drain();
    await later(MINUTE);
    // On its way from before the deletion to after it.
    const page = holdBack(shelf, "list");
    const sweeping = other.sync.sweep("shelf.thing");
    await page.seen;
    const before = shelf.all();
    await one.post(shelf.remove("x"));
    await one.drain();
    assert.deepEqual(await states("x"), [1, null]);
    page.letGo();
    await sweeping;
    await later(SECOND);
    // Asked for after it, from an index that is behind.
    const { shown } = shelf;
    shelf.shown = () => before;
    await one.sync.sweep("shelf.thing");
    assert.deepEqual(await states("x"), [1, null]);
    shelf.shown = shown;
    await later(MINUTE);
    await one.endsAtTruth();
  });
}

for (const incarnations of [true, false]) {
  const what = incarnations ? "with an incarnation a deletion and a creation" : "without one an update";
  test(`deleted and created again with its id between two sweeps: ${what}`, async (t) => {
    const { shelf, one, states, later } = follow(t, { versions: "none" });
    if (incarnations) shelf.provider.resources.thing.incarnation = ({ n }) => n;
    shelf.put("x");
    await one.drain();
    await later(MINUTE);
    shelf.remove("x");
    shelf.put("x");
    await one.sync.sweep("shelf.thing");
    assert.deepEqual(await states("x"), incarnations ? [1, null, 2] : [1, 2]);
    await one.endsAtTruth();
  });
}

test("what is restored with its id and its time of creation is there again", async (t) => {
  const { shelf, one, later } = follow(t, { versions: "none" });
  shelf.provider.resources.thing.incarnation = () => 1_000;
  let there = true;
  shelf.show = (id) => (there ? { id, n: 1 } : null);
  shelf.shown = () => (there ? [{ id: "x", n: 1 }] : []);
  await one.drain();
  for (const now of [false, true]) {
    there = now;
    await later(MINUTE);
    await one.sync.sweep("shelf.thing");
  }
  const states = [];
  for await (const { before, after } of one.sync.history("shelf.thing", "x")) states.push([before?.n, after?.n]);
  assert.deepEqual(states, [
    [undefined, 1],
    [1, undefined],
    [undefined, 1],
  ]);
});

test("what moved to another scope is gone from the one and there in the other", async (t) => {
  const desk = createDesk({ scopes: ["old", "new"], feed: false });
  const clock = handClock();
  const sync = createSync({ providers: { desk: desk.provider }, store: memory(clock), time: clock });
  t.after(() => sync.stop());
  desk.put("1", "an issue", "old");
  await sync.drain();
  const moved = desk.notes.get("old")?.get("1") ?? assert.fail();
  desk.notes.get("old")?.clear();
  desk.notes.get("new")?.set("1", moved);
  clock.advance(MINUTE);
  await sync.sweep("desk.note", { scope: "old" });
  await sync.sweep("desk.note", { scope: "new" });
  const log = await take(sync.changes({ follow: false }));
  assert.deepEqual(
    log.map(({ scope, before, after }) => [scope, before?.text ?? null, after?.text ?? null]),
    [
      ["old", null, "an issue"],
      ["old", "an issue", null],
      ["new", null, "an issue"],
    ],
  );
});

test("access that is lost for just the reads of a thing, and there for the probes between them, costs a tombstone that the next sweep takes back", async (t) => {
  const { shelf, one, states, later } = follow(t, {}, { sweepEvery: DAY });
  shelf.put("x");
  await one.drain();
  await later(MINUTE);
  const { show } = shelf;
  shelf.show = () => null;
  shelf.calls.length = 0;
  await one.post({ type: "thing", id: "x" });
  await one.drain();
  assert.deepEqual(
    shelf.calls.map(({ what }) => what),
    ["fetch", "probe", "fetch", "probe"],
    "nothing less is believed",
  );
  assert.deepEqual(await states("x"), [1, null]);
  shelf.show = show;
  for (let hours = 0; hours < 48 && (await states("x")).length === 2; hours++) await later(HOUR);
  assert.deepEqual(await states("x"), [1, null, 1]);
});

test("two fifths of a scope are missing: some are believed, the rest waits for a second sweep, with an alarm", async (t) => {
  const COUNT = 50;
  const { shelf, one, clock } = follow(t, { versions: "none" }, { sweepEvery: DAY });
  for (let i = 0; i < COUNT; i++) shelf.put(`t${i}`);
  await one.drain();
  shelf.show = (id) => shelf.now(id);
  for (let i = 0; i < COUNT * 0.4; i++) shelf.remove(`t${i}`);
  const gone = async () => [...(await one.log()).values()].filter((entries) => entries.at(-1) === null).length;
  clock.advance(25 * HOUR);
  await one.drain();
  const believed = await gone();
  assert.ok(believed > 0 && believed <= COUNT * 0.2, `${believed} of ${COUNT}`);
  const { ok, alarms } = await one.sync.health();
  assert.equal(ok, false);
  assert.match(alarms.join(), /10 deletions are held back/);
  clock.advance(HOUR);
  await one.drain();
  assert.equal(await gone(), believed, "time alone confirms nothing");
  clock.advance(25 * HOUR);
  await one.drain();
  assert.equal(await gone(), COUNT * 0.4);
  assert.deepEqual((await one.sync.health()).alarms, []);
});

test("a read from before a tombstone that is forgotten by now brings nothing back: it is made again", async (t) => {
  const { shelf, store, one, other, clock, states, later } = follow(t, { versions: "none" });
  shelf.put("x");
  await one.drain();
  await later(MINUTE);
  await one.post({ type: "thing", id: "x" });
  const [answer, page] = [holdBack(shelf, "fetch"), holdBack(shelf, "list")];
  const under = [one.drain(), one.sync.sweep("shelf.thing").catch(() => {})];
  await Promise.all([answer.seen, page.seen]);
  const told = shelf.remove("x");
  clock.advance(HOUR);
  await other.post(told);
  await other.drain();
  assert.deepEqual(await states("x"), [1, null]);
  clock.advance(8 * DAY);
  await store.compact((await store.head()).position + 1, FORGET);
  assert.deepEqual(await store.rows({ limit: 9 }), [], "nobody knows that it was deleted");
  const fetches = shelf.count("fetch");
  for (const { letGo } of [answer, page]) letGo();
  await Promise.all(under);
  assert.deepEqual(await states("x"), [], "not told");
  await later(MINUTE);
  assert.ok(shelf.count("fetch") > fetches, "it is asked for");
  await later(MINUTE);
  assert.deepEqual(await states("x"), []);
  assert.deepEqual(await store.rows({ state: "live", limit: 9 }), []);
});

for (const versions of ["strict", "none"] as const) {
  test(`a webhook says deleted while a replica still shows it: it is gone when the API says so: versions ${versions}`, async (t) => {
    const LAG = 5 * SECOND;
    const { shelf, one, states, later, clock } = follow(t, { versions, lag: { fetch: LAG, list: LAG } });
    shelf.put("x");
    await one.drain();
    await later(MINUTE);
    const { show } = shelf;
    const until = clock.now() + 4 * SECOND;
    shelf.show = (id) => (clock.now() < until ? { id, n: 1 } : show(id));
    await one.post(shelf.remove("x"));
    await one.drain();
    assert.deepEqual(await states("x"), [1]);
    const took = await passUntil(later, async () => (await states("x")).length > 1, MINUTE);
    assert.ok(took >= 4 * SECOND && took <= LAG + 2 * SECOND, `${took} ms`);
    assert.deepEqual(await states("x"), [1, null]);
    await one.endsAtTruth();
  });
}

test("a state that says of itself that it is deleted is one deletion, however often it is told and listed", async (t) => {
  const account = openAccount(t);
  const app = account.open({ sweepEvery: DAY });
  await app.drain();
  await app.deliver(account.put("customer.created", "cus_1"));
  await app.drain();
  const event = account.remove("cus_1");
  for (const again of [event, event, { ...event, id: "evt_again" }]) {
    await app.deliver(again);
    await app.drain();
    account.later(7_200);
  }
  const answered = account.answers.filter(({ path }) => path === "customers/cus_1").map(({ body }) => body["deleted"]);
  assert.ok(answered.filter((deleted) => deleted === true).length >= 2, "the API answered it with 200");
  account.later(2 * 86_400);
  await app.drain();
  assert.deepEqual((await app.states("cus_1")).slice(1), [null]);
  await account.endsAtTruth(app);
});

test("a token that sees nothing for ten minutes deletes nothing, and health says that access is lost", async (t) => {
  const desk = createDesk();
  const clock = handClock();
  const sync = createSync({ providers: { desk: desk.provider }, store: memory(clock), time: clock });
  t.after(() => sync.stop());
  for (let i = 0; i < 5; i++) desk.put(`n${i}`, "here");
  await sync.drain();
  desk.before = () => {
    throw new AccessLost("403");
  };
  for (let minutes = 0; minutes < 10; minutes++) {
    assert.equal((await sync.webhook("desk", webhookOf([{ type: "note", id: `n${minutes % 5}` }]))).status, 202);
    await sync.drain();
    await sync.sweep("desk.note").catch(() => {});
    const { ok, alarms } = await sync.health();
    assert.equal(ok, false);
    assert.match(alarms.join("\n"), /AccessLost: 403/);
    clock.advance(MINUTE);
  }
  desk.before = () => {};
  for (let minutes = 0; minutes < 30; minutes++) {
    clock.advance(MINUTE);
    await sync.drain();
  }
  const log = await take(sync.changes({ follow: false }));
  assert.deepEqual([log.length, log.filter(({ after }) => after === null).length], [5, 0]);
  assert.deepEqual((await sync.health()).alarms, []);
});
