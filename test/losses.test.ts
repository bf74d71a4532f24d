/** The loss ledger: what webhooks lost is known exactly, whichever process met what, and costs no webhook anything. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, type EngineEvent, type Hint, type Loss, type Store } from "tidemark";
import { createRandom, createVirtualTime } from "tidemark/testing";
import { hourOf, LEDGER, SLOT } from "../src/loss/hour.ts";
import { createLosses } from "../src/loss/losses.ts";
import { createDesk, type Desk, handClock, memory, webhookOf } from "./desk.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A desk whose feed names what its webhooks bring, unless `webhooks` says otherwise. */
function deskOf(webhooks = true, scopes = [""]) {
  const desk = createDesk({ scopes });
  const events = desk.provider.feeds?.["events"];
  assert.ok(events);
  return { ...desk, provider: { ...desk.provider, feeds: { events: { ...events, webhooks } } } };
}

/** Several processes share it: none of them closes it. */
const shared = (store: Store): Store => ({ ...store, close: async () => {} });

/** Writes, so that the feed names it. The webhook is the test's to send. */
function write(desk: Desk, id: string, at: number, scope = ""): Hint<"note"> {
  const hint = desk.put(id, `at ${at}`, scope);
  const event = { id: hint.event?.id ?? "", name: "note.changed", at: new Date(at) };
  desk.events.push({ ...hint, event });
  return { ...hint, event };
}

const total = (losses: readonly Loss[], scope: string | null = null): Loss => {
  const [loss] = losses.filter((one) => one.type === "desk.note" && one.scope === scope);
  assert.ok(loss, "something was counted");
  return loss;
};

/** Engines over one store, whose clock is a hand's. */
function setUp(t: { after(run: () => unknown): void }, desk = deskOf()) {
  const time = handClock();
  const events: EngineEvent[] = [];
  const store = memory(time);
  t.after(() => store.close());
  const observe = (event: EngineEvent) => events.push(event);
  const process = () => createSync({ providers: { desk: desk.provider }, store: shared(store), time, observe });
  const sync = process();
  const poll = async (by = sync) => {
    time.advance(2 * MINUTE);
    await by.drain();
    time.advance(1_000);
  };
  const send = async (hint: Hint<"note">, by = sync) => {
    const { status } = await by.webhook("desk", webhookOf([hint]));
    assert.equal(status, 202);
    await by.drain();
  };
  const losses = async (by = sync) => total((await by.health()).losses);
  return { desk, time, events, store, sync, process, poll, send, losses };
}

test("of two processes' webhooks a known part is dropped, late or repeated: the ledger says exactly that", async (t) => {
  const random = createRandom(5);
  const time = createVirtualTime({ random });
  const store = memory(time);
  t.after(() => store.close());
  const desk = deskOf();
  const told: EngineEvent[] = [];
  const observe = (event: EngineEvent) => told.push(event);
  const create = () => createSync({ providers: { desk: desk.provider }, store: shared(store), time, observe });
  const processes = [create(), create()];
  const run = (ms: number) => time.run(time.now() + ms);
  const started = Promise.all(processes.map((sync) => sync.start()));
  await run(2 * MINUTE);
  await started;

  const EVENTS = 300;
  const truth = { events: 0, dropped: 0, late: 0, repeats: 0 };
  const post = (hint: Hint<"note">, after: number) =>
    time.after(after, () => void processes[random.next() < 0.5 ? 0 : 1]?.webhook("desk", webhookOf([hint])));
  for (; truth.events < EVENTS; truth.events++) {
    const hint = write(desk, `${truth.events % 97}`, time.now());
    const draw = random.next();
    if (draw < 0.05) truth.dropped++;
    else if (draw < 0.1) {
      truth.late++;
      post(hint, 3 * MINUTE);
    } else post(hint, 20);
    if (draw > 0.9) {
      truth.repeats++;
      post(hint, 30_000);
    }
    await run(1_000);
  }
  await run(4 * MINUTE);
  const stopped = processes[0]?.stop();
  await run(MINUTE);
  await stopped;
  const other = processes[1];
  await run(16 * MINUTE);
  const { day, hour, week } = total((await other?.health())?.losses ?? []);
  assert.ok(truth.dropped > 9 && truth.late > 9 && truth.repeats > 20, JSON.stringify(truth));
  const { came, late, repeats, lost, awaited, unsure, rate, lateness } = day;
  assert.deepEqual(
    { came, late, repeats, lost, awaited, unsure, rate },
    {
      ...{ came: EVENTS - truth.dropped - truth.late, late: truth.late, repeats: truth.repeats, lost: truth.dropped },
      ...{ awaited: 0, unsure: 0, rate: truth.dropped / EVENTS },
    },
  );
  assert.deepEqual([hour, week], [day, day], "all of it was in the last hour");
  const { p50 = 0, p99 = 0 } = lateness ?? {};
  assert.ok(p50 >= 2 * MINUTE && p99 <= 3 * MINUTE * 1.2, `webhooks three minutes after the event: ${p50}, ${p99}`);
  const { webhook, poll } = day.found;
  assert.deepEqual([webhook, poll], [came, truth.dropped + truth.late], "and what found the changes");
  const [last] = told.filter((event) => event.kind === "loss").slice(-1);
  assert.deepEqual([last?.day.lost, last?.day.rate], [truth.dropped, truth.dropped / EVENTS], "observe hears it, too");
  const ended = other?.stop();
  await run(MINUTE);
  await ended;
});

test("an event is awaited for ten minutes, then lost; a webhook that comes after all makes it late", async (t) => {
  const { desk, time, poll, send, losses } = setUp(t);
  await poll();
  const hint = write(desk, "1", time.now());
  await poll();
  const named = time.now();
  assert.deepEqual([(await losses()).hour.awaited, (await losses()).hour.lost], [1, 0]);
  assert.equal((await losses()).hour.rate, null, "nothing can be judged yet");
  while (time.now() < named + 9 * MINUTE) await poll();
  assert.equal((await losses()).hour.lost, 0);
  time.advance(12 * MINUTE);
  const { hour } = await losses();
  assert.deepEqual([hour.awaited, hour.lost, hour.rate], [0, 1, 1]);
  await send(hint);
  const { lost, late, came, repeats, rate } = (await losses()).hour;
  assert.deepEqual({ lost, late, came, repeats, rate }, { lost: 0, late: 1, came: 0, repeats: 0, rate: 0 });
  await send(hint);
  assert.deepEqual([(await losses()).hour.late, (await losses()).hour.repeats], [1, 1]);
});

test("what one process was told, another one knows after a restart; what the feed repeats counts once", async (t) => {
  const { desk, time, sync, process, poll, send, losses } = setUp(t);
  await poll();
  await send(write(desk, "1", time.now()));
  write(desk, "2", time.now());
  await sync.stop();
  const other = process();
  t.after(() => other.stop());
  await poll(other);
  desk.events.push(...desk.events.slice(0, 2));
  await poll(other);
  time.advance(30 * MINUTE);
  const { came, lost, rate } = (await losses(other)).hour;
  assert.deepEqual({ came, lost, rate }, { came: 1, lost: 1, rate: 0.5 });
});

test("a webhook that nobody looked at before the process died is counted by the next one", async (t) => {
  const { desk, time, sync, process, poll, losses } = setUp(t);
  await poll();
  await sync.webhook("desk", webhookOf([write(desk, "1", time.now())]));
  const other = process();
  t.after(() => other.stop());
  await poll(other);
  assert.deepEqual([(await losses(other)).hour.came, (await losses(other)).hour.awaited], [1, 0]);
});

test("not judged: what happened before the first poll, and feeds that do not name what webhooks bring", async (t) => {
  const early = setUp(t);
  const hint = write(early.desk, "1", early.time.now());
  await early.poll();
  write(early.desk, "2", early.time.now() - 5 * MINUTE);
  write(early.desk, "3", early.time.now());
  await early.poll();
  await early.send(hint);
  early.time.advance(30 * MINUTE);
  const { lost, late, awaited, rate } = (await early.losses()).hour;
  assert.deepEqual({ lost, late, awaited, rate }, { lost: 1, late: 1, awaited: 0, rate: 1 }, "of the last one alone");

  const other = setUp(t, deskOf(false));
  await other.poll();
  const named = write(other.desk, "1", other.time.now());
  write(other.desk, "2", other.time.now());
  await other.poll();
  await other.send(named);
  other.time.advance(30 * MINUTE);
  const { hour } = await other.losses();
  assert.deepEqual([hour.lost, hour.late, hour.repeats, hour.rate], [0, 1, 0, null]);
});

test("not judged: a provider that takes no webhooks", async (t) => {
  const desk = deskOf();
  const { webhook: _, ...provider } = desk.provider;
  const { time, poll, losses } = setUp(t, { ...desk, provider } as ReturnType<typeof deskOf>);
  await poll();
  write(desk, "1", time.now());
  await poll();
  time.advance(30 * MINUTE);
  assert.deepEqual([(await losses()).hour.lost, (await losses()).hour.rate], [0, null]);
});

test("a resource with more events than it remembers: what may have come is unsure, and no loss", async (t) => {
  const { desk, time, sync, poll, losses } = setUp(t);
  await poll();
  for (let i = 0; i < 40; i++) {
    await sync.webhook("desk", webhookOf([write(desk, "1", time.now())]));
    time.advance(1_000);
  }
  await poll();
  time.advance(30 * MINUTE);
  const { came, lost, unsure } = (await losses()).hour;
  assert.deepEqual({ came, lost }, { came: 40, lost: 0 });
  assert.ok(unsure >= 24, `${unsure}: it remembers 16 of 40`);
});

test("an awaited event that its resource has no room for is unsure from then on; one that is lost already stays so", async (t) => {
  for (const [wait, expected] of [
    [MINUTE, { lost: 0, unsure: 1 }],
    [25 * MINUTE, { lost: 1, unsure: 0 }],
  ] as const) {
    const { desk, time, sync, poll, losses } = setUp(t);
    await poll();
    write(desk, "1", time.now());
    await poll();
    time.advance(wait);
    for (let i = 0; i < 16; i++) await sync.webhook("desk", webhookOf([desk.put("1", `${i}`)]));
    await sync.drain();
    time.advance(30 * MINUTE);
    const { lost, unsure } = (await losses()).hour;
    assert.deepEqual({ lost, unsure }, expected, `after ${wait} ms`);
  }
});

test("counts are in a checkpoint ten seconds later; a commit whose answer was lost does not count twice", async (t) => {
  const time = createVirtualTime();
  const store = memory(time);
  t.after(() => store.close());
  let losing = 0;
  const halting: Store = {
    ...shared(store),
    async checkpoint(...asked) {
      const answer = await store.checkpoint(...asked);
      if (asked[0].name.startsWith(LEDGER) && losing-- > 0) throw new Error("the answer was lost");
      return answer;
    },
  };
  const desk = deskOf();
  const sync = createSync({ providers: { desk: desk.provider }, store: halting, time });
  const run = (ms: number) => time.run(time.now() + ms);
  const started = sync.start();
  await run(2 * MINUTE);
  await started;
  losing = 2;
  const sent = sync.webhook("desk", webhookOf([write(desk, "1", time.now())]));
  await run(15_000);
  await sent;
  const saved = async () =>
    (await store.checkpoints(LEDGER, "", 10)).flatMap((at) => {
      return Object.values(hourOf(at).slots).map(({ types }) => types["desk.note"]?.counts);
    });
  assert.equal(losing, -1, "given twice more");
  assert.deepEqual(await saved(), [{ heard: 1, came: 1, webhook: 1 }]);
  assert.equal(total((await sync.health()).losses).hour.came, 1, "nor while both are known");
  const stopped = sync.stop();
  await run(MINUTE);
  await stopped;
});

test("no webhook costs the ledger a call of the store; twenty minutes of silence cost none either", async (t) => {
  const time = createVirtualTime();
  const store = memory(time);
  t.after(() => store.close());
  let calls = 0;
  const counting: Store = {
    ...shared(store),
    checkpoint(...asked) {
      if (asked[0].name.startsWith(LEDGER)) calls++;
      return store.checkpoint(...asked);
    },
  };
  const desk = deskOf();
  const sync = createSync({ providers: { desk: desk.provider }, store: counting, time });
  const run = (ms: number) => time.run(time.now() + ms);
  const started = sync.start();
  await run(MINUTE);
  await started;
  for (let i = 0; i < 300; i++) {
    void sync.webhook("desk", webhookOf([write(desk, `${i}`, time.now())]));
    await run(100);
  }
  await run(MINUTE);
  assert.ok(calls >= 3 && calls <= 5, `${calls} calls for 300 webhooks in half a minute`);
  const before = calls;
  await run(20 * MINUTE);
  assert.equal(calls, before);
  const stopped = sync.stop();
  await run(MINUTE);
  await stopped;
});

test("hours are forgotten after eight days; what was counted stays to be saved while the store fails", async (t) => {
  const time = handClock();
  const store = memory(time);
  t.after(() => store.close());
  let fails = false;
  const failing: Store = {
    ...store,
    checkpoint: (...asked) => (fails ? Promise.reject(new Error("the disk is full")) : store.checkpoint(...asked)),
  };
  const { provider } = deskOf();
  const engine = { store: failing, time, providers: { desk: provider }, emit: () => {}, owner: "me" };
  const losses = createLosses(engine);
  const count = () => {
    const change = { kind: "change", type: "desk.note", scope: "", id: "1", position: 1, via: "webhook" } as const;
    losses.record(change);
    return losses.run();
  };
  const names = async () => (await store.checkpoints(LEDGER, "", 1_000)).map(({ name }) => name);
  for (let hour = 0; hour < 8 * 24; hour++) {
    await count();
    time.advance(HOUR);
  }
  assert.equal((await names()).length, 8 * 24);
  for (let i = 0; i < 2; i++) {
    await count();
    time.advance(SLOT);
  }
  const slots = (await store.checkpoints(LEDGER, "", 1_000)).map((at) => Object.keys(hourOf(at).slots));
  assert.deepEqual(slots.slice(-4), [["3001139"], ["3001145"], ["3001146"], ["3001152", "3001153"]]);
  assert.equal((await names())[0], "ledger|desk|0500000");
  await count();
  assert.equal((await names())[0], "ledger|desk|0500000", "a week from now is still whole");
  time.advance(HOUR);
  await count();
  assert.deepEqual([(await names())[0], (await names()).length], ["ledger|desk|0500001", 8 * 24 + 1]);
  time.advance(40 * DAY);
  await count();
  assert.equal((await names()).length, 1, "after a long sleep all of it");
  fails = true;
  await assert.rejects(count(), /the disk is full/);
  await assert.rejects(count(), /the disk is full/);
  assert.equal(total(await losses.report()).hour.found.webhook, 3);
  fails = false;
  await losses.flush();
  assert.equal(total(await createLosses(engine).report()).hour.found.webhook, 3);
});

test("a stop saves what was counted", async (t) => {
  const { sync, store } = setUp(t);
  await sync.start();
  await sync.webhook("desk", webhookOf([createDesk().put("1", "a")]));
  await store.rows({ limit: 1 });
  assert.deepEqual(await store.checkpoints(LEDGER, "", 10), []);
  await sync.stop();
  assert.equal((await store.checkpoints(LEDGER, "", 10)).length, 1);
});

test("lag: from the provider's own time of an event to the log, and nothing of an event that was answered before", async (t) => {
  const { desk, time, events, poll, send, losses } = setUp(t);
  await poll();
  const lags = () => events.flatMap((event) => (event.kind === "change" ? [event.lag] : []));
  await send(write(desk, "1", time.now() - 5_000));
  assert.deepEqual(
    lags().map((ms = 0) => Math.round(ms / 100)),
    [50],
  );
  const { lag } = (await losses()).hour;
  assert.ok(lag && lag.p50 >= 5_000 && lag.p50 <= 6_000 && lag.p99 === lag.p50, JSON.stringify(lag));
  const said = write(desk, "2", time.now());
  desk.events.pop();
  await send(said);
  const again = { ...said, event: { id: "same", name: "note.touched", at: new Date(time.now()) } };
  await send(again);
  time.advance(5 * HOUR);
  await send(write(desk, "2", time.now() - 1_000));
  assert.equal(Math.round((lags().at(-1) ?? 0) / 100), 10, "not from the event that changed nothing, hours ago");
});

test("losses of a scope are told by themselves", async (t) => {
  const desk = deskOf(true, ["a", "b"]);
  const { time, sync, poll, send } = setUp(t, desk);
  await poll();
  await send(write(desk, "1", time.now(), "a"));
  write(desk, "2", time.now(), "b");
  await poll();
  time.advance(30 * MINUTE);
  const { losses } = await sync.health();
  const rates = [null, "a", "b"].map((scope) => total(losses, scope).hour.rate);
  assert.deepEqual(rates, [0.5, 0, 1]);
});
