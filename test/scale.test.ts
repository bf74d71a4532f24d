/**
 * Ten thousand scopes in one process, in virtual time: what an idle minute costs, that nothing comes all at once, and
 * that no scope holds up another.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { AccessLost, createSync, type Provider, RetryLater, type Store } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { createRandom, createVirtualTime } from "tidemark/testing";
import { Budget } from "../src/budget.ts";
import type { Checkpoint } from "../src/checkpoint.ts";
import { feedName, sweepName } from "../src/reconcile/plan.ts";
import { systemTime, type Tick, type Time } from "../src/time.ts";

const BEGIN = 1_800_000_000_000;
const MINUTE = 60_000;
const EVERY = 300_000;
const DAY = 86_400_000;

interface Thing {
  id: string;
  rev: number;
}

const later = (time: Time, ms: number) => new Promise<void>((resolve) => time.after(ms, resolve));

/** A provider of many scopes with two feeds and two types; every call takes some time and is noted. */
function createMany(time: ReturnType<typeof createVirtualTime>, scopes: Set<string>) {
  const polls: { scope: string; feed: string; at: number }[] = [];
  const lists: { scope: string; type: string; at: number }[] = [];
  const reads: { scope: string; id: string; at: number }[] = [];
  const many = {
    ...{ scopes, polls, lists, reads },
    /** Is asked before each call of a scope; may throw, or wait. */
    before: (_scope: string, _call: "poll" | "list" | "fetch"): unknown => undefined,
    /** Pages that a list has, by scope. */
    pages: new Map<string, number>(),
    provider: {} as Provider<{ one: Thing; two: Thing }>,
  };
  const resource = (type: string) => ({
    async fetch(id: string, { scope }: { scope: string }) {
      reads.push({ scope, id, at: time.now() });
      await many.before(scope, "fetch");
      return { id, rev: 1 };
    },
    async list(page: string | null, { scope }: { scope: string }) {
      lists.push({ scope, type, at: time.now() });
      await many.before(scope, "list");
      await later(time, 20);
      const at = Number(page ?? 0);
      const items = many.pages.has(scope) ? range(100).map((i) => ({ id: `${at}-${i}`, rev: 1 })) : [];
      return { items, next: at + 1 < (many.pages.get(scope) ?? 0) ? String(at + 1) : null };
    },
    id: ({ id }: Thing) => id,
    version: ({ rev }: Thing) => rev,
  });
  const feed = (name: string, type: "one" | "two") => ({
    types: [type],
    every: EVERY,
    async poll(_: string | null, { scope }: { scope: string }) {
      polls.push({ scope, feed: name, at: time.now() });
      await many.before(scope, "poll");
      await later(time, 20);
      return { hints: [], cursor: "0" };
    },
  });
  many.provider = {
    limits: { rate: 100 },
    scopes: () => new Set(many.scopes),
    probe: async () => {},
    resources: { one: resource("one"), two: resource("two") },
    feeds: { a: feed("a", "one"), b: feed("b", "two") },
  };
  return many;
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const names = (n: number, prefix = "s") => new Set(range(n).map((i) => `${prefix}${i}`));

/** Counts what an engine asks of its store. */
function counted(store: Store) {
  const calls = { all: 0, listed: 0, moved: new Set<string>(), underWay: new Set<unknown>() };
  const count = <Args extends unknown[], Result>(run: (...args: Args) => Promise<Result>) => {
    return async (...args: Args): Promise<Result> => {
      calls.all++;
      const asked = run(...args);
      calls.underWay.add(asked);
      return asked.finally(() => calls.underWay.delete(asked));
    };
  };
  const { post, update, checkpoint, checkpoints, rows, entries, survey, head } = store;
  const counting: Store = {
    ...store,
    ...{ post: count(post), update: count(update), rows: count(rows) },
    checkpoint: count((move, how) => {
      calls.moved.add(move.name);
      return checkpoint(move, how);
    }),
    ...{ entries: count(entries), survey: count(survey), head: count(head) },
    checkpoints: count(async (prefix, after, limit) => {
      const page = await checkpoints(prefix, after, limit);
      calls.listed += page.length;
      return page;
    }),
  };
  return { store: counting, calls };
}

/** What was recorded of the scopes when each was polled and swept `ago` ms before, a little apart. */
async function remember(store: Store, scopes: Iterable<string>, ago: (i: number) => number, sweptAgo = DAY / 2) {
  let i = 0;
  const saves: Promise<unknown>[] = [];
  const save = (name: string, value: object) =>
    saves.push(
      store.checkpoint({ name, step: (at, tick) => ({ ...at, at: tick, value: JSON.stringify(value) }) }, LAZY),
    );
  for (const scope of scopes) {
    const polled = (BEGIN - ago(i++)) * 1_000;
    const begun = (BEGIN - sweptAgo) * 1_000;
    for (const feed of ["a", "b"]) save(feedName("many", scope, feed), { cursor: "0", polled, wanted: null });
    for (const type of ["one", "two"]) {
      const done = { phase: "done", page: null, pages: 1, mark: null, after: "", suspects: 0, wanted: null };
      save(sweepName(`many.${type}`, scope), { ...done, begun, completed: begun });
    }
  }
  await Promise.all(saves);
}
const LAZY = { lazy: true };

interface Options {
  scopes?: Set<string>;
  path?: string;
  /** How long ago each scope was polled, in ms; left out: nothing is known of any. */
  ago?: (i: number) => number;
  sweptAgo?: number;
}

async function setUp({ scopes = names(10_000), path = ":memory:", ago, sweptAgo }: Options = {}) {
  const time = createVirtualTime({ start: BEGIN, random: createRandom(7) });
  const many = createMany(time, scopes);
  const base = sqlite(path, { time });
  // In slices: what a store on a disk does takes real time.
  const run = async (ms: number) => {
    for (const until = time.now() + ms; time.now() < until; ) await time.run(Math.min(until, time.now() + 250));
  };
  /** Lets time pass until it is settled: the store saves in virtual time, too. */
  const settle = async <T>(asked: Promise<T>): Promise<T> => {
    let over = false;
    const end = () => {
      over = true;
    };
    asked.then(end, end);
    while (!over) await run(1);
    return asked;
  };
  await settle(base.open());
  if (ago) await settle(remember(base, scopes, ago, sweptAgo));
  const open = (store: Store = base) => createSync({ providers: { many: many.provider }, store, time });
  const end = async (...syncs: { stop(): Promise<void> }[]) => {
    const stopped = Promise.all(syncs.map((sync) => sync.stop()));
    await run(120_000);
    // A slow disk may take longer: what it is waited for goes on in virtual time.
    await settle(stopped);
  };
  return { time, many, base, run, settle, open, end };
}

/** How many fall into each minute. */
function perMinute(calls: readonly { at: number }[]): number[] {
  const counts = new Map<number, number>();
  for (const { at } of calls) {
    const minute = Math.floor((at - BEGIN) / MINUTE);
    counts.set(minute, (counts.get(minute) ?? 0) + 1);
  }
  return [...counts.values()];
}

for (const where of ["memory", "disk"]) {
  test(`10,000 scopes of which none is due cost a few store calls a minute, no timer each, and no look at each (${where})`, async (t) => {
    const folder = where === "disk" ? mkdtempSync(join(tmpdir(), "tidemark-scale-")) : undefined;
    t.after(() => folder && rmSync(folder, { recursive: true, force: true }));
    // The first is due in 170 s.
    const path = folder ? { path: join(folder, "a.db") } : {};
    const { many, base, time, run, settle, open, end } = await setUp({ ago: () => 100_000, ...path });
    const { store, calls } = counted(base);
    const sync = open(store);
    await settle(sync.start());
    // A slow disk is waited for: what the start asks of it does not fall into the minute that is looked at.
    const minute = async () => {
      for (const end = time.now() + MINUTE; time.now() < end; ) {
        await run(250);
        while (calls.underWay.size > 0) await time.run(time.now());
      }
    };
    await minute();
    const timers = time.pending();
    Object.assign(calls, { all: 0, listed: 0 });
    const cpu = process.cpuUsage();
    await minute();
    const { user, system } = process.cpuUsage(cpu);
    t.diagnostic(`an idle minute: ${calls.all} calls, ${(user + system) / 1_000} ms of CPU, ${timers} timers`);
    assert.equal(many.polls.length + many.lists.length, 0, "none is due");
    assert.ok(timers < 200, `${timers} timers`);
    // The worker looks for rows of five classes each second; the reconciler for a handful of things every ten.
    assert.ok(calls.all < 400, `${calls.all} store calls in an idle minute`);
    assert.ok(calls.listed <= 2_000, `${calls.listed} checkpoints were read, of 40,000`);
    await end(sync);
  });
}

test("after a stop of a minute or of hours no minute has more than its share of polls, and each feed has its own within a period", async (t) => {
  for (const [count, ago] of [
    [10_000, (i: number) => (i % 300) * 1_000 + MINUTE],
    [3_000, (i: number) => DAY / 4 + i],
  ] as const) {
    const { many, run, settle, open, end } = await setUp({ scopes: names(count), ago });
    const sync = open();
    await settle(sync.start());
    await run(EVERY);
    const counts = perMinute(many.polls);
    t.diagnostic(`polls per minute: ${counts}`);
    // All in five minutes, a quarter more to catch up, and the first ones at once.
    assert.ok(Math.max(...counts) <= (1.25 * 2 * count) / 5 + 128, `${counts} polls per minute`);
    const feeds = new Set(many.polls.map(({ scope, feed }) => `${scope} ${feed}`));
    assert.equal(feeds.size, 2 * count);
    await end(sync);
  }
});

test("after a long stop what a hint wanted comes first, then the most overdue", async () => {
  const { many, base, run, settle, open, end } = await setUp({ scopes: names(3_000), ago: (i) => DAY / 4 + i * 1_000 });
  const other = open(base);
  const wanted = JSON.stringify({ cursor: "0", polled: 1, wanted: 1 });
  await settle(base.checkpoint({ name: feedName("many", "s5", "a"), step: (at) => ({ ...at, value: wanted }) }));
  await settle(other.start());
  await run(MINUTE);
  assert.equal(many.polls[0]?.scope, "s5");
  const order = many.polls.slice(0, 900).flatMap(({ scope }) => (scope === "s5" ? [] : Number(scope.slice(1))));
  assert.ok(Math.min(...order) > 2_400, "the ones that were polled the longest ago");
  await end(other);
});

test("a scope that imports a million objects holds up neither another's hint nor its poll nor its sweep", async (t) => {
  const { many, time, run, settle, open, end } = await setUp({ scopes: names(200) });
  many.pages.set("s0", 10_000);
  many.before = (scope, call) => (scope === "s0" && call === "list" ? later(time, 200) : undefined);
  const sync = open();
  await settle(sync.start());
  await run(2 * MINUTE);
  const imported = many.lists.filter(({ scope }) => scope === "s0").length;
  assert.ok(imported > 100 && imported < 10_000, `${imported} pages: it is still at it`);
  const asked = time.now();
  void sync.hint("many.one", "x", { scope: "s1" });
  await run(2_000);
  const read = many.reads.find(({ scope, id }) => scope === "s1" && id === "x");
  t.diagnostic(`read after ${(read?.at ?? Number.NaN) - asked} ms`);
  assert.ok(read, "read within two seconds");
  assert.equal(new Set(many.lists.map(({ scope, type }) => `${scope} ${type}`)).size, 400, "every type of every scope");
  assert.equal(new Set(many.polls.map(({ scope, feed }) => `${scope} ${feed}`)).size, 400);
  await end(sync);
});

test("twenty scopes that import for hours leave the others their turn, and their own other types, too", async () => {
  const { many, time, run, settle, open, end } = await setUp({ scopes: names(60) });
  for (const scope of names(20)) many.pages.set(scope, 1_000_000);
  many.before = (scope, call) => (many.pages.has(scope) && call === "list" ? later(time, 5_000) : undefined);
  const sync = open();
  await settle(sync.start());
  await run(5 * MINUTE);
  assert.equal(new Set(many.lists.map(({ scope, type }) => `${scope} ${type}`)).size, 120);
  await end(sync);
});

test("scopes that hang, fail, rest or have lost access hold up no other", async (t) => {
  const { many, time, run, settle, open, end } = await setUp({ scopes: names(800), ago: (i) => (i % 300) * 1_000 });
  const bad = (scope: string) => Number(scope.slice(1)) < 400;
  many.before = (scope) => {
    const i = Number(scope.slice(1));
    if (i < 50) throw new Error("500");
    if (i < 100) throw new AccessLost("401");
    if (i < 150) throw new RetryLater(45_000);
    // Until the deadline of a call.
    if (i < 400) return later(time, 60_000);
    return undefined;
  };
  const sync = open();
  await settle(sync.start());
  await run(15 * MINUTE);
  const good = new Map<string, number[]>();
  for (const { scope, feed, at } of many.polls) {
    // What hangs is known to hang after its first time.
    if (bad(scope) || at < BEGIN + 6 * MINUTE) continue;
    const key = `${scope} ${feed}`;
    good.set(key, [...(good.get(key) ?? [BEGIN + 6 * MINUTE]), at]);
  }
  const gaps = [...good.values()].flatMap((at) =>
    [...at, BEGIN + 15 * MINUTE].map((now, i) => now - (at[i - 1] ?? now)),
  );
  t.diagnostic(`the longest gap between polls of a feed: ${Math.max(...gaps)} ms`);
  assert.equal(good.size, 800);
  assert.ok(Math.max(...gaps) < EVERY + 30_000, `${Math.max(...gaps)} ms`);
  await end(sync);
});

test("scopes that have lost access, and are named all the same, are asked ever less", async () => {
  const { many, time, run, settle, open, end } = await setUp({ scopes: names(50), ago: () => EVERY });
  many.before = () => {
    throw new AccessLost("401");
  };
  const sync = open();
  await settle(sync.start());
  await run(30 * MINUTE);
  const late = many.polls.filter(({ at }) => at > time.now() - 10 * MINUTE).length;
  assert.ok(late > 0 && late <= 50 * 2 * 2, `${late} polls in 10 minutes of 100 feeds`);
  await end(sync);
});

test("a provider that never answers holds up no other provider", async () => {
  const { many, time, run, settle, end, base } = await setUp({ scopes: names(500) });
  const dead = createMany(time, names(5_000));
  dead.before = () => new Promise<void>(() => {});
  const sync = createSync({ providers: { dead: dead.provider, many: many.provider }, store: base, time });
  await settle(sync.start());
  await run(4 * MINUTE);
  assert.equal(new Set(many.polls.map(({ scope, feed }) => `${scope} ${feed}`)).size, 1_000);
  await end(sync);
});

test("scopes join and leave while it runs: who is new is polled and swept at once, who left is left alone", async () => {
  const scopes = names(300);
  const { many, time, run, settle, open, end } = await setUp({ scopes, ago: (i) => (i % 300) * 1_000 });
  const sync = open();
  await settle(sync.start());
  await run(2 * MINUTE);
  for (const scope of names(100)) scopes.delete(scope);
  for (const scope of names(100, "new")) scopes.add(scope);
  // Providers are asked for their scopes every five minutes.
  await run(5 * MINUTE);
  const now = time.now();
  const joined = (calls: readonly { scope: string }[]) =>
    new Set(calls.filter(({ scope }) => scope.startsWith("new")).map(({ scope }) => scope)).size;
  assert.deepEqual([joined(many.polls), joined(many.lists)], [100, 100]);
  await run(10 * MINUTE);
  const left = many.polls.filter(({ scope, at }) => names(100).has(scope) && at > now);
  assert.equal(left.length, 0, "nothing is asked of who left");
  await end(sync);
});

test("what scopes that left leave behind is forgotten after a week; what a scope that is there wants is kept", async () => {
  const scopes = new Set(["stays", "leaves"]);
  const { base, run, settle, open, end } = await setUp({ scopes });
  const { store, calls } = counted(base);
  const sync = open(store);
  await settle(sync.start());
  await run(MINUTE);
  const step = (at: Checkpoint, tick: Tick) => ({ ...at, value: "{}", at: tick });
  for (const scope of scopes) await settle(base.checkpoint({ name: `guard|many.one|${scope}`, step }));
  scopes.delete("leaves");
  const all = async () =>
    (await Promise.all(["poll|", "sweep|", "guard|"].map((prefix) => base.checkpoints(prefix, "", 99)))).flat();
  const known = async (scope: string) => (await all()).filter(({ name }) => name.split("|").includes(scope)).length;
  /** As if all had happened so many days before. */
  const age = async (days: number) => {
    const back = (at: Checkpoint) => ({ ...at, at: at.at - days * DAY * 1_000 });
    for (const { name } of await all()) await settle(base.checkpoint({ name, step: back }));
    await run(2 * MINUTE);
  };
  await run(70 * MINUTE);
  calls.moved.clear();
  await run(5 * MINUTE);
  assert.deepEqual(
    [...calls.moved].filter((name) => name.includes("leaves")),
    [],
    "no transaction for what must wait",
  );
  await age(6.5);
  assert.deepEqual([await known("leaves"), await known("stays")], [5, 5], "it may come back");
  await age(1);
  assert.deepEqual([await known("leaves"), await known("stays")], [0, 5]);
  await end(sync);
});

test("a restart of the engine after a week forgets nothing before the scopes were seen to have left for an hour", async () => {
  const { many, base, run, settle, open, end } = await setUp({
    scopes: new Set(["a"]),
    ago: () => 8 * DAY,
    sweptAgo: 8 * DAY,
  });
  // The provider does not name it just now.
  many.scopes.delete("a");
  await settle(
    Promise.all(
      (await base.checkpoints("", "", 99)).map(({ name }) =>
        base.checkpoint({ name, step: (at) => ({ ...at, at: 1 }) }),
      ),
    ),
  );
  const sync = open();
  await settle(sync.start());
  await run(30 * MINUTE);
  assert.equal((await base.checkpoints("poll|", "", 9)).length, 2);
  await run(60 * MINUTE);
  assert.equal((await base.checkpoints("poll|", "", 9)).length, 0);
  await end(sync);
});

test("two engines on one store share the polls: none is made twice in one period, and none is left out", async (t) => {
  const { many, base, run, settle, open, end } = await setUp({
    scopes: names(300),
    ago: (i) => (i % 300) * 1_000,
    sweptAgo: DAY,
  });
  const [one, two] = [open({ ...base, close: async () => {} }), open({ ...base, close: async () => {} })];
  await settle(Promise.all([one.start(), two.start()]));
  await run(20 * MINUTE);
  const last = new Map<string, number>();
  let shortest = Number.POSITIVE_INFINITY;
  for (const { scope, feed, at } of many.polls) {
    const key = `${scope} ${feed}`;
    const before = last.get(key);
    if (before !== undefined) shortest = Math.min(shortest, at - before);
    last.set(key, at);
  }
  t.diagnostic(`${many.polls.length} polls, the shortest time between two of one feed: ${shortest} ms`);
  assert.ok(shortest >= 0.9 * EVERY, `${shortest} ms`);
  assert.equal(last.size, 600);
  assert.equal(many.lists.length, 600, "a sweep of each type of each scope");
  await end(one, two);
  await settle(base.close());
});

test("what one process is asked for another looks at within ten seconds, if the first cannot", async () => {
  const { many, base, run, settle, open, end } = await setUp({ scopes: names(100), ago: () => 100_000 });
  const idle = open({ ...base, close: async () => {} });
  const busy = open({ ...base, close: async () => {} });
  await settle(busy.start());
  await run(MINUTE);
  assert.equal(many.polls.length, 0);
  // This one takes hints, and was never started.
  many.provider.webhook = () => [{ type: "one", scope: "s7" }];
  await settle(idle.webhook("many", new Request("http://x/", { method: "POST", body: "{}" })));
  await run(10_500);
  assert.deepEqual(
    many.polls.map(({ scope, feed }) => `${scope} ${feed}`),
    ["s7 a"],
  );
  await run(10_500);
  assert.deepEqual([many.polls.length, await base.checkpoints("want|", "", 9)], [1, []], "and it is done with");
  await end(idle, busy);
  await settle(base.close());
});

test("a wanted poll is made once, though it is wanted ten times, and one that fails is not made again at once", async () => {
  const { many, run, settle, open, end } = await setUp({ scopes: names(10), ago: () => 100_000 });
  many.provider.webhook = () => [{ type: "one", scope: "s7" }];
  const sync = open();
  await settle(sync.start());
  many.before = () => {
    throw new Error("500");
  };
  const hear = () => sync.webhook("many", new Request("http://x/", { method: "POST", body: "{}" }));
  for (let i = 0; i < 50; i++) {
    await settle(hear());
    await run(100);
  }
  assert.ok(many.polls.length > 0 && many.polls.length <= 12, `${many.polls.length} polls that fail, in five seconds`);
  many.before = () => {};
  await run(10 * MINUTE);
  const before = many.polls.length;
  for (let i = 0; i < 10; i++) void hear();
  await run(5_000);
  assert.ok(many.polls.length - before <= 2, `${many.polls.length - before} polls`);
  await end(sync);
});

test("scopes that are named page by page may take longer than one call", async () => {
  const { many, time, run, settle, open, end } = await setUp({ scopes: names(4) });
  many.provider.scopes = async function* () {
    for (const scope of many.scopes) {
      await later(time, 30_000);
      yield scope;
    }
  };
  const sync = open();
  await settle(sync.start());
  await run(5 * MINUTE);
  assert.equal(new Set(many.polls.map(({ scope }) => scope)).size, 4);
  await end(sync);
});

test("a budget forgets the places and rests of scopes that are past, and no others", () => {
  const budget = new Budget({
    ...{ providers: { p: { resources: {}, limits: { rate: 1 } } }, concurrency: 4, reserve: 0, owner: "a" },
    ...{ store: sqlite(":memory:"), time: systemTime, emit: () => {}, rang: () => {} },
  });
  for (let i = 0; i < 100_000; i++) {
    budget.reserve("p", `s${i}`, "live", i * 1_000_000);
    budget.rest(`p|s${i}`, i * 1_000 + 5_000);
    budget.restingAt("p|other", i * 1_000);
  }
  assert.ok(budget.size <= 2 * 1_025, `${budget.size} times are kept`);
  for (let i = 0; i < 2_000; i++) for (let n = 0; n < 10; n++) budget.reserve("p", `f${i}`, "live", 1e12);
  assert.equal(budget.reserve("p", "f0", "live", 1e12), 1e12 + 6_000_000, "the eleventh place, less the burst");
});
