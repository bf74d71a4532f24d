/** Stories of deletions that were missed, undone by what came late, or never happened. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { EngineEvent, Page } from "tidemark";
import { memory } from "../desk.ts";
import { handClock } from "./clock.ts";
import { interleavings, permutations } from "./every.ts";
import { open } from "./process.ts";
import { fetched, race, type Step } from "./race.ts";
import { Shelf, type Thing, VERSIONS } from "./shelf.ts";

for (const versions of VERSIONS) {
  test(`no late answer brings back what was deleted, in any order of two reads, a write and the deletion: versions ${versions}`, async (t) => {
    const orders = interleavings<Step>([fetched(1), fetched(2), ["put", "remove"]]);
    const inTurn = orders.filter((order) => order.indexOf("fetch1 asks") < order.indexOf("fetch2 asks"));
    const { shelf, process } = await race(t, inTurn, versions);
    assert.deepEqual(shelf.ids().map(shelf.now.bind(shelf)).filter(Boolean), []);
    await process.endsAtTruth();
  });
}

test("created, updated and deleted arrive in any order, any of them lost: the deletion stands, told or found by a sweep", async (t) => {
  const orders = [[], [0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]].flatMap(permutations);
  assert.equal(orders.length, 16);
  const scopes = orders.map((_, i) => `c${i}`);
  const shelf = new Shelf({ scopes });
  const clock = handClock();
  const app = open(shelf, memory(clock), clock, { sweepEvery: 3_600_000 });
  t.after(() => app.sync.stop());
  await app.drain();
  const told = scopes.map((scope) => [shelf.put(`${scope}/x`), shelf.put(`${scope}/x`)]);
  // Half of them are recorded before they are deleted.
  await app.post(...told.flatMap(([hint], i) => (i % 2 === 0 ? [hint] : [])));
  await app.drain();
  for (const [i, scope] of scopes.entries()) told[i]?.push(shelf.remove(`${scope}/x`));
  for (let step = 0; step < 3; step++) {
    await app.post(...orders.flatMap((order, i) => told[i]?.[order[step] ?? -1] ?? []));
    await app.drain();
    clock.advance(1_000);
  }
  clock.advance(3_600_000);
  await app.drain();
  await app.endsAtTruth();
});

const THINGS = 9;
/** Ms from one sweep to the next. */
const PERIOD = 86_400_000;

/** Nine things in pages of two, recorded; and what a list that is not whole comes to. */
async function recorded(t: TestContext) {
  const shelf = new Shelf({ page: 2 });
  const clock = handClock();
  const events: EngineEvent[] = [];
  const observe = (event: EngineEvent) => events.push(event);
  const app = open(shelf, memory(clock), clock, { observe, sweepEvery: PERIOD });
  t.after(() => app.sync.stop());
  for (let i = 0; i < THINGS; i++) shelf.put(`t${i}`);
  await app.drain();
  return { shelf, clock, app, events };
}

test("a list that ends early at any place, or is empty, deletes nothing: what it did not name is asked for", async (t) => {
  const { shelf, app } = await recorded(t);
  for (let shown = 0; shown <= THINGS; shown++) {
    const fetches = shelf.count("fetch");
    shelf.shown = () => shelf.all().slice(0, shown);
    const [report] = await app.sync.sweep("shelf.thing");
    assert.deepEqual([report?.suspects, shelf.count("fetch") - fetches], [THINGS - shown, THINGS - shown]);
    await app.endsAtTruth();
  }
});

test("a list whose page fails at any place, or whose pages come again and again, proves nothing and is not complete", async (t) => {
  const { shelf, app, clock, events } = await recorded(t);
  const swept = () => events.filter(({ kind }) => kind === "sweep").length;
  const before = swept();
  const { thing } = shelf.provider.resources;
  const list = thing.list ?? assert.fail();
  const broken: ((at: string | null, page: Page<Thing>) => Page<Thing>)[] = [
    ...["t1", "t3", "t5", "t7"].map((place) => (at: string | null, page: Page<Thing>) => {
      if (at === place) throw new Error("the service answers 502");
      return page;
    }),
    (_, page) => ({ ...page, next: "t1" }),
    (at, page) => ({ ...page, next: page.next ?? at }),
  ];
  for (const breakIt of broken) {
    thing.list = async (at, context) => breakIt(at, await list(at, context));
    for (let tries = 0; tries < 3; tries++) {
      clock.advance(PERIOD / 2);
      await app.drain();
    }
    assert.equal(swept(), before);
    await app.endsAtTruth();
  }
  // One that was stuck for a whole period begins anew.
  thing.list = list;
  clock.advance(2 * PERIOD);
  await app.drain();
  assert.equal(swept(), before + 1);
  await app.endsAtTruth();
});

test("a key of another account, to which all is missing, deletes ten at most, says so, and gives them back", async (t) => {
  const shelf = new Shelf();
  const clock = handClock();
  const app = open(shelf, memory(clock), clock, { sweepEvery: PERIOD });
  t.after(() => app.sync.stop());
  for (let i = 0; i < 40; i++) shelf.put(`t${i}`);
  await app.drain();
  const { show, shown } = shelf;
  shelf.show = () => null;
  shelf.shown = () => [];
  clock.advance(PERIOD);
  await app.drain();
  const gone = [...(await app.log()).values()].filter((entries) => entries.at(-1) === null).length;
  assert.ok(gone > 0 && gone <= 10, `${gone} of 40`);
  assert.match((await app.sync.health()).alarms.join(), /deletions are held back/);
  Object.assign(shelf, { show, shown });
  await app.sync.sweep("shelf.thing");
  assert.deepEqual((await app.sync.health()).alarms, []);
  const last = [...(await app.log()).values()].map((entries) => entries.at(-1));
  assert.ok(last.every((n) => n !== null));
});
