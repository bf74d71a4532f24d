/**
 * Checks of updates: each is whole or nothing, and selects what there is in its turn.
 * @module
 */
import assert from "node:assert/strict";
import { lease } from "../../row.ts";
import { all, type Check, dirty, look, note, positions, range, record, ref } from "./check.ts";

/** The checks of updates. */
export const updateChecks: readonly Check[] = [
  {
    promise: "an update is atomic: rows, entries and the checkpoint together, or nothing",
    async run({ store }) {
      const failing = store.update({ refs: [ref("1"), ref("2")] }, (row, tick) => {
        if (row.id === "2") throw new RangeError("no");
        return record(tick)(row);
      });
      await assert.rejects(failing, RangeError);
      const also = { name: "c", step: () => assert.fail("no") };
      await assert.rejects(store.update({ refs: [ref("1")] }, record(1), also), /no/);
      assert.deepEqual([await all(store), await store.rows({ limit: 9 }), (await store.head()).position], [[], [], 0]);
      const moved = {
        name: "c",
        step: (at: { name: string }) => ({ ...at, value: "1", holder: null, until: 0, at: 5 }),
      };
      await store.update({ refs: [ref("1")] }, record(1), moved);
      assert.equal((await store.checkpoints("c", "", 9))[0]?.value, "1");
    },
  },
  {
    promise: "what cannot be kept as it is, is refused, and all with it",
    async run({ store }) {
      for (const id of [5 as never, "a\0b", "\ud800", "x".repeat(3_000)]) {
        const refs = [ref("1"), { ...ref("2"), id }];
        await assert.rejects(store.update({ refs }, record(1)), { name: "StoreError" });
        await assert.rejects(store.update({ refs: [{ ...ref("2"), scope: id }] }, record(1)), { name: "StoreError" });
      }
      assert.deepEqual([await all(store), await store.rows({ limit: 9 })], [[], []]);
    },
  },
  {
    promise: "of concurrent updates one that throws fails alone",
    async run({ store }) {
      const results = await Promise.allSettled(
        range(50).map((n) => store.update({ refs: [ref(`${n}`)] }, n % 7 === 0 ? () => assert.fail("odd") : record(n))),
      );
      assert.equal(results.filter(({ status }) => status === "rejected").length, 7);
      assert.deepEqual(positions(await all(store)), range(43), "positions of failed updates are not lost");
    },
  },
  {
    promise: "whoever looks at rows finds what was posted before, with its tick and in its order",
    async run({ store }) {
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
    },
  },
  {
    promise: "fewer unseen rows than were asked for are all, whatever the same moment changes",
    async run({ store }) {
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
    },
  },
  {
    promise: "a claim takes what was posted in its turn, each once, and no other provider's",
    async run({ store }) {
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
      assert.deepEqual(
        await claim(2, "sweep"),
        ["y3", "y4"],
        "what was posted of a more urgent class leaves its place",
      );
      assert.deepEqual(await claim(2), ["y1", "y2"]);
    },
  },
];
