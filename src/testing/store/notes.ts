/**
 * Checks of notes: which are kept, how each is put to its row, and that none is lost at which nobody looked.
 * @module
 */
import assert from "node:assert/strict";
import type { Checkpoint } from "../../checkpoint.ts";
import { CAUSES, clean, hint } from "../../row.ts";
import { all, type Check, look, note, range, record, ref } from "./check.ts";

/** The checks of notes. */
export const noteChecks: readonly Check[] = [
  {
    promise: "a note that cannot be kept is refused alone, and stands in nobody's way",
    async run({ store }) {
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
    },
  },
  {
    promise: "a note that an update of the same moment posted before it is in the row that it selects",
    async run({ store }) {
      const first = store.update({ refs: [ref("2")] }, look);
      const posted = store.post([note("1", "a")]);
      const { rows } = await store.update({ refs: [ref("1")] }, look);
      assert.equal(rows[0]?.hinted, await posted);
      await first;
    },
  },
  {
    promise: "notes and a checkpoint are saved together, or neither is",
    async run({ store }) {
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
    },
  },
  {
    promise: "how a note is put to its row is what `open` was given, and each is put there once",
    async run({ store }) {
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
    },
  },
  {
    promise: "many posts that nobody looked at are all put to their rows, in their order",
    async run({ store }) {
      for (const n of range(300)) await store.post([note(`${n % 3}`, `${n}`)]);
      await Promise.all([
        store.rows({ limit: 9 }),
        ...range(3).map((n) => store.post([note(`${n % 3}`, `${300 + n}`)])),
      ]);
      const rows = await store.rows({ limit: 9 });
      assert.deepEqual(
        rows.map(({ causes }) => causes.map(({ id }) => Number(id))),
        [0, 1, 2].map((rest) =>
          range(303)
            .filter((n) => n % 3 === rest)
            .slice(-CAUSES),
        ),
      );
    },
  },
  {
    promise: "what was posted, and not looked at, outlasts a close",
    async run({ store, reopen }) {
      if (!reopen) return;
      const tick = await store.post([note("1", "a")]);
      await store.close();
      const again = await reopen();
      assert.deepEqual(
        (await again.rows({ limit: 9 })).map(({ id, hinted }) => [id, hinted]),
        [["1", tick]],
      );
      await again.close();
    },
  },
  {
    promise: "an update that throws leaves what was posted before it",
    async run({ store }) {
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
    },
  },
  {
    promise: "what is erased or compacted knows what was posted before",
    async run({ store }) {
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
    },
  },
];
