/** What the handler shows and does for who may see everything. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { webhookOf } from "./desk.ts";
import { idsOf, setUp } from "./http.operator.kit.ts";

test("about tells what the process is, and of its providers nothing but their shape", async (t) => {
  const { get, sync } = setUp(t, { base: "/sync" });
  sync.subscribe("log", () => {});
  const { version, ...about } = await get("/sync/about");
  assert.match(version, /^\d+\.\d+\.\d+/);
  assert.deepEqual(about, {
    ...{ base: "/sync", operate: true, subscriptions: ["log"] },
    providers: { desk: { types: ["desk.note"], feeds: { events: ["desk.note"] }, webhook: true } },
  });
});

test("newest and history begin with the last change, and are of what is asked for", async (t) => {
  const { get, write } = setUp(t, {}, { scopes: ["one", "two"] });
  for (const text of ["1", "2", "3"]) await write("a", text, "one");
  await write("b", "1", "two");
  assert.deepEqual(idsOf((await get("/newest")).changes), ["b", "a", "a", "a"]);
  assert.deepEqual(idsOf((await get("/newest?scope=one&limit=2&types=desk.note")).changes), ["a", "a"]);
  const { changes } = await get("/history/desk.note/a?scope=one&limit=2");
  assert.deepEqual(
    changes.map(({ before, after }: Record<string, { text: string }>) => [before?.text, after?.text]),
    [
      ["2", "3"],
      ["1", "2"],
    ],
  );
  assert.equal(changes[0].causes[0].name, "note.changed");
  assert.deepEqual((await get("/history/desk.note/a")).changes, [], "it is in no scope but its own");
});

test("resources are listed by what they owe, with the reason, page after page", async (t) => {
  const { desk, get, sync, time, write } = setUp(t);
  for (const id of ["a", "b", "c"]) await write(id, "1");
  desk.before = (call) => {
    if (call === "fetch /b") throw new Error("the text of it is a secret");
  };
  const events = [desk.put("b", "2"), { type: "note" as const, id: "new" }];
  await sync.webhook("desk", webhookOf(events));
  await sync.drain();
  const { resources, after } = await get("/resources?state=failing");
  assert.equal(after, null);
  assert.deepEqual(idsOf(resources), ["b"]);
  const [{ owed, ...rest }] = resources;
  assert.deepEqual(rest, { type: "desk.note", scope: "", id: "b", present: true, recorded: true });
  const { due, ...why } = owed;
  assert.deepEqual(why, {
    ...{ class: "live", via: "webhook", attempts: 1, error: "Error", reading: false },
    causes: [{ id: "evt_4", name: "note.changed", at: "2023-11-14T22:13:20.000Z" }],
  });
  assert.ok(new Date(due).getTime() >= time.now());
  const [unseen] = (await get("/resources")).resources.filter(({ id }: { id: string }) => id === "new");
  assert.deepEqual([unseen?.present, unseen?.recorded, unseen?.owed], [false, false, null]);
  assert.deepEqual(idsOf((await get("/resources?state=live&type=desk.note&scope=")).resources), ["a", "b", "c"]);
  assert.deepEqual(idsOf((await get("/resources?state=dirty")).resources), ["b"]);
  assert.deepEqual((await get("/resources?scope=other")).resources, []);
  const first = await get("/resources?state=live&limit=2");
  assert.deepEqual(idsOf(first.resources), ["a", "b"]);
  const second = await get(`/resources?state=live&limit=2&after=${first.after}`);
  assert.deepEqual([idsOf(second.resources), second.after], [["c"], null]);
});

test("a resource that is being read says so", async (t) => {
  const { desk, get, sync } = setUp(t);
  await sync.hint("desk.note", "a");
  assert.equal((await get("/resources")).resources[0].owed.reading, false);
  let seen: boolean | undefined;
  desk.before = async () => {
    seen = (await get("/resources")).resources[0].owed.reading;
  };
  await sync.drain();
  assert.equal(seen, true);
});

test("losses are what the ledger counted, hour by hour, the one under way last", async (t) => {
  const { desk, get, sync, time } = setUp(t);
  const { events } = desk.provider.feeds ?? {};
  assert.ok(events);
  events.webhooks = true;
  await sync.drain();
  const tell = (id: string) => {
    const put = desk.put(id, `${time.now()}`);
    const hint = { ...put, event: { id: `evt_of_${id}`, name: "note.changed", at: new Date(time.now()) } };
    desk.events.push(hint);
    return hint;
  };
  const pass = async (ms: number) => {
    time.advance(ms);
    await sync.drain();
  };
  await pass(1_000);
  const came = tell("a");
  await sync.webhook("desk", webhookOf([came]));
  tell("b");
  await pass(120_000);
  const of = async (hours: number) =>
    (await get(`/losses?hours=${hours}`)).hours.map(({ hour, ...counts }: { hour: string }) => [
      new Date(hour).getTime() - Math.floor(time.now() / 3_600_000) * 3_600_000,
      counts,
    ]);
  const counted = { type: "desk.note", webhook: 1, poll: 1, sweep: 0, came: 1, named: 1, late: 0, unsure: 0 };
  assert.deepEqual(await of(1), [[0, { ...counted, lost: 0 }]], "its webhook may still come");
  await pass(3_600_000);
  assert.deepEqual(await of(1), [], "nothing was counted in the hour under way");
  assert.deepEqual(await of(2), [[-3_600_000, { ...counted, lost: 1 }]]);
  assert.deepEqual(await sync.losses({ hours: 2 }), await sync.losses());
});

test("hint, sweep and audit look again", async (t) => {
  const { desk, sync, post } = setUp(t, {}, { scopes: ["one", "two"] });
  desk.put("a", "1", "one");
  const report = { type: "desk.note", scope: "one", changes: 1, suspects: 0 };
  assert.deepEqual((await post("/sweep", { scope: "one", type: "desk.note" })).body, { reports: [report] });
  assert.equal((await post("/sweep")).body.reports.length, 2);
  desk.put("a", "2", "one");
  const [differs] = (await post("/audit", { scope: "one" })).body.reports;
  assert.deepEqual(differs.differences, [{ id: "a", how: "different" }]);
  const hinted = await post("/resources/desk.note/a/hint", { scope: "one" });
  assert.deepEqual([hinted.status, hinted.body], [202, { ok: true }]);
  await sync.drain();
  assert.deepEqual((await sync.get("desk.note", "a", { scope: "one" }))?.state?.text, "2");
});

test("a subscription is retried, skipped and rewound; what is parked says why", async (t) => {
  const { get, post, sync, time, write } = setUp(t);
  const handled: string[] = [];
  let broken = true;
  sync.subscribe("log", ({ id }) => {
    if (broken) throw new Error("the text of it is a secret");
    handled.push(id);
  });
  await write("a", "1");
  await write("b", "1");
  const { parked } = await get("/subscriptions/log/parked");
  assert.deepEqual(
    parked.map(({ id, attempts, error }: Record<string, unknown>) => [id, attempts, error]),
    [
      ["a", 1, "Error"],
      ["b", 1, "Error"],
    ],
  );
  assert.ok(new Date(parked[0].due).getTime() >= time.now());
  const ref = { type: "desk.note", id: "a" };
  assert.deepEqual((await post("/subscriptions/log/skip", ref)).body, { skipped: true });
  await sync.drain();
  assert.deepEqual((await post("/subscriptions/log/skip", ref)).body, { skipped: false });
  broken = false;
  assert.deepEqual((await post("/subscriptions/log/retry")).body, { resources: 1 });
  await sync.drain();
  assert.deepEqual(handled, ["b"]);
  const [last] = (await get("/newest?limit=1")).changes;
  assert.deepEqual((await post("/subscriptions/log/rewind", { cursor: null })).body, { ok: true });
  await sync.drain();
  assert.deepEqual(handled, ["b", "a", "b"]);
  assert.equal((await post("/subscriptions/log/rewind", { cursor: last.cursor })).status, 200);
  await sync.drain();
  assert.deepEqual(handled, ["b", "a", "b"], "after the last change there is none");
  assert.equal((await post("/subscriptions/log/rewind", { cursor: "nonsense" })).status, 410);
});

test("pause and resume hold a provider, or a scope of it", async (t) => {
  const { post, sync } = setUp(t, {}, { scopes: ["one", "two"] });
  const paused = async () => (await sync.health()).paused.map(({ provider, scope }) => `${provider} ${scope}`);
  assert.deepEqual((await post("/pause", { provider: "desk" })).body, { ok: true });
  assert.deepEqual(await paused(), ["desk undefined"]);
  const swept = await post("/sweep");
  assert.deepEqual([swept.status, swept.body.error], [400, "desk is paused: resume it first"]);
  await post("/resume", { provider: "desk" });
  await post("/pause", { provider: "desk", scope: "two" });
  assert.deepEqual(await paused(), ["desk two"]);
  assert.deepEqual((await post("/resume", { provider: "desk", scope: "two" })).body, { ok: true });
  assert.deepEqual(await paused(), []);
});

test("what the path names and is not there is 404, what else is asked for wrongly 400, each in a sentence", async (t) => {
  const { ask, post, sync, write } = setUp(t);
  sync.subscribe("log", () => {});
  await write("a", "1");
  const wrong: [status: number, path: string, body?: unknown][] = [
    [404, "/history/desk.none/a"],
    [404, "/subscriptions/none/parked"],
    [404, "/subscriptions/none/retry", {}],
    [404, "/subscriptions/none/rewind", { cursor: null }],
    [404, "/resources/desk.none/a/hint", {}],
    [404, "/resources/desk.note/a/hint", { scope: "none" }],
    [404, "/resources/desk.note//hint", {}],
    [404, "/sweep/now", {}],
    [404, "/history/desk.note/a%00"],
    [404, "/subscriptions/%00/retry", {}],
    [400, "/newest?scope=%00"],
    [400, "/changes?scope=%00"],
    [400, "/resources/desk.note/a?scope=%00"],
    [400, "/newest?limit=0"],
    [400, "/newest?limit=1001"],
    [400, "/newest?typ=desk.note"],
    [400, "/newest?types=desk.none"],
    [400, "/newest?scope=a&scope=b"],
    [400, "/history/desk.note/a?limit=1e2"],
    [400, "/history/desk.note/a?limit=0"],
    [400, "/history/desk.note/a?limit=1001"],
    [400, "/resources?state=dead"],
    [400, "/resources?after=nonsense"],
    [400, "/resources?after=WzFd"],
    [400, "/losses?hours=193"],
    [400, "/about?x=1"],
    [400, "/sweep", { type: "desk.none" }],
    [400, "/sweep", { scope: "none" }],
    [400, "/sweep", { scopes: [] }],
    [400, "/sweep", []],
    [400, "/sweep", "{"],
    [400, "/pause", {}],
    [400, "/pause", { provider: "constructor" }],
    [400, "/resume", { provider: "none" }],
    [400, "/subscriptions/log/skip", { type: "desk.note" }],
    [400, "/subscriptions/log/rewind", {}],
  ];
  for (const [status, path, body] of wrong) {
    const answer = body === undefined ? await ask("GET", path) : await post(path, body);
    assert.equal(answer.status, status, `${path} ${JSON.stringify(answer.body)}`);
    assert.equal(typeof answer.body.error, "string");
  }
  assert.deepEqual(
    (await sync.health()).subscriptions.map(({ name }) => name),
    ["log"],
  );
});

test("an error of the provider, or of anybody else, is told without its message", async (t) => {
  const { desk, post, write } = setUp(t);
  await write("a", "1");
  for (const error of [new TypeError("Failed to parse URL from https://x?key=s3cret"), new Error("s3cret")]) {
    desk.before = () => {
      throw error;
    };
    const { status, body, headers } = await post("/audit");
    assert.equal(status, 503);
    assert.equal(body.error, error.name);
    assert.equal(headers.get("retry-after"), "5");
  }
});

test("what is answered as JSON is kept by nobody, and taken for nothing else", async (t) => {
  const { ask, post } = setUp(t);
  for (const answer of [await ask("GET", "/about"), await ask("GET", "/none"), await post("/sweep")]) {
    assert.equal(answer.headers.get("content-type"), "application/json; charset=utf-8");
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.equal(answer.headers.get("cache-control"), "no-store");
  }
});

test("the newest changes of one resource are of one type: it is named", async (t) => {
  const { sync, write } = setUp(t);
  await write("a", "1");
  assert.equal((await sync.newest({ types: ["desk.note"], id: "a" })).length, 1);
  await assert.rejects(sync.newest({ id: "a" }), { name: "TypeError", message: /an id is of one type: name it/ });
  await assert.rejects(sync.resources({ limit: 0 }), { name: "TypeError", message: /^resources: limit/ });
  await assert.rejects(sync.losses({ hours: 0.5 }), { name: "TypeError", message: /^losses: hours/ });
});
