/** What a person does with a running system: pause, repair, audit, erase, and mend a subscription whose handler fails. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CursorLost, createSync, type EngineEvent, Hidden, RetryLater, type SyncOptions } from "tidemark";
import { merge, Rewound, type SubscriptionState } from "../src/deliver/subscription.ts";
import { createDesk, type Desk, handClock, memory, take } from "./desk.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const never = () => {};

function setUp(t: { after(run: () => unknown): void }, desk: Desk = createDesk(), options: Partial<SyncOptions> = {}) {
  const time = handClock();
  const events: EngineEvent[] = [];
  const store = memory(time);
  const observe = (event: EngineEvent) => events.push(event);
  const sync = createSync({ providers: { desk: desk.provider }, store, time, observe, ...options });
  t.after(() => sync.stop());
  const texts = async () =>
    (await take(sync.changes({ follow: false }))).map(({ id, after }) => `${id} ${after?.text}`);
  const write = async (id: string, text: string) => {
    desk.put(id, text);
    await sync.hint("desk.note", id);
    await sync.drain();
  };
  return { desk, sync, time, events, store, texts, write };
}

// -- Subscriptions ------------------------------------------------------------------------------------------------------

test("parked, retry: what a handler could not take is named, and handled again when a person says so", async (t) => {
  const { sync, write } = setUp(t);
  let broken = true;
  const heard: string[] = [];
  sync.subscribe("mail", ({ id, after }) => {
    if (broken && id === "1") throw new TypeError("no mailbox");
    heard.push(`${id} ${after?.text}`);
  });
  await write("1", "a");
  await write("1", "b");
  await write("2", "a");
  const [parked, ...others] = await sync.parked("mail");
  assert.deepEqual(others, []);
  assert.deepEqual([parked?.type, parked?.scope, parked?.id, parked?.error], ["desk.note", "", "1", "TypeError"]);
  assert.ok((parked?.attempts ?? 0) >= 1 && parked?.due instanceof Date);
  broken = false;
  await sync.drain();
  assert.deepEqual(heard, ["2 a"], "it is not due yet");
  assert.equal(await sync.retry("mail"), 1);
  await sync.drain();
  assert.deepEqual(heard, ["2 a", "1 a", "1 b"]);
  assert.deepEqual(await sync.parked("mail"), []);
});

test("skip: one change is left out, and what waits behind it comes", async (t) => {
  const { sync, write } = setUp(t);
  const heard: string[] = [];
  sync.subscribe("mail", ({ id, after }) => {
    if (after?.text === "poison") throw new Error("cannot");
    heard.push(`${id} ${after?.text}`);
  });
  await write("1", "poison");
  await write("1", "good");
  assert.equal(await sync.skip("mail", { type: "desk.note", id: "2" }), false, "it is not parked");
  assert.equal(await sync.skip("mail", { type: "desk.note", id: "1" }), true);
  await sync.drain();
  assert.deepEqual(heard, ["1 good"]);
  assert.deepEqual(await sync.parked("mail"), []);
});

test("rewind: from a cursor on, or from the beginning; a cursor of another log is refused", async (t) => {
  const { sync, write } = setUp(t);
  const heard: string[] = [];
  sync.subscribe("mail", ({ id, after }) => void heard.push(`${id} ${after?.text}`));
  for (const text of ["a", "b", "c"]) await write("1", text);
  const [first] = await take(sync.changes({ follow: false }));
  heard.length = 0;
  await sync.rewind("mail", first?.cursor ?? "");
  await sync.drain();
  assert.deepEqual(heard, ["1 b", "1 c"]);
  heard.length = 0;
  await sync.rewind("mail", null);
  await sync.drain();
  assert.deepEqual(heard, ["1 a", "1 b", "1 c"]);
  await assert.rejects(sync.rewind("mail", "abc.1.1"), CursorLost);
});

test("what is not there is refused with the reason", async (t) => {
  const { sync } = setUp(t);
  for (const ask of [
    sync.parked("nobody"),
    sync.retry("nobody"),
    sync.skip("nobody", { type: "desk.note", id: "1" }),
  ]) {
    await assert.rejects(ask, { name: "TypeError", message: /no subscription "nobody".+health\(\)/ });
  }
  await assert.rejects(async () => sync.pause("desc" as "desk"), /there is no provider "desc"; there are: desk/);
});

test("a person's changes win over what a subscription at work is about to save", () => {
  const parked = (id: string, over = {}) => ({
    ...{ type: "desk.note", scope: "", id, position: 1, attempts: 2, due: 9, error: "x" },
    ...over,
  });
  const state = (...ones: SubscriptionState["parked"]): SubscriptionState => {
    return { log: "a", position: 5, tick: 5, parked: ones, rewound: 0, halt: null };
  };
  const read = state(parked("1"), parked("2"), parked("3"));
  const stored = state(parked("1", { due: 0 }), parked("2", { position: 2, attempts: 0 }), parked("3"));
  const next = { ...state(parked("1"), parked("2"), parked("4")), position: 7 };
  assert.deepEqual(merge(read, stored, next), { ...next, parked: [stored.parked[0], stored.parked[1], parked("4")] });
  assert.deepEqual(merge(read, stored, state()), state(), "what was handled meanwhile needs no retry");
  assert.throws(() => merge(read, { ...read, rewound: 1 }, next), Rewound);
});

test("a rewind while the handler is at work is not lost", async (t) => {
  const { sync, write } = setUp(t);
  const heard: string[] = [];
  let rewound = false;
  for (const text of ["a", "b"]) await write("1", text);
  sync.subscribe("mail", async ({ after }) => {
    heard.push(`${after?.text}`);
    if (after?.text !== "b" || rewound) return;
    rewound = true;
    await sync.rewind("mail", null);
  });
  await sync.drain();
  await sync.drain();
  assert.deepEqual(heard, ["a", "b", "a", "b"]);
});

// -- Providers ----------------------------------------------------------------------------------------------------------

test("pause: nothing is read, polled or swept, webhooks wait, a restart changes nothing; resume goes on", async (t) => {
  const desk = createDesk();
  const time = handClock();
  const store = memory(time);
  const first = createSync({ providers: { desk: desk.provider }, store, time });
  await first.pause("desk");
  const calls = () => desk.calls.length;
  const sync = createSync({ providers: { desk: desk.provider }, store, time });
  t.after(() => sync.stop());
  desk.put("1", "a");
  desk.put("2", "a");
  await sync.hint("desk.note", "1");
  await sync.hint("desk.note", "2");
  time.advance(2 * DAY);
  await sync.drain();
  assert.equal(calls(), 0);
  assert.deepEqual(
    (await sync.health()).paused.map(({ provider, scope }) => ({ provider, scope })),
    [{ provider: "desk", scope: undefined }],
  );
  await assert.rejects(sync.sweep(), /desk is paused: resume it first/);
  assert.equal((await sync.get("desk.note", "1", { maxAge: 0 }))?.state?.text, "a", "who asks is answered");
  await sync.resume("desk");
  await sync.drain();
  assert.deepEqual((await sync.health()).paused, []);
  assert.ok(desk.calls.includes("fetch /2"), "what waited is due at once");
  assert.ok(desk.count("list") > 0 && desk.count("poll") > 0);
});

test("pause of one scope leaves the others alone; resume of the provider ends it", async (t) => {
  const { desk, sync, time, texts } = setUp(t, createDesk({ scopes: ["a", "b"] }));
  await sync.pause("desk", { scope: "a" });
  desk.put("1", "of a", "a");
  desk.put("2", "of b", "b");
  await sync.hint("desk.note", "1", { scope: "a" });
  await sync.drain();
  assert.deepEqual(await texts(), ["2 of b"]);
  assert.deepEqual(
    desk.calls.filter((call) => call.includes(" a")),
    [],
  );
  await sync.resume("desk");
  time.advance(MINUTE + 1_000);
  await sync.drain();
  assert.deepEqual(await texts(), ["2 of b", "1 of a"]);
});

// -- What is recorded ---------------------------------------------------------------------------------------------------

test("synced: when the first sweep is complete, and what it named was read", async (t) => {
  const { desk, sync } = setUp(t);
  const { note } = desk.provider.resources;
  note.list = async () => ({ refs: [...(desk.notes.get("")?.keys() ?? [])].map((id) => ({ id })), next: null });
  for (const id of ["1", "2", "3"]) desk.put(id, "there");
  let release = never;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  desk.before = (call) => (call === "fetch /3" ? held : undefined);
  let done = false;
  const waiting = sync.synced().then(() => {
    done = true;
  });
  const drained = sync.drain();
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(done, false);
  release();
  await drained;
  await waiting;
  assert.equal((await sync.get("desk.note", "3"))?.state?.text, "there");
  await sync.synced("desk.note", { scope: "" });
});

test("synced: a signal ends the wait, and so does stop", async (t) => {
  const { sync } = setUp(t);
  const controller = new AbortController();
  const aborted = sync.synced("desk.note", { signal: controller.signal });
  controller.abort();
  await assert.rejects(aborted, { name: "AbortError" });
  const stopped = assert.rejects(sync.synced(), { name: "AbortError" });
  await new Promise((resolve) => setImmediate(resolve));
  await sync.stop();
  await stopped;
});

test("history: the changes of one resource, the oldest first", async (t) => {
  const { desk, sync, write } = setUp(t);
  for (const text of ["a", "b"]) await write("1", text);
  await write("2", "other");
  desk.remove("1");
  await sync.hint("desk.note", "1");
  await sync.drain();
  const changes = await take(sync.history("desk.note", "1"));
  assert.deepEqual(
    changes.map(({ id, before, after }) => [id, before?.text, after?.text]),
    [
      ["1", undefined, "a"],
      ["1", "a", "b"],
      ["1", "b", undefined],
    ],
  );
});

test("erase: every state is gone from the log, a tombstone stays, and others are as they were", async (t) => {
  const { desk, sync, write } = setUp(t);
  await write("1", "secret");
  await write("1", "secret, too");
  await write("2", "other");
  desk.notes.get("")?.delete("1");
  await sync.erase("desk.note", "1");
  const all = await take(sync.changes({ follow: false }));
  assert.doesNotMatch(JSON.stringify(all), /secret/);
  assert.deepEqual(
    all.map(({ id, after }) => [id, after?.text ?? null]),
    [
      ["1", null],
      ["1", null],
      ["2", "other"],
      ["1", null],
    ],
  );
  assert.equal((await sync.get("desk.note", "1"))?.state, null);
});

test("audit: says what is missing, different or gone, and writes nothing", async (t) => {
  const { desk, sync, texts } = setUp(t, createDesk({ feed: false }));
  for (const id of ["1", "2", "3", "4", "5"]) desk.put(id, "same");
  await sync.drain();
  const before = await texts();
  desk.put("2", "changed silently");
  desk.put("6", "created silently");
  desk.remove("4");
  const [report] = await sync.audit();
  assert.deepEqual(report, {
    type: "desk.note",
    scope: "",
    checked: 6,
    differences: [
      { id: "2", how: "different" },
      { id: "6", how: "missing" },
      { id: "4", how: "gone" },
    ],
    unclear: 0,
  });
  assert.deepEqual(await texts(), before);
  assert.equal((await sync.health()).types[0]?.dirty, 0, "nothing was made dirty either");
  await sync.sweep();
  assert.deepEqual((await sync.audit("desk.note"))[0]?.differences, []);
});

test("audit: what is about to be read, or may not be seen, is unclear; it waits when it is asked to", async (t) => {
  const { desk, sync, time } = setUp(t, createDesk({ feed: false }));
  for (const id of ["1", "2", "3"]) desk.put(id, "same");
  await sync.drain();
  desk.put("1", "changed, and hinted");
  desk.put("2", "changed, and hidden");
  await sync.hint("desk.note", "1");
  let asked = 0;
  desk.before = (call) => {
    if (call === "fetch /2") throw new Hidden("of someone else");
    if (!call.startsWith("list") || asked++ > 0) return;
    throw new RetryLater(1_000);
  };
  const passing = setInterval(() => time.advance(1_000), 5);
  t.after(() => clearInterval(passing));
  const [report] = await sync.audit();
  assert.deepEqual([report?.checked, report?.differences, report?.unclear], [3, [], 2]);
  assert.ok(asked > 1);
});

test("audit: a list that lags shows no difference where a fetch shows none", async (t) => {
  const { desk, sync } = setUp(t, createDesk({ feed: false }));
  desk.put("1", "new");
  await sync.drain();
  const { note } = desk.provider.resources;
  note.list = async () => ({ items: [{ id: "1", text: "old" }], next: null });
  assert.deepEqual((await sync.audit())[0]?.differences, []);
});

test("history older than the retention is forgotten, but not what a living subscription has still to read", async (t) => {
  const { sync, time, texts, write, store, events } = setUp(t, createDesk({ feed: false }), { retention: 10 * DAY });
  let broken = true;
  sync.subscribe("mail", ({ id }) => {
    if (broken && id === "2") throw new Error("not now");
  });
  await write("1", "a");
  await write("2", "a");
  await write("2", "b");
  time.advance(9 * DAY);
  await write("1", "b");
  assert.deepEqual((await texts()).length, 4);
  time.advance(2 * DAY);
  await write("1", "c");
  assert.deepEqual(await texts(), ["1 a", "2 a", "2 b", "1 b", "1 c"], "2 a is parked: it and what follows stays");
  broken = false;
  await sync.retry("mail");
  await sync.drain();
  time.advance(DAY + 60_000);
  await sync.drain();
  assert.deepEqual(await texts(), ["1 a", "2 b", "1 b", "1 c"], "of what is older, the newest of each");
  const { compacted } = await store.head();
  assert.ok(events.some((event) => event.kind === "compacted" && event.below === compacted + 1));
  const compactions = () => events.filter(({ kind }) => kind === "compacted").length;
  const was = compactions();
  await sync.drain();
  assert.equal(compactions(), was, "once a day");
});

test("a type that no plugin has any more is not in health: nobody reads what it owes", async (t) => {
  const { desk, sync, store, time, write } = setUp(t, createDesk({ feed: false }));
  await write("1", "a");
  desk.before = () => {
    throw new Error("the service is away");
  };
  await write("1", "b");
  const [before] = (await sync.health()).types;
  assert.deepEqual([before?.type, before?.dirty, before?.failing], ["desk.note", 1, 1]);
  const { note, ...others } = desk.provider.resources;
  const provider = { ...desk.provider, resources: { ...others, letter: note } };
  const heir = createSync({ providers: { desk: provider }, store, time });
  t.after(() => heir.stop());
  const { alarms, types } = await heir.health();
  assert.deepEqual([alarms, types], [[], []]);
});

test("history kept for minutes is forgotten every part of that time, and not once an hour", async (t) => {
  const MINUTE = 60_000;
  const { sync, time, texts, write } = setUp(t, createDesk({ feed: false }), { retention: 10 * MINUTE });
  await write("1", "a");
  await write("1", "b");
  time.advance(11 * MINUTE);
  await sync.drain();
  await write("1", "c");
  assert.deepEqual(await texts(), ["1 b", "1 c"]);
  time.advance(9 * MINUTE);
  await write("1", "d");
  time.advance(2 * MINUTE);
  await sync.drain();
  assert.deepEqual(await texts(), ["1 c", "1 d"], "b and c are older than it, and c is what d follows");
});

test("a subscription that was not at work for longer than the retention does not keep history", async (t) => {
  const { desk, sync, time, write, store } = setUp(t, createDesk({ feed: false }), { retention: DAY });
  sync.subscribe("gone", never);
  await write("1", "a");
  const other = createSync({ providers: { desk: desk.provider }, store, time, retention: DAY });
  time.advance(2 * DAY);
  desk.put("1", "b");
  await other.hint("desk.note", "1");
  await other.drain();
  time.advance(2 * DAY);
  await other.drain();
  assert.equal((await store.head()).compacted, 2);
  await assert.rejects(sync.drain(), CursorLost);
});

test("drain with a budget begins nothing more when it is over, says so, and the next goes on", async (t) => {
  const desk = createDesk({ feed: false });
  const { sync, time, texts } = setUp(t, desk);
  for (let i = 0; i < 10; i++) desk.put(`${i}`, "there");
  desk.before = () => time.advance(1_000);
  assert.equal(await sync.drain({ budgetMs: 2_000 }), false);
  const some = (await texts()).length;
  assert.ok(some > 0 && some < 10, `${some} of 10`);
  time.advance(MINUTE);
  assert.equal(await sync.drain({ budgetMs: 600_000 }), true);
  assert.equal((await texts()).length, 10);
  for (let i = 0; i < 20; i++) await sync.hint("desk.note", `${i}`);
  const fetched = desk.count("fetch");
  await sync.drain({ budgetMs: 2_000 });
  assert.ok(desk.count("fetch") - fetched <= 8, "reads end, too");
});
