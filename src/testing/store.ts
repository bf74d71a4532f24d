/**
 * The contract of a store, as tests: whoever writes a store runs them, with any runner.
 *
 * ```ts
 * import { test } from "node:test";
 * import { testStore } from "tidemark/testing";
 * testStore(test, "my store", async () => ({ store: myStore(), close: async () => {} }));
 * ```
 * @module
 */
import assert from "node:assert/strict";
import { acquire, advance, type Checkpoint, release } from "../checkpoint.ts";
import { blank, CAUSES, clean, FORGET, hint, lease, type Note, type Ref, type Row, type Via } from "../row.ts";
import type { Draft, Entry, Move, Step, Store } from "../store.ts";
import { systemTime, type Time } from "../time.ts";

/** Registers a test: `test` of node:test, vitest, bun:test and the like. */
export type RegisterTest = (name: string, body: () => Promise<void>) => unknown;

/** A table of an application beside the store's, for a store with `transaction`: how to work with its handle. */
export interface Table<Handle> {
  /** Creates it. */
  create(handle: Handle): unknown;
  /** Writes a row. */
  insert(handle: Handle, text: string): unknown;
  /** What all rows say, in any order. */
  texts(handle: Handle): Iterable<string> | Promise<Iterable<string>>;
  /** Ends the transaction behind the store's back, and begins another where that can be. */
  commit(handle: Handle): unknown;
}

/**
 * Opens a new, empty store; a store that takes its clock from the application is given `time`. `reopen` gives the same
 * data again after a close; left out where data end with the store. `table` is left out where there is no `transaction`.
 */
export type OpenStore<Handle = unknown> = (time: Time) => Promise<{
  store: Store<Handle>;
  reopen?: () => Promise<Store<Handle>>;
  table?: Table<Handle>;
  close(): Promise<void>;
}>;

const ref = (id: string, scope = "", type = "a.thing"): Ref => ({ type, scope, id });
const draft = (value: unknown, via: Via = "sweep"): Draft => ({
  state: value === null ? null : JSON.stringify(value),
  ...{ at: 1, via, causes: [] },
});
/** Records a value, as a read that found it would. */
const record =
  (value: unknown) =>
  (row: Row): Step => ({
    row: { ...row, present: value !== null, print: value === null ? null : String(value), last: 1 },
    append: [draft(value)],
  });
const dirty =
  (due: number, cls: "live" | "sweep" = "live") =>
  (row: Row, tick: number): Step => ({
    row: hint(row, {}, { tick, class: cls, via: "webhook", due }),
  });
const note = (id: string, event: string): Note => ({
  ...ref(id),
  ...{ version: null, class: "live", via: "webhook", event: { id: event, name: "changed", at: 5 } },
});
/** Selects, and changes nothing: what an update resolves to are the rows that it saved, so each is saved as it is. */
const look = (row: Row): Step => ({ row });
const all = (store: Store) => store.entries({ after: 0, limit: 100_000 });
const positions = (entries: readonly Entry[]) => entries.map(({ position }) => position);
const range = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

/** Registers the contract's tests under a name. */
export function testStore<Handle = unknown>(test: RegisterTest, name: string, open: OpenStore<Handle>): void {
  type Body = (
    store: Store<Handle>,
    reopen: (() => Promise<Store<Handle>>) | undefined,
    clock: { now: number },
    table: Table<Handle> | undefined,
  ) => Promise<void>;
  const check = (promise: string, body: Body) =>
    test(`${name}: ${promise}`, async () => {
      const clock = { now: 2_000_000_000_000 };
      const { store, reopen, table, close } = await open({ ...systemTime, now: () => clock.now });
      try {
        await store.open();
        await body(store, reopen, clock, table);
      } finally {
        await close();
      }
    });

  check("an update is atomic: rows, entries and the checkpoint together, or nothing", async (store) => {
    const failing = store.update({ refs: [ref("1"), ref("2")] }, (row, tick) => {
      if (row.id === "2") throw new RangeError("no");
      return record(tick)(row);
    });
    await assert.rejects(failing, RangeError);
    const also = { name: "c", step: () => assert.fail("no") };
    await assert.rejects(store.update({ refs: [ref("1")] }, record(1), also), /no/);
    assert.deepEqual([await all(store), await store.rows({ limit: 9 }), (await store.head()).position], [[], [], 0]);
    const moved = { name: "c", step: (at: { name: string }) => ({ ...at, value: "1", holder: null, until: 0, at: 5 }) };
    await store.update({ refs: [ref("1")] }, record(1), moved);
    assert.equal((await store.checkpoints("c", "", 9))[0]?.value, "1");
  });

  check("what cannot be kept as it is, is refused, and all with it", async (store) => {
    for (const id of [5 as never, "a\0b", "\ud800", "x".repeat(3_000)]) {
      const refs = [ref("1"), { ...ref("2"), id }];
      await assert.rejects(store.update({ refs }, record(1)), { name: "StoreError" });
      await assert.rejects(store.update({ refs: [{ ...ref("2"), scope: id }] }, record(1)), { name: "StoreError" });
    }
    assert.deepEqual([await all(store), await store.rows({ limit: 9 })], [[], []]);
  });

  check("of concurrent updates one that throws fails alone", async (store) => {
    const results = await Promise.allSettled(
      range(50).map((n) => store.update({ refs: [ref(`${n}`)] }, n % 7 === 0 ? () => assert.fail("odd") : record(n))),
    );
    assert.equal(results.filter(({ status }) => status === "rejected").length, 7);
    assert.deepEqual(positions(await all(store)), range(43), "positions of failed updates are not lost");
  });

  check("whoever looks at rows finds what was posted before, with its tick and in its order", async (store) => {
    const ticks = await Promise.all([note("1", "a"), note("2", "b"), note("1", "c")].map((one) => store.post([one])));
    const rows = await store.rows({ state: "dirty", limit: 9 });
    assert.deepEqual(
      rows.map(({ id, hinted, due, causes }) => [id, hinted, due, causes.map(({ id, tick }) => [id, tick])]),
      [
        [
          "1",
          ticks[2],
          ticks[0],
          [
            ["a", ticks[0]],
            ["c", ticks[2]],
          ],
        ],
        ["2", ticks[1], ticks[1], [["b", ticks[1]]]],
      ],
    );
    await store.post([note("3", "d"), note("3", "e")]);
    const due = await store.update({ class: "live", providers: ["a"], limit: 9 }, look);
    assert.deepEqual(
      due.rows.map(({ id }) => id),
      ["1", "2", "3"],
    );
    await store.post([note("4", "f")]);
    const { rows: named } = await store.update({ refs: [ref("4")] }, look);
    assert.equal(named[0]?.due, named[0]?.hinted);
    await store.post([note("5", "g")]);
    assert.equal((await store.survey())[0]?.dirty, 5);
  });

  check("fewer unseen rows than were asked for are all, whatever the same moment changes", async (store) => {
    const put = (id: string) => store.update({ refs: [ref(id)] }, (row) => ({ row: { ...row, present: true } }));
    await Promise.all(["1", "2", "3", "4"].map(put));
    const select = { unseen: 5, type: "a.thing", scope: "", after: "", limit: 2 };
    const [, unseen] = await Promise.all([
      store.update({ refs: [ref("1")] }, dirty(1)),
      store.update(select, dirty(1)),
    ]);
    assert.deepEqual(
      unseen.rows.map(({ id }) => id),
      ["2", "3"],
    );
    await Promise.all(["5", "6"].map(put));
    await store.post([note("4", "x")]);
    assert.deepEqual(
      (await store.update(select, look)).rows.map(({ id }) => id),
      ["5", "6"],
    );
  });

  check("a claim takes what was posted in its turn, each once, and no other provider's", async (store) => {
    const claim = async (limit: number, cls: "live" | "sweep" = "live") => {
      const select = { class: cls, providers: ["a"], limit } as const;
      const { rows } = await store.update(select, (row, tick) => ({ row: lease(row, tick + 1_000_000) }));
      return rows.map(({ id }) => id);
    };
    await store.update({ refs: [ref("1")] }, dirty(1));
    for (const n of ["2", "3", "1"]) await store.post([{ ...note("9", n), type: "b.thing" }, note(n, n)]);
    assert.deepEqual(await claim(2), ["1", "2"]);
    assert.deepEqual(await claim(2), ["3"]);
    assert.deepEqual(await claim(2), []);
    for (const n of range(40)) await store.post([note(`x${n}`, `${n}`)]);
    assert.equal((await claim(100)).length, 40);

    await store.update({ refs: range(4).map((n) => ref(`y${n}`)) }, dirty(1, "sweep"));
    await store.post([note("y1", "y"), note("y2", "y")]);
    assert.deepEqual(await claim(2, "sweep"), ["y3", "y4"], "what was posted of a more urgent class leaves its place");
    assert.deepEqual(await claim(2), ["y1", "y2"]);
  });

  check("a note that cannot be kept is refused alone, and stands in nobody's way", async (store) => {
    const long = Array.from({ length: 900 }, (_, i) => (i * 7919).toString(36)).join("");
    const bad = ["a\0b", "a\ud800b", long, 42 as unknown as string].map((id) => note(id, "x"));
    for (const one of [...bad, { ...note("1", "x"), version: "2" as unknown as number }]) {
      for (const notes of [[one], [note("2", "y"), one]])
        await assert.rejects(store.post(notes), { name: "StoreError" });
    }
    await store.post([note("é".repeat(1_000), "z")]);
    assert.deepEqual(
      (await store.rows({ limit: 9 })).map(({ id }) => id),
      ["é".repeat(1_000)],
    );
  });

  check("a note that an update of the same moment posted before it is in the row that it selects", async (store) => {
    const first = store.update({ refs: [ref("2")] }, look);
    const posted = store.post([note("1", "a")]);
    const { rows } = await store.update({ refs: [ref("1")] }, look);
    assert.equal(rows[0]?.hinted, await posted);
    await first;
  });

  check("notes and a checkpoint are saved together, or neither is", async (store) => {
    const move = { name: "c", step: (at: Checkpoint) => ({ ...at, value: "1" }) };
    await store.post([note("1", "a")], move);
    const refused = { name: "c", step: () => assert.fail("no") };
    await assert.rejects(store.post([note("2", "b")], refused), /no/);
    await store.post([], { ...move, name: "d" });
    assert.deepEqual(
      (await store.rows({ limit: 9 })).map(({ id }) => id),
      ["1"],
    );
    assert.deepEqual(
      (await store.checkpoints("", "", 9)).map(({ name }) => name),
      ["c", "d"],
    );
  });

  check("how a note is put to its row is what `open` was given, and each is put there once", async (store) => {
    const put: string[] = [];
    await store.open((row, { id, event, class: cls, via }, tick) => {
      put.push(`${id}${event?.id}`);
      return hint(row, {}, { tick, class: cls, via, due: tick + 7 });
    });
    const tick = await store.post(range(3_000).map((n) => note(`${n % 10}`, `.${n}`)));
    const rows = await store.rows({ limit: 99 });
    assert.deepEqual([rows.length, rows[0]?.due], [10, tick + 7]);
    await store.rows({ limit: 99 });
    assert.equal(new Set(put).size, 3_000);
    assert.equal(put.length, 3_000);
    put.length = 0;
    await store.open((row, { id }) => {
      put.push(id);
      return row;
    });
    await store.post([note("1", ".1")]);
    await store.rows({ limit: 99 });
    await store.rows({ limit: 99 });
    await store.post([note("2", ".2")]);
    const failing = store.update({ refs: [ref("2")] }, () => assert.fail("no"));
    await Promise.allSettled([failing, store.update({ refs: [ref("3")] }, look)]);
    await store.rows({ limit: 99 });
    assert.deepEqual(put, ["1", "2"], "also what changes nothing, and beside an update that throws");
  });

  check("many posts that nobody looked at are all put to their rows, in their order", async (store) => {
    for (const n of range(300)) await store.post([note(`${n % 3}`, `${n}`)]);
    await Promise.all([store.rows({ limit: 9 }), ...range(3).map((n) => store.post([note(`${n % 3}`, `${300 + n}`)]))]);
    const rows = await store.rows({ limit: 9 });
    assert.deepEqual(
      rows.map(({ causes }) => causes.map(({ id }) => Number(id))),
      [0, 1, 2].map((rest) =>
        range(303)
          .filter((n) => n % 3 === rest)
          .slice(-CAUSES),
      ),
    );
  });

  check("what was posted, and not looked at, outlasts a close", async (store, reopen) => {
    if (!reopen) return;
    const tick = await store.post([note("1", "a")]);
    await store.close();
    const again = await reopen();
    assert.deepEqual(
      (await again.rows({ limit: 9 })).map(({ id, hinted }) => [id, hinted]),
      [["1", tick]],
    );
    await again.close();
  });

  check("an update that throws leaves what was posted before it", async (store) => {
    await store.post([note("1", "a")]);
    const [, failed] = await Promise.allSettled([
      store.post([note("2", "b")]),
      store.update({ refs: [ref("1")] }, () => assert.fail("no")),
      store.update({ refs: [ref("3")] }, record(3)),
    ]);
    assert.equal(failed.status, "rejected");
    assert.deepEqual(
      (await store.rows({ state: "dirty", limit: 9 })).map(({ id }) => id),
      ["1", "2"],
    );
    assert.equal((await all(store)).length, 1);
  });

  check("what is erased or compacted knows what was posted before", async (store) => {
    await store.post([{ ...note("1", "secret"), event: { id: "e", name: "the name of a person", at: null } }]);
    await store.erase({ ref: ref("1") });
    assert.deepEqual(
      (await store.rows({ limit: 9 })).flatMap(({ causes }) => causes),
      [],
    );
    await store.update({ refs: [ref("2")] }, (row) => ({ row: { ...clean(row), last: 1 } }));
    await store.post([note("2", "b")]);
    await store.compact(9, -1);
    assert.equal((await store.rows({ state: "dirty", limit: 9 })).at(-1)?.id, "2");
  });

  check("updates of one row do not overlap", async (store) => {
    const increment = (row: Row): Step => ({ row: { ...row, regressions: row.regressions + 1 } });
    await Promise.all(range(200).map(() => store.update({ refs: [ref("1")] }, increment)));
    assert.equal((await store.rows({ limit: 9 }))[0]?.regressions, 200);
  });

  check("positions have no gaps and become visible in order", async (store) => {
    let seen = 0;
    let writing = true;
    const reader = (async () => {
      while (writing || seen < 300) {
        for (const { position } of await store.entries({ after: seen, limit: 50 })) {
          assert.equal(position, seen + 1);
          seen = position;
        }
        await new Promise<void>((resolve) => systemTime.after(0, resolve));
      }
    })();
    for (let i = 0; i < 30; i++)
      await Promise.all(range(10).map((n) => store.update({ refs: [ref(`${n}`)] }, record(i * 10 + n))));
    writing = false;
    await reader;
    assert.equal((await store.head()).position, 300);
  });

  check("ticks keep one order, and no two updates have the same", async (store) => {
    const ticks = await Promise.all(
      range(100).map(async (n) => (await store.update({ refs: [ref(`${n}`)] }, record(n))).tick),
    );
    assert.equal(new Set(ticks).size, 100);
    const { tick } = await store.checkpoint({ name: "c", step: (at) => ({ ...at, value: "1" }) });
    assert.ok(tick > Math.max(...ticks));
    const entries = await all(store);
    assert.deepEqual(
      [...entries].sort((a, b) => a.tick - b.tick),
      entries,
      "entries are in the order of their ticks",
    );
    assert.ok((await store.head()).tick >= tick);
  });

  check(
    "ticks go on when the clock steps back, and those of updates that save nothing count too",
    async (store, _, clock) => {
      const tickOf = async (step: (row: Row) => Step | undefined) =>
        (await store.update({ refs: [ref("1")] }, step)).tick;
      const nothing = () => undefined;
      const ticks = [await tickOf(record(1)), await tickOf(nothing), await tickOf(nothing)];
      clock.now -= 86_400_000;
      ticks.push(
        await tickOf(nothing),
        await tickOf(record(2)),
        (await store.checkpoint({ name: "c", step: nothing })).tick,
      );
      for (const [i, tick] of ticks.entries()) assert.ok(i === 0 || tick > (ticks[i - 1] ?? 0), `${ticks}`);
    },
  );

  check("refs are told apart by their parts, whatever text these have", async (store) => {
    const refs = [ref("d", "b\nc"), ref("c\nd", "b"), ref('","', "x"), ref("", 'x","","')];
    const { rows } = await store.update({ refs }, record(1));
    assert.equal(rows.length, refs.length);
    for (const one of refs) assert.equal((await store.entries({ after: 0, limit: 9, ref: one })).length, 1);
  });

  check("a row that is not there comes blank, and is not saved unless the step says so", async (store) => {
    const met: Row[] = [];
    const look = (row: Row) => void met.push(row);
    const { rows } = await store.update({ refs: [ref("b"), ref("a"), ref("b")] }, look as () => undefined);
    assert.deepEqual([rows, met], [[], [blank(ref("a")), blank(ref("b"))]], "sorted, each once");
    assert.deepEqual(await store.rows({ limit: 9 }), []);
  });

  check("a row comes back as it was saved", async (store) => {
    const causes = [
      { id: "evt", name: "x", at: 5, tick: 6, used: true },
      { id: "e'2", name: "y", at: null, tick: 7, used: false },
    ];
    const row: Row = {
      ...{
        ...ref("1", "s"),
        position: null,
        present: true,
        print: "p",
        raw: "r",
        version: 1.5,
        incarnation: 1.8e15,
        first: 1,
        last: 2,
      },
      ...{ epoch: 3, regressions: 4, regressedAt: 5, seen: 6, hinted: 7, floor: 8.25, unversioned: true, confirm: 9 },
      ...{ class: "poll", due: 10, attempts: 11, lease: 12, error: "e", via: "app", causes },
    };
    await store.update({ refs: [row] }, () => ({ row }));
    assert.deepEqual(await store.rows({ limit: 9 }), [row]);
  });

  check("a row points to its last entry; each entry knows the state before it", async (store) => {
    await store.update({ refs: [ref("1")] }, record("a"));
    await store.update({ refs: [ref("2")] }, record("x"));
    const two = (row: Row): Step => ({ row: { ...row, present: true }, append: [draft(null), draft("b")] });
    const { rows } = await store.update({ refs: [ref("1")] }, two);
    assert.equal(rows[0]?.position, 4);
    const entries = await store.entries({ after: 0, limit: 9, ref: ref("1") });
    assert.deepEqual(
      entries.map(({ position, before, state }) => [position, before, state]),
      [
        [1, null, '"a"'],
        [3, '"a"', null],
        [4, null, '"b"'],
      ],
    );
  });

  check("due rows: of a class and some providers, due, not leased, the earliest first", async (store) => {
    const { tick } = await store.update({ refs: [ref("x")] }, record(1));
    const put = (id: string, due: number, type = "a.thing", cls: "live" | "sweep" = "live") =>
      store.update({ refs: [ref(id, "", type)] }, dirty(due, cls));
    await Promise.all([put("late", tick + 1e12), put("2", tick - 5), put("1", tick - 9), put("3", tick, "b.thing")]);
    await put("swept", tick - 99, "a.thing", "sweep");
    await put("4", tick - 1);
    const due = async (limit: number, providers = ["a"]) => {
      const { rows } = await store.update({ class: "live", providers, limit }, (row, now) => ({
        row: lease(row, now + 1e9),
      }));
      return rows.map(({ id }) => id);
    };
    assert.deepEqual(await due(1), ["1"]);
    assert.deepEqual(await due(9), ["2", "4"]);
    assert.deepEqual(await due(9), [], "leased rows are not due");
    assert.deepEqual(await due(9, ["a", "b"]), ["3"]);
    await store.update({ refs: [ref("2")] }, (row) => ({ row: lease(row, 1) }));
    assert.deepEqual(await due(9), ["2"], "a lease that is over holds nobody");
  });

  check("unseen rows: live, clean, not seen since, by id", async (store) => {
    const put = (id: string, over: Partial<Row>, scope = "s") =>
      store.update({ refs: [ref(id, scope)] }, (row) => ({ row: { ...row, present: true, ...over } }));
    await Promise.all([
      put("1", { seen: 4 }),
      put("2", { seen: 5 }),
      put("3", {}),
      put("4", { present: false }),
      put("5", { due: 1, class: "live" }),
    ]);
    await put("6", {}, "other");
    const unseen = async (after: string, limit: number, before?: string) => {
      const select = { unseen: 5, type: "a.thing", scope: "s", after, limit, ...(before && { before }) };
      return (await store.update(select, (row) => ({ row }))).rows.map(({ id }) => id);
    };
    assert.deepEqual(await unseen("", 9), ["1", "3"]);
    assert.deepEqual(await unseen("1", 9), ["3"]);
    assert.deepEqual(await unseen("", 1), ["1"]);
    assert.deepEqual(await unseen("", 9, "3"), ["1"], "an id at or above `before` is left out");
  });

  check("a step that runs on its own result changes nothing", async (store) => {
    const step = (row: Row): Step => (row.print === "v" ? { row } : record("v")(row));
    await store.update({ refs: [ref("1")] }, step);
    await store.update({ refs: [ref("1")] }, step);
    assert.equal((await all(store)).length, 1);
  });

  check("a checkpoint has one holder at a time", async (store) => {
    const take = (holder: string) =>
      store.checkpoint({ name: "c", step: (at, tick) => acquire(at, tick, holder, 1e12) });
    assert.equal((await take("one")).at.holder, "one");
    assert.equal((await take("two")).at.holder, "one", "held");
    const step = (holder: string) => ({
      name: "c",
      step: (at: Parameters<typeof advance>[0], tick: number) => advance(at, tick, holder, 1e12, holder),
    });
    assert.equal((await store.checkpoint(step("two"))).at.value, null);
    const { at, tick } = await store.checkpoint(step("one"));
    assert.deepEqual([at.value, at.at], ["one", tick]);
    await store.checkpoint({ name: "c", step: (at) => release(at, "one") });
    assert.equal((await take("two")).at.holder, "two");
  });

  const checkWithin = (promise: string, body: (desk: Within) => Promise<void>) =>
    check(promise, async (store, _, __, table) => {
      assert.equal(table !== undefined, store.transaction !== undefined, "a store with `transaction` states its table");
      if (table && store.transaction) await body(await within(store, table));
    });

  checkWithin("a transaction saves the application's writes and the checkpoint together", async (desk) => {
    const { value, at, tick } = await desk.run(["a", "b"], "1");
    assert.deepEqual([value, at.value, at.at, await desk.saved()], ["done", "1", tick, [["a", "b"], "1"]]);
    assert.ok((await desk.run(["c"], "2")).tick > tick);
    assert.deepEqual(await desk.saved(), [["a", "b", "c"], "2"]);
  });

  checkWithin(
    "nothing of a transaction is saved when its work or its move throws, or the move does not move",
    async (desk) => {
      await desk.run(["a"], "1");
      const error = new RangeError("mine");
      await assert.rejects(
        desk.run(["b"], "2", () => assert.fail(error)),
        (thrown) => thrown === error,
      );
      await assert.rejects(
        desk.run(["c"], () => assert.fail(error)),
        (thrown) => thrown === error,
      );
      assert.equal((await desk.run(["d"], undefined)).at.value, "1");
      assert.deepEqual(await desk.saved(), [["a"], "1"]);
      await desk.run(["e"], "3");
      assert.deepEqual(await desk.saved(), [["a", "e"], "3"], "the next is not harmed");
    },
  );

  checkWithin("work that ends the transaction itself is told so, and the checkpoint stays", async (desk) => {
    await assert.rejects(desk.run([], "1", desk.commit), { name: "HandlerError", message: /ended the transaction/ });
    assert.deepEqual(await desk.saved(), [[], null]);
    await desk.run(["a"], "2");
    assert.deepEqual(await desk.saved(), [["a"], "2"]);
  });

  checkWithin("transactions beside updates: each is whole, and a lost hold is noticed in it", async (desk) => {
    const { store } = desk;
    const others = range(20).map((n) => store.update({ refs: [ref(`${n}`)] }, record(n)));
    const mine = range(20).map((n) => desk.run([`${n}`], (at) => String(Number(at ?? 0) + 1)));
    await Promise.all([...others, ...mine]);
    assert.deepEqual(positions(await all(store)), range(20));
    const [texts, value] = await desk.saved();
    assert.deepEqual([new Set(texts), value], [new Set(range(20).map(String)), "20"]);
  });

  check("checkpoints are listed by prefix, in the order of their names", async (store) => {
    for (const name of ["b|1", "a|2", "a|1", "a", "ab", "a|3", "a%"])
      await store.checkpoint({ name, step: (at) => ({ ...at, value: name }) });
    const names = async (prefix: string, after: string, limit: number) =>
      (await store.checkpoints(prefix, after, limit)).map(({ name }) => name);
    assert.deepEqual(await names("a|", "", 9), ["a|1", "a|2", "a|3"]);
    assert.deepEqual(await names("a|", "a|1", 1), ["a|2"]);
    assert.deepEqual(await names("a%", "", 9), ["a%"]);
  });

  check("a checkpoint that is left with neither value nor holder is forgotten", async (store) => {
    const move = (value: string | null, holder: string | null) =>
      store.checkpoint({ name: "c", step: (at, tick) => ({ ...at, value, holder, at: tick }) });
    const names = async () => (await store.checkpoints("c", "", 9)).map(({ name }) => name);
    await move("1", null);
    await move(null, "one");
    assert.deepEqual(await names(), ["c"], "held");
    assert.equal((await move(null, null)).at.value, null);
    assert.deepEqual(await names(), []);
    assert.equal((await store.checkpoint({ name: "c", step: () => undefined })).at.at, 0, "as it was before the first");
    await move("2", null);
    assert.deepEqual(await names(), ["c"]);
  });

  check("rows are listed by ref, and by what is wanted of them", async (store) => {
    await store.update({ refs: [ref("2"), ref("1"), ref("1", "s"), ref("1", "", "b.thing")] }, record(1));
    await store.update({ refs: [ref("2")] }, dirty(1));
    await store.update({ refs: [ref("1", "s")] }, (row) => ({ row: { ...row, error: "e" } }));
    await store.update({ refs: [ref("1", "", "b.thing")] }, record(null));
    const ids = async (query: object) =>
      (await store.rows({ limit: 9, ...query })).map(({ type, scope, id }) => `${type} ${scope} ${id}`);
    assert.deepEqual(await ids({}), ["a.thing  1", "a.thing  2", "a.thing s 1", "b.thing  1"]);
    assert.deepEqual(await ids({ after: ref("1"), limit: 2 }), ["a.thing  2", "a.thing s 1"]);
    assert.deepEqual(await ids({ state: "dirty" }), ["a.thing  2"]);
    assert.deepEqual(await ids({ state: "failing" }), ["a.thing s 1"]);
    assert.deepEqual(await ids({ state: "live", type: "a.thing", scope: "" }), ["a.thing  1", "a.thing  2"]);
    assert.deepEqual(await ids({ state: "live", type: "b.thing" }), []);
  });

  check("entries are read from a position on, by type, scope and ref, and newest first", async (store) => {
    for (const [n, one] of [ref("1"), ref("2", "s"), ref("1", "", "b.thing"), ref("1")].entries())
      await store.update({ refs: [one] }, record(n));
    const read = async (query: object) => positions(await store.entries({ after: 0, limit: 9, ...query }));
    assert.deepEqual(await read({ after: 2 }), [3, 4]);
    assert.deepEqual(await read({ limit: 2 }), [1, 2]);
    assert.deepEqual(await read({ types: ["a.thing"] }), [1, 2, 4]);
    assert.deepEqual(await read({ types: [] }), []);
    assert.deepEqual(await read({ scope: "s" }), [2]);
    assert.deepEqual(await read({ ref: ref("1"), newest: true, limit: 1 }), [4]);
    assert.deepEqual(await read({ newest: true }), [4, 3, 2, 1]);
  });

  check("ids and states are text, and come back unchanged", async (store) => {
    const ids = [
      "12345678901234567890",
      "12345678901234567891",
      "o'x; drop table row",
      "a/b|c%",
      "\u{1F600}é",
      "x".repeat(2_000),
    ];
    const states = [{ n: '\u2028\u{1F600}\\"' }, { big: "y".repeat(1_000_000) }];
    for (const id of ids) await store.update({ refs: [ref(id)] }, record(id));
    for (const state of states) await store.update({ refs: [ref("state")] }, record(state));
    assert.deepEqual(new Set((await store.rows({ limit: 99 })).map(({ id }) => id)), new Set([...ids, "state"]));
    for (const id of ids)
      assert.equal((await store.entries({ after: 0, limit: 9, ref: ref(id) }))[0]?.state, JSON.stringify(id));
    const kept = (await store.entries({ after: 0, limit: 9, ref: ref("state") })).map(({ state }) =>
      JSON.parse(state ?? ""),
    );
    assert.deepEqual(kept, states);
  });

  check("compaction keeps the newest live entry of each resource below the border, and all above it", async (store) => {
    const write = (id: string, value: unknown) => store.update({ refs: [ref(id)] }, record(value));
    for (const [id, value] of [
      ["1", "a"],
      ["2", "a"],
      ["1", "b"],
      ["2", null],
      ["3", "a"],
      ["3", "b"],
      ["1", "c"],
    ] as const)
      await write(id, value);
    await store.compact(6, FORGET);
    const entries = await all(store);
    assert.deepEqual(
      entries.map(({ position, before }) => [position, before]),
      [
        [3, null],
        [5, null],
        [6, '"a"'],
        [7, '"b"'],
      ],
      "what is before stays exact",
    );
    assert.deepEqual([(await store.head()).compacted, (await store.head()).position], [5, 7]);
    await store.compact(2, FORGET);
    assert.equal((await store.head()).compacted, 5, "never less");
  });

  check("rows of gone resources are forgotten when they are old and owe nothing", async (store) => {
    const old = (row: Row, tick: number): Step => ({ row: { ...row, last: tick - 2 * FORGET }, append: [draft(null)] });
    await store.update({ refs: [ref("old"), ref("owing")] }, old);
    await store.update({ refs: [ref("owing")] }, dirty(1));
    await store.update({ refs: [ref("young")] }, (row, tick) => ({
      row: { ...row, last: tick },
      append: [draft(null)],
    }));
    await store.update({ refs: [ref("live")] }, (row) => ({
      row: { ...row, present: true, last: 1 },
      append: [draft(1)],
    }));
    await store.compact(99, FORGET);
    assert.deepEqual(
      (await store.rows({ limit: 9 })).map(({ id }) => id),
      ["live", "owing", "young"],
    );
  });

  check("erasing leaves no state of a resource, and a tombstone at the end if it was live", async (store) => {
    await store.update({ refs: [ref("1")] }, record("secret"));
    await store.update({ refs: [ref("2")] }, record("other"));
    await store.update({ refs: [ref("1")] }, record("secret too"));
    await store.erase({ ref: ref("1") });
    const entries = await all(store);
    assert.ok(!JSON.stringify(entries).includes("secret"));
    assert.deepEqual(
      entries.map(({ id, state }) => [id, state]),
      [
        ["1", null],
        ["2", '"other"'],
        ["1", null],
        ["1", null],
      ],
    );
    const [row] = await store.rows({ limit: 1 });
    assert.deepEqual([row?.present, row?.print, row?.raw], [false, null, null]);
    const { rows } = await store.update({ refs: [ref("1")] }, record("again"));
    assert.equal(rows[0]?.position, 5, "positions are never given out twice");
    assert.equal((await store.entries({ after: 4, limit: 1 }))[0]?.before, null);
  });

  check("erasing a scope of a provider leaves the others as they are", async (store) => {
    const gone = [ref("1", "s"), ref("2", "s"), ref("1", "s", "a.other")];
    const kept = [ref("1", "s", "a-b.thing"), ref("1", "t"), ref("1", "s", "ab.thing"), ref("1", "s", "b.thing")];
    await store.update({ refs: [...gone, ...kept] }, record("x"));
    await store.erase({ provider: "a", scope: "s" });
    await store.erase({ ref: ref("nobody") });
    const live = await store.rows({ state: "live", limit: 9 });
    assert.deepEqual(
      live.map(({ type, scope, id }) => ref(id, scope, type)),
      kept,
    );
    const states = (await all(store)).filter(({ state }) => state !== null);
    assert.equal(states.length, kept.length);
    assert.equal((await store.rows({ limit: 9 })).length, 7, "what was not there has no row");
  });

  check("compaction goes on where it ended, however often it is called", async (store) => {
    const values = range(40).map((n) => [`${n % 3}`, n % 7 === 0 ? null : n] as const);
    for (const [id, value] of values) await store.update({ refs: [ref(id)] }, record(value));
    const whole = await all(store);
    for (const below of [2, 3, 9, 9, 4, 22, 31]) {
      await store.compact(below, FORGET);
      const border = (await store.head()).compacted;
      const newest = new Map(
        whole.filter(({ position }) => position <= border).map((entry) => [entry.id, entry.position]),
      );
      const stay = ({ position, id, state }: Entry) =>
        position > border || (newest.get(id) === position && state !== null);
      assert.deepEqual(positions(await all(store)), positions(whole.filter(stay)));
    }
    for (const { position, before } of await store.entries({ after: 30, limit: 99 }))
      assert.equal(before, whole[position - 1]?.before, "what is before stays exact");
  });

  check("the survey counts per type and scope", async (store) => {
    const gone = [ref("4"), ref("5", "s")];
    await store.update({ refs: [ref("1"), ref("2"), ref("3", "s"), ...gone] }, record(1));
    await store.update({ refs: [ref("4")] }, record(null));
    await store.erase({ ref: ref("5", "s") });
    await store.update({ refs: [ref("2")] }, record(2));
    await store.update({ refs: [ref("1")] }, dirty(77));
    await store.update({ refs: [ref("2")] }, (row) => ({ row: { ...clean(row), error: "e" } }));
    assert.deepEqual(
      (await store.survey()).map(({ ...one }) => one),
      [
        { type: "a.thing", scope: "", live: 2, dirty: 1, failing: 1, oldest: 77 },
        { type: "a.thing", scope: "s", live: 1, dirty: 0, failing: 0, oldest: null },
      ],
    );
  });

  check("what a resolved promise wrote is there after the store was closed and opened", async (store, reopen) => {
    await store.update({ refs: [ref("1")] }, record("a"));
    await store.checkpoint({ name: "c", step: (at) => ({ ...at, value: "v" }) });
    const head = await store.head();
    if (!reopen) return;
    await store.close();
    const again = await reopen();
    const { log, position, tick } = await again.head();
    assert.deepEqual([log, position], [head.log, head.position]);
    assert.ok(tick >= head.tick);
    assert.deepEqual([(await all(again)).length, (await again.checkpoints("c", "", 1))[0]?.value], [1, "v"]);
    assert.ok((await again.update({ refs: [ref("2")] }, record("b"))).tick > head.tick);
    await again.close();
  });
}

/** A transaction of an application that writes texts, and what is saved of them. */
interface Within {
  store: Store;
  /** Writes the texts; then `end`; the checkpoint then has `value`. */
  run(
    texts: readonly string[],
    value: string | undefined | ((value: string | null) => string),
    end?: (handle: never) => unknown,
  ): Promise<{ value: string; at: Checkpoint; tick: number }>;
  commit(handle: never): unknown;
  saved(): Promise<[string[], string | null]>;
}

async function within<Handle>(store: Store<Handle>, table: Table<Handle>): Promise<Within> {
  const transaction = <T>(work: (handle: Handle) => T | Promise<T>, move: Move) =>
    store.transaction?.(work, move) ?? assert.fail("the store has no transaction");
  /** One after the other, without a promise where none is given. */
  const chain = (handle: Handle, steps: readonly ((handle: Handle) => unknown)[]): unknown => {
    const [step, ...rest] = steps;
    if (!step) return "done";
    const given = step(handle);
    return given instanceof Promise ? given.then(() => chain(handle, rest)) : chain(handle, rest);
  };
  const run: Within["run"] = (texts, value, end = () => {}) =>
    transaction<string>(
      (handle) => {
        const inserts = texts.map((text) => (at: Handle) => table.insert(at, text));
        return chain(handle, [...inserts, end as (handle: Handle) => unknown]) as string;
      },
      {
        name: "w",
        step(at, tick) {
          const next = typeof value === "function" ? value(at.value) : value;
          return next === undefined ? undefined : { ...at, value: next, at: tick };
        },
      },
    );
  await transaction((handle) => chain(handle, [(at) => table.create(at)]), {
    name: "made",
    step: (at) => ({ ...at, value: "1" }),
  });
  return {
    ...{ store, run, commit: (handle) => table.commit(handle) },
    async saved() {
      const read = await transaction((handle) => table.texts(handle), { name: "read", step: () => undefined });
      const [known] = await store.checkpoints("w", "", 1);
      return [[...read.value], known?.value ?? null];
    },
  };
}
