/** `subscribe` with `transaction: true`: what the handler writes, and how far the subscription came, are saved together. */
import assert from "node:assert/strict";
import type { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { createSync, type EngineEvent, type Store } from "tidemark";
import { createVirtualTime } from "tidemark/testing";
import { StoreError } from "../src/errors.ts";
import { createDesk, handClock, memory, type Note } from "./desk.ts";

type Db = Store<DatabaseSync>;
type Transaction = NonNullable<Db["transaction"]>;

/** `around` may do something before and after a transaction of the store. */
function setUp(t: { after(run: () => unknown): void }, around?: (run: () => Promise<unknown>) => Promise<unknown>) {
  const desk = createDesk({ feed: false });
  const time = handClock();
  const inner = memory(time);
  const transaction: Transaction = (work, move) => {
    const run = () => inner.transaction?.(work, move) ?? assert.fail("no transaction");
    return (around ? around(run) : run()) as ReturnType<typeof run>;
  };
  const store: Db = { ...inner, transaction };
  const events: EngineEvent[] = [];
  const observe = (event: EngineEvent) => events.push(event);
  const engine = () => createSync({ providers: { desk: desk.provider }, store, time, observe });
  const sync = engine();
  t.after(() => sync.stop());
  const write = async (...notes: [id: string, text: string][]) => {
    for (const [id, text] of notes) {
      desk.put(id, text);
      await sync.hint("desk.note", id);
      await sync.drain();
    }
  };
  /** What the handlers wrote. */
  const effects = async (): Promise<string[]> => {
    const step = () => undefined;
    const select = (db: DatabaseSync) => db.prepare("select text from effect order by rowid").all();
    const read = await inner.transaction?.(select, { name: "effects", step });
    return (read?.value ?? []).map(({ text }) => String(text));
  };
  return { desk, time, events, engine, sync, write, effects };
}

const insert = ({ id, after }: { id: string; after: Note | null }, tx: DatabaseSync) => {
  tx.exec("create table if not exists effect (text text)");
  tx.prepare("insert into effect values (?)").run(`${id} ${after?.text ?? "gone"}`);
};

test("what the handler writes and how far it came are saved in one transaction, a change at a time", async (t) => {
  let runs = 0;
  const { engine, sync, write, effects } = setUp(t, (run) => {
    runs++;
    return run();
  });
  sync.subscribe("books", { transaction: true, types: ["desk.note"] }, insert);
  await write(["1", "a"], ["2", "a"], ["1", "b"]);
  assert.deepEqual([await effects(), runs], [["1 a", "2 a", "1 b"], 3]);
  const next = engine();
  next.subscribe("books", { transaction: true }, insert);
  await next.drain();
  assert.deepEqual((await effects()).length, 3);
});

test("a handler that throws: its writes are undone, its change is parked, and others go on", async (t) => {
  const { sync, write, effects, events } = setUp(t);
  let broken = true;
  sync.subscribe("books", { transaction: true }, (change, tx) => {
    insert(change, tx);
    if (broken && change.id === "1") throw new RangeError("not now");
  });
  await write(["1", "a"], ["2", "a"], ["1", "b"], ["1", "c"]);
  assert.deepEqual(await effects(), ["2 a"]);
  assert.deepEqual(
    (await sync.parked("books")).map(({ id, error }) => [id, error]),
    [["1", "RangeError"]],
  );
  assert.ok(events.some((event) => event.kind === "parked" && event.subscription === "books"));
  broken = false;
  await sync.retry("books");
  await sync.drain();
  assert.deepEqual(await effects(), ["2 a", "1 a", "1 b", "1 c"]);
  assert.deepEqual(await sync.parked("books"), []);
});

test("an error of the database in a handler is the handler's, and undoes what it wrote before", async (t) => {
  const { sync, write, effects } = setUp(t);
  sync.subscribe("books", { transaction: true }, (change, tx) => {
    insert(change, tx);
    if (change.id === "1") tx.exec("insert into nowhere values (1)");
  });
  await write(["1", "a"], ["2", "a"]);
  assert.deepEqual(await effects(), ["2 a"]);
  assert.match((await sync.parked("books"))[0]?.error ?? "", /^Error ERR_SQLITE_ERROR/);
});

test("a promise is refused, because a transaction of SQLite cannot wait: what was written is undone, and it says why", async (t) => {
  const { sync, write, effects } = setUp(t);
  sync.subscribe("books", { transaction: true }, async (change, tx) => {
    insert(change, tx);
    if (change.id === "2") throw new Error("rejected");
  });
  await write(["1", "a"], ["2", "a"]);
  for (const { error } of await sync.parked("books")) assert.match(error, /HandlerError: .+returned a promise.+await/);
  assert.equal((await sync.parked("books")).length, 2);
  await assert.rejects(effects(), /no such table/);
});

test("a handler that commits or rolls back by itself is told so", async (t) => {
  const { sync, write, effects } = setUp(t);
  let ends = "commit";
  sync.subscribe("books", { transaction: true }, (change, tx) => {
    insert(change, tx);
    if (change.id === "1") tx.exec(ends);
  });
  const error = async () => (await sync.parked("books"))[0]?.error ?? "";
  for (const end of ["rollback", "rollback; begin", "commit; begin", "commit"]) {
    ends = end;
    await write(["1", end]);
    await sync.retry("books");
    await sync.drain();
    assert.match(await error(), /HandlerError: .+ended the transaction itself.+throw to undo/, end);
  }
  ends = "savepoint mine; rollback to mine; release mine";
  await sync.retry("books");
  await write(["2", "a"]);
  assert.deepEqual(await sync.parked("books"), [], "savepoints are its own");
  assert.ok((await effects()).includes("2 a"));
});

test("a commit that failed is repeated, and one whose answer was lost is not", async (t) => {
  let fails: "before" | "after" | undefined;
  const { sync, write, effects, desk } = setUp(t, async (run) => {
    const failing = fails;
    fails = undefined;
    if (failing === "before") throw new StoreError("the disk is full");
    const done = await run();
    if (failing === "after") throw new StoreError("the connection failed");
    return done;
  });
  sync.subscribe("books", { transaction: true }, insert);
  await write(["1", "a"]);
  for (const [n, when] of (["before", "after"] as const).entries()) {
    desk.put("1", `${n}`);
    await sync.hint("desk.note", "1");
    fails = when;
    await assert.rejects(sync.drain(), StoreError);
    assert.deepEqual(await sync.parked("books"), [], "it is not the handler's fault");
    await sync.drain();
  }
  assert.deepEqual(await effects(), ["1 a", "1 0", "1 1"]);
});

test("a hold that was lost meanwhile undoes what the handler wrote", async (t) => {
  let meanwhile: (() => Promise<unknown>) | undefined;
  const { sync, engine, write, effects, time } = setUp(t, async (run) => {
    const other = meanwhile;
    meanwhile = undefined;
    await other?.();
    return run();
  });
  await write(["1", "a"], ["2", "a"]);
  const other = engine();
  for (const one of [sync, other]) one.subscribe("books", { transaction: true }, insert);
  meanwhile = () => {
    time.advance(10 * 60_000);
    return other.drain();
  };
  await assert.rejects(sync.drain(), /another process took over/);
  await sync.drain();
  assert.deepEqual(await effects(), ["1 a", "2 a"]);
});

test("what a person wants tried again while it is handled is not handled twice, and a rewind is not lost", async (t) => {
  let meanwhile: (() => Promise<unknown>) | undefined;
  const { sync, write, effects, time } = setUp(t, async (run) => {
    await meanwhile?.();
    return run();
  });
  let broken = true;
  sync.subscribe("books", { transaction: true }, (change, tx) => {
    insert(change, tx);
    if (broken && change.id === "1") throw new Error("not now");
  });
  await write(["1", "a"], ["1", "b"], ["1", "c"], ["2", "a"]);
  broken = false;
  meanwhile = () => sync.retry("books");
  time.advance(3_600_000);
  await sync.drain();
  assert.deepEqual(await effects(), ["2 a", "1 a", "1 b", "1 c"]);
  meanwhile = () => {
    meanwhile = undefined;
    return sync.rewind("books", null);
  };
  await write(["2", "b"]);
  assert.deepEqual((await effects()).slice(4), ["1 a", "1 b", "1 c", "2 a", "2 b"]);
});

test("a retry that fails midway goes on behind what was saved, though a person wanted it tried meanwhile", async (t) => {
  let meanwhile: (() => Promise<unknown>) | undefined;
  const { sync, write, effects, time } = setUp(t, async (run) => {
    await meanwhile?.();
    return run();
  });
  let broken = true;
  sync.subscribe("books", { transaction: true }, (change, tx) => {
    insert(change, tx);
    if (broken && change.id === "1") throw new Error("not now");
  });
  await write(["1", "a"], ["1", "b"]);
  broken = false;
  time.advance(3_600_000);
  let runs = 0;
  meanwhile = async () => {
    if (++runs === 2) throw new StoreError("the disk is full");
    await sync.retry("books");
  };
  await assert.rejects(sync.drain(), StoreError);
  meanwhile = undefined;
  await sync.drain();
  assert.deepEqual(await effects(), ["1 a", "1 b"]);
});

test("what is parked before a page keeps a person's changes that came while the page was handled", async (t) => {
  let meanwhile: (() => Promise<unknown>) | undefined;
  const { sync, desk, effects } = setUp(t, async (run) => {
    const first = meanwhile;
    meanwhile = undefined;
    await first?.();
    return run();
  });
  sync.subscribe("books", { transaction: true }, (change, tx) => {
    if (change.after?.text === "poison") throw new Error("cannot");
    insert(change, tx);
  });
  const hint = async (id: string, text: string) => {
    desk.put(id, text);
    await sync.hint("desk.note", id);
  };
  await hint("1", "poison");
  await sync.drain();
  for (const id of ["2", "3", "4"]) await hint(id, "a");
  meanwhile = () => sync.skip("books", { type: "desk.note", id: "1" });
  await sync.drain();
  await sync.drain();
  assert.deepEqual([await sync.parked("books"), (await effects()).length], [[], 3]);
});

test("changes that are there from before, of other types, or parked behind need no transaction", async (t) => {
  let runs = 0;
  const { sync, desk, write } = setUp(t, (run) => {
    runs++;
    return run();
  });
  desk.put("0", "there before");
  sync.subscribe("books", { transaction: true, initial: false }, insert);
  await sync.drain();
  await write(["1", "a"]);
  assert.equal(runs, 1);
});

test("what cannot be is refused at once", (t) => {
  const { sync, desk } = setUp(t);
  const both = { transaction: true as const, concurrency: 2 };
  assert.throws(() => sync.subscribe("books", both, insert), /one change is handled at a time/);
  const { transaction: _, ...store } = memory();
  const without = createSync({ providers: { desk: desk.provider }, store });
  const handler = () => {};
  assert.throws(() => without.subscribe("books", { transaction: true }, handler), /this store has no transactions/);
});

test("a subscription holds its place a moment for the next change, lets go of it then, and at once when it is stopped", async () => {
  const desk = createDesk({ feed: false });
  const time = createVirtualTime();
  const inner = memory(time);
  const holders: boolean[] = [];
  const checkpoint: Store["checkpoint"] = async (move, how) => {
    const moved = await inner.checkpoint(move, how);
    if (move.name.endsWith("print")) holders.push(moved.at.holder !== null);
    return moved;
  };
  const heard: string[] = [];
  const store = { ...inner, checkpoint };
  const sync = createSync({ providers: { desk: desk.provider }, store, time });
  sync.subscribe("print", ({ id }) => void heard.push(id));
  const settle = async (asked: Promise<unknown>, ms: number) => {
    await Promise.all([asked, time.run(time.now() + ms)]);
  };
  const write = (id: string, ms: number) => {
    desk.put(id, "x");
    return settle(sync.hint("desk.note", id), ms);
  };
  await settle(sync.start(), 5_000);
  holders.length = 0;
  await write("1", 90);
  assert.deepEqual([heard, holders], [["1"], [true, true]], "it takes its place, and saves that it went on");
  await write("2", 90);
  assert.deepEqual(
    [heard, holders],
    [
      ["1", "2"],
      [true, true, true],
    ],
    "nothing but that",
  );
  await time.run(time.now() + 200);
  assert.deepEqual(holders, [true, true, true, false]);

  holders.length = 0;
  await write("3", 50);
  let stopped = false;
  await settle(
    sync.stop().then(() => {
      stopped = true;
    }),
    20,
  );
  assert.deepEqual([holders, stopped], [[true, true, false], true]);
});
