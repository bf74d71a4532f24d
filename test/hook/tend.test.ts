/** The reconciler looks after hooks: what somebody did to one is noticed, said, mended with measure, and made up for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RetryLater } from "tidemark";
import { settled } from "../../src/testing/time.ts";
import { HOUR, MINUTE, setUp, URL_OF_HOOK } from "./kit.ts";

const url = URL_OF_HOOK;

test("a hook is looked at every hour, spread, and only where setup was called", async (t) => {
  const { hooks, sync, pass } = setUp(t, { scopes: ["a", "b", "c"] });
  await pass(3 * HOUR);
  assert.deepEqual(hooks.calls, [], "nobody asked for it");
  await sync.setup("desk", { url });
  hooks.calls.length = 0;
  await pass(50 * MINUTE);
  assert.deepEqual(hooks.calls, []);
  for (let minutes = 0; minutes < 600; minutes += 5) await pass(5 * MINUTE);
  for (const scope of ["a", "b", "c"]) {
    const looks = hooks.count(`check ${scope}`);
    assert.ok(looks >= 9 && looks <= 12, `${looks} looks in eleven hours`);
  }
  assert.equal(hooks.count("ensure"), 0);
});

test("what is wrong is mended, its feeds are asked at once, and what failed since it was last right is sent again", async (t) => {
  const { desk, hooks, sync, events, pass, told } = setUp(t);
  await sync.setup("desk", { url });
  await pass(5 * MINUTE);
  for (const fault of ["disabled", "events", "form", "secret"] as const) {
    await pass(HOUR);
    const good = Number(hooks.calls.length);
    const [hook] = hooks.of("");
    Object.assign(hook ?? {}, { fault });
    hooks.failed = 3;
    desk.calls.length = 0;
    await pass(HOUR);
    assert.equal(hook?.fault, undefined, `${fault}: it was mended`);
    assert.ok(desk.count("poll") >= 2, "when it was due, and when it was wanted");
    assert.match(hooks.calls.slice(good).join(), /redeliver {2}\d+/);
  }
  assert.deepEqual(told().slice(0, 3), ["repaired", "repaired", "redelivered"]);
  const sent = events.filter((event) => event.kind === "hook" && event.done === "redelivered");
  assert.equal(sent.length, 4);
  assert.deepEqual((await sync.health()).alarms, []);
});

test("redeliver is asked for what failed since the hook was last found right; that it fails is told, and no harm", async (t) => {
  const { hooks, sync, time, events, pass } = setUp(t);
  await sync.setup("desk", { url });
  await pass(HOUR);
  const good = time.now();
  hooks.clear();
  hooks.before = (call) => {
    if (call.startsWith("redeliver")) throw new Error("503");
  };
  await pass(HOUR);
  const [asked = ""] = hooks.calls.filter((call) => call.startsWith("redeliver"));
  const since = Number(asked.split(" ").at(-1));
  assert.ok(since <= good && since > good - MINUTE, `${good - since} ms before`);
  assert.ok(events.some((event) => event.kind === "failed" && event.what === "having webhooks sent again"));
  assert.deepEqual((await sync.health()).hooks, []);
});

test("a type without a feed is swept after trouble, and until then that is said", async (t) => {
  const { desk, hooks, sync, pass } = setUp(t, { feed: false });
  await sync.setup("desk", { url });
  await pass(HOUR);
  hooks.clear();
  desk.put("1", "nobody tells of it");
  desk.calls.length = 0;
  await pass(HOUR);
  assert.ok(desk.count("list") > 0, "long before its day is over");
  assert.equal((await sync.get("desk.note", "1"))?.state.text, "nobody tells of it");
  assert.deepEqual((await sync.health()).gaps, []);
});

test("a hook that somebody deletes again and again is made once an hour, and that is said", async (t) => {
  // Each look is as early as it may be.
  const { hooks, sync, pass } = setUp(t, { random: () => 0 });
  await sync.setup("desk", { url });
  await pass(2 * MINUTE);
  const said = new Set<string>();
  for (let minutes = 0; minutes < 300; minutes += 5) {
    hooks.clear();
    await pass(5 * MINUTE);
    for (const alarm of (await sync.health()).alarms) said.add(alarm);
  }
  const made = hooks.count("ensure") - 1;
  assert.ok(made >= 3 && made <= 5, `${made} times in five hours`);
  assert.match([...said].join(), /it was mended \d times in a day, and it is left as it is until 2027-/);
});

test("found right again without us: that is told, and the feeds are asked", async (t) => {
  const { desk, hooks, sync, pass, told } = setUp(t);
  await sync.setup("desk", { url, repair: false });
  hooks.before = async (call) => {
    if (call.startsWith("check")) await hooks.endpoint.ensure(url, { scope: "" } as never);
  };
  desk.calls.length = 0;
  await pass(15 * MINUTE);
  assert.deepEqual(told(), ["found missing", "good"]);
  assert.ok(desk.count("poll") >= 2);
});

test("no hook is made by itself whose secret nobody would keep; a person's call makes it", async (t) => {
  const { hooks, sync, pass } = setUp(t);
  Object.assign(hooks, { secret: "whsec_made" });
  hooks.endpoint.givesSecret = "once";
  await sync.setup("desk", { url });
  hooks.clear();
  await pass(3 * HOUR);
  assert.equal(hooks.count("ensure"), 1);
  assert.match((await sync.health()).alarms.join(), /it is missing; it is not mended.*Give setup a keep/);
  const [report] = await sync.setup("desk", { url });
  assert.deepEqual([report?.ok, report?.secret], [true, "whsec_made"]);
  Object.assign(hooks.of("")[0] ?? {}, { fault: "disabled" });
  await pass(3 * HOUR);
  assert.equal(hooks.count("ensure"), 3, "what keeps its secret is mended");
});

test("a secret whose answer was lost is known to be lost, until a webhook comes that is signed with it", async (t) => {
  const { desk, hooks, sync, pass, send } = setUp(t);
  hooks.endpoint.givesSecret = "once";
  const { ensure } = hooks.endpoint;
  hooks.endpoint.ensure = async (...asked) => {
    await ensure(...asked);
    throw new Error("the connection broke");
  };
  const [report] = await sync.setup("desk", { url, keep: () => {} });
  assert.equal(report?.ok, false);
  await pass(15 * MINUTE);
  assert.match((await sync.health()).alarms.join(), /secret was not kept. Delete it at the provider/);
  await pass(2 * HOUR);
  assert.equal(hooks.count("ensure"), 1, "to mend it would change nothing");
  await send(desk.put("1", "signed"));
  await sync.drain();
  await pass(15 * MINUTE);
  assert.deepEqual((await sync.health()).hooks, []);
});

test("a webhook of another hook says nothing of a secret that was lost", async (t) => {
  for (const [lost, other] of [
    ["a", "b"],
    ["", "a"],
    ["b", ""],
  ] as const) {
    const { desk, hooks, sync, pass, send } = setUp(t, { scopes: ["", "a", "b"] });
    hooks.endpoint.givesSecret = "once";
    const { ensure } = hooks.endpoint;
    hooks.endpoint.ensure = async (...asked) => {
      await ensure(...asked);
      if (asked[1].scope === lost) throw new Error("the connection broke");
      return {};
    };
    await sync.setup("desk", { url, keep: () => {} });
    await pass(15 * MINUTE);
    for (const scope of [other, lost]) {
      const { hooks: bad } = await sync.health();
      assert.deepEqual(
        bad.map((one) => [one.scope, one.fault]),
        [[lost, "secret"]],
      );
      await send(desk.put("1", "signed", scope));
      await sync.drain();
      await pass(2 * HOUR);
    }
    assert.deepEqual((await sync.health()).hooks, []);
  }
});

test("of several processes one looks at it; what another one found is known after a restart", async (t) => {
  const { hooks, sync, process, time } = setUp(t);
  const other = process();
  t.after(() => other.stop());
  for (const one of [sync, other]) await one.setup("desk", { url, repair: false });
  hooks.calls.length = 0;
  time.advance(2 * HOUR);
  await Promise.all([sync.drain(), other.drain()]);
  await other.drain();
  assert.equal(hooks.count("check"), 1);
  const third = process();
  t.after(() => third.stop());
  assert.equal((await third.health()).hooks[0]?.fault, "missing", "though it set up nothing");
  time.advance(25 * HOUR);
  assert.deepEqual((await third.health()).hooks, [], "nobody looks after it any more");
});

test("what another process has looked at meanwhile is not looked at again", async (t) => {
  const scopes = Array.from({ length: 8 }, (_, i) => `s${i}`);
  const { hooks, sync, process, time } = setUp(t, { scopes });
  const other = process();
  t.after(() => other.stop());
  for (const one of [sync, other]) await one.setup("desk", { url });
  time.advance(2 * HOUR);
  hooks.calls.length = 0;
  const released = Promise.withResolvers<void>();
  hooks.before = () => released.promise;
  // It knows that all eight are due, and is at the first of them.
  const slow = sync.drain();
  for (let turn = 0; turn < 100; turn++) await settled();
  assert.ok(hooks.calls.length > 0 && hooks.calls.length < 8);
  hooks.before = () => undefined;
  const quick = other.drain();
  for (let turn = 0; turn < 10_000 && hooks.calls.length < 8; turn++) await settled();
  released.resolve();
  await Promise.all([slow, quick]);
  assert.deepEqual(
    hooks.calls.toSorted(),
    scopes.map((scope) => `check ${scope}`),
  );
});

test("a scope that is paused is left alone, and one that rests", async (t) => {
  const { hooks, sync, pass } = setUp(t, { scopes: ["a", "b"] });
  await sync.setup("desk", { url });
  hooks.calls.length = 0;
  await sync.pause("desk", { scope: "a" });
  await pass(2 * HOUR);
  assert.deepEqual([hooks.count("check a"), hooks.count("check b")], [0, 1]);
  hooks.before = (call) => {
    if (call === "check b") throw new RetryLater(30 * MINUTE);
  };
  await pass(2 * HOUR);
  await pass(20 * MINUTE);
  assert.equal(hooks.count("check b"), 2);
  hooks.before = () => {};
  await pass(11 * MINUTE);
  assert.equal(hooks.count("check b"), 3);
});

/** Changes that only the feed names, each eight minutes after the one before. */
async function unheard({ desk, pass }: Pick<ReturnType<typeof setUp>, "desk" | "pass">, scopes = [""]) {
  for (let i = 0; i < 5; i++) {
    for (const scope of scopes) desk.events.push(desk.put(`${i}`, `later ${i}`, scope));
    await pass(8 * MINUTE);
  }
}

test("webhooks stop while changes go on: an alarm, and a look at the hook at once; it ends with the next webhook", async (t) => {
  const open = setUp(t, { tags: true });
  const { desk, hooks, sync, events, pass, send, told } = open;
  await sync.setup("desk", { url });
  await pass(2 * MINUTE);
  await send(desk.put("1", "by webhook"));
  await pass(58 * MINUTE);
  const before = hooks.count("check");
  await unheard(open);
  await pass(2 * MINUTE);
  assert.equal(hooks.count("check"), before + 1, "long before its hour is over");
  const { alarms, hooks: bad } = await sync.health();
  assert.match(
    alarms.join(),
    /webhooks of desk: none came since 2027-.*: \d changes were found that no webhook told of/,
  );
  assert.deepEqual([bad[0]?.scope, bad[0]?.fault], [null, "silent"]);
  assert.deepEqual(told(), ["repaired", "found silent"]);
  await pass(2 * HOUR);
  assert.equal((await sync.health()).hooks.length, 1, "also when nothing changes any more");
  await send(desk.put("1", "they come again"));
  await sync.drain();
  await pass(2 * MINUTE);
  assert.deepEqual((await sync.health()).alarms, []);
  assert.deepEqual(told(), ["repaired", "found silent", "good"]);
  const gap = events.find((event) => event.kind === "gap" && event.what === "hook");
  assert.deepEqual(gap?.kind === "gap" && gap.types, ["desk.tag"], "what no feed tells of is swept");
});

/** Webhooks of two scopes stop for hours in which nothing but `a` is heard of, and come again. */
async function silenceOf(t: Parameters<typeof setUp>[0], late: (open: ReturnType<typeof setUp>) => unknown) {
  const open = setUp(t, { scopes: ["a", "b"], tags: true });
  const { desk, sync, pass, send, told } = open;
  await sync.setup("desk", { url });
  await pass(2 * MINUTE);
  await send(desk.put("1", "by webhook", "a"));
  await pass(58 * MINUTE);
  await unheard(open, ["a"]);
  await pass(2 * MINUTE);
  assert.ok(told().includes("found silent"));
  for (let hour = 0; hour < 3; hour++) await pass(HOUR);
  await late(open);
  await send(desk.put("1", "they come again", "a"));
  await sync.drain();
  await pass(2 * MINUTE);
  return open;
}

test("a silence that ends after hours in which nothing changed is made up for in the scopes that there are", async (t) => {
  const { store, gaps } = await silenceOf(t, () => {});
  assert.deepEqual(gaps(), ["a", "b"]);
  assert.deepEqual(await store.checkpoints("gap|", "", 9), [], "and all of them are closed");
});

test("a silence of all is made up for in every scope, though of late one alone is known to have missed something", async (t) => {
  const { events, gaps } = await silenceOf(t, async ({ desk, sync, events }) => {
    desk.put("9", "found by the sweep", "a");
    const before = events.length;
    await sync.sweep("desk.tag" as never, { scope: "a" });
    const found = events.slice(before).flatMap((one) => (one.kind === "change" ? [`${one.via} ${one.scope}`] : []));
    assert.ok(found.includes("sweep a"), "it missed something within the last two hours");
    desk.put("1", "nobody tells of it", "b");
  });
  assert.deepEqual(gaps(), ["a", "b"]);
  assert.ok(events.some((event) => event.kind === "change" && event.type === "desk.tag" && event.scope === "b"));
});

test("one scope is silent: its hook alone is looked at; a provider whose hooks cannot be seen has the alarm alone", async (t) => {
  for (const visible of [true, false]) {
    const open = setUp(t, { scopes: ["a", "b"] });
    const { desk, hooks, sync, pass, send, told } = open;
    if (visible) await sync.setup("desk", { url });
    else delete desk.provider.endpoint;
    const sound = async () => {
      for (const scope of ["a", "b"]) await send(desk.put("9", `${desk.calls.length}`, scope));
    };
    await pass(2 * MINUTE);
    await sound();
    await pass(58 * MINUTE);
    const before = hooks.count("check b");
    for (let i = 0; i < 5; i++) {
      desk.events.push(desk.put(`${i}`, `later ${i}`, "b"));
      await pass(4 * MINUTE);
      await send(desk.put("9", `a is heard ${i}`, "a"));
      await pass(4 * MINUTE);
    }
    await pass(2 * MINUTE);
    const { alarms } = await sync.health();
    assert.equal(alarms.length, 1, alarms.join());
    assert.match(alarms.join(), /webhooks of desk b: none came since/);
    assert.ok(told().includes("found silent b"));
    assert.equal(hooks.count("check b") - before, visible ? 1 : 0);
    await sound();
    await sync.drain();
    await pass(2 * MINUTE);
    assert.deepEqual((await sync.health()).alarms, []);
  }
});

test("two processes tell of one silence once; another one knows it", async (t) => {
  const open = setUp(t);
  const { desk, sync, process, pass, send, told, time } = open;
  const other = process();
  t.after(() => other.stop());
  await pass(2 * MINUTE);
  await send(desk.put("1", "by webhook"));
  await pass(58 * MINUTE);
  await unheard(open);
  time.advance(2 * MINUTE);
  await Promise.all([sync.drain(), other.drain()]);
  assert.deepEqual(told(), ["found silent"]);
  assert.equal((await other.health()).hooks[0]?.fault, "silent");
});

test("where webhooks were never set up nothing is said of them", async (t) => {
  const open = setUp(t);
  await open.pass(2 * MINUTE);
  await unheard(open);
  await open.pass(2 * MINUTE);
  assert.deepEqual((await open.sync.health()).alarms, []);
});

test("with thousands of hooks in trouble a few have a sentence of their own", async (t) => {
  const scopes = Array.from({ length: 30 }, (_, i) => `s${i}`);
  const { sync } = setUp(t, { scopes });
  await sync.setup("desk", { url, repair: false });
  const { alarms, hooks } = await sync.health();
  assert.deepEqual([alarms.length, hooks.length], [6, 30]);
  assert.match(alarms.at(-1) ?? "", /desk: 25 more hooks are in trouble/);
});
