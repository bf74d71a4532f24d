/**
 * What a provider says that it bears, what the processes tell each other of it though their store fails, how long what is
 * waited for is waited for, and which feeds stand for webhooks.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, type Limits, type Provider } from "tidemark";
import type { Given, Question } from "../src/budget/ask.ts";
import { Wallet } from "../src/budget/wallet.ts";
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

/** A wallet of ten calls a second whose store answers a question when the test says so; `undefined`: it fails. */
function createWallet() {
  const time = handClock();
  const questions: Question[] = [];
  const waiting: ((given: Partial<Given> | undefined) => void)[] = [];
  const nothing = { calls: [0, 0, 0, 0, 0], waits: [0, 0, 0, 0, 0], until: 0, rate: 10, members: 1, now: 0 };
  const wallet = new Wallet({
    ...{ time, terms: { rate: 10, longRun: 10, reserve: 0 }, atOnce: 10, rang: () => {}, rests: () => {} },
    ask: (question) => {
      questions.push(question);
      return new Promise((resolve, reject) =>
        waiting.push((given) => (given ? resolve({ ...nothing, ...given }) : reject(new Error("no store")))),
      );
    },
  });
  const answer = async (given?: Partial<Given>) => {
    waiting.shift()?.(given);
    await new Promise(setImmediate);
  };
  return { time, wallet, questions, answer };
}

test("what a process had to tell when its question failed it tells with the next one: what it spent, heard, and was refused", async () => {
  const { time, wallet, questions, answer } = createWallet();
  const permit = wallet.begin("live");
  permit.answered({ left: 50, of: 100, resets: time.now() + 60_000, restores: undefined, cost: 9 });
  permit.refused(5_000);
  permit.end();
  await answer(undefined);
  time.advance(5_001);
  void wallet.want("live", 1);
  const [first, second, ...more] = questions;
  assert.deepEqual([first?.spent, first?.said?.left, first?.refused, more.length], [9, 50, 5_000, 0]);
  // A fiftieth of ten calls a second is too little to be told: one in five seconds.
  assert.equal(Math.round(second?.spent ?? 0), 8);
  assert.deepEqual([second?.said?.left, second?.said?.age, second?.refused], [50, 5_001, 5_000]);
  await answer({ calls: [9, 0, 0, 0, 0] });
  wallet.begin("live").refused(5_000);
  const third = questions[2];
  assert.deepEqual([third?.said, third?.refused], [undefined, 5_000], "told once");
  await answer({});
});

test("a store that fails is asked again after a second, and meanwhile nothing is spent that it would have to be told", async () => {
  const { time, wallet, questions, answer } = createWallet();
  assert.ok(wallet.room("live") > 0);
  void wallet.want("live", 1);
  await answer(undefined);
  assert.deepEqual([wallet.wait("live"), wallet.room("live")], [1_000, 0]);
  time.advance(999);
  await wallet.want("live", 1);
  assert.equal(questions.length, 1);
  time.advance(1);
  assert.ok(wallet.room("live") > 0);
  void wallet.want("live", 1);
  assert.equal(questions.length, 2);
  await answer({});
});

test("what was said of a time that is over is told with a refusal all the same", async () => {
  const { time, wallet, questions, answer } = createWallet();
  const permit = wallet.begin("live");
  permit.answered({ left: 50, of: 100, resets: time.now() + 1_000, restores: undefined, cost: 1 });
  time.advance(1_001);
  permit.refused(5_000);
  assert.deepEqual([questions[0]?.said?.of, questions[0]?.said?.resets], [100, 0]);
  await answer({});
});

test("an engine that stops while it asks gives back what the answer brings; one whose store fails stops all the same", async () => {
  for (const [given, back] of [
    [{ calls: [5, 0, 0, 0, 0] }, -5],
    [undefined, undefined],
  ] as const) {
    const { wallet, questions, answer } = createWallet();
    void wallet.want("live", 5);
    const closed = wallet.close();
    assert.equal(questions.length, 1, "one at a time");
    await answer(given);
    assert.equal(questions[1]?.spent, back);
    await answer({});
    await closed;
  }
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
