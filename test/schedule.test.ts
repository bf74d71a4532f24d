/**
 * When polls and sweeps come: the engine follows what webhooks prove and lose, in whichever process. In virtual time.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, type EngineEvent, type Hint, RetryLater, type Store, type SyncOptions } from "tidemark";
import { createRandom, createVirtualTime } from "tidemark/testing";
import { hourName, slotOf } from "../src/loss/hour.ts";
import { feedName, feedOf, sweepName, sweepOf } from "../src/reconcile/plan.ts";
import { createDesk, type Desk, handClock, memory, take, webhookOf } from "./desk.ts";
import { createLeap } from "./week/leap.ts";

/** On the hour. */
const BEGIN = 1_800_000_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Options {
  scopes?: string[];
  /** The feed names the events that webhooks carry; null: there is no feed. */
  named?: boolean | null;
  processes?: number;
  start?: number;
  around?(store: Store): Store;
  options?: Pick<SyncOptions, "sweepEvery">;
  /** Is given the store before an engine is. */
  before?(store: Store, now: number): Promise<void>;
}

/** Engines over one store, and a desk whose calls are timed. */
async function setUp({
  scopes = [""],
  named = true,
  processes = 1,
  options,
  before,
  around = (one) => one,
  start = BEGIN,
}: Options = {}) {
  const time = createVirtualTime({ random: createRandom(3), start });
  const desk = deskOf(scopes, named);
  const calls: { call: string; at: number }[] = [];
  const changes: { via: string; at: number }[] = [];
  desk.before = (call) => void calls.push({ call, at: time.now() });
  const store = memory(time);
  await Promise.all([store.open().then(() => before?.(store, time.now())), time.run(time.now() + 1_000)]);
  const syncs = Array.from({ length: processes }, () => {
    // Alone an engine need not look for what others did.
    const leap = processes === 1 ? createLeap(time, around(shared(store)), MINUTE) : { time, store: shared(store) };
    const observe = (event: EngineEvent) => {
      if (event.kind === "change") changes.push({ via: event.via, at: time.now() });
    };
    return createSync({ providers: { desk: desk.provider }, ...leap, ...options, observe });
  });
  const run = (ms: number) => time.run(time.now() + ms);
  const started = Promise.all(syncs.map((sync) => sync.start()));
  await run(MINUTE);
  await started;
  /** Writes; its webhook comes after so many ms, or never, to one of the processes. */
  const write = (id: string, after: number | null = 500, scope = "", to = 0): void => {
    const hint = desk.put(id, `${time.now()}`, scope);
    const event = { id: hint.event?.id ?? "", name: "changed", at: new Date(time.now()) };
    desk.events.push(named ? { ...hint, event } : { type: "note", id, scope });
    const told: Hint<"note"> = { ...hint, event };
    if (after !== null) time.after(after, () => void syncs[to]?.webhook("desk", webhookOf([told])));
  };
  const settle = async <T>(asked: Promise<T>): Promise<T> => {
    const [answer] = await Promise.all([asked, run(10)]);
    return answer;
  };
  const every = async (scope = "") => {
    const { at } = await settle(store.checkpoint({ name: feedName("desk", scope, "events"), step: () => undefined }));
    return feedOf(at).every ?? MINUTE;
  };
  const sweep = async () => {
    const { at } = await settle(store.checkpoint({ name: sweepName("desk.note", ""), step: () => undefined }));
    return sweepOf(at);
  };
  /** Calls of a kind since a time. */
  const since = (from: number, call: string) =>
    calls.filter(({ at, call: name }) => at >= from && name.startsWith(call));
  const end = async () => {
    const stopped = Promise.all(syncs.map((sync) => sync.stop()));
    await run(2 * MINUTE);
    await stopped;
    await settle(store.close());
  };
  return { time, desk, calls, changes, store, syncs, run, write, every, sweep, since, end };
}

/** Lets time pass until something found a change. Answers when that was. */
async function until(
  { changes, run, time }: Awaited<ReturnType<typeof setUp>>,
  via: string,
  within: number,
): Promise<number> {
  const known = changes.length;
  const end = time.now() + within;
  const found = () => changes.slice(known).find((change) => change.via === via);
  while (!found() && time.now() < end) await run(10_000);
  const { at } = found() ?? {};
  assert.ok(at !== undefined, `a ${via} finds it`);
  return at;
}

const save = (store: Store, name: string, value: object) =>
  store.checkpoint({ name, step: (at, tick) => ({ ...at, at: tick, value: JSON.stringify(value) }) });

const shared = (store: Store): Store => ({ ...store, close: async () => {} });

function deskOf(scopes: string[], named: boolean | null): Desk {
  const desk = createDesk({ scopes, feed: named !== null });
  const events = desk.provider.feeds?.["events"];
  if (events) desk.provider.feeds = { events: { ...events, horizon: 30 * DAY, webhooks: named === true } };
  return desk;
}

/** Writes every so many ms, each with its webhook. */
async function writing({ run, write }: Awaited<ReturnType<typeof setUp>>, ms: number, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    write(`${i % 5}`);
    await run(ms);
  }
}

for (const named of [true, false]) {
  const what = named ? "names events" : "names resources";
  test(`polls slow down while webhooks come, and one that is lost brings them back to the shortest (the feed ${what})`, async () => {
    const world = await setUp({ named });
    const { run, write, every, time, since, end } = world;
    await writing(world, 7 * MINUTE, 25);
    assert.ok((await every()) > 10 * MINUTE, `${await every()} ms`);
    const begun = time.now();
    await run(HOUR);
    assert.ok(since(begun, "poll").length <= 8, `${since(begun, "poll").length} polls in an hour`);
    write("lost", null);
    const found = await until(world, "poll", HOUR);
    // The webhook may still come, for half a poll; the engine looks a little later.
    await run(3 * MINUTE);
    assert.ok((await every()) <= 1.6 * MINUTE, `${await every()} ms after the loss`);
    const next = since(found, "poll").map(({ at }) => Math.round((at - found) / 1_000));
    assert.ok(next.length >= 2, `it is polled at once: after ${next} s`);
    await end();
  });
}

test("a webhook that comes seconds after a poll found the change is no loss, whichever process takes it", async () => {
  for (const named of [true, false]) {
    const world = await setUp({ named, processes: 2 });
    const { run, write, every, changes, end } = world;
    await writing(world, 2 * MINUTE, 5);
    // Some polls find what happened in the twenty seconds before them.
    for (let i = 0; i < 80; i++) {
      write(`${i}`, 20_000, "", i % 2);
      await run(11_000);
    }
    const first = changes.filter(({ via }) => via === "poll").length;
    assert.ok(first >= 5, `polls found ${first} before their webhooks`);
    assert.ok((await every()) > 4 * MINUTE, `${await every()} ms: it grew on`);
    await end();
  }
});

test("a poll that takes several turns grows once", async () => {
  const world = await setUp();
  const { desk, run, write, every, end } = world;
  await writing(world, 2 * MINUTE, 6);
  for (let before = await every(); ; before = await every()) {
    for (let i = 0; i < 7; i++) write(`many${i}`);
    const polled = desk.count("poll");
    while (desk.count("poll") === polled) await run(1_000);
    await run(1_000);
    const turns = desk.count("poll") - polled;
    if (turns < 4) continue;
    assert.ok((await every()) <= 1.25 * before + 1, `${turns} turns: from ${before} to ${await every()} ms`);
    break;
  }
  await end();
});

test("a poll that ends with an empty page has named what came before it: where things change polls stay at a quarter of the longest", async () => {
  const world = await setUp();
  const { every, end } = world;
  await writing(world, 5 * MINUTE, 36);
  const ms = await every();
  assert.ok(ms > 10 * MINUTE && ms <= HOUR / 4, `${ms} ms`);
  await end();
});

test("a feed with a page that fails is asked for the rest as soon as it may, not when its next turn comes", async () => {
  for (const failure of [new Error("502"), new RetryLater(5_000, "503", { busy: true })]) {
    const [desk, time] = [createDesk(), handClock()];
    const sync = createSync({ providers: { desk: desk.provider }, store: memory(time), time });
    await sync.drain();
    for (let i = 0; i < 5; i++) desk.events.push(desk.put(`${i}`, "new"));
    const from = desk.count("poll");
    desk.before = (call) => {
      if (call.startsWith("poll") && desk.count("poll") === from + 2) throw failure;
    };
    time.advance(60_000);
    await sync.drain();
    assert.equal(desk.count("poll"), from + 2, "the second page fails");
    time.advance(6_000);
    await sync.drain();
    const found = new Set((await take(sync.changes({ follow: false }))).map(({ id }) => id));
    assert.equal(found.size, 5, `${failure}: ${desk.count("poll") - from} polls`);
    const polls = desk.count("poll");
    time.advance(6_000);
    await sync.drain();
    assert.equal(desk.count("poll"), polls, "nothing is left over");
    await sync.stop();
  }
});

test("while every webhook is lost polls stay at the shortest, and that costs no more than one write for each of them", async () => {
  let moved = 0;
  const name = feedName("desk", "", "events");
  const around = (store: Store): Store => ({
    ...store,
    checkpoint(move, how) {
      // Neither taking hold of it nor letting go.
      const step: typeof move.step = (at, tick) => {
        const next = move.step(at, tick);
        if (next && at.value !== null && next.holder === at.holder) moved++;
        return next;
      };
      return store.checkpoint(move.name === name ? { name, step } : move, how);
    },
  });
  const world = await setUp({ around });
  const { run, write, time, since, end } = world;
  await writing(world, 3 * MINUTE, 10);
  const lose = async (times: number) => {
    moved = 0;
    const begun = time.now();
    for (let i = 0; i < times; i++) {
      write(`${i}`, null);
      await run(10_000);
    }
    return since(begun, "poll").length;
  };
  await lose(180);
  assert.ok(moved > 0 && moved <= 30, `${moved} writes beside those of the polls, in half an hour`);
  const turns = await lose(180);
  assert.ok(turns >= 3 * 25, `${turns} turns in half an hour`);
  assert.equal(moved, 0, "once it is known that they stopped, none");
  await end();
});

test("of thousands of scopes one that loses a webhook is quick at once, and all are when no webhook came for a day", async () => {
  const scopes = Array.from({ length: 2_500 }, (_, i) => `s${i}`);
  // The last webhook came a day ago, and every feed is asked once an hour, evenly.
  const before = async (store: Store, now: number) => {
    const heard = { types: { "desk.note": { counts: { heard: 1 }, lag: {}, lateness: {} } }, scopes: [] };
    const at = now - 24 * HOUR;
    await save(store, hourName("desk", Math.floor(at / HOUR)), { writers: {}, slots: { [slotOf(at)]: heard } });
    const swept = { begun: now * 1_000, phase: "done", page: null, pages: 1, mark: null, after: "", suspects: 0 };
    for (const [i, scope] of scopes.entries()) {
      const polled = (now - (1 - i / scopes.length) * 0.9 * HOUR) * 1_000;
      const poll = { cursor: "0", polled, begun: 1, wanted: null, every: HOUR };
      void save(store, feedName("desk", scope, "events"), poll);
      void save(store, sweepName("desk.note", scope), { ...swept, completed: now * 1_000, wanted: null });
    }
  };
  // A day is one by the hours of the ledger: it ends ten minutes later.
  const world = await setUp({ scopes, before, start: BEGIN + 50 * MINUTE });
  const { run, write, time, since, end } = world;
  const begun = time.now();
  write("lost", null, "s99");
  const found = await until(world, "poll", 8 * MINUTE);
  await run(75_000);
  assert.ok(since(found + 1_000, "poll s99").length > 0, "it is polled again a minute later");
  await run(begun + 9 * MINUTE - time.now());
  const polls = since(begun, "poll").length;
  assert.ok(polls < 600, `${polls} polls in nine minutes`);
  while (since(time.now() - MINUTE, "poll").length < 500 && time.now() < begun + 20 * MINUTE) await run(10_000);
  const ended = time.now() - MINUTE;
  assert.ok(ended < begun + 11 * MINUTE, "as soon as a day is over");
  await run(1.5 * MINUTE);
  const quick = new Set(since(ended, "poll").map(({ call }) => call));
  assert.equal(quick.size, scopes.length, "all of them");
  await end();
});

test("a provider that takes no webhooks, or whose webhooks never came, is polled as often as it bears", async () => {
  const quiet = await setUp();
  await quiet.run(3 * HOUR);
  assert.equal(await quiet.every(), MINUTE);
  await quiet.end();
});

/** Six hours to a day, on a smaller scale. */
const SWEEPS = { sweepEvery: { min: HOUR, max: 4 * HOUR } };

test("a type that no feed covers is swept sooner after a sweep that found what no webhook told, and later after others", async () => {
  const world = await setUp({ named: null, options: SWEEPS });
  const { run, write, sweep, end } = world;
  write("1");
  await run(14 * HOUR);
  assert.equal((await sweep()).every, 4 * HOUR, "none found anything");
  write("lost", null);
  await until(world, "sweep", 4 * HOUR);
  await run(5 * MINUTE);
  assert.equal((await sweep()).every, HOUR, "it found one");
  await run(70 * MINUTE);
  assert.equal((await sweep()).every, 2 * HOUR);
  await run(2 * HOUR);
  assert.equal((await sweep()).every, 4 * HOUR);
  await end();
});

test("a sweep that comes between a change and its webhook has lost nothing", async () => {
  const { run, write, sweep, changes, syncs, end } = await setUp({ named: null, options: SWEEPS });
  await run(14 * HOUR);
  write("1", 30_000);
  await Promise.all([syncs[0]?.sweep("desk.note"), run(MINUTE)]);
  assert.deepEqual(
    changes.map(({ via }) => via),
    ["sweep"],
  );
  await run(5 * MINUTE);
  assert.equal((await sweep()).every, 4 * HOUR);
  await end();
});

test("what was imported together is swept over the whole of the next period, and not together for ever", async () => {
  const scopes = Array.from({ length: 60 }, (_, i) => `s${i}`);
  const { run, time, since, end } = await setUp({ scopes, named: null, options: SWEEPS });
  const begun = time.now();
  assert.equal(since(0, "list").length, 60);
  await run(4 * HOUR);
  const second = new Map<string, number>();
  for (const { call, at } of since(begun, "list")) if (!second.has(call)) second.set(call, at);
  const quarters = perPeriod([...second.values()], begun, HOUR);
  assert.ok(Math.min(...quarters) >= 8 && Math.max(...quarters) <= 28, `${quarters} in a quarter of it each`);
  await run(4 * HOUR);
  const times = since(begun + 4 * HOUR, "list").map(({ at }) => at);
  const parts = perPeriod(times, begun + 4 * HOUR, 10 * MINUTE);
  assert.ok(Math.max(...parts) <= 12, `${parts} in ten minutes each`);
  await end();
});

function perPeriod(times: readonly number[], from: number, ms: number): number[] {
  const counts = new Map<number, number>();
  for (const at of times) counts.set(Math.floor((at - from) / ms), (counts.get(Math.floor((at - from) / ms)) ?? 0) + 1);
  return [...counts.values()];
}
