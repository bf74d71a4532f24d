/**
 * Checks of what goes: by compaction, as old, by erasure; and of all that must stay.
 * @module
 */
import assert from "node:assert/strict";
import { FORGET, type Row } from "../../row.ts";
import type { Entry, Step } from "../../store.ts";
import { all, type Check, dirty, draft, positions, range, record, ref } from "./check.ts";

/** The checks of what goes and what stays. */
export const forgettingChecks: readonly Check[] = [
  {
    promise: "compaction keeps the newest live entry of each resource below the border, and all above it",
    async run({ store }) {
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
    },
  },
  {
    promise: "rows of gone resources are forgotten when they are old and owe nothing",
    async run({ store }) {
      const old = (row: Row, tick: number): Step => ({
        row: { ...row, last: tick - 2 * FORGET },
        append: [draft(null)],
      });
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
    },
  },
  {
    promise: "erasing leaves no state of a resource, and a tombstone at the end if it was live",
    async run({ store }) {
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
    },
  },
  {
    promise: "erasing a scope of a provider leaves the others as they are",
    async run({ store }) {
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
    },
  },
  {
    promise: "compaction goes on where it ended, however often it is called",
    async run({ store }) {
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
    },
  },
];
