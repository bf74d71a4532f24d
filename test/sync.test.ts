/** The public interface, from the outside: one provider at hand, the real store, nothing waited for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AccessLost,
  CursorLost,
  createSync,
  type Gone,
  gone,
  Hidden,
  type Providers,
  RetryLater,
  type SyncOptions,
} from "tidemark";
import { systemTime } from "../src/time.ts";
import { createDesk, type Desk, memory, take, webhookOf } from "./desk.ts";

function setUp(t: { after(run: () => unknown): void }, desk: Desk = createDesk(), options: Partial<SyncOptions> = {}) {
  const sync = createSync({ providers: { desk: desk.provider }, store: memory(), ...options });
  t.after(() => sync.stop());
  const hear = async (...hints: unknown[]) => (await sync.webhook("desk", webhookOf(hints))).status;
  const log = () => take(sync.changes({ follow: false }));
  const texts = async () =>
    (await log()).map(({ id, before, after, via }) => `${id} ${before?.text ?? "-"} → ${after?.text ?? "-"} ${via}`);
  return { desk, sync, hear, log, texts };
}

test("a webhook leads to a fetch, and what that shows is the change", async (t) => {
  const { desk, sync, hear, log } = setUp(t);
  await sync.drain();
  assert.equal(await hear({ ...desk.put("1", "hello"), payload: "ignored" }), 202);
  await sync.drain();
  const [change] = await log();
  assert.ok(change);
  const { type, scope, id, before, after, via, initial, causes, at } = change;
  assert.deepEqual(
    { type, scope, id, before, after, via, initial },
    {
      type: "desk.note",
      scope: "",
      id: "1",
      before: null,
      after: { id: "1", text: "hello", rev: 1 },
      via: "webhook",
      initial: false,
    },
  );
  assert.deepEqual(causes, [{ id: "evt_1", name: "note.changed", at: new Date(1_700_000_000_000) }]);
  assert.ok(at <= new Date() && at > new Date(Date.now() - 60_000));
});

test("what was there before we looked is initial; a handler may do without it", async (t) => {
  const { desk, sync, log } = setUp(t);
  for (const id of ["1", "2", "3", "4", "5"]) desk.put(id, "old");
  const heard: string[] = [];
  sync.subscribe("new", { initial: false }, ({ id }) => heard.push(`new ${id}`));
  sync.subscribe("all", ({ id }) => heard.push(`all ${id}`));
  await sync.drain();
  assert.deepEqual(
    (await log()).map(({ id, initial, via }) => [id, initial, via]),
    ["1", "2", "3", "4", "5"].map((id) => [id, true, "sweep"]),
  );
  desk.put("6", "new");
  await sync.sweep();
  await sync.drain();
  assert.equal((await log()).at(-1)?.initial, false, "a later sweep finds what is new");
  assert.deepEqual(heard.sort(), ["all 1", "all 2", "all 3", "all 4", "all 5", "all 6", "new 6"]);
});

test("a webhook that never came is found by the feed, or by a sweep, and says so", async (t) => {
  const { desk, sync, texts } = setUp(t);
  await sync.drain();
  desk.put("1", "by sweep");
  const reports = await sync.sweep("desk.note");
  assert.deepEqual(reports, [{ type: "desk.note", scope: "", changes: 1, suspects: 0 }]);
  for (let i = 0; i < 5; i++) desk.events.push(desk.put(`p${i}`, "by poll"));
  await sync.webhook("desk", webhookOf([{ type: "note" }]));
  await sync.drain();
  assert.deepEqual(await texts(), ["1 - → by sweep sweep", ...[0, 1, 2, 3, 4].map((i) => `p${i} - → by poll poll`)]);
});

test("a hint without an id has the type's feeds asked, or the type swept if it has none", async (t) => {
  const { desk, sync, hear, texts } = setUp(t, createDesk({ feed: false }));
  await sync.drain();
  desk.put("1", "a");
  await hear({ type: "note" });
  await sync.drain();
  assert.deepEqual(await texts(), ["1 - → a sweep"]);
});

test("a feed whose cursor is older than its horizon has its types swept, and says so", async (t) => {
  const store = memory();
  const gaps: string[] = [];
  const { desk, sync } = setUp(t, createDesk(), {
    store,
    observe: (event) => void (event.kind === "gap" && gaps.push(`${event.what} ${event.state}`)),
  });
  await sync.drain();
  const lists = desk.count("list");
  const old = JSON.stringify({ cursor: "0", polled: 1, wanted: null });
  await store.checkpoint({ name: "poll|desk||events", step: (at) => ({ ...at, value: old }) });
  await sync.drain();
  await sync.drain();
  assert.deepEqual([gaps, desk.count("list")], [["feed events open", "feed events closed"], lists + 1]);
});

test("a sweep that another process took over saves nothing more, and the other goes on", async (t) => {
  const store = memory();
  const failures: string[] = [];
  const observe: SyncOptions["observe"] = (event) => void (event.kind === "failed" && failures.push(event.error));
  const { desk, sync, log } = setUp(t, createDesk({ feed: false }), { store, observe });
  for (const id of ["1", "2", "3"]) desk.put(id, "a");
  desk.before = async (call) => {
    if (call.startsWith("list"))
      await store.checkpoint({ name: "sweep|desk.note|", step: (at) => ({ ...at, holder: "another" }) });
  };
  await sync.drain();
  assert.deepEqual([(await log()).length, failures], [0, ["Overtaken"]]);
});

test("a sweep that was left alone for a period starts anew; one that only takes long goes on", async (t) => {
  const store = memory();
  const { desk, sync } = setUp(t, createDesk({ feed: false }), { store });
  await sync.drain();
  const stale = {
    begun: 1,
    phase: "list",
    page: "zzz",
    pages: 9,
    mark: null,
    after: "",
    suspects: 0,
    completed: 1,
    wanted: null,
  };
  await store.checkpoint({ name: "sweep|desk.note|", step: (at) => ({ ...at, at: 1, value: JSON.stringify(stale) }) });
  desk.calls.length = 0;
  await sync.drain();
  assert.deepEqual(desk.calls, ["list  "]);
  await store.checkpoint({
    name: "sweep|desk.note|",
    step: (at, tick) => ({ ...at, at: tick, value: JSON.stringify({ ...stale, begun: tick - 60_000_000 }) }),
  });
  desk.calls.length = 0;
  await sync.drain();
  assert.deepEqual(desk.calls, ["list  zzz"], "it was at work a moment ago");
});

test("a feed's repeat changes nothing", async (t) => {
  const { desk, sync, hear } = setUp(t);
  await sync.drain();
  const hint = desk.put("1", "a");
  await hear(hint);
  await sync.drain();
  const fetches = desk.count("fetch");
  desk.events.push(hint);
  await hear({ type: "note" });
  await sync.drain();
  assert.equal(desk.count("fetch"), fetches);
});

test("a deletion is recorded when the API says gone, or says nothing between two good probes", async (t) => {
  for (const absent of [gone, null] as (Gone | null)[]) {
    const { desk, sync, hear, texts } = setUp(t);
    await sync.drain();
    await hear(desk.put("1", "a"));
    await sync.drain();
    desk.absent = absent;
    desk.calls.length = 0;
    await hear(desk.remove("1"));
    await sync.drain();
    assert.deepEqual(await texts(), ["1 - → a webhook", "1 a → - webhook"]);
    assert.deepEqual(desk.calls, absent === gone ? ["fetch /1"] : ["fetch /1", "probe ", "fetch /1", "probe "]);
  }
});

test("a deletion that no webhook told is found by a sweep, which only asks", async (t) => {
  const { desk, sync, texts } = setUp(t);
  desk.put("1", "a");
  desk.put("2", "b");
  await sync.drain();
  desk.remove("1");
  assert.deepEqual(await sync.sweep(), [{ type: "desk.note", scope: "", changes: 1, suspects: 1 }]);
  assert.equal((await texts()).at(-1), "1 a → - sweep");
});

test("lost access deletes nothing, whether it looks forbidden or not found", async (t) => {
  const { desk, sync, hear, log } = setUp(t);
  desk.put("1", "a");
  await sync.drain();
  const denied = () => {
    throw new AccessLost("403");
  };
  desk.before = denied;
  await hear({ type: "note", id: "1" });
  await sync.drain();
  desk.before = (call) => (call.startsWith("probe") ? denied() : undefined);
  desk.notes.get("")?.clear();
  await hear({ type: "note", id: "1" });
  await sync.drain();
  assert.equal((await log()).length, 1);
  const { ok, types } = await sync.health();
  assert.equal(ok, false);
  assert.match(types[0]?.error ?? "", /AccessLost/);
});

test("a hidden resource stays as it is recorded", async (t) => {
  const { desk, sync, hear, log } = setUp(t);
  desk.put("1", "a");
  await sync.drain();
  desk.before = (call) => {
    if (call.startsWith("fetch")) throw new Hidden("not for you");
  };
  await hear({ type: "note", id: "1" });
  await sync.drain();
  assert.equal((await log()).length, 1);
  assert.equal((await sync.health()).types[0]?.dirty, 0);
});

test("an answer that is another resource is no observation", async (t) => {
  const { desk, sync, hear, log } = setUp(t);
  await sync.drain();
  desk.put("1", "a");
  desk.notes.get("")?.set("2", { id: "1", text: "mistaken" });
  await hear({ type: "note", id: "2" });
  await sync.drain();
  assert.deepEqual(
    (await log()).map(({ id }) => id),
    [],
  );
});

test("a list that goes round in circles ends as a failed sweep", async (t) => {
  const desk = createDesk();
  desk.provider.resources.note.list = async (page) => ({ items: [], next: page === "b" ? "a" : "b" });
  const failures: string[] = [];
  const { sync } = setUp(t, desk, { observe: (event) => void (event.kind === "failed" && failures.push(event.what)) });
  await sync.drain();
  assert.deepEqual(failures, ["the sweep of desk.note"]);
});

test("where one changed, its plugin's related ones are looked at, too", async (t) => {
  const desk = createDesk();
  desk.provider.resources.note.related = ({ text }) =>
    text.startsWith("see ") ? [{ type: "note", id: text.slice(4) }] : [];
  const { sync, hear, texts } = setUp(t, desk);
  await sync.drain();
  desk.put("2", "b");
  await hear(desk.put("1", "see 2"));
  await sync.drain();
  assert.deepEqual((await texts()).sort(), ["1 - → see 2 webhook", "2 - → b webhook"]);
});

test("get: what is recorded; with maxAge as fresh as asked for, and that goes into the stream", async (t) => {
  const { desk, sync, log } = setUp(t);
  assert.equal(await sync.get("desk.note", "1"), undefined);
  desk.put("1", "a");
  const first = await sync.get("desk.note", "1", { maxAge: 0 });
  assert.equal(first?.state?.text, "a");
  assert.deepEqual(
    (await log()).map(({ cursor, via }) => [cursor, via]),
    [[first?.cursor, "app"]],
  );
  desk.put("1", "b");
  assert.equal((await sync.get("desk.note", "1"))?.state?.text, "a", "no maxAge, no call");
  assert.equal((await sync.get("desk.note", "1", { maxAge: 60_000 }))?.state?.text, "a", "young enough");
  assert.equal((await sync.get("desk.note", "1", { maxAge: 0 }))?.state?.text, "b");
  desk.remove("1");
  assert.equal((await sync.get("desk.note", "1", { maxAge: 0 }))?.state, null);
  desk.before = () => {
    throw new Error("502");
  };
  await assert.rejects(sync.get("desk.note", "1", { maxAge: 0, timeout: 20 }), { name: "TimeoutError" });
});

test("hint: the application may say that something changed", async (t) => {
  const { desk, sync, texts } = setUp(t);
  await sync.drain();
  desk.put("1", "a");
  await sync.hint("desk.note", "1");
  await sync.drain();
  assert.deepEqual(await texts(), ["1 - → a app"]);
  await assert.rejects(sync.hint("desk.other" as never, "1"), /is no type of these providers; there are: desk.note/);
});

test("changes: a cursor resumes after what it saw; types and scope filter; a signal ends it", async (t) => {
  const { desk, sync } = setUp(t, createDesk({ scopes: ["a", "b"] }));
  for (const [id, scope] of [
    ["1", "a"],
    ["2", "b"],
    ["3", "a"],
  ] as const)
    desk.put(id, "x", scope);
  await sync.drain();
  const all = await take(sync.changes({ follow: false }));
  assert.equal(all.length, 3);
  const rest = await take(sync.changes({ follow: false, after: all[0]?.cursor ?? null }));
  assert.deepEqual(rest, all.slice(1));
  const some = sync.changes({ follow: false, scope: "b" });
  assert.deepEqual(
    (await take(some)).map(({ id }) => id),
    ["2"],
  );
  assert.equal(some.cursor, all.at(-1)?.cursor, "everything that matches up to the end was yielded");
  assert.deepEqual(await take(sync.changes({ follow: false, types: [] })), []);

  const following = new AbortController();
  setImmediate(() => following.abort());
  const last = all.at(-1)?.cursor ?? null;
  assert.deepEqual(await take(sync.changes({ after: last, signal: following.signal })), [], "it would wait for ever");
});

test("changes: follows what is recorded later", async (t) => {
  const { desk, sync } = setUp(t);
  await sync.drain();
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { id } of sync.changes()) {
      seen.push(id);
      if (seen.length === 2) return;
    }
  })();
  for (const id of ["1", "2"]) {
    desk.put(id, "x");
    await sync.get("desk.note", id, { maxAge: 0 });
  }
  await reading;
  assert.deepEqual(seen, ["1", "2"]);
});

test("a cursor of another log, or of one that was rolled back, is lost aloud, and everything is looked at again", async (t) => {
  const one = setUp(t);
  one.desk.put("1", "a");
  await one.sync.drain();
  const [change] = await one.log();
  const cursor = change?.cursor ?? "";
  const [log, position, tick] = cursor.split(".");
  const two = setUp(t);
  two.desk.put("1", "a");
  await two.sync.drain();
  const lost = (sync: typeof one.sync, after: string) =>
    assert.rejects(take(sync.changes({ after, follow: false })), CursorLost);
  await lost(two.sync, cursor);
  await lost(one.sync, `${log}.${Number(position) + 1}.${tick}`);
  await lost(one.sync, `${log}.${position}.${Number(tick) + 1}`);
  await lost(one.sync, "nonsense");
  await lost(one.sync, `${"0".repeat(16)}.${position}.${tick}`);
  const beyond = take(one.sync.changes({ after: `${log}.99.${tick}`, follow: false }));
  await assert.rejects(beyond, /the log ends at 1, before the cursor at 99: it was rolled back/);
  const lists = one.desk.count("list");
  await one.sync.drain();
  assert.ok(one.desk.count("list") > lists, "a sweep of everything has begun");
});

test("subscribe: a handler that throws holds back its own resource only, and is tried again in order", async (t) => {
  let now = Date.now();
  const { desk, sync } = setUp(t, createDesk(), { time: { ...systemTime, now: () => now } });
  const heard: string[] = [];
  let broken = true;
  let tries = 0;
  sync.subscribe("all", ({ id, after }) => {
    if (id === "1") tries++;
    if (id === "1" && broken) throw new Error("not now");
    heard.push(`${id} ${after?.text}`);
  });
  for (const id of ["1", "2"]) desk.put(id, "a");
  await sync.drain();
  for (const id of ["1", "2"]) desk.put(id, "b");
  await sync.sweep();
  await sync.drain();
  assert.deepEqual(heard, ["2 a", "2 b"]);
  const { ok, subscriptions } = await sync.health();
  const state = subscriptions.map(({ name, parked, behind }) => [name, parked, behind]);
  assert.deepEqual([ok, state], [false, [["all", 1, 0]]]);
  assert.equal(tries, 1, "not again at once");
  broken = false;
  now += 3_600_000;
  await sync.drain();
  assert.deepEqual(heard, ["2 a", "2 b", "1 a", "1 b"]);
  assert.equal((await sync.health()).subscriptions[0]?.parked, 0);
});

test("subscribe: what was handled is not handled again by the next process", async (t) => {
  const store = memory();
  const desk = createDesk();
  const heard: string[] = [];
  const run = async () => {
    const sync = createSync({ providers: { desk: desk.provider }, store: { ...store, close: async () => {} } });
    sync.subscribe("all", ({ id }) => heard.push(id));
    await sync.drain();
    await sync.stop();
  };
  desk.put("1", "a");
  await run();
  desk.events.push(desk.put("2", "b"));
  await store.checkpoint({
    name: "poll|desk||events",
    step: (at) => ({ ...at, value: at.value?.replace('"wanted":null', '"wanted":1') ?? null }),
  });
  await run();
  assert.deepEqual(heard, ["1", "2"]);
  t.after(() => store.close());
});

test("subscribe: with concurrency different resources are handled at once, each in order", async (t) => {
  const { desk, sync } = setUp(t);
  await sync.drain();
  const write = async (id: string, text: string) => {
    desk.put(id, text);
    await sync.get("desk.note", id, { maxAge: 0 });
  };
  for (const [id, text] of [
    ["1", "slow"],
    ["1", "quick"],
    ["2", "quick"],
    ["3", "quick"],
  ] as const)
    await write(id, text);
  let at = 0;
  let most = 0;
  const heard: string[] = [];
  sync.subscribe("all", { concurrency: 4 }, async ({ id, after }) => {
    most = Math.max(most, ++at);
    for (let turns = after?.text === "slow" ? 9 : 1; turns > 0; turns--)
      await new Promise((resolve) => setImmediate(resolve));
    at--;
    heard.push(`${id} ${after?.text}`);
  });
  await sync.drain();
  assert.equal(most, 3);
  assert.deepEqual(heard, ["2 quick", "3 quick", "1 slow", "1 quick"]);
});

test("a burst of 1,000 hints for one resource costs at most 2 fetches", async (t) => {
  const { desk, sync, hear } = setUp(t);
  await sync.drain();
  desk.put("1", "a");
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const begun = new Promise<void>((resolve) => {
    desk.before = (call) => {
      if (call !== "fetch /1") return undefined;
      resolve();
      return held;
    };
  });
  await hear({ type: "note", id: "1" });
  const draining = sync.drain();
  await begun;
  await Promise.all(Array.from({ length: 999 }, () => hear({ type: "note", id: "1" })));
  release();
  await draining;
  assert.equal(desk.count("fetch"), 2);
});

test("what one scope does cannot stop another", async (t) => {
  const desk = createDesk({ scopes: ["bad", "good"] });
  const { sync, hear, log } = setUp(t, desk);
  await sync.drain();
  const never = new Promise<never>(() => {});
  desk.before = (call) => (call.startsWith("fetch bad") ? never : undefined);
  for (let i = 0; i < 200; i++) await hear({ type: "note", id: `${i}`, scope: "bad" });
  await hear(desk.put("1", "a", "good"));
  await sync.start();
  for await (const { scope } of sync.changes()) {
    assert.equal(scope, "good");
    break;
  }
  assert.ok(desk.count("fetch bad") <= 4, "reads at once per scope");
  assert.equal((await log()).length, 1);
});

test("a provider that asks to wait is left alone, and nothing counts as a failure", async (t) => {
  const { desk, sync, hear, log } = setUp(t);
  await sync.drain();
  desk.before = () => {
    throw new RetryLater(60_000);
  };
  for (const id of ["1", "2", "3", "4", "5", "6", "7", "8"]) await hear(desk.put(id, "x"));
  await sync.drain();
  assert.ok(desk.count("fetch") <= 4, `${desk.count("fetch")} calls`);
  assert.equal((await log()).length, 0);
  assert.equal((await sync.health()).types[0]?.dirty, 8);
});

test("a wrong option or plugin is refused at once, with what to write", () => {
  const { provider } = createDesk();
  const refused = (options: unknown, message: RegExp) =>
    assert.throws(() => createSync(options as SyncOptions<Providers>), message);
  refused({ providers: {} }, /at least one provider/);
  refused({}, /providers must be an object/);
  refused({ providers: { "a.b": provider }, store: memory() }, /must be a word/);
  refused({ providers: { a: provider }, store: memory(), concurency: 4 }, /concurency/);
  refused({ providers: { a: provider }, store: memory(), concurrency: 0 }, /concurrency/);
  refused({ providers: { a: provider }, store: {} }, /store must be an object with update/);
  const note = { ...provider.resources.note };
  const { version: _, ...unversioned } = note;
  refused(
    { providers: { a: { ...provider, resources: { note: unversioned } } }, store: memory() },
    /declare a version, or a finite readLag/,
  );
  refused(
    {
      providers: { a: { ...provider, resources: { note: { ...unversioned, readLag: { fetch: 0, list: Infinity } } } } },
      store: memory(),
    },
    /finite readLag/,
  );
  const { list: __, ...unlisted } = note;
  const { probe: ___, ...unprobed } = provider;
  refused(
    { providers: { a: { ...unprobed, resources: { note: unlisted } } }, store: memory() },
    /give the provider a probe, or the type a list/,
  );
  const sync = createSync({ providers: { a: provider }, store: memory() });
  sync.subscribe("x", () => {});
  assert.throws(() => sync.subscribe("x", () => {}), /subscribed already/);
  assert.throws(() => sync.subscribe("y", { types: ["a.nothing" as never] }, () => {}), /is no type/);
  assert.throws(() => sync.subscribe("", () => {}), /a name/);
});

test("health: what fails in the background is an alarm until it works again", async (t) => {
  let now = Date.now();
  const { desk, sync, hear } = setUp(t, createDesk(), { time: { ...systemTime, now: () => now } });
  await sync.drain();
  assert.deepEqual((await sync.health()).alarms, []);
  desk.before = (call) => {
    if (call.startsWith("poll")) throw new AccessLost("no events for this key");
  };
  await hear({ type: "note" });
  await sync.drain();
  const { ok, alarms } = await sync.health();
  assert.deepEqual([ok, alarms], [false, ["the poll of events desk: AccessLost: no events for this key"]]);
  desk.before = () => {};
  now += 600_000;
  await sync.drain();
  assert.deepEqual((await sync.health()).alarms, []);
});

test("an observer that throws stops nothing", async (t) => {
  const { desk, sync, log } = setUp(t, createDesk(), {
    observe: () => {
      throw new Error("broken");
    },
  });
  desk.put("1", "a");
  await sync.drain();
  assert.equal((await log()).length, 1);
});
