/** Mass deletions are held back until a later sweep finds the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, type EngineEvent } from "tidemark";
import { type GuardState, judge } from "../src/sweep/guard.ts";
import { createDesk, handClock, memory, take, webhookOf } from "./desk.ts";

const HOUR = 3_600_000_000;
const quiet: GuardState = { since: 0, count: 0, tripped: null, held: 0, asked: null, passed: null };
const at = (now: number, absent: number, live: number, swept = 0) => ({ now, absent, live, swept, period: 24 * HOUR });

test("up to ten, or a fifth of what is live, may vanish within an hour", () => {
  const ten = judge(quiet, at(2 * HOUR, 10, 10));
  assert.deepEqual(ten, { state: { ...quiet, since: 2 * HOUR, count: 10 }, hold: false }, "ten of ten");
  const fifth = judge(quiet, at(2 * HOUR, 20, 100));
  assert.equal(fifth.hold, false, "20 of 100");
  assert.equal(judge(fifth.state, at(2 * HOUR + 1, 1, 80)).hold, true, "the 21st of what were 100");
  const eleven = judge(quiet, at(2 * HOUR, 11, 100));
  assert.equal(judge(eleven.state, at(2 * HOUR + 1, 9, 89)).hold, false, "20 of what were 100, in two parts");
  assert.equal(judge(fifth.state, at(3 * HOUR + 1, 16, 80)).hold, false, "an hour later the count begins anew");
});

test("what is held back waits for a sweep that begins later, and an hour after its last one all is quiet", () => {
  const { state } = judge(quiet, at(2 * HOUR, 11, 12, HOUR));
  assert.deepEqual(state, { since: 2 * HOUR, count: 0, tripped: 2 * HOUR, held: 11, asked: null, passed: null });
  const again = judge(state, at(9 * HOUR, 3, 12, HOUR));
  assert.deepEqual([again.hold, again.state.held], [true, 14], "time alone changes nothing");
  const soon = judge(again.state, at(9 * HOUR, 3, 12, 8 * HOUR));
  assert.equal(soon.hold, true, "a sweep that something led to within half a period proves nothing");
  assert.equal(
    judge({ ...again.state, asked: 3 * HOUR }, at(9 * HOUR, 3, 12, 8 * HOUR)).hold,
    false,
    "unless asked for",
  );
  assert.equal(judge({ ...again.state, asked: 9 * HOUR }, at(9 * HOUR, 3, 12, 8 * HOUR)).hold, true, "before it began");
  const confirmed = judge(again.state, at(16 * HOUR, 11, 12, 15 * HOUR));
  assert.equal(confirmed.hold, false);
  const more = judge(confirmed.state, at(16.5 * HOUR, 500, 1, 15 * HOUR));
  assert.deepEqual([more.hold, more.state.tripped], [false, 2 * HOUR], "however long the sweep's reads take");
  assert.deepEqual(judge(confirmed.state, at(17.1 * HOUR, 1, 1, 15 * HOUR)).state, {
    ...quiet,
    since: 17.1 * HOUR,
    count: 1,
  });
});

async function open(count: number) {
  const desk = createDesk({ feed: false });
  for (let i = 0; i < count; i++) desk.put(`n${i}`, "here");
  const time = handClock();
  const events: EngineEvent[] = [];
  const sync = createSync({
    providers: { desk: desk.provider },
    store: memory(time),
    time,
    sweepEvery: 86_400_000,
    observe: (event) => events.push(event),
  });
  await sync.drain();
  const gone = async () => (await take(sync.changes({ follow: false }))).filter(({ after }) => after === null).length;
  return { desk, sync, time, gone, events };
}

test("a key of another account deletes next to nothing: health says so, and the right key mends it", async () => {
  const { desk, sync, time, gone, events } = await open(20);
  const ours = new Map(desk.notes.get(""));
  desk.notes.set("", new Map([["other", { id: "other", text: "of another account" }]]));
  time.advance(90_000_000);
  await sync.drain();
  assert.equal(await gone(), 10, "ten are believed, the rest is not: 20 of 20 are missing");
  const { ok, alarms } = await sync.health();
  assert.equal(ok, false);
  assert.match(alarms.join("\n"), /desk\.note : 10 deletions are held back.+sync\.sweep\("desk\.note"\)/);
  assert.ok(events.some((event) => event.kind === "held"));
  desk.notes.set("", ours);
  await sync.sweep("desk.note");
  assert.equal((await sync.get("desk.note", "n19"))?.state?.text, "here");
  assert.deepEqual((await sync.health()).alarms, []);
  desk.notes.set("", new Map());
  await sync.sweep("desk.note");
  const held = events.filter((event) => event.kind === "held").length;
  assert.ok(held > 10, "the guard was closed again");
  await sync.stop();
});

test("an alarm that a later sweep did not confirm is forgotten after two periods, so that it opens no gate for the next", () => {
  const { state } = judge(quiet, at(2 * HOUR, 11, 12, HOUR));
  assert.equal(judge(state, at(49 * HOUR, 11, 12, 40 * HOUR)).hold, false, "that is what it waited for");
  const later = judge(state, at(51 * HOUR, 11, 12, 40 * HOUR));
  assert.deepEqual([later.hold, later.state.tripped], [true, 51 * HOUR]);
});

test("a webhook that leads to a sweep confirms nothing", async () => {
  const { desk, sync, gone } = await open(20);
  for (let i = 0; i < 20; i++) desk.remove(`n${i}`);
  await sync.webhook("desk", webhookOf([{ type: "note" }]));
  await sync.drain();
  const held = await gone();
  assert.ok(held < 20);
  await sync.webhook("desk", webhookOf([{ type: "note" }]));
  await sync.drain();
  assert.equal(await gone(), held);
  assert.equal((await sync.health()).ok, false, "the alarm stands");
  await sync.sweep("desk.note");
  assert.equal(await gone(), 20, "a person said so");
  await sync.stop();
});

test("what is really gone is gone after the next sweep", async () => {
  const { desk, sync, time, gone } = await open(20);
  for (let i = 0; i < 20; i++) desk.remove(`n${i}`);
  time.advance(90_000_000);
  await sync.drain();
  const first = await gone();
  assert.ok(first < 20, "held back");
  time.advance(90_000_000);
  await sync.drain();
  assert.equal(await gone(), 20);
  assert.deepEqual((await sync.health()).alarms, []);
  await sync.stop();
});

test("webhooks that say deleted are held back like anything else, and one that says created again is not lost", async () => {
  const { desk, sync, gone } = await open(20);
  for (let i = 0; i < 20; i++) {
    desk.remove(`n${i}`);
    await sync.hint("desk.note", `n${i}`);
  }
  desk.absent = null;
  await sync.drain();
  assert.ok((await gone()) < 20);
  desk.put("n19", "back again");
  await sync.hint("desk.note", "n19");
  await sync.drain();
  assert.equal((await sync.get("desk.note", "n19"))?.state?.text, "back again");
  await sync.sweep();
  assert.equal(await gone(), 19);
  await sync.stop();
});

test("as long as few are missing, what is live is not counted for it", async (t) => {
  const desk = createDesk({ feed: false });
  for (let i = 0; i < 20; i++) desk.put(`n${String(i).padStart(2, "0")}`, "here");
  const time = handClock();
  let surveys = 0;
  const store = memory(time);
  const survey = () => {
    surveys++;
    return store.survey();
  };
  const counting = { ...store, survey };
  const sync = createSync({ providers: { desk: desk.provider }, store: counting, time });
  t.after(() => sync.stop());
  await sync.drain();
  surveys = 0;
  for (let i = 0; i < 11; i++) {
    const id = `n${String(i).padStart(2, "0")}`;
    desk.remove(id);
    await sync.hint("desk.note", id);
    await sync.drain();
    assert.equal(surveys, i < 10 ? 0 : 1, `${i + 1} are gone`);
  }
});
