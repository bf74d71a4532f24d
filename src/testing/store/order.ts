/**
 * Checks of order: rows, positions and ticks, whatever goes on at the same time.
 * @module
 */
import assert from "node:assert/strict";
import type { Row } from "../../row.ts";
import type { Step } from "../../store.ts";
import { systemTime } from "../../time.ts";
import { all, type Check, range, record, ref } from "./check.ts";

/** The checks of order. */
export const orderChecks: readonly Check[] = [
  {
    promise: "updates of one row do not overlap",
    async run({ store }) {
      const increment = (row: Row): Step => ({ row: { ...row, regressions: row.regressions + 1 } });
      await Promise.all(range(200).map(() => store.update({ refs: [ref("1")] }, increment)));
      assert.equal((await store.rows({ limit: 9 }))[0]?.regressions, 200);
    },
  },
  {
    promise: "positions have no gaps and become visible in order",
    async run({ store }) {
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
    },
  },
  {
    promise: "ticks keep one order, and no two updates have the same",
    async run({ store }) {
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
    },
  },
  {
    promise: "ticks go on when the clock steps back, and those of updates that save nothing count too",
    async run({ store, clock }) {
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
  },
];
