/** A handler that says that its target is down, or gone: the whole subscription stands still, and nothing is parked or left out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CursorLost, createSync, type EngineEvent, RetryLater, type SubscribeOptions, TargetGone } from "tidemark";
import { createRandom } from "tidemark/testing";
import { createDesk, handClock, memory } from "./desk.ts";

/** `HALTS=1000` tries more seeds. */
const { HALTS = "15" } = process.env;
const MINUTE = 60_000;
const REF = { type: "desk.note", scope: "", id: "2" } as const;

function setUp(t: { after(run: () => unknown): void }) {
  const desk = createDesk({ feed: false });
  const time = handClock();
  const store = memory(time);
  const events: EngineEvent[] = [];
  const observe = (event: EngineEvent) => events.push(event);
  const engine = () => createSync({ providers: { desk: desk.provider }, store, time, observe });
  const sync = engine();
  t.after(() => sync.stop());
  const write = async (...notes: string[]) => {
    for (const note of notes) {
      const [id = "", text = ""] = note.split(" ");
      desk.put(id, text);
      await sync.hint("desk.note", id);
      await sync.drain();
    }
  };
  /** What a target took; `down` says what it throws instead. */
  const target = (one = sync, options: SubscribeOptions<"desk.note"> = {}) => {
    const taken: string[] = [];
    const at = { taken, tries: 0, down: (_: string): Error | undefined => undefined };
    const handle = async ({ id, after }: { id: string; after: { text: string } | null }) => {
      at.tries++;
      const error = at.down(id);
      if (error) throw error;
      taken.push(`${id} ${after?.text}`);
    };
    one.subscribe("out", { ...options, transaction: false }, handle);
    return at;
  };
  const standing = async () => (await sync.health()).subscriptions[0]?.halted ?? null;
  return { desk, sync, engine, store, time, events, write, target, standing };
}

test("RetryLater: nothing is handled or parked until then, then everything comes in order and once", async (t) => {
  const { sync, time, events, write, target, standing } = setUp(t);
  const at = target();
  await write("1 a");
  at.down = () => new RetryLater(5 * MINUTE, "the target asks to wait");
  await write("2 a", "3 a", "1 b");
  assert.deepEqual([at.taken, at.tries], [["1 a"], 2], "one change is tried, and no other");
  assert.deepEqual(await sync.parked("out"), []);
  const halted = await standing();
  assert.deepEqual([halted?.id, halted?.attempts, halted?.error], ["2", 1, "RetryLater: the target asks to wait"]);
  const event = events.find(({ kind }) => kind === "halted");
  assert.deepEqual(event, {
    kind: "halted",
    subscription: "out",
    ...REF,
    attempts: 1,
    error: halted?.error,
    ms: 5 * MINUTE,
  });
  assert.equal((await sync.health()).ok, true, "to be asked to wait once is no trouble");
  at.down = () => undefined;
  time.advance(5 * MINUTE - 1);
  await sync.drain();
  assert.equal(at.tries, 2);
  time.advance(1);
  await sync.drain();
  assert.deepEqual(at.taken, ["1 a", "2 a", "3 a", "1 b"]);
  assert.equal(await standing(), null);
});

test("a target that stays down is asked less and less often, up to once an hour, for weeks, and loses nothing", async (t) => {
  const { sync, time, write, target, standing } = setUp(t);
  const at = target();
  at.down = () => new RetryLater(0, "down");
  await write("1 a", "2 a");
  const waits: number[] = [];
  for (let n = 0; n < 80; n++) {
    const { due } = (await standing()) ?? assert.fail("it must stand still");
    const wait = (due?.getTime() ?? 0) - time.now();
    waits.push(wait);
    time.advance(wait + 1);
    await sync.drain();
  }
  for (const [n, wait] of waits.entries()) {
    const most = Math.min(3_600_000, 1_000 * 2 ** n);
    assert.ok(wait >= Math.floor(most / 2) && wait <= most, `wait ${n} is ${wait}`);
  }
  assert.match((await sync.health()).alarms.join(), /out: it stands still: RetryLater: down/);
  at.down = () => undefined;
  time.advance(3_600_000);
  await sync.drain();
  assert.deepEqual(at.taken, ["1 a", "2 a"]);
  at.down = () => new RetryLater(0, "down");
  await write("3 a");
  assert.equal((await standing())?.attempts, 1, "what worked ends the count");
  at.down = (id) => (id === "4" ? new RetryLater(0, "down") : undefined);
  await write("4 a");
  time.advance(1_000);
  await sync.drain();
  assert.deepEqual([at.taken, (await standing())?.attempts], [["1 a", "2 a", "3 a"], 1], "also within one page");
});

test("TargetGone: it stands still over restarts until a person says retry, or leaves the change out", async (t) => {
  const { sync, engine, time, write, target, standing } = setUp(t);
  const at = target();
  at.down = (id) => (id === "2" ? new TargetGone("the target wants no more") : undefined);
  await write("1 a", "2 a", "3 a");
  const next = engine();
  const after = target(next);
  time.advance(20 * 24 * 60 * MINUTE);
  await sync.drain();
  await next.drain();
  assert.deepEqual([at.taken, at.tries, after.tries], [["1 a"], 2, 0]);
  assert.equal((await standing())?.due, null);
  assert.match((await sync.health()).alarms.join(), /out: it stands still: TargetGone: the target wants no more/);
  assert.equal(await sync.retry("out"), 1);
  await sync.drain();
  assert.deepEqual([at.taken, at.tries], [["1 a"], 3], "it is still gone");
  assert.equal(await sync.skip("out", { ...REF, id: "3" }), false, "it does not stand at that one");
  assert.equal(await sync.skip("out", REF), true);
  await next.drain();
  assert.deepEqual(after.taken, ["3 a"]);
  assert.equal(await standing(), null);
});

test("several handlers at once: it goes on at the first change that was not handled, in order for each resource", async (t) => {
  const { sync, time, desk, target, standing } = setUp(t);
  const at = target(sync, { concurrency: 4 });
  at.down = (id) => (id === "2" || id === "4" ? new RetryLater(id === "4" ? MINUTE : 0, "down") : undefined);
  for (const id of ["1", "2", "3", "4", "5", "6", "7", "8"]) {
    desk.put(id, "a");
    await sync.hint("desk.note", id);
  }
  await sync.drain();
  const halted = await standing();
  assert.equal(halted?.id, "2");
  assert.equal(halted?.due?.getTime(), time.now() + MINUTE, "the longest that was asked for");
  at.down = () => undefined;
  time.advance(MINUTE);
  await sync.drain();
  assert.deepEqual([...new Set(at.taken)].sort(), ["1 a", "2 a", "3 a", "4 a", "5 a", "6 a", "7 a", "8 a"]);
  assert.ok(at.taken.indexOf("2 a") < at.taken.indexOf("8 a"));
  assert.equal(at.taken.filter((one) => one === "1 a").length, 1, "what came before it is saved");
});

test("several changes of one resource wait behind the one that was not handled", async (t) => {
  const { sync, time, desk, target } = setUp(t);
  const at = target(sync, { concurrency: 8, from: "start" });
  at.down = () => new RetryLater(0, "down");
  for (const text of ["a", "b", "c"]) {
    desk.put("1", text);
    await sync.hint("desk.note", "1");
    await sync.get("desk.note", "1", { maxAge: 0 });
  }
  await sync.drain();
  assert.equal(at.tries, 1, "the others are not even tried");
  at.down = () => undefined;
  time.advance(1_000);
  await sync.drain();
  assert.deepEqual(at.taken, ["1 a", "1 b", "1 c"]);
});

test("what is parked waits, too, and keeps its place", async (t) => {
  const { sync, time, write, target, standing } = setUp(t);
  const at = target();
  at.down = (id) => (id === "2" ? new Error("refused") : undefined);
  await write("1 a", "2 a", "2 b");
  at.down = (id) => (id === "4" ? new Error("refused") : undefined);
  await write("4 a");
  const before = at.tries;
  at.down = () => new RetryLater(MINUTE, "down");
  time.advance(2_000);
  await sync.drain();
  assert.deepEqual([(await standing())?.id, (await sync.parked("out")).length], ["2", 2]);
  assert.equal(at.tries, before + 1, "the other one that is parked is not tried");
  await write("3 a");
  assert.equal(at.tries, before + 1, "nothing is tried");
  assert.equal(await sync.retry("out"), 2, "each resource is counted once");
  await sync.drain();
  assert.equal(await sync.skip("out", REF), true);
  at.down = () => undefined;
  await sync.drain();
  assert.deepEqual(at.taken, ["1 a", "2 b", "4 a", "3 a"], "the change that was left out is not the one behind it");
  assert.deepEqual([await sync.parked("out"), await standing()], [[], null]);
});

test("with a transaction: what was written is undone, and it stands still at that change", async (t) => {
  const { sync, time, write, standing } = setUp(t);
  let down = false;
  const taken: string[] = [];
  sync.subscribe("out", { transaction: true }, ({ id }) => {
    if (down && id === "2") throw new RetryLater(MINUTE, "down");
    taken.push(id);
  });
  down = true;
  await write("1 a", "2 a", "3 a");
  assert.deepEqual([taken, (await standing())?.id], [["1"], "2"]);
  down = false;
  time.advance(MINUTE);
  await sync.drain();
  assert.deepEqual([taken, await standing()], [["1", "2", "3"], null]);
});

test("partitions stand still each for itself, and go on when it is time", async (t) => {
  const { sync, store, time, desk, target, standing } = setUp(t);
  const at = target(sync, { partitions: 4 });
  at.down = () => new RetryLater(MINUTE, "down");
  const ids = Array.from({ length: 12 }, (_, i) => `${i}`);
  for (const id of ids) {
    desk.put(id, "a");
    await sync.hint("desk.note", id);
  }
  await sync.drain();
  assert.ok(at.tries <= 4, `one change of each partition is tried, not ${at.tries}`);
  assert.notEqual(await standing(), null);
  let taken = 0;
  const { checkpoint } = store;
  store.checkpoint = (move, how) => {
    if (move.name === "subscriber|out") taken++;
    return checkpoint(move, how);
  };
  await sync.drain();
  assert.equal(taken, 0, "nobody takes a part that stands still");
  store.checkpoint = checkpoint;
  at.down = () => undefined;
  time.advance(MINUTE);
  await sync.drain();
  assert.deepEqual(at.taken.sort(), ids.map((id) => `${id} a`).sort());
  assert.equal(await standing(), null);
});

test("a rewind begins anew, and while it stands still a growing log costs no write", async (t) => {
  const { sync, store, write, target, standing } = setUp(t);
  const at = target();
  at.down = () => new TargetGone("gone");
  await write("1 a");
  const saved = async () => (await store.checkpoints("subscriber|out", "", 1))[0];
  const before = await saved();
  let moves = 0;
  const { checkpoint } = store;
  store.checkpoint = (move, how) => {
    if (move.name === "subscriber|out") moves++;
    return checkpoint(move, how);
  };
  await write("2 a", "3 a", "4 a");
  assert.deepEqual([await saved(), moves], [before, 0]);
  at.down = () => undefined;
  await sync.rewind("out", null);
  assert.equal(await standing(), null);
  await sync.drain();
  assert.deepEqual(at.taken, ["1 a", "2 a", "3 a", "4 a"]);
});

test("one that stood still for longer than history is kept breaks nobody else, and tells who has it go on", async (t) => {
  const { sync, engine, time, write, target } = setUp(t);
  const at = target();
  await write("1 a");
  at.down = () => new TargetGone("gone");
  await write("1 b", "1 c");
  const heard: string[] = [];
  sync.subscribe("other", ({ id, after }) => void heard.push(`${id} ${after?.text}`));
  time.advance(60 * 24 * 60 * MINUTE);
  await write("1 d");
  await write("1 e");
  assert.equal(heard.at(-1), "1 e");
  const next = engine();
  target(next);
  await next.drain();
  await sync.retry("out");
  await assert.rejects(sync.drain(), CursorLost);
  await sync.rewind("out", null);
  at.down = () => undefined;
  await sync.drain();
  assert.equal(at.taken.at(-1), "1 e");
});

test("in a partition nothing is handled after what is parked has met a target that is down", async (t) => {
  const { sync, time, desk, target, standing } = setUp(t);
  const at = target(sync, { partitions: 2 });
  at.down = () => new Error("refused");
  const put = async (ids: readonly string[], text: string) => {
    for (const id of ids) {
      desk.put(id, text);
      await sync.hint("desk.note", id);
    }
  };
  const ids = Array.from({ length: 8 }, (_, i) => `${i}`);
  await put(ids, "a");
  await sync.drain();
  const before = at.tries;
  at.down = () => new RetryLater(MINUTE, "down");
  time.advance(2_000);
  await put(["8", "9", "10", "11"], "a");
  await sync.drain();
  assert.ok(at.tries <= before + 2, `each part tries one change, not ${at.tries - before}`);
  assert.notEqual(await standing(), null);
});

test("whatever a handler throws, with however many at once and in however many parts: nothing is lost, and each resource is in order", async (t) => {
  for (let seed = 1; seed <= Number(HALTS); seed++) {
    const random = createRandom(seed);
    const { sync, time, desk, standing } = setUp(t);
    const options = { concurrency: random.int(1, 5), partitions: random.int(1, 4) };
    let calm = false;
    const heard = new Map<string, string[]>();
    sync.subscribe("out", { ...options, transaction: false }, async ({ id, after }) => {
      const draw = calm ? 1 : random.next();
      if (draw < 0.2) throw new RetryLater(random.int(0, 5_000), "down");
      if (draw < 0.23) throw new TargetGone("gone");
      if (draw < 0.3) throw new Error("refused");
      heard.set(id, [...(heard.get(id) ?? []), after?.text ?? "gone"]);
    });
    const written = new Map<string, string[]>();
    for (let n = 0; n < 60; n++) {
      const id = `${random.int(0, 6)}`;
      desk.put(id, `${n}`);
      written.set(id, [...(written.get(id) ?? []), `${n}`]);
      await sync.get("desk.note", id, { maxAge: 0 });
      if (random.next() < 0.3) await sync.drain();
      if (random.next() < 0.3) time.advance(random.int(0, 10_000));
      if (random.next() < 0.1) await sync.retry("out").catch(() => {});
    }
    calm = true;
    await sync.drain();
    for (let n = 0; n < 3; n++) {
      await sync.retry("out");
      time.advance(3_600_001);
      await sync.drain();
    }
    const what = `seed ${seed}: ${JSON.stringify(options)}`;
    assert.deepEqual([await standing(), await sync.parked("out")], [null, []], what);
    for (const [id, texts] of written) {
      assert.deepEqual([...new Set(heard.get(id))], texts, `${what}: note ${id}`);
      // What comes again is a stretch that was there before: never an older one alone after a newer one.
      const seen = (heard.get(id) ?? []).map(Number);
      seen.forEach((one, i) => {
        const before = texts.map(Number).indexOf(one);
        const last = i === 0 ? -1 : texts.map(Number).indexOf(seen[i - 1] ?? 0);
        assert.ok(before <= last + 1, `${what}: note ${id}: ${seen}`);
      });
    }
    await sync.stop();
  }
});
