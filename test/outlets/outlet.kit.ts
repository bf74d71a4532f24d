/** What every outlet must do, whatever its target is. */
import assert from "node:assert/strict";
import type { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { createSync, type Sync } from "tidemark";
import { createDesk, type Desk, handClock, memory } from "../desk.ts";

export interface Context {
  after(run: () => unknown): void;
}

export type DeskSync = Sync<{ desk: Desk["provider"] }, DatabaseSync>;

/** What a target took: under which id, of which resource, which text. */
export interface Taken {
  id: string;
  note: string;
  text: string | null;
}

/** A real target, and its levers. */
export interface Target {
  /** Opens the outlet under this name; the name is that of its subscription. */
  open(sync: DeskSync, name: string): unknown;
  /** In the order in which it came. */
  taken(): Promise<readonly Taken[]>;
  /** Nobody answers any more, and then somebody does again. */
  down(): Promise<unknown>;
  up(): Promise<unknown>;
  /** The text of a change that it refuses for good. */
  poison: string;
  /** It takes the next message, and its answer is lost. */
  lose(): void;
  /** It is gone for good, and comes back. */
  leave(): void;
  enter(): void;
  /** The subscription's name, where it is not the one given. */
  subscription?(): string;
}

export function setUp(t: Context) {
  const desk = createDesk({ feed: false });
  const time = handClock();
  const store = memory(time);
  const engine = (): DeskSync => createSync({ providers: { desk: desk.provider }, store, time });
  const sync = engine();
  t.after(() => sync.stop());
  const hint = async (note: string, text: string | null) => {
    if (text === null) desk.remove(note);
    else desk.put(note, text);
    await sync.get("desk.note", note, { maxAge: 0 });
  };
  /** Later, whatever was to wait. */
  const later = async (one = sync) => {
    time.advance(3_600_001);
    await one.drain();
  };
  return { desk, sync, engine, time, hint, later };
}

/** What some targets have no way to do: a real server cannot be told to lose an answer, not every one can say that it is gone. */
export type Lever = "lose" | "leave" | "enter";

/** @param begin starts a target, and has it end after the test */
export function testOutlet<L extends Lever = never>(
  name: string,
  begin: (t: Context) => Promise<Omit<Target, L>>,
  without: readonly L[] = [],
): void {
  const can = (lever: Lever) => !(without as readonly Lever[]).includes(lever);
  const start = async (t: Context) => {
    const target = (await begin(t)) as Target;
    const sub = () => target.subscription?.() ?? "out";
    const texts = async () => (await target.taken()).map(({ note, text }) => `${note} ${text ?? "gone"}`);
    const ids = async () => [...new Set((await target.taken()).map(({ id }) => id))];
    const world = setUp(t);
    const halted = async () => (await world.sync.health()).subscriptions.find((one) => one.name === sub())?.halted;
    return { ...world, target, sub, texts, ids, halted };
  };

  test(`${name}: each change comes once, in order, created, updated and deleted, under an id of its own`, async (t) => {
    const { sync, target, hint, texts, ids } = await start(t);
    await target.open(sync, "out");
    for (const [note, text] of [
      ["1", "a"],
      ["2", "a"],
      ["1", "b"],
      ["1", null],
      ["2", "ü\u2028\u0000\ud83d\ude00"],
    ] as const) {
      await hint(note, text);
      await sync.drain();
    }
    assert.deepEqual(await texts(), ["1 a", "2 a", "1 b", "1 gone", "2 ü\u2028\u0000\ud83d\ude00"]);
    assert.equal((await ids()).length, 5);
  });

  test(`${name}: what comes again comes under the same id`, async (t) => {
    const { sync, target, hint, ids, sub } = await start(t);
    await target.open(sync, "out");
    for (const [note, text] of [
      ["1", "a"],
      ["2", "a"],
      ["1", "b"],
    ] as const)
      await hint(note, text);
    await sync.drain();
    const before = await ids();
    await sync.rewind(sub(), null);
    await sync.drain();
    assert.deepEqual([await ids(), before.length], [before, 3]);
  });

  test(`${name}: a target that is down holds up itself alone, and drops and parks nothing`, async (t) => {
    const { sync, target, hint, later, texts, halted, sub } = await start(t);
    await target.open(sync, "out");
    const heard: string[] = [];
    sync.subscribe("other", ({ id, after }) => void heard.push(`${id} ${after?.text}`));
    await hint("0", "a");
    await sync.drain();
    await target.down();
    const all = Array.from({ length: 120 }, (_, i) => `${i % 110}`);
    for (const [i, note] of all.entries()) await hint(note, `b${i}`);
    await sync.drain();
    await later();
    assert.equal(heard.length, 121, "others go on");
    assert.deepEqual([await sync.parked(sub()), (await halted())?.attempts], [[], 2]);
    await target.up();
    await later();
    const taken = await texts();
    assert.equal(await halted(), null);
    assert.deepEqual([...taken].sort(), ["0 a", ...all.map((note, i) => `${note} b${i}`)].sort());
    for (const note of ["0", "5", "9"]) {
      const own = taken.filter((one) => one.startsWith(`${note} b`)).map((one) => Number(one.split(" b")[1]));
      assert.deepEqual(
        own,
        [...own].sort((a, b) => a - b),
        "in order for each resource",
      );
    }
  });

  test(`${name}: a change that is refused for good is parked and said, the others go on, and a person may skip it`, async (t) => {
    const { sync, target, hint, texts, sub } = await start(t);
    await target.open(sync, "out");
    for (const [note, text] of [
      ["1", "a"],
      ["2", target.poison],
      ["3", "a"],
      ["2", "b"],
      ["4", "a"],
    ] as const) {
      await hint(note, text);
    }
    await sync.drain();
    assert.deepEqual((await texts()).sort(), ["1 a", "3 a", "4 a"]);
    const parked = await sync.parked(sub());
    assert.deepEqual(
      parked.map(({ id }) => id),
      ["2"],
    );
    assert.ok(!parked[0]?.error.includes(target.poison));
    assert.equal((await sync.health()).ok, false);
    assert.equal(await sync.skip(sub(), { type: "desk.note", id: "2" }), true);
    await sync.drain();
    assert.equal((await texts()).at(-1), "2 b");
  });

  test(`${name}: another process goes on where one died`, async (t) => {
    const { sync, engine, target, hint, later, texts } = await start(t);
    await target.open(sync, "out");
    await hint("1", "a");
    await sync.drain();
    await target.down();
    await hint("2", "a");
    await sync.drain();
    const next = engine();
    await target.open(next, "out");
    await target.up();
    await later(next);
    await hint("3", "a");
    await next.drain();
    assert.deepEqual(await texts(), ["1 a", "2 a", "3 a"]);
  });

  if (can("lose"))
    test(`${name}: a message whose answer is lost comes again, under the same id`, async (t) => {
      const { sync, target, hint, later, texts, ids } = await start(t);
      await target.open(sync, "out");
      await hint("1", "a");
      target.lose();
      await sync.drain();
      await later();
      assert.deepEqual([await texts(), (await ids()).length], [["1 a", "1 a"], 1]);
    });

  if (can("leave"))
    test(`${name}: a target that wants no more is left alone, until a person says retry`, async (t) => {
      const { sync, engine, target, hint, later, texts, halted, sub } = await start(t);
      await target.open(sync, "out");
      target.leave();
      await hint("1", "a");
      await hint("2", "a");
      await sync.drain();
      const next = engine();
      await target.open(next, "out");
      for (let n = 0; n < 50; n++) await later(next);
      assert.deepEqual([await texts(), (await halted())?.due, (await halted())?.attempts], [[], null, 1]);
      assert.match((await sync.health()).alarms.join(), /410/);
      target.enter();
      await sync.retry(sub());
      await next.drain();
      assert.deepEqual(await texts(), ["1 a", "2 a"]);
    });
}
