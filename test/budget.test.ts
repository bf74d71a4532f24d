/** One budget per credential: few calls are refused, each class has its turn, and a webhook's read does not wait. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { budgetAlarms } from "../src/budget/budgets.ts";
import { createRig, MINUTE, quantile, refusedOf, SECOND, type Service } from "./budget.kit.ts";
import { figure } from "./figure.ts";

const DIRTY = 500;

/** The objects of a class that were read, by how their ids begin. */
const readOf = ({ calls }: Service, prefix: string): number =>
  new Set(
    calls.filter(({ what, id, refused }) => what === "fetch" && id.startsWith(prefix) && !refused).map(({ id }) => id),
  ).size;

/** 1,000 that are dirty for a webhook, a feed or a sweep, where 60 calls a minute are borne. */
async function crowd(options: Parameters<typeof createRig>[0]) {
  const rig = await createRig({ bears: 60, objects: 400, feed: true, ...options });
  for (let i = 0; i < 100; i++) rig.service.events.push({ type: "thing", id: `p${i}` });
  for (const sync of rig.syncs) await rig.settle(sync.start());
  for (let i = 0; i < DIRTY; i++) void rig.syncs[i % rig.syncs.length]?.hint("api.thing", `l${i}`);
  return rig;
}

const QUOTA = { quota: { calls: 60, per: MINUTE } };
const WAYS = [
  ["nothing but refusals", {}],
  ["headers, and three engines", { headers: true, engines: 3 }, false],
] as const;
/** `BUDGET=all` runs these, too, and each to its end: that takes four times as long. */
const MORE = [
  ["a declared rate", { limits: { rate: 1 } }],
  ["a declared quota", { limits: QUOTA }],
  ["a quota, and three engines", { limits: QUOTA, engines: 3 }],
  ["headers alone", { headers: true }],
] as const;

/** Three engines that know nothing are refused together, some times, before they know: that is more of the first 1,000 calls. */
const BLIND = [["nothing but refusals, and three engines", { engines: 3 }, true, 0.025]] as const;
const ALL = process.env["BUDGET"] === "all";

for (const [name, options, ends = true, most = 0.01] of [...WAYS, ...(ALL ? [...MORE, ...BLIND] : [])]) {
  test(`60 calls a minute, 1,000 dirty, ${name}: at most ${most * 100} % of the calls are refused, and each class goes on`, async (t) => {
    const rig = await crowd(options);
    const { service } = rig;
    const wholly = ends || ALL;
    const classes = () => ["l", "p", "o"].map((prefix) => readOf(service, prefix));
    let before = classes();
    await rig.run(8 * MINUTE);
    // The webhooks alone would take all of it.
    for (const [i, count] of classes().entries()) assert.ok(count > (before[i] ?? 0), `${"lpo"[i]}: ${count}`);
    before = classes();
    assert.ok((before[0] ?? 0) > (before[2] ?? 0), "the urgent first");
    const all = String([DIRTY, 100, 400]);
    for (let i = 0; i < 30 && wholly && String(classes()) !== all; i++) await rig.run(MINUTE);
    if (wholly) assert.equal(String(classes()), all, "all of it is read");
    const refused = refusedOf(service.calls);
    assert.ok(refused <= service.calls.length * most, `${refused} of ${service.calls.length} calls were refused`);
    await rig.end();
    figure(t, "F18", `${name}: ${refused} of ${service.calls.length} calls refused`);
  });
}

test("a webhook's read during a backfill waits at most as long again as when nothing else goes on", async () => {
  const waits = async (objects: number) => {
    const rig = await createRig({ objects, takes: 100, limits: { rate: 20 } });
    const { service, sync, time } = rig;
    await rig.settle(sync.start());
    await rig.run(2 * SECOND);
    const took: number[] = [];
    for (let i = 0; i < 60; i++) {
      const begun = time.now();
      void sync.hint("api.thing", `l${i}`);
      await rig.run(150 + 5 * i);
      const call = service.calls.find(({ id }) => id === `l${i}`);
      took.push(call ? call.at + 100 - begun : Number.POSITIVE_INFINITY);
    }
    const read = readOf(service, "o");
    await rig.end();
    return { p99: quantile(took, 0.99), read };
  };
  const [idle, busy] = [await waits(0), await waits(3_000)];
  assert.ok(busy.read > 200 && busy.read < 900, `${busy.read}: the backfill goes on beside, and is not at its end`);
  assert.ok(busy.p99 <= 2 * idle.p99, `p99 ${busy.p99} ms, idle ${idle.p99} ms`);
});

test("a month's quota: what sweeps and polls do not leave, webhooks' reads have all the same", async () => {
  const MONTH = 30 * 24 * 60 * MINUTE;
  const rig = await createRig({
    bears: 1_000,
    window: MONTH,
    limits: { quota: { calls: 1_000, per: MONTH } },
    objects: 900,
    feed: true,
  });
  const { service, sync } = rig;
  await rig.settle(sync.start());
  await rig.run(5 * MINUTE);
  const before = service.calls.length;
  assert.ok(before < 130, `${before} calls: a backfill of 900 takes its time`);
  for (let i = 0; i < 60; i++) void sync.hint("api.thing", `l${i}`);
  await rig.run(MINUTE);
  assert.equal(readOf(service, "l"), 60, "there is enough for a burst of webhooks");
  await rig.run(5 * MINUTE);
  assert.ok(service.calls.length < 200, `${service.calls.length} calls`);
  assert.equal(refusedOf(service.calls), 0);
  await rig.end();
});

test("the application's part is left alone: of a rate, and of what headers say is left", async () => {
  const count = async (reserve: number, options: Parameters<typeof createRig>[0]) => {
    const rig = await createRig({ objects: 900, reserve, ...options });
    await rig.settle(rig.sync.start());
    await rig.run(40 * SECOND);
    const early = rig.service.calls.length;
    await rig.run(MINUTE);
    await rig.end();
    return { early, perMinute: rig.service.calls.length - early };
  };
  const whole = await count(0, { limits: { rate: 2 } });
  const half = await count(0.5, { limits: { rate: 2 } });
  assert.ok(whole.perMinute > 112 && whole.perMinute <= 124, `${whole.perMinute}`);
  assert.ok(half.perMinute > 55 && half.perMinute <= 63, `${half.perMinute}`);
  const told = await count(0.5, { headers: true, bears: 100 });
  assert.ok(told.early <= 50, `${told.early} of 100`);
});

test("the application uses the same credential: what its calls leave is what the headers say", async () => {
  const rig = await createRig({ headers: true, bears: 100, objects: 900 });
  await rig.settle(rig.sync.start());
  for (let i = 0; i < 10; i++) {
    await rig.run(30 * SECOND);
    rig.service.spend(30);
  }
  const { calls } = rig.service;
  assert.ok(calls.length > 100, `${calls.length} calls`);
  assert.ok(refusedOf(calls) <= 2, `${refusedOf(calls)} refused`);
  await rig.end();
});

test("points: calls that cost more are fewer, and none is made that the bucket does not hold", async () => {
  const rig = await createRig({ objects: 900, limits: { rate: 100 }, reserve: 0 });
  const { service, time } = rig;
  const bucket = { left: 1_000, at: time.now() };
  let least = Number.POSITIVE_INFINITY;
  service.tell = (context) => {
    bucket.left = Math.min(1_000, bucket.left + ((time.now() - bucket.at) / 1_000) * 100) - 50;
    bucket.at = time.now();
    least = Math.min(least, bucket.left);
    context.limit({ left: bucket.left, of: 1_000, restores: 100, cost: 50 });
  };
  await rig.settle(rig.sync.start());
  await rig.run(20 * SECOND);
  const before = service.calls.length;
  await rig.run(MINUTE);
  const calls = service.calls.length - before;
  assert.ok(calls > 100 && calls <= 122, `${calls} calls of 50 points in a minute of 100 points a second`);
  assert.ok(least >= 0, `${least} points were left at the least`);
  await rig.end();
});

test("a call of the plugin that takes three requests counts as three", async () => {
  const rig = await createRig({ objects: 900, limits: { rate: 6 }, reserve: 0 });
  rig.service.tell = (context) => {
    for (let i = 0; i < 3; i++) context.limit({});
  };
  await rig.settle(rig.sync.start());
  await rig.run(20 * SECOND);
  const before = rig.service.calls.length;
  await rig.run(30 * SECOND);
  const calls = rig.service.calls.length - before;
  assert.ok(calls > 50 && calls <= 63, `${calls} calls in 30 seconds of six requests each`);
  await rig.end();
});

test("a process that dies takes no more than a second's worth with it", async () => {
  const rig = await createRig({ objects: 900, limits: { rate: 2 }, reserve: 0, engines: 2 });
  const [first, second] = rig.syncs;
  await rig.settle(Promise.all([first?.start(), second?.start()]));
  await rig.run(MINUTE);
  // Its store answers no more: to the others that is a process that died.
  await rig.settle(first?.stop() ?? Promise.resolve());
  const before = rig.service.calls.length;
  await rig.run(MINUTE);
  const calls = rig.service.calls.length - before;
  assert.ok(calls >= 112 && calls <= 124, `${calls} calls in a minute of two a second`);
  await rig.end();
});

test("a clock that is put back or forward for hours neither stops calls nor lets too many through", async () => {
  const rig = await createRig({ objects: 3_000, limits: { rate: 2 }, reserve: 0 });
  const { service } = rig;
  await rig.settle(rig.sync.start());
  for (const hours of [0, 3, -2, 0]) {
    rig.step(hours * 60 * MINUTE);
    await rig.run(10 * SECOND);
    for (let i = 0; i < 3; i++) void rig.sync.hint("api.thing", `l${hours}.${i}`);
    const before = service.calls.length;
    await rig.run(30 * SECOND);
    const calls = service.calls.length - before;
    assert.ok(calls >= 3 && calls <= 72, `${calls} calls in half a minute, ${hours} h off`);
  }
  await rig.end();
});

test("get waits for its turn, and says what it waited for", async () => {
  const rig = await createRig({ limits: { quota: { calls: 20, per: 60 * MINUTE } }, reserve: 0 });
  const { sync } = rig;
  for (let i = 0; i < 30; i++) void sync.hint("api.thing", `l${i}`);
  await rig.settle(sync.start());
  await rig.run(MINUTE);
  const late = sync.get("api.thing", "x", { maxAge: 0, timeout: 5_000 });
  await assert.rejects(rig.settle(late), {
    name: "TimeoutError",
    message: /the budget of its credential is used up for \d+ s/,
  });
  await rig.end();
});

test("a read that waits for the budget in its middle has not failed", async () => {
  const rig = await createRig({ limits: { quota: { calls: 5, per: 60 * MINUTE } }, reserve: 0 });
  let asked = 0;
  // What is not found is believed between two probes, which are calls, too.
  rig.service.provider.resources.thing.fetch = async () => {
    asked++;
    return null;
  };
  await rig.settle(rig.sync.start());
  void rig.sync.hint("api.thing", "l0");
  await rig.run(MINUTE);
  const { types, alarms } = await rig.settle(rig.sync.health());
  assert.deepEqual([asked, types[0]?.dirty, types[0]?.failing, alarms], [1, 1, 0, []]);
  await rig.end();
});

test("far below the limit nothing is written for the budget, and an idle credential leaves nothing behind", async () => {
  const rig = await createRig({ feed: true, limits: { rate: 20 } });
  const { sync, store } = rig;
  await rig.settle(sync.start());
  for (let i = 0; i < 20; i++) {
    void sync.hint("api.thing", `l${i}`);
    await rig.run(10 * SECOND);
  }
  assert.deepEqual(await store.checkpoints("budget|", "", 9), []);
  await rig.end();
});

test("health names a credential that was told to wait, with what it bears since; a fresh one is not named", async () => {
  const rig = await createRig({ bears: 20, limits: { credential: () => "acme" } });
  const { sync, events } = rig;
  await rig.settle(sync.start());
  assert.deepEqual((await rig.settle(sync.health())).budgets, []);
  for (let i = 0; i < 40; i++) void sync.hint("api.thing", `l${i}`);
  await rig.run(5 * SECOND);
  const [budget, ...others] = (await rig.settle(sync.health())).budgets;
  assert.deepEqual(others, []);
  assert.deepEqual([budget?.provider, budget?.credential], ["api", "acme"]);
  assert.ok(budget?.resting && budget.live && budget.rate < 18, JSON.stringify(budget));
  assert.ok(events.some((event) => event.kind === "rest" && event.credential === "acme" && event.ms >= 5_000));
  await rig.end();
});

test("calls that are refused for an hour are an alarm, and so is a webhook's read that waits for one", () => {
  const now = Date.UTC(2027, 0, 15);
  const health = { provider: "api", credential: "acme", rate: 1, left: 0, resting: null, quota: null, sweep: null };
  const at = (ms: number) => new Date(now + ms);
  const alarms = (live: Date | null, refused: Date | null) => budgetAlarms([{ ...health, live, refused }], now);
  assert.deepEqual(alarms(at(50 * MINUTE), at(-50 * MINUTE)), []);
  assert.match(
    alarms(null, at(-61 * MINUTE)).join(),
    /the budget of api acme: calls are refused since 2027-01-14T22:59/,
  );
  assert.match(
    alarms(at(61 * MINUTE), null).join(),
    /the budget of api acme is used up: webhooks' reads wait until 2027/,
  );
});

test("a purse that says no more than a fresh one is forgotten", async () => {
  const rig = await createRig({ objects: 200, limits: { rate: 10 } });
  const { sync, store } = rig;
  await rig.settle(sync.start());
  await rig.run(30 * SECOND);
  assert.equal((await store.checkpoints("budget|", "", 9)).length, 1);
  await rig.run(MINUTE);
  assert.deepEqual((await rig.settle(sync.health())).budgets, []);
  // Each process looks when it begins, and every hour.
  const other = rig.open();
  rig.syncs.push(other);
  await rig.settle(other.start());
  await rig.run(SECOND);
  assert.deepEqual(await store.checkpoints("budget|", "", 9), []);
  await rig.end();
});
