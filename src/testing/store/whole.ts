/**
 * Checks of the store as a whole: what it counts, and what outlasts a close.
 * @module
 */
import assert from "node:assert/strict";
import { clean } from "../../row.ts";
import { all, type Check, dirty, record, ref } from "./check.ts";

/** The checks of the store as a whole. */
export const wholeChecks: readonly Check[] = [
  {
    promise: "the survey counts per type and scope",
    async run({ store }) {
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
    },
  },
  {
    promise: "what a resolved promise wrote is there after the store was closed and opened",
    async run({ store, reopen }) {
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
    },
  },
];
