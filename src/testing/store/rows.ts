/**
 * Checks of rows: they come back as they were saved, and are found when they are due or unseen.
 * @module
 */
import assert from "node:assert/strict";
import { blank, lease, type Row } from "../../row.ts";
import type { Step } from "../../store.ts";
import { all, type Check, dirty, draft, record, ref } from "./check.ts";

/** The checks of rows. */
export const rowChecks: readonly Check[] = [
  {
    promise: "refs are told apart by their parts, whatever text these have",
    async run({ store }) {
      const refs = [ref("d", "b\nc"), ref("c\nd", "b"), ref('","', "x"), ref("", 'x","","')];
      const { rows } = await store.update({ refs }, record(1));
      assert.equal(rows.length, refs.length);
      for (const one of refs) assert.equal((await store.entries({ after: 0, limit: 9, ref: one })).length, 1);
    },
  },
  {
    promise: "a row that is not there comes blank, and is not saved unless the step says so",
    async run({ store }) {
      const met: Row[] = [];
      const look = (row: Row) => void met.push(row);
      const { rows } = await store.update({ refs: [ref("b"), ref("a"), ref("b")] }, look as () => undefined);
      assert.deepEqual([rows, met], [[], [blank(ref("a")), blank(ref("b"))]], "sorted, each once");
      assert.deepEqual(await store.rows({ limit: 9 }), []);
    },
  },
  {
    promise: "a row comes back as it was saved",
    async run({ store }) {
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
    },
  },
  {
    promise: "a row points to its last entry; each entry knows the state before it",
    async run({ store }) {
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
    },
  },
  {
    promise: "due rows: of a class and some providers, due, not leased, the earliest first",
    async run({ store }) {
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
    },
  },
  {
    promise: "unseen rows: live, clean, not seen since, by id",
    async run({ store }) {
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
    },
  },
  {
    promise: "a step that runs on its own result changes nothing",
    async run({ store }) {
      const step = (row: Row): Step => (row.print === "v" ? { row } : record("v")(row));
      await store.update({ refs: [ref("1")] }, step);
      await store.update({ refs: [ref("1")] }, step);
      assert.equal((await all(store)).length, 1);
    },
  },
];
