/** A backfill that is killed goes on at its page, and says how far it is and how long the rest may take. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, type EngineEvent, type Progress, type Provider } from "tidemark";
import { createVirtualTime } from "tidemark/testing";
import { countPage, progressOf, progressWithin } from "../src/health/progress.ts";
import { beginSweep, sweepOf } from "../src/reconcile/plan.ts";
import { sleep, ticks } from "../src/time.ts";
import { memory, take } from "./desk.ts";
import { createShelf, type Process, type Shelf, startAt } from "./shelf.ts";

/** A hold that the dead one had is over by then, and what it put off is due. */
const TAKEN_OVER = 120_000;
const PAGES = ["", "n03", "n07"];

const idsOf = async ({ sync }: Process) => (await take(sync.changes({ follow: false }))).map(({ id }) => id).sort();
const all = ({ truth }: Shelf) => [...truth.keys()].sort();

/** A backfill that is killed at a call of the store: before it takes effect, or after it, before it is answered. */
async function killedAt(call: number, how: "begun" | "saved") {
  const shelf = createShelf(12);
  let calls = 0;
  const victim = shelf.open({
    at(instant) {
      if (instant.endsWith(how) && calls++ === call) victim.kill();
    },
  });
  await startAt(shelf, victim);
  await shelf.time.run(shelf.time.now() + 300);
  if (!victim.dead) return undefined;
  const before = shelf.pages.length;
  const heir = shelf.open();
  const stop = await startAt(shelf, heir);
  await shelf.time.run(shelf.time.now() + TAKEN_OVER);
  assert.deepEqual(await idsOf(heir), all(shelf), `killed when call ${call} was ${how}`);
  assert.ok((await heir.sync.health()).types[0]?.lastSweep, "the backfill is over");
  await stop();
  await shelf.store.close();
  return { shelf, before };
}

test("killed between every two calls of the store a backfill goes on at its page: one page is asked again at most", async (t) => {
  let kills = 0;
  const begun = new Set<number>();
  for (const how of ["begun", "saved"] as const) {
    for (let call = 0; ; call++) {
      const result = await killedAt(call, how);
      if (!result) break;
      const { pages } = result.shelf;
      assert.ok(pages.length <= PAGES.length + 1, `${pages} after a kill when call ${call} was ${how}`);
      assert.deepEqual([...new Set(pages)], PAGES, "each page, in its order");
      begun.add(result.before);
      kills++;
    }
  }
  t.diagnostic(`${kills} kills`);
  assert.deepEqual([...begun].sort(), [0, 1, 2, 3], "kills came between any two pages");
});

test("killed at every page a backfill asks for each page once, and counts them over all restarts", async () => {
  const shelf = createShelf(12);
  const told: Progress[] = [];
  for (let page = 0; page < PAGES.length; page++) {
    const victim = shelf.open({
      observe(event: EngineEvent) {
        if (event.kind !== "page" || victim.dead) return;
        if (event.progress) told.push(event.progress);
        victim.kill();
      },
    });
    await startAt(shelf, victim);
    await shelf.time.run(shelf.time.now() + TAKEN_OVER);
    assert.ok(victim.dead);
  }
  const heir = shelf.open();
  const stop = await startAt(shelf, heir);
  await shelf.time.run(shelf.time.now() + TAKEN_OVER);
  assert.deepEqual(shelf.pages, PAGES);
  assert.deepEqual(await idsOf(heir), all(shelf));
  const counts = told.map(({ pages, items, total, backfill }) => [pages, items, total, backfill]);
  assert.deepEqual(counts, [
    [1, 4, 12, true],
    [2, 8, 12, true],
    [3, 12, 12, true],
  ]);
  assert.equal(told.at(-1)?.left, 0);
  await stop();
});

test("health: a type that is seen for the first time is there during its backfill, with what is left of it", async () => {
  const shelf = createShelf(12);
  shelf.slow.list = 10_000;
  const { time } = shelf;
  const engine = shelf.open();
  const stop = await startAt(shelf, engine);
  const began = time.now();
  const health = async () => (await engine.sync.health()).types.map(({ type, live, sweep }) => ({ type, live, sweep }));
  await time.run(began + 5_000);
  const { since = new Date(0) } = (await health())[0]?.sweep ?? {};
  assert.ok(Math.abs(since.getTime() - began) < 1_000);
  const sweep = { since, pages: 0, items: 0, total: null, left: null, backfill: true };
  assert.deepEqual(await health(), [{ type: "it.note", live: 0, sweep }], "with nothing recorded yet");
  await time.run(began + 15_000);
  const [second] = await health();
  assert.deepEqual([second?.live, second?.sweep?.pages, second?.sweep?.items, second?.sweep?.total], [4, 1, 4, 12]);
  const left = second?.sweep?.left ?? 0;
  assert.ok(left > 19_000 && left < 21_000, `two pages of 10 s: ${left} ms`);
  await time.run(began + 60_000);
  assert.equal((await health())[0]?.sweep, null, "it is over");
  const swept = engine.sync.sweep();
  await time.run(time.now() + 15_000);
  assert.equal((await health())[0]?.sweep?.backfill, false, "a later one is none");
  await time.run(time.now() + 60_000);
  await swept;
  await stop();
});

test("health: of a type within another one the parents whose lists were read, of all of them", async () => {
  const time = createVirtualTime();
  const orders = Array.from({ length: 20 }, (_, i) => ({ id: `o${i}` }));
  const readLag = { fetch: 0, list: 0 };
  const provider: Provider = {
    limits: { rate: 1_000 },
    probe: async () => {},
    resources: {
      order: {
        readLag,
        id: ({ id }) => id,
        fetch: async (id) => ({ id }),
        list: async () => ({ items: orders, next: null }),
      },
      line: {
        ...{ readLag, id: ({ id }) => id, fetch: async (id) => ({ id }) },
        within: {
          type: "order",
          async list(parent) {
            await sleep(time, 10_000);
            return { items: [{ id: `${parent}/1` }, { id: `${parent}/2` }], next: null };
          },
        },
      },
    },
  };
  const sync = createSync({ providers: { shop: provider }, store: memory(time), time, concurrency: 4 });
  const started = sync.start();
  const seen: string[] = [];
  for (let second = 0; second < 70; second += 5) {
    await time.run(time.now() + 5_000);
    const { sweep } = (await sync.health()).types.find(({ type }) => type === "shop.line") ?? {};
    if (sweep) seen.push(`${sweep.items} of ${sweep.total}`);
  }
  await started;
  const items = seen.map((text) => Number(text.split(" ")[0]));
  assert.ok(seen.every((text) => text.endsWith(" of 20")) && new Set(items).size >= 4, seen.join(", "));
  assert.deepEqual(
    items,
    items.toSorted((a, b) => a - b),
    "it only grows",
  );
  const stopped = sync.stop();
  await time.run(time.now() + 1_000);
  await stopped;
});

test("health: what no process sweeps any more is not under way", async () => {
  const shelf = createShelf(1);
  const engine = shelf.open();
  const stop = await startAt(shelf, engine);
  await shelf.time.run(shelf.time.now() + 300);
  const value = JSON.stringify({ ...begun, page: "x" });
  const names = ["sweep|it.unknown|", "sweep|it.note|left", "sweep|other.note|"];
  const saved = names.map((name) => shelf.store.checkpoint({ name, step: (at) => ({ ...at, value }) }));
  await shelf.time.run(shelf.time.now() + 1);
  await Promise.all(saved);
  const { types } = await engine.sync.health();
  assert.deepEqual(
    types.map(({ type, scope }) => [type, scope]),
    [["it.note", ""]],
  );
  await stop();
});

const NEVER = sweepOf({ value: null });
const begun = { ...NEVER, begun: ticks(1_000_000), phase: "list" as const };
const page = (count: number, total?: number) => ({
  ...{ items: Array.from({ length: count }, () => ({})), next: "more" },
  ...(total !== undefined && { total }),
});

test("an estimate is by the rate of the items so far, and none where nothing is known", () => {
  assert.equal(progressOf(NEVER), undefined, "none is under way");
  assert.equal(progressOf({ ...begun, total: 100 })?.left, null, "nothing was listed yet");
  assert.equal(progressOf(countPage(begun, page(10), ticks(5_000)))?.left, null, "the API names no total");
  const first = countPage(begun, page(10, 100), ticks(5_000));
  assert.equal(progressOf(first)?.left, 45_000);
  const second = countPage(first, page(10), ticks(15_000));
  assert.deepEqual([progressOf(second)?.total, progressOf(second)?.left], [100, 80_000], "the last total stands");
  const third = countPage(second, page(10, 25), ticks(10_000));
  assert.equal(progressOf(third)?.left, 0, "more than there are");
});

test("an engine that stood still for a night does not count the night", () => {
  const first = countPage(begun, page(10, 20), ticks(10_000));
  const second = countPage(first, page(5), ticks(8 * 3_600_000));
  assert.equal(progressOf(second)?.left, Math.round((610_000 * 5) / 15));
  assert.equal(countPage(first, page(5), -1).spent, first.spent, "nor a clock that steps back");
});

test("a total that is none is not believed", () => {
  for (const total of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    assert.equal(progressOf(countPage(begun, page(1, total), 1))?.total, null);
  }
  assert.equal(progressOf(countPage(begun, page(1, 10.9), 1))?.total, 10);
});

test("of a type within another one the parents count whose lists were read", () => {
  const state = { ...begun, items: 8 };
  const now = ticks(1_060_000);
  const { items, total, left } = progressWithin(state, 20, 2, now) ?? assert.fail();
  assert.deepEqual([items, total, left], [6, 20, 140_000]);
  assert.deepEqual(progressWithin(state, 20, 500, now)?.items, 0, "children that wait count, too: no less than none");
});

test("a checkpoint of before anything was counted is read as it is, and a new sweep counts from nothing", () => {
  const { items: _, total: __, spent: ___, ...old } = { ...begun, page: "b", pages: 7, completed: 5 };
  const known = sweepOf({ value: JSON.stringify(old) });
  assert.deepEqual([known.page, known.pages, known.items, known.total, known.spent], ["b", 7, 0, null, 0]);
  const counted = { ...known, items: 9, total: 9, spent: 9 };
  const { items, total, spent } = beginSweep(counted, 1, { resource: {} } as Parameters<typeof beginSweep>[2]);
  assert.deepEqual([items, total, spent], [0, null, 0]);
});
