/** The world that is published: an application's handlers, in many seeds, come to the truth; and what a test can say and do. */
import assert from "node:assert/strict";
import type { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { createSync, type Provider, type Sync } from "tidemark";
import { type Conditions, calm, createWorld, testWorld, type World, type WorldEvent } from "tidemark/testing";

interface Note {
  text: string;
}
type Services = { notes: Provider<{ note: Note; line: Note }>; shop: Provider<{ order: { total: number } }> };
const notes = { types: ["notes.note"] } as const;

/** An application that keeps what it is told in a table of its own, which outlives its processes. */
function createBoard() {
  const board = new Map<string, Note>();
  const start = (sync: Sync<Services>) =>
    sync.subscribe("board", { types: ["notes.note"] }, ({ id, after }) => {
      if (after) board.set(id, after);
      else board.delete(id);
    });
  return { board, start };
}
/** Some notes are written, changed and deleted, for a minute or two. */
async function edit(world: World<Services>, times = 30): Promise<void> {
  const { int, chance } = world.random;
  for (let i = 0; i < times; i++) {
    const id = `n${int(1, 6)}`;
    if (chance(0.2)) world.delete("notes.note", id);
    else world.write("notes.note", id, { text: `text ${i}` });
    await world.run(int(0, 4_000));
  }
}
/** A world in which nothing goes wrong but what the test says. */
const create = (conditions: Partial<Conditions> = {}, observe?: (event: WorldEvent) => void) =>
  createWorld<Services>({ ...notes, conditions: { ...calm, ...conditions }, ...(observe && { observe }) });

testWorld<Services>(test, "an application's table comes to the truth", notes, async (world) => {
  const { board, start } = createBoard();
  await world.start(start);
  await edit(world);
  await world.settle();
  assert.deepEqual(board, world.truth("notes.note"));
});

test("a table that believes the order of arrival is found out", async () => {
  let wrong = 0;
  for (let seed = 1; seed <= 5; seed++) {
    const world = createWorld<Services>({ ...notes, seed });
    const board = new Map<string, Note>();
    // It takes the states that changes replaced for those that are.
    await world.start((sync) => sync.subscribe("board", ({ id, before }) => before && board.set(id, before as Note)));
    await edit(world);
    await world.settle();
    await world.stop();
    try {
      assert.deepEqual(board, world.truth("notes.note"));
    } catch {
      wrong++;
    }
  }
  assert.equal(wrong, 5);
});

test("the same seed gives the same course of things, another one another", async () => {
  const traceOf = async (seed: number) => {
    const trace: string[] = [];
    const observe = (event: WorldEvent) => trace.push(JSON.stringify(event));
    const world = createWorld<Services>({ ...notes, seed, observe });
    await world.start(createBoard().start);
    await edit(world);
    await world.settle();
    await world.stop();
    return trace.join("\n");
  };
  const [one, again, other] = [await traceOf(3), await traceOf(3), await traceOf(4)];
  assert.equal(one, again);
  assert.notEqual(one, other);
  assert.ok(one.length > 10_000);
});

test("what a test decides, the seed does not: a world that is calm, one that loses every webhook", async () => {
  const seen = new Map<string, number>();
  const world = create({ drop: 1 }, ({ kind }) => seen.set(kind, (seen.get(kind) ?? 0) + 1));
  const { board, start } = createBoard();
  await world.start(start);
  world.write("notes.note", "1", { text: "hello" });
  await world.settle();
  assert.deepEqual(board, new Map([["1", { text: "hello" }]]));
  assert.deepEqual([...seen.keys()].sort(), ["boot", "calm", "engine", "written"]);
  await world.stop();
});

test("a process that dies starts again, and goes on where it was", async () => {
  const boots: number[] = [];
  const world = create({ latency: 1_000, poll: 0, sweep: 60_000 });
  const { board, start } = createBoard();
  await world.start((sync, process) => {
    boots.push(process);
    start(sync);
  });
  world.write("notes.note", "1", { text: "hello" });
  await world.run(20);
  world.crash();
  assert.equal(board.size, 0, "it died while it read");
  await world.settle();
  assert.deepEqual([boots, board.size], [[0, 0], 1]);
  await world.stop();
});

test("a process that died does nothing any more: no answer finds it, and no handler of it is told", async () => {
  let boots = 0;
  const told: string[] = [];
  const world = create({ latency: 1_000, poll: 0, sweep: 60_000 });
  await world.start((sync) => {
    const boot = ++boots;
    sync.subscribe("board", ({ id }) => void told.push(`${id} by ${boot}`));
  });
  for (const id of ["1", "2", "3"]) world.write("notes.note", id, { text: "hello" });
  await world.run(20);
  world.crash();
  await world.settle();
  assert.deepEqual(told.sort(), ["1 by 2", "2 by 2", "3 by 2"]);
  await world.stop();
});

test("a process that stands still is replaced, wakes beside the new one, and changes nothing", async () => {
  const kinds: string[] = [];
  const world = create({}, ({ kind }) => kind !== "engine" && kinds.push(kind));
  const { board, start } = createBoard();
  await world.start(start);
  world.freeze(200_000);
  world.write("notes.note", "1", { text: "hello" });
  await world.run(90_000);
  assert.equal(board.size, 0);
  await world.run(30_000);
  assert.equal(board.get("1")?.text, "hello", "the other one told");
  world.write("notes.note", "1", { text: "bye" });
  await world.settle();
  assert.equal(board.get("1")?.text, "bye");
  assert.deepEqual(
    kinds.filter((kind) => kind === "boot" || kind === "thaw"),
    ["boot", "boot", "thaw"],
  );
  await world.stop();
});

test("what an application calls with its own sync can be given a world's", async () => {
  const application = (providers: Services) => createSync({ providers });
  const subscribe = (sync: ReturnType<typeof application>) =>
    sync.subscribe("all", { transaction: true }, (_, db: DatabaseSync) => void db.exec("select 1"));
  const world = create();
  await world.start(subscribe);
  world.write("notes.note", "1", { text: "hello" });
  await world.settle();
  await world.stop();
});

test("a write in the store's own transaction takes effect exactly once, whatever dies", async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const world = createWorld<Services>({ ...notes, seed, conditions: { crash: true, freeze: 0 } });
    let rows: { id: string; n: number }[] = [];
    let last: DatabaseSync | undefined;
    await world.start((sync) => {
      sync.subscribe("count", { transaction: true }, ({ cursor }, db) => {
        db.exec("create table if not exists seen (cursor text primary key, n integer)");
        db.prepare("insert into seen values (?, 1) on conflict do update set n = n + 1").run(cursor);
        rows = db.prepare("select cursor as id, n from seen").all() as typeof rows;
        last = db;
      });
    });
    await edit(world);
    await world.settle();
    assert.ok(rows.length > 5 && rows.every(({ n }) => n === 1), `seed ${seed}: ${rows.length} rows`);
    assert.ok(last);
    await world.stop();
  }
});

test("several providers, scopes, and a type within another", async () => {
  const world = createWorld<Services>({
    ...{
      types: ["notes.note", "notes.line", "shop.order"],
      within: { "notes.line": "notes.note" },
      scopes: ["a", "b"],
    },
    conditions: { ...calm, drop: 1 },
  });
  const told = new Set<string>();
  await world.start((sync) => {
    sync.subscribe("all", ({ type, scope, id, after }) => {
      if (after) told.add(`${type} ${scope} ${id}`);
      else told.delete(`${type} ${scope} ${id}`);
    });
  });
  world.write("notes.note", "1", { text: "x" }, { scope: "a" });
  world.write("notes.note", "1", { text: "y" }, { scope: "b" });
  world.write("notes.line", "1/1", { text: "z" }, { scope: "b" });
  world.write("shop.order", "1", { total: 3 }, { scope: "b" });
  await world.settle();
  assert.deepEqual([...told].sort(), ["notes.line b 1/1", "notes.note a 1", "notes.note b 1", "shop.order b 1"]);
  world.delete("notes.note", "1", { scope: "b" });
  assert.equal(world.truth("notes.line", { scope: "b" }).size, 0, "a line goes with its note");
  await world.settle();
  assert.deepEqual([...told].sort(), ["notes.note a 1", "shop.order b 1"]);
  await world.stop();
});

test("what is true is what was written, as JSON, and nobody changes it afterwards", async () => {
  const world = create();
  const note = { text: "first", at: new Date(0), nothing: undefined };
  world.write("notes.note", "1", note);
  note.text = "changed in the test's hands";
  for (const state of world.truth("notes.note").values()) state.text = "and in the reader's";
  assert.deepEqual([...world.truth("notes.note")], [["1", { text: "first", at: "1970-01-01T00:00:00.000Z" }]]);
  await world.run(1_000);
  world.delete("notes.note", "1");
  world.delete("notes.note", "1");
  const history = world.history("notes.note", "1").map(({ state }) => state?.text ?? null);
  assert.deepEqual(history, [null, "first", null]);
  assert.deepEqual(
    world.history("notes.note", "2").map(({ state }) => state),
    [null],
    "it never was",
  );
  await world.stop();
});

test("a world does not settle while a handler fails, and says so with its seed", async () => {
  const world = create({ sweep: 3_600_000, poll: 0 });
  let broken = true;
  await world.start((sync) => {
    sync.subscribe("board", () => {
      if (broken) throw new RangeError("no room");
    });
  });
  world.write("notes.note", "1", { text: "hello" });
  await assert.rejects(
    world.settle(),
    /^Error: world 1: .*it has not settled: the handler of "board" fails: RangeError$/,
  );
  broken = false;
  await world.settle();
  await world.stop();
});

test("a world does not settle while the log is wrong: a version that fell is not believed at once", async () => {
  const world = create({ versions: "strict", noBump: 0, incarnations: false, lag: 0 });
  const { board, start } = createBoard();
  await world.start(start);
  for (const text of ["one", "two", "three"]) world.write("notes.note", "1", { text });
  await world.run(30_000);
  assert.equal(board.get("1")?.text, "three");
  // A backup was restored.
  const [, first] = world.history("notes.note", "1");
  world.write("notes.note", "1", { text: "one" }, { version: first?.version ?? 0 });
  await world.run(5_000);
  assert.equal(board.get("1")?.text, "three");
  await world.settle();
  assert.equal(board.get("1")?.text, "one");
  await world.stop();
});

test("faults go on after a world has settled, when the test says so", async () => {
  const kinds: string[] = [];
  const world = create({ crash: true }, ({ kind }) => kinds.push(kind));
  await world.start(createBoard().start);
  await world.run(300_000);
  assert.ok(kinds.includes("crash"));
  await world.settle();
  kinds.length = 0;
  await world.run(300_000);
  assert.ok(!kinds.includes("crash"));
  world.calm = false;
  await world.run(300_000);
  assert.ok(kinds.includes("crash"));
  await world.stop();
});

test("an application that cannot start is an error of whoever lets time pass", async () => {
  const world = create();
  let boots = 0;
  await world.start(() => {
    if (++boots > 1) throw new RangeError("no such table");
  });
  world.crash();
  const thrown = await world.run(60_000).then(
    () => assert.fail("it passed"),
    (error: Error) => error,
  );
  assert.match(thrown.message, /^world 1: a process could not start: no such table$/);
  assert.ok(thrown.cause instanceof RangeError);
  await world.stop();
  const other = create();
  await assert.rejects(
    other.start(() => Promise.reject(new RangeError("no such table"))),
    RangeError,
  );
  await assert.rejects(
    create().start(() => new Promise(() => {})),
    /did not come within an hour of its time/,
  );
});

test("what a test awaits comes in the world's time, and time passes once", async () => {
  const world = create({ latency: 300 });
  let sync: Sync<Services> | undefined;
  await world.start((mine) => {
    sync = mine;
  });
  world.write("notes.note", "1", { text: "hello" }, { webhook: false });
  const known = await world.until(sync?.get("notes.note", "1", { maxAge: 0 }) ?? assert.fail());
  assert.equal(known?.state?.text, "hello");
  await assert.rejects(world.until(Promise.reject(new RangeError("no"))), RangeError);
  const running = world.run(60_000);
  await assert.rejects(world.run(1), /time passes already: await each/);
  await running;
  await assert.rejects(
    world.start(() => {}),
    /runs already/,
  );
  await world.stop();
  await world.stop();
});

test("options and names that are wrong are refused where they are given", async () => {
  const wrong = (options: object, message: RegExp) =>
    assert.throws(() => createWorld({ ...notes, ...options }), message);
  wrong({ types: [] }, /name at least one/);
  wrong({ types: ["note"] }, /must be "provider.type"/);
  wrong({ types: ["notes."] }, /must be "provider.type"/);
  wrong({ seed: 1.5 }, /whole number/);
  wrong({ scopes: [] }, /scopes/);
  wrong({ processes: 0 }, /processes/);
  wrong({ types: ["notes.note", "shop.line"], within: { "shop.line": "notes.note" } }, /of its provider/);
  wrong({ within: { "notes.note": "notes.other" } }, /another of the types/);
  wrong({ conditions: { dorp: 1 } }, /"dorp"/);
  const world: World = createWorld({ types: ["notes.note", "notes.line"], within: { "notes.line": "notes.note" } });
  assert.throws(() => world.write("notes.other", "1", {}), /none of the world's types: notes.note, notes.line/);
  assert.throws(() => world.write("notes.note", "1", {}, { scope: "b" }), /none of the world's scopes/);
  assert.throws(() => world.write("notes.note", "", {}), /write an object under an id/);
  assert.throws(() => world.write("notes.note", "1", []), /write an object under an id/);
  assert.throws(() => world.write("notes.line", "1/2", {}), /there is no notes.note "1"/);
  assert.throws(() => world.crash(1), /there is no process 1/);
  await assert.rejects(world.run(Number.POSITIVE_INFINITY), /run takes milliseconds/);
  await world.stop();
});

test("a failure names its seed: a test for each, and one alone where asked for", async () => {
  const found: [name: string, body: () => Promise<void>][] = [];
  const register = (name: string, body: () => Promise<void>) => found.push([name, body]);
  const body = async (world: World) => assert.fail(`in world ${world.seed}`);
  testWorld(register, "mine", { ...notes, seeds: 3 }, body);
  testWorld(register, "mine", { ...notes, seeds: [7] }, body);
  assert.deepEqual(
    found.map(([name]) => name),
    ["mine (seed 1)", "mine (seed 2)", "mine (seed 3)", "mine (seed 7)"],
  );
  assert.throws(() => testWorld(register, "mine", { ...notes, seeds: [] }, body), /would run in no world/);
  await assert.rejects(found.at(-1)?.[1]() ?? assert.fail(), /in world 7/);
});
