/**
 * Checks of what is read: rows and entries, by what is wanted of them, and their texts unchanged.
 * @module
 */
import assert from "node:assert/strict";
import { type Check, dirty, positions, record, ref } from "./check.ts";

/** The checks of what is read. */
export const readChecks: readonly Check[] = [
  {
    promise: "rows are listed by ref, and by what is wanted of them",
    async run({ store }) {
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
    },
  },
  {
    promise: "entries are read from a position on, by type, scope and ref, and newest first",
    async run({ store }) {
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
    },
  },
  {
    promise: "ids and states are text, and come back unchanged",
    async run({ store }) {
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
    },
  },
];
