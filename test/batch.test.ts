/** Reading together: how many, whose error is whose, and what a failure costs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, Hidden } from "tidemark";
import { compileKinds } from "../src/kind.ts";
import { blank } from "../src/row.ts";
import { Batches, batchOf, widest } from "../src/work/batch.ts";
import { type Batch, SharedPlaces } from "../src/work/places.ts";
import { createDesk, type Desk, handClock, memory, take, webhookOf } from "./desk.ts";

/** A desk whose API reads up to `batch` at once. */
function createMany(batch?: number): Desk & { sizes: number[]; refuse: (id: string) => Error | undefined } {
  const desk = createDesk({ feed: false });
  const { note } = desk.provider.resources;
  const many = Object.assign(desk, { sizes: [] as number[], refuse: (_: string): Error | undefined => undefined });
  note.fetchMany = async (ids, context) => {
    desk.calls.push(`many ${ids.length}`);
    many.sizes.push(ids.length);
    await desk.before("many");
    return ids.map((id) => many.refuse(id) ?? desk.notes.get(context.scope)?.get(id) ?? desk.absent);
  };
  if (batch !== undefined) note.batch = batch;
  return many;
}

async function open(t: { after(run: () => unknown): void }, desk: Desk) {
  const time = handClock();
  const store = memory(time);
  const sync = createSync({ providers: { desk: desk.provider }, store, time });
  t.after(() => sync.stop());
  await sync.drain();
  desk.calls.length = 0;
  const hear = (ids: readonly string[]) =>
    sync.webhook(
      "desk",
      webhookOf(ids.map((id) => (desk.notes.get("")?.has(id) ? desk.put(id, "b") : desk.put(id, "a")))),
    );
  const texts = async () => (await take(sync.changes({ follow: false }))).map(({ id }) => id);
  return { time, store, sync, hear, texts };
}

const idsTo = (count: number) => Array.from({ length: count }, (_, i) => `n${String(i).padStart(3, "0")}`);

test("a batch is as large as the plugin says; 100 where it says nothing", async (t) => {
  for (const [batch, sizes] of [
    [undefined, [100, 100, 50]],
    [250, [250]],
    [7, [7, 7, 1]],
  ] as const) {
    const desk = createMany(batch);
    const { sync, hear } = await open(t, desk);
    await hear(idsTo(sizes.reduce((sum, one) => sum + one, 0)));
    await sync.drain();
    // One alone is read by `fetch`.
    const alone = desk.count("fetch");
    assert.deepEqual([...desk.sizes, ...Array(alone).fill(1)], sizes);
  }
});

test("a batch must be a whole number", () => {
  for (const batch of [0, 1.5, Number.NaN]) {
    const { provider } = createMany(batch);
    assert.throws(() => compileKinds({ desk: provider }), /desk\.note: batch must be a whole number/);
  }
});

test("an error in the place of a state is of that one alone", async (t) => {
  const desk = createMany();
  const { time, sync, hear, texts } = await open(t, desk);
  desk.refuse = (id) => (id === "n001" ? new Hidden("not for us") : id === "n002" ? new Error("500") : undefined);
  await hear(idsTo(5));
  await sync.drain();
  assert.deepEqual((await texts()).sort(), ["n000", "n003", "n004"]);
  assert.deepEqual(desk.calls, ["many 5"], "nobody else is read again");
  const { types } = await sync.health();
  assert.equal(types[0]?.failing, 1, "the one that failed; the hidden one is at rest");
  desk.refuse = () => undefined;
  time.advance(3_000);
  await sync.drain();
  assert.deepEqual((await texts()).sort(), ["n000", "n002", "n003", "n004"]);
  assert.deepEqual(await sync.audit().then(([report]) => report?.unclear), 0);
});

test("an audit compares what can be seen beside one that is hidden", async (t) => {
  const desk = createMany();
  for (const id of ["n000", "n001"]) desk.put(id, "a");
  const { sync } = await open(t, desk);
  desk.refuse = (id) => (id === "n000" ? new Hidden("not for us") : undefined);
  desk.before = (call) => {
    if (call === "fetch /n000") throw new Hidden("not for us");
  };
  for (const id of ["n000", "n001"]) desk.put(id, "b");
  const [report] = await sync.audit("desk.note");
  assert.deepEqual([report?.differences, report?.unclear], [[{ id: "n001", how: "different" }], 1]);
});

test("an audit asks for no more at once than the plugin takes", async (t) => {
  const desk = createMany(7);
  for (const id of idsTo(20)) desk.put(id, "a");
  const { sync } = await open(t, desk);
  for (const id of idsTo(20)) desk.put(id, "b");
  const [report] = await sync.audit("desk.note");
  assert.equal(report?.differences.length, 20);
  assert.deepEqual(desk.sizes, [7, 7, 6]);
});

test("what failed together is tried in tenths, then alone", async (t) => {
  const desk = createMany();
  const { time, store, sync, hear, texts } = await open(t, desk);
  let down = 1;
  desk.before = (call) => {
    if (call === "many" && down-- > 0) throw new Error("502");
  };
  await hear(idsTo(100));
  await sync.drain();
  const failed = await store.rows({ state: "failing", limit: 1_000 });
  assert.equal(new Set(failed.map(({ due }) => due)).size, 1, "due together, or they would be read one by one");
  time.advance(2_000);
  await sync.drain();
  assert.deepEqual(desk.sizes, [100, ...Array(10).fill(10)]);
  assert.equal((await texts()).length, 100);
  desk.calls.length = 0;
  down = 2;
  await hear(idsTo(20));
  await sync.drain();
  time.advance(2_000);
  await sync.drain();
  time.advance(4_000);
  await sync.drain();
  assert.deepEqual([desk.count("many"), desk.count("fetch")], [3, 10], "20, 10 that failed, 10, and those 10 alone");
});

const kindOf = (desk: Desk) => compileKinds({ desk: desk.provider }).get("desk.note") ?? assert.fail();
const row = { ...blank({ type: "desk.note", scope: "", id: "1" }), class: "live" as const };

test("only those of one class, type and scope go together, where there is a fetchMany", () => {
  const kind = kindOf(createMany(9));
  assert.equal(batchOf(kindOf(createDesk()), row), undefined);
  const { key, most } = batchOf(kind, row) ?? assert.fail();
  assert.equal(most, 9);
  for (const other of [{ class: "sweep" as const }, { scope: "a" }, { type: "desk.other" }, { attempts: 1 }]) {
    assert.notEqual(batchOf(kind, { ...row, ...other })?.key, key);
  }
  assert.equal(batchOf(kind, { ...row, id: "2" })?.key, key);
  assert.equal(batchOf(kind, { ...row, attempts: 1 })?.most, 3);
  assert.equal(batchOf(kind, { ...row, attempts: 2 }), undefined);
  assert.deepEqual([widest([kindOf(createDesk())]), widest([kindOf(createDesk()), kind])], [1, 9]);
});

test("a batch that was begun takes as many as it has room for", () => {
  const batches = new Batches();
  const batch: Batch = { key: "a", most: 3 };
  assert.equal(batches.takes(batch), false);
  batches.begin(batch);
  assert.deepEqual(
    [1, 2, 3].map(() => batches.takes(batch)),
    [true, true, false],
  );
  assert.equal(batches.takes({ key: "b", most: 3 }), false);
  assert.equal(batches.takes(undefined), false);
});

test("rows that have to wait share a place, until it is full or its time has come", () => {
  const places = new SharedPlaces();
  let next = 100;
  const alone = () => next++;
  const batch: Batch = { key: "a", most: 3 };
  const at = (now: number, of: Batch | undefined = batch) => places.of(of, now, alone);
  assert.deepEqual([at(0), at(0), at(0), at(0)], [100, 100, 100, 101]);
  assert.equal(at(100), 101);
  assert.equal(at(101), 102, "it has come up: whoever reads it may have begun");
  assert.deepEqual([places.of(undefined, 0, alone), at(0, { key: "b", most: 3 })], [103, 104]);
  assert.deepEqual([at(200), at(200)], [105, 106], "who need not wait has a place of its own");
});

test("where much is gone, one probe serves those before and after it", async (t) => {
  const desk = createDesk({ feed: false });
  for (const id of idsTo(8)) desk.put(id, "a");
  const { time, sync, texts } = await open(t, desk);
  const remove = async (...ids: string[]) => {
    desk.calls.length = 0;
    for (const id of ids) {
      desk.remove(id);
      await sync.hint("desk.note", id);
      await sync.drain();
    }
    return [desk.count("fetch"), desk.count("probe")];
  };
  assert.deepEqual(await remove("n000"), [2, 2]);
  assert.deepEqual(await remove("n001", "n002"), [2, 2], "a moment later");
  time.advance(1_001);
  assert.deepEqual(await remove("n003"), [2, 2], "a probe of long ago proves nothing");
  desk.before = (call) => {
    if (call.startsWith("probe")) throw new Error("down");
  };
  await remove("n004");
  desk.before = () => {};
  assert.deepEqual(await remove("n005"), [2, 2], "nor does one before another that failed");
  assert.equal((await texts()).length, 8 + 5);
});
