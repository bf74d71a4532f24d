/** `sync.setup`: a hook is made once, whoever asks; what it needs is said; no secret is anywhere it does not belong. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { AccessLost, createSync, type Store } from "tidemark";
import { stopwatch } from "../../src/time.ts";
import { createDesk, memory } from "../desk.ts";
import { HOUR, MINUTE, setUp, URL_OF_HOOK } from "./kit.ts";

const url = URL_OF_HOOK;

test("a hook is made, and reported; asked again it is left as it is", async (t) => {
  const { hooks, sync, events, told } = setUp(t, { tags: true });
  const made = { scope: "", ok: true, found: "missing", repaired: true, problem: null };
  assert.deepEqual(await sync.setup("desk", { url }), [made]);
  assert.deepEqual(hooks.of(""), [{ url }]);
  assert.deepEqual(await sync.setup("desk", { url }), [{ ...made, found: null, repaired: false }]);
  assert.equal(hooks.count("ensure"), 1);
  assert.deepEqual(told(), ["repaired"]);
  assert.ok(!events.some(({ kind }) => kind === "gap"), "before there was a hook nothing was missed");
  const { hooks: bad, goodHooks, alarms } = await sync.health();
  assert.deepEqual([bad, goodHooks, alarms], [[], { desk: 1 }, []]);
});

test("what is wrong with what it is given is said, and nothing is asked of the provider", async (t) => {
  const { hooks, sync } = setUp(t, { scopes: ["a"] });
  const plain = createSync({ providers: { plain: createDesk().provider }, store: memory() });
  t.after(() => plain.stop());
  for (const [wrong, message] of [
    [sync.setup("desc" as "desk", { url }), /there is no provider "desc"; there are: desk/],
    [plain.setup("plain", { url }), /it has no endpoint, so its hook is made by hand/],
    [sync.setup("desk", { url: "http://app.example/?token=hidden" }), /must be https, as in "https:\/\/app.example/],
    [sync.setup("desk", { url: "app.example" }), /must be https/],
    [sync.setup("desk", { url: () => "ftp://localhost/" }), /the url for the scope "a" must be https/],
    [sync.setup("desk", { url, scope: "b" }), /desk has no scope "b"/],
    [sync.setup("desk", { url, keep: "here" as never }), /keep must be a function/],
    [sync.setup("desk", { url: 7 as never }), /url must be a URL, or a function of the scope/],
    [sync.setup("desk", { url, repair: "no" as never }), /repair/],
    [sync.setup("desk", { url, mend: true } as never), /mend/],
  ] as const) {
    await assert.rejects(wrong, (error: Error) => {
      assert.ok(error instanceof TypeError && !error.message.includes("hidden"), String(error));
      assert.match(error.message, message);
      return true;
    });
  }
  assert.deepEqual(hooks.calls, []);
  for (const local of ["http://localhost:3000/x", "http://127.0.0.1/x", "http://[::1]:80/x"]) {
    assert.equal((await sync.setup("desk", { url: local, repair: false }))[0]?.found, "missing");
  }
});

test("two processes that set up at one time make one hook", async (t) => {
  const { hooks, sync, process } = setUp(t);
  const other = process();
  t.after(() => other.stop());
  const reports = await Promise.all([sync.setup("desk", { url }), other.setup("desk", { url })]);
  assert.equal(hooks.count("ensure"), 1);
  assert.deepEqual(
    reports.map(([report]) => report?.ok),
    [true, true],
  );
  assert.deepEqual(hooks.of(""), [{ url }]);
});

test("each scope has its hook and its url, and one that comes later, too; scopes that share one are asked about once", async (t) => {
  const { desk, hooks, sync, pass } = setUp(t, { scopes: ["a", "b", "c1", "c2"] });
  hooks.endpoint.shared = (scope) => scope.slice(0, 1);
  const reports = await sync.setup("desk", { url: (scope) => `${url}/${scope}` });
  assert.deepEqual(
    reports.map(({ scope }) => scope),
    ["a", "b", "c1"],
  );
  assert.deepEqual([hooks.of("b"), hooks.of("c2")], [[{ url: `${url}/b` }], []]);
  desk.notes.set("d", new Map());
  desk.notes.set("c3", new Map());
  await pass(10 * MINUTE);
  assert.deepEqual(hooks.of("d"), [{ url: `${url}/d` }], "without another call");
  assert.equal(hooks.count("check c"), 2, "a look, and one after it was made");
  assert.deepEqual((await sync.health()).goodHooks, { desk: 4 });
});

test("a scope that comes later and has no good url is said, and what is in the url is not", async (t) => {
  const { desk, sync, pass } = setUp(t, { scopes: ["a"] });
  await sync.setup("desk", { url: (scope) => `http${scope === "a" ? "s" : ""}://app.example/?token=hidden` });
  desk.notes.set("b", new Map());
  await pass(10 * MINUTE);
  const { alarms } = await sync.health();
  assert.match(alarms.join(), /the look at the hook desk b: .*the url for the scope "b" must be https/);
  assert.doesNotMatch(alarms.join(), /hidden/);
});

test("one scope alone is set up: the others are left alone", async (t) => {
  const { hooks, sync, pass } = setUp(t, { scopes: ["a", "b"] });
  assert.equal((await sync.setup("desk", { url, scope: "b" })).length, 1);
  await pass(2 * HOUR);
  assert.equal(hooks.count("check a"), 0);
  assert.ok(hooks.count("check b") >= 3);
});

test("repair: false looks, and mends nothing, now or later", async (t) => {
  const { hooks, sync, pass } = setUp(t);
  const [report] = await sync.setup("desk", { url, repair: false });
  assert.deepEqual([report?.ok, report?.found, report?.repaired], [false, "missing", false]);
  assert.match(report?.problem ?? "", /it is missing; it is not mended: setup was told repair: false/);
  await pass(2 * HOUR);
  assert.equal(hooks.count("ensure"), 0);
  const { ok, alarms } = await sync.health();
  assert.ok(!ok);
  assert.match(alarms.join(), /the hook of desk is not right since 2027-.*: it is missing; it is not mended/);
});

test("a provider that fails in one scope is in that one's report, and tried again; the others are set up", async (t) => {
  const { hooks, sync, pass } = setUp(t, { scopes: ["a", "b", "c"] });
  const broken = new Error("502 with a secret in it");
  hooks.before = (call) => {
    if (call === "check a" || call === "ensure b") throw broken;
  };
  const [a, b, c] = await sync.setup("desk", { url });
  assert.deepEqual([a?.ok, a?.error], [false, broken]);
  assert.match(a?.problem ?? "", /could not be looked at/);
  assert.deepEqual([b?.ok, b?.found, b?.repaired, b?.error], [false, "missing", false, broken]);
  assert.match(b?.problem ?? "", /it is missing; to mend it failed: Error/);
  assert.equal(c?.ok, true);
  assert.doesNotMatch(JSON.stringify(await sync.health()), /a secret in it/);
  hooks.before = () => {};
  await pass(10 * MINUTE);
  assert.deepEqual([hooks.of("a"), hooks.of("b")], [[{ url }], [{ url }]]);
  assert.deepEqual((await sync.health()).alarms, []);
});

test("without access to hooks that is an alarm; what the scope has is read all the same", async (t) => {
  const { desk, hooks, sync, pass } = setUp(t);
  hooks.before = () => {
    throw new AccessLost("the token may not administer hooks");
  };
  const [report] = await sync.setup("desk", { url });
  assert.deepEqual([report?.found, report?.error], ["access", undefined]);
  await sync.drain();
  desk.events.push(desk.put("1", "a"));
  await pass(2 * MINUTE);
  assert.equal((await sync.get("desk.note", "1"))?.state.text, "a", "found by the feed");
  const { alarms, hooks: bad } = await sync.health();
  assert.match(alarms.join(), /the hook of desk may not be seen since.*the token may not administer hooks; give the/);
  assert.equal(alarms.length, 1, alarms.join());
  assert.equal(bad[0]?.fault, "access");
});

test("a secret that is made is in the report once, where nobody keeps it, and in nothing that is stored or told", async (t) => {
  const { hooks, sync, store, events } = setUp(t);
  const [SECRET, TOKEN] = ["whsec_made", "token-in-the-url"];
  Object.assign(hooks, { secret: SECRET });
  hooks.endpoint.givesSecret = "once";
  const [report] = await sync.setup("desk", { url: `${url}?key=${TOKEN}` });
  assert.deepEqual([report?.ok, report?.secret], [true, SECRET]);
  assert.ok(!inspect(report).includes(SECRET) && !JSON.stringify(report).includes(SECRET), "a log does not show it");
  const [again] = await sync.setup("desk", { url: `${url}?key=${TOKEN}` });
  assert.deepEqual([again?.ok, again?.secret], [true, undefined]);
  await sync.drain();
  const stored = await store.checkpoints("", "", 1_000);
  assert.ok(stored.some(({ name }) => name === "hook|desk|"));
  const all = JSON.stringify([stored, events, await sync.health()]);
  for (const hidden of [SECRET, TOKEN]) assert.ok(!all.includes(hidden), hidden);
});

test("keep is given the secret and awaited: until it has it the hook is not right, and it is asked again", async (t) => {
  const { hooks, sync, store, events, pass } = setUp(t);
  Object.assign(hooks, { secret: "whsec_made" });
  hooks.endpoint.givesSecret = "once";
  const kept: string[] = [];
  let works = false;
  const keep = async (secret: string, scope: string) => {
    if (!works) throw new Error("the vault is down");
    kept.push(`${scope}:${secret}`);
  };
  const [report] = await sync.setup("desk", { url, keep });
  assert.deepEqual([report?.ok, report?.repaired, report?.secret], [false, true, "whsec_made"], "it is not lost");
  await pass(2 * MINUTE);
  assert.match((await sync.health()).alarms.join(), /its secret was not kept/);
  works = true;
  await pass(10 * MINUTE);
  assert.deepEqual(kept, [":whsec_made"]);
  assert.equal(hooks.count("ensure"), 1, "it is made once");
  assert.deepEqual((await sync.health()).hooks, []);
  await pass(2 * HOUR);
  assert.deepEqual(kept, [":whsec_made"], "and kept once");
  assert.ok(!JSON.stringify([await store.checkpoints("", "", 1_000), events]).includes("whsec_made"));
});

test("a secret that was kept at last is kept, though the look after it fails", async (t) => {
  const { hooks, sync, pass } = setUp(t);
  Object.assign(hooks, { secret: "whsec_made" });
  hooks.endpoint.givesSecret = "once";
  let works = false;
  const kept: string[] = [];
  await sync.setup("desk", {
    url,
    keep: (secret) => (works ? void kept.push(secret) : Promise.reject(new Error("no"))),
  });
  works = true;
  hooks.before = () => Promise.reject(new Error("502"));
  await pass(2 * MINUTE);
  assert.deepEqual(kept, ["whsec_made"]);
  hooks.before = () => {};
  await pass(15 * MINUTE);
  assert.deepEqual((await sync.health()).hooks, []);
});

test("who asked is given the secret, though the store fails after that", async (t) => {
  let broken = false;
  const around = (store: Store): Store => ({
    ...store,
    checkpoint(move, how) {
      if (broken && move.name.startsWith("poll|")) return Promise.reject(new Error("the disk is full"));
      return store.checkpoint(move, how);
    },
  });
  const { hooks, sync, events } = setUp(t, { around });
  Object.assign(hooks, { secret: "whsec_made" });
  hooks.endpoint.givesSecret = "once";
  await sync.setup("desk", { url });
  hooks.clear();
  broken = true;
  const [report] = await sync.setup("desk", { url });
  assert.deepEqual([report?.ok, report?.secret], [true, "whsec_made"]);
  assert.ok(events.some((event) => event.kind === "failed" && event.what === "asking for what webhooks did not tell"));
});

test("a keep that does not end is given up, and the hook is let go", async (t) => {
  const { hooks, sync } = setUp(t);
  Object.assign(hooks, { secret: "whsec_made" });
  hooks.endpoint.givesSecret = "once";
  let called = () => {};
  const asked = new Promise<void>((resolve) => {
    called = resolve;
  });
  const reported = sync.setup("desk", {
    url,
    keep: () => {
      called();
      return new Promise(() => {});
    },
  });
  await asked;
  const passed = stopwatch();
  const stopped = sync.stop();
  const [report] = await reported;
  assert.deepEqual([report?.ok, report?.secret], [false, "whsec_made"]);
  assert.match(String(report?.error), /keep did not end/);
  assert.ok(passed() < 20_000, "at once when the engine stops");
  await stopped;
});
