/** What a provider says that it bears, how long what is waited for is waited for, and which feeds stand for webhooks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, type Limits, type Provider } from "tidemark";
import { Budget } from "../src/budget.ts";
import { compileKinds } from "../src/kind.ts";
import { createMissed } from "../src/reconcile/missed.ts";
import { createSchedule } from "../src/reconcile/schedule.ts";
import { createDesk, handClock, memory } from "./desk.ts";

const HOUR = 3_600_000;

test("limits with which nothing would ever be asked are refused, by name", () => {
  const desk = createDesk();
  const made = (limits: Limits) => () =>
    createSync({ providers: { desk: { ...desk.provider, limits } }, store: memory() });
  const wrong: [Limits, RegExp][] = [
    [{ rate: 0 }, /desk: limits\.rate must be a number above 0/],
    [{ rate: Number.NaN }, /limits\.rate/],
    [{ rate: Number.POSITIVE_INFINITY }, /limits\.rate/],
    [{ atOnce: -1 }, /limits\.atOnce/],
    [{ quota: { calls: 0, per: HOUR } }, /limits\.quota\.calls/],
    [{ quota: { calls: 100, per: 0 } }, /limits\.quota\.per/],
  ];
  for (const [limits, reason] of wrong) assert.throws(made(limits), reason);
  made({ rate: 0.01, atOnce: 1, quota: { calls: 1, per: 1 } })();
});

test("a scope that is left alone waits as long as it was told, though the clock is put back by hours", () => {
  const time = handClock();
  const budget = new Budget({
    ...{ providers: { p: { resources: {} } }, concurrency: 4, reserve: 0, owner: "a" },
    ...{ store: memory(), time, emit: () => {}, rang: () => {} },
  });
  budget.rest("p|s", time.now() + 60_000);
  time.advance(-5 * HOUR);
  assert.equal(budget.restingAt("p|s", time.now()), time.now() + 60_000, "it begins anew");
  time.advance(60_001);
  assert.equal(budget.restingAt("p|s", time.now()), undefined);
});

test("what is awaited of webhooks is judged, though the clock is put back by hours", async (t) => {
  const time = handClock();
  const store = memory(time);
  t.after(() => store.close());
  const missed: string[] = [];
  await store.update({ refs: [{ type: "desk.note", scope: "", id: "a" }] }, (row, tick) => ({
    row: { ...row, present: true, print: "a", first: tick, last: tick, seen: tick },
    append: [{ state: "{}", at: tick, via: "poll", causes: [] }],
  }));
  const schedule = { isNamed: () => false, mayMiss: () => true, quickest: () => 120_000, shortestSweep: () => HOUR };
  const losses = { missed: (type: string) => void missed.push(type) };
  const engine = { store, time, providers: {}, kinds: new Map(), losses, schedule };
  const awaiting = createMissed(engine as never);
  awaiting.record({ kind: "change", type: "desk.note", scope: "", id: "a", position: 1, via: "poll" });
  await awaiting.look();
  assert.deepEqual(missed, [], "its webhook may still come");
  time.advance(-5 * HOUR);
  await awaiting.look();
  assert.deepEqual(missed, ["desk.note"]);
});

test("a credential of which nothing is to be known any more is forgotten, though its limit was told", () => {
  const time = handClock();
  const budget = new Budget({
    ...{ providers: { p: { resources: {} } }, concurrency: 4, reserve: 0, owner: "a" },
    ...{ store: memory(), time, emit: () => {}, rang: () => {} },
  });
  for (let i = 0; i < 20_000; i++) {
    const permit = budget.wallet("p", `s${i}`).begin("live");
    permit.answered({ left: 100, of: 1_000, resets: time.now() + 60_000, restores: undefined, cost: 0 });
    permit.end();
    time.advance(1_000);
  }
  const kept = [...budget.wallets()].length;
  assert.ok(kept <= 2 * 1_024, `${kept} are kept`);
});

test("it is forgotten, too, if what was told was looked at after it was over, as health() does", () => {
  const time = handClock();
  const budget = new Budget({
    ...{ providers: { p: { resources: {} } }, concurrency: 4, reserve: 0, owner: "a" },
    ...{ store: memory(), time, emit: () => {}, rang: () => {} },
  });
  const wallet = budget.wallet("p", "s");
  const permit = wallet.begin("live");
  permit.answered({ left: 100, of: 1_000, resets: time.now() + 60_000, restores: undefined, cost: 0 });
  permit.end();
  assert.deepEqual([wallet.untold.remaining, wallet.isIdle], [100, false]);
  time.advance(60_001);
  assert.deepEqual([wallet.untold.remaining, wallet.isIdle], [null, true]);
});

test("a log of failed deliveries names no event that was never sent: its types are judged and swept as if it were not there", () => {
  const of = (webhooks: true | "failed") => {
    const desk = createDesk();
    const { events } = desk.provider.feeds ?? {};
    const provider = { ...desk.provider, feeds: { events: { ...events, webhooks } } } as Provider;
    const trust = { of: () => true, missed: () => 0, look: async () => new Map() };
    const ground = { providers: { desk: provider }, kinds: compileKinds({ desk: provider }) };
    return createSchedule(ground, trust, { pollEvery: undefined, sweepEvery: { min: HOUR, max: 24 * HOUR } });
  };
  const swept = { every: 12 * HOUR, took: 0, begun: 1, completed: 1 };
  const next = (webhooks: true | "failed") => of(webhooks).swept("desk.note", swept, 2, 0.5).every;
  assert.deepEqual([of(true).isNamed("desk.note"), of("failed").isNamed("desk.note")], [true, false]);
  assert.deepEqual([next(true), next("failed")], [24 * HOUR, 24 * HOUR]);
  const quick = { ...swept, every: HOUR };
  assert.equal(of(true).swept("desk.note", quick, 2, 0.5).every, 24 * HOUR, "covered: at the longest");
  assert.equal(of("failed").swept("desk.note", quick, 2, 0.5).every, 2 * HOUR, "not covered: twice as long as before");
});
