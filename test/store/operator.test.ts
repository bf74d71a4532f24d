/** What an operator looks at, of a store of either kind. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createSync, type Listed, type Store } from "tidemark";
import { postgres } from "tidemark/postgres";
import { createDesk, memory } from "../desk.ts";
import { createGround } from "../postgres.ts";

interface Context {
  after(run: () => unknown): void;
}

const stores: Record<string, (t: Context) => Promise<{ store: Store; clear?: () => Promise<void> }>> = {
  sqlite: async () => ({ store: memory() }),
  async postgres() {
    const { pool, schema, clear } = await createGround();
    return { store: postgres({ pool, schema }), clear };
  },
};

/** Ids that databases and URLs like to order and to write otherwise. */
const IDS = ["a", "B", "b", "ä", "Z", "😀", "\uffff", "a/b", "a b", "%2f", "'", '"', "x".repeat(500), "0", "10", "2"];
const SCOPES = ["", "a", "a|b", "ß"];

for (const [name, create] of Object.entries(stores)) {
  suite(name, () => {
    async function setUp(t: Context) {
      const { store, clear } = await create(t);
      const desk = createDesk({ scopes: SCOPES, feed: false });
      const sync = createSync({ providers: { desk: desk.provider }, store });
      t.after(async () => {
        await sync.stop();
        await clear?.();
      });
      const write = async (id: string, text: string, scope: string) => {
        desk.put(id, text, scope);
        await sync.hint("desk.note", id, { scope });
      };
      return { desk, store, sync, write };
    }

    test("every resource stands in one page, however small the pages are", async (t) => {
      const { desk, sync, write } = await setUp(t);
      for (const scope of SCOPES) await Promise.all(IDS.map((id) => write(id, "1", scope)));
      desk.before = (call) => {
        if (call === "fetch a/b") throw new Error("down");
      };
      await sync.drain();
      const all = async (options: { state?: "live" | "dirty" | "failing"; scope?: string }, limit: number) => {
        const listed: Listed[] = [];
        for (let after: string | null = null; ; ) {
          const page: Awaited<ReturnType<typeof sync.resources>> = await sync.resources({ ...options, after, limit });
          assert.ok(page.resources.length <= limit);
          listed.push(...page.resources);
          after = page.after;
          if (after === null) return listed.map(({ scope, id }) => `${scope}\n${id}`);
          assert.equal(page.resources.length, limit, "a page before the last is full");
        }
      };
      const every = await all({}, 1_000);
      assert.deepEqual(every.toSorted(), SCOPES.flatMap((scope) => IDS.map((id) => `${scope}\n${id}`)).toSorted());
      for (const limit of [1, 7, IDS.length]) assert.deepEqual(await all({}, limit), every, `by ${limit}`);
      assert.deepEqual((await all({ scope: "a" }, 5)).toSorted(), IDS.map((id) => `a\n${id}`).toSorted());
      assert.deepEqual(await all({ state: "failing" }, 1), ["a\nb"]);
      assert.deepEqual(await all({ state: "dirty" }, 3), ["a\nb"]);
      assert.deepEqual(await all({ state: "live" }, 9), every, "a sweep saw what cannot be fetched");
    });

    test("the newest changes are the same however rare those are that are asked for", async (t) => {
      const { store, sync } = await setUp(t);
      const types = ["desk.note", "desk.tag"];
      // Of the last scope there is nothing among the latest.
      const places = Array.from({ length: 420 }, (_, i) => ({
        type: types[i % 7 === 0 ? 1 : 0] ?? "",
        scope: SCOPES[i < 40 ? i % 4 : i % 9 === 0 ? 2 : i % 5 === 0 ? 1 : 0] ?? "",
        id: `${i}`,
      }));
      for (const ref of places) {
        await store.update({ refs: [ref] }, (row, tick) => ({
          row: { ...row, present: true },
          append: [{ state: "{}", at: tick, via: "sweep", causes: [] }],
        }));
      }
      const filters = [
        ...SCOPES.map((scope) => ({ scope })),
        ...SCOPES.map((scope) => ({ scope, types: ["desk.tag"] })),
        ...[{ types: ["desk.tag"] }, { types }, { types, scope: "a|b" }, { scope: "none" }, { types: ["desk.none"] }],
      ];
      const looks = [0, 38, 40, 410].flatMap((after) => [1, 2, 8, 100].map((limit) => ({ after, limit })));
      for (const filter of filters) {
        const fits = ({ type, scope }: (typeof places)[number]) =>
          (!("types" in filter) || filter.types.includes(type)) && (!("scope" in filter) || filter.scope === scope);
        for (const { after, limit } of looks) {
          const entries = await store.entries({ after, limit, newest: true, ...filter });
          const expected = places.slice(after).filter(fits).reverse().slice(0, limit);
          const found = entries.map(({ type, scope, id }) => ({ type, scope, id }));
          assert.deepEqual(found, expected, JSON.stringify([filter, after, limit]));
        }
      }
      assert.equal((await sync.newest({ scope: "ß", limit: 3 })).length, 3);
    });

    test("the newest changes of a resource are those of its id, in its scope, the newest first", async (t) => {
      const { sync, write } = await setUp(t);
      for (const text of ["1", "2", "3"]) {
        for (const scope of ["", "a"]) await write("ä", text, scope);
        await write("a", text, "a");
        await sync.drain();
      }
      const newest = await sync.newest({ types: ["desk.note"], scope: "a", id: "ä", limit: 2 });
      assert.deepEqual(
        newest.map(({ scope, id, after }) => [scope, id, after?.text]),
        [
          ["a", "ä", "3"],
          ["a", "ä", "2"],
        ],
      );
      assert.equal((await sync.newest({ types: ["desk.note"], id: "ä" })).length, 3);
    });
  });
}
