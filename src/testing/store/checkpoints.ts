/**
 * Checks of checkpoints: each has one holder, is saved with what an application writes, is listed, is forgotten.
 * @module
 */
import assert from "node:assert/strict";
import { acquire, advance, release } from "../../checkpoint.ts";
import { all, type Check, positions, range, record, ref } from "./check.ts";
import { within } from "./within.ts";

/** The checks of checkpoints. */
export const checkpointChecks: readonly Check[] = [
  {
    promise: "a checkpoint has one holder at a time",
    async run({ store }) {
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
    },
  },
  within({
    promise: "a transaction saves the application's writes and the checkpoint together",
    async run(desk) {
      const { value, at, tick } = await desk.run(["a", "b"], "1");
      assert.deepEqual([value, at.value, at.at, await desk.saved()], ["done", "1", tick, [["a", "b"], "1"]]);
      assert.ok((await desk.run(["c"], "2")).tick > tick);
      assert.deepEqual(await desk.saved(), [["a", "b", "c"], "2"]);
    },
  }),
  within({
    promise: "nothing of a transaction is saved when its work or its move throws, or the move does not move",
    async run(desk) {
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
  }),
  within({
    promise: "work that ends the transaction itself is told so, and the checkpoint stays",
    async run(desk) {
      await assert.rejects(desk.run([], "1", desk.commit), { name: "HandlerError", message: /ended the transaction/ });
      assert.deepEqual(await desk.saved(), [[], null]);
      await desk.run(["a"], "2");
      assert.deepEqual(await desk.saved(), [["a"], "2"]);
    },
  }),
  within({
    promise: "transactions beside updates: each is whole, and a lost hold is noticed in it",
    async run(desk) {
      const { store } = desk;
      const others = range(20).map((n) => store.update({ refs: [ref(`${n}`)] }, record(n)));
      const mine = range(20).map((n) => desk.run([`${n}`], (at) => String(Number(at ?? 0) + 1)));
      await Promise.all([...others, ...mine]);
      assert.deepEqual(positions(await all(store)), range(20));
      const [texts, value] = await desk.saved();
      assert.deepEqual([new Set(texts), value], [new Set(range(20).map(String)), "20"]);
    },
  }),
  {
    promise: "checkpoints are listed by prefix, in the order of their names",
    async run({ store }) {
      for (const name of ["b|1", "a|2", "a|1", "a", "ab", "a|3", "a%"])
        await store.checkpoint({ name, step: (at) => ({ ...at, value: name }) });
      const names = async (prefix: string, after: string, limit: number) =>
        (await store.checkpoints(prefix, after, limit)).map(({ name }) => name);
      assert.deepEqual(await names("a|", "", 9), ["a|1", "a|2", "a|3"]);
      assert.deepEqual(await names("a|", "a|1", 1), ["a|2"]);
      assert.deepEqual(await names("a%", "", 9), ["a%"]);
    },
  },
  {
    promise: "a checkpoint that is left with neither value nor holder is forgotten",
    async run({ store }) {
      const move = (value: string | null, holder: string | null) =>
        store.checkpoint({ name: "c", step: (at, tick) => ({ ...at, value, holder, at: tick }) });
      const names = async () => (await store.checkpoints("c", "", 9)).map(({ name }) => name);
      await move("1", null);
      await move(null, "one");
      assert.deepEqual(await names(), ["c"], "held");
      assert.equal((await move(null, null)).at.value, null);
      assert.deepEqual(await names(), []);
      assert.equal(
        (await store.checkpoint({ name: "c", step: () => undefined })).at.at,
        0,
        "as it was before the first",
      );
      await move("2", null);
      assert.deepEqual(await names(), ["c"]);
    },
  },
];
