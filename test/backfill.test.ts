/** A backfill: nothing is lost at its cut-over, at whatever instant; a crash goes on at the page; how far it is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Change } from "tidemark";
import { take } from "./desk.ts";
import { createShelf, type Note, type Process, type Shelf, startAt } from "./shelf.ts";

type Seen = Change<string, Note>;

/** What happens at the instant, to a note of the second page, or beside it. */
const DEEDS = {
  change: (shelf: Shelf) => shelf.put("n05", "new"),
  deletion: (shelf: Shelf) => shelf.remove("n05"),
  creation: (shelf: Shelf) => shelf.put("n055", "new"),
} as const;
type Deed = keyof typeof DEEDS;
/** Every so many instants of a deed; INSTANTS=1 is all of them. */
const STRIDE = Number(process.env["INSTANTS"] ?? 2);

/** What brings it to light: a webhook, the feed alone, or nothing but the next sweep. */
const FINDERS = {
  webhook: "a change, a deletion, a creation at every instant of a backfill, with a webhook: the log ends at the truth",
  feed: "a change, a deletion, a creation at every instant of a backfill, with a feed alone: the log ends at the truth",
  sweep: "a change, a deletion, a creation at every instant of a backfill, with neither: the next sweep finds them",
} as const;
type Finder = keyof typeof FINDERS;

interface Run {
  deed: Deed;
  finder: Finder;
  versioned: boolean;
  /** The number of the instant; beyond the last one nothing happens. */
  instant: number;
}

const logOf = async ({ sync }: Process) => (await take(sync.changes({ follow: false }))) as Seen[];

/** Three pages of four notes, and one deed at one instant of their backfill. Answers the log, and how many instants there were. */
async function backfill({ deed, finder, versioned, instant }: Run) {
  const shelf = createShelf(12);
  const { time } = shelf;
  let instants = 0;
  let done = "";
  let over = false;
  const act = (where: string) => {
    if (over || instants++ !== instant) return;
    done = where;
    const hint = DEEDS[deed](shelf);
    if (finder === "webhook") void engine.hear(hint);
  };
  const engine = shelf.open({ at: act, versioned, ...(finder === "feed" && { feedEvery: 1_000 }) });
  const { sync } = engine;
  const stop = await startAt(shelf, engine);
  await time.run(time.now() + 300);
  assert.ok((await sync.health()).types[0]?.lastSweep, "the backfill is over");
  const found = (await logOf(engine)).length;
  over = true;
  if (finder === "sweep") {
    const swept = sync.sweep();
    await time.run(time.now() + 500);
    await swept;
  } else await time.run(time.now() + 1_300);
  const log = await logOf(engine);
  await stop();
  await shelf.store.close();
  return { shelf, log, found, instants, done };
}

/** What must be true of the log, whenever the deed was done. `found`: so many of its entries there were after the backfill. */
function check({ shelf, log, found }: Awaited<ReturnType<typeof backfill>>, { deed }: Run): void {
  const last = new Map(log.map(({ id, after }) => [id, after]));
  for (const [id, after] of last) assert.deepEqual(after, shelf.truth.get(id) ?? null, `the end of ${id}`);
  for (const id of shelf.truth.keys()) assert.ok(last.has(id), `${id} is missing`);
  const one = deed === "creation" ? "n055" : "n05";
  const others = log.filter(({ id }) => id !== one);
  assert.equal(others.length, deed === "creation" ? 12 : 11, "each once");
  assert.ok(others.every(({ initial, before, via }) => initial && before === null && via === "sweep"));
  const own = log.filter(({ id }) => id === one);
  const texts = own.map(({ after }) => after?.text ?? "gone").join(" ");
  assert.ok(HISTORIES[deed].includes(texts), `${one}: ${texts}`);
  const [first, second] = own;
  if (!first) return;
  // What a page of the backfill brings was there before; what a hint told of before its page came is a live change.
  assert.equal(first.initial, first.via === "sweep" && log.indexOf(first) < found);
  if (second) assert.deepEqual([first.initial, second.initial, second.before?.text], [true, false, "old"]);
}

/** The histories that are true, by whether the deed was done before the page was read, or after it. */
const HISTORIES: Readonly<Record<Deed, readonly string[]>> = {
  change: ["new", "old new"],
  deletion: ["", "old gone"],
  creation: ["new"],
};

for (const [finder, name] of Object.entries(FINDERS) as [Finder, string][]) {
  test(name, async (t) => {
    let runs = 0;
    for (const deed of Object.keys(DEEDS) as Deed[]) {
      // Where no version decides, the times of the reads must; a deletion and a creation have none to decide by.
      for (const versioned of deed === "change" && finder === "webhook" ? [true, false] : [false]) {
        const how = { deed, finder, versioned };
        const { instants } = await backfill({ ...how, instant: Number.POSITIVE_INFINITY });
        for (let instant = runs % STRIDE; instant < instants; instant += STRIDE) {
          const run = { ...how, instant };
          const result = await backfill(run);
          assert.ok(result.done, "something happened");
          try {
            check(result, run);
          } catch (error) {
            throw new Error(`${JSON.stringify(run)} ${result.done}: ${error}`, { cause: error });
          }
          runs++;
        }
      }
    }
    t.diagnostic(`${runs} runs`);
    assert.ok(runs > 130 / STRIDE);
  });
}

test("a webhook in the middle of a slow backfill is read as quickly as ever", async () => {
  const shelf = createShelf(12);
  shelf.slow.list = 30_000;
  const { time } = shelf;
  const engine = shelf.open();
  const stop = await startAt(shelf, engine);
  for (const [i, id] of ["n01", "n05", "n11"].entries()) {
    await time.run(time.now() + 20_000);
    const heard = engine.hear(shelf.put(id, "new"));
    await time.run(time.now() + 500);
    assert.equal((await heard).status, 202);
    assert.equal((await logOf(engine)).at(-1)?.id, id, `during page ${i + 1}`);
  }
  await time.run(time.now() + 60_000);
  assert.deepEqual(shelf.pages, ["", "n03", "n07"], "and the backfill goes on");
  const texts = (await logOf(engine)).map(({ id, after }) => `${id} ${after?.text}`);
  assert.deepEqual(
    texts.filter((text) => !text.endsWith("old")),
    ["n01 new", "n05 new", "n11 new"],
    "no page that was read before brings an older state",
  );
  assert.equal(texts.length, 12);
  await stop();
});
