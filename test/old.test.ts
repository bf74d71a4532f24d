/**
 * A log that was compacted, and holds more living resources below the border than one page: whoever begins at the start is told
 * of each of them, also in several goes, as long as nothing more was compacted.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Change, CursorLost, createSync, type Store, TargetGone } from "tidemark";
import { all, createDesk, memory } from "./desk.ts";

const LIVE = 500;

/** A log of so many resources, each written twice, one deleted, all of it compacted; then one more, which is young. */
async function createOld() {
  const store: Store = memory();
  const desk = createDesk({ feed: false });
  const sync = createSync({ providers: { desk: desk.provider }, store });
  const tell = async (id: string) => {
    await sync.hint("desk.note", id);
    await sync.drain();
  };
  for (let id = 0; id < LIVE; id++) desk.put(`${id}`, "first");
  await sync.drain();
  for (let id = 0; id < LIVE; id++) {
    desk.put(`${id}`, "last");
    await sync.hint("desk.note", `${id}`);
  }
  await sync.drain();
  desk.remove("7");
  await tell("7");
  const compact = async () => store.compact((await store.head()).position + 1, 0);
  await compact();
  desk.put("young", "new");
  await tell("young");
  return { desk, sync, tell, compact };
}

/** Every living resource, once, at its last state; the young one last. */
function checkAll(changes: readonly Pick<Change, "id" | "after">[]): void {
  const ids = Array.from({ length: LIVE }, (_, id) => `${id}`).filter((id) => id !== "7");
  assert.deepEqual(new Set(changes.map(({ id }) => id)), new Set([...ids, "young"]));
  assert.equal(changes.length, LIVE);
  assert.equal(changes.at(-1)?.id, "young");
  assert.ok(changes.every(({ after }) => (after as { text: string } | null)?.text !== "first"));
}

test("who begins at the start of a compacted log is told of every living resource", async () => {
  const { sync } = await createOld();
  checkAll(await all(sync.changes({ follow: false })));
  const filtered = { follow: false, types: ["desk.note"], scope: "" } as const;
  checkAll(await all(sync.changes(filtered)));
  await sync.stop();
});

test("who begins at the start of a compacted log may go on from each cursor", async () => {
  const { sync } = await createOld();
  const seen: Change[] = [];
  for (let after: string | null = null; ; ) {
    const begun = seen.length;
    for await (const change of sync.changes({ after, follow: false })) {
      seen.push(change);
      after = change.cursor;
      if (seen.length === begun + 70) break;
    }
    if (seen.length === begun) break;
  }
  checkAll(seen);
  await sync.stop();
});

for (const partitions of [1, 3, 60]) {
  test(`a new subscription of ${partitions} on a compacted log handles every living resource, and goes on after a stop`, async () => {
    const { sync } = await createOld();
    const seen: Change[] = [];
    let first = "";
    sync.subscribe("mirror", { partitions }, async (change) => {
      seen.push(change);
      first ||= change.cursor;
    });
    for (let drains = 0; drains < 1_000 && seen.length < LIVE; drains++) await sync.drain({ budgetMs: 5 * partitions });
    const placeIn = ({ cursor }: Change) => Number(cursor.split(".")[1]);
    checkAll(seen.toSorted((a, b) => placeIn(a) - placeIn(b)));
    await all(sync.changes({ after: first, follow: false }));
    const young = seen.find(({ id }) => id === "young");
    assert.equal(young?.cursor.split(".").length, 3, "beyond the border a cursor is as any");
    await sync.stop();
  });
}

test("a subscription that stands still at its first change, in what was compacted, goes on when that is skipped", async () => {
  const { sync } = await createOld();
  const seen: string[] = [];
  let first: Change | undefined;
  sync.subscribe("mirror", (change) => {
    first ??= change;
    if (change.id === first.id) throw new TargetGone("not this one");
    seen.push(change.id);
  });
  await sync.drain();
  assert.deepEqual(seen, []);
  assert.equal(await sync.skip("mirror", { type: "desk.note", id: first?.id ?? "" }), true);
  await sync.drain();
  assert.equal(seen.length, LIVE - 1);
  await sync.stop();
});

test("a cursor of what is old, from get, newest or history, is one to go on from", async () => {
  const { sync } = await createOld();
  const [, last = assert.fail(), before = assert.fail()] = await sync.newest({ limit: 3 });
  const known = await sync.get("desk.note", before.id);
  const [history] = await all(sync.history("desk.note", last.id));
  for (const [cursor = assert.fail(), ids] of [
    [known?.cursor, [last.id, "young"]],
    [before.cursor, [last.id, "young"]],
    [history?.cursor, ["young"]],
  ] as const) {
    const changes = await all(sync.changes({ after: cursor, follow: false }));
    assert.deepEqual(
      changes.map(({ id }) => id),
      ids,
    );
  }
  await sync.stop();
});

test("once more was compacted, who is still in what was compacted before has lost its place: a deletion may be missing", async () => {
  const { desk, sync, tell, compact } = await createOld();
  const changes = sync.changes({ follow: false })[Symbol.asyncIterator]();
  const { value: first } = await changes.next();
  desk.remove("young");
  await tell("young");
  await compact();
  const rest = async () => {
    while (!(await changes.next()).done);
  };
  const isLost = (error: unknown) => error instanceof CursorLost && !error.rolledBack;
  await assert.rejects(rest(), isLost);
  await assert.rejects(all(sync.changes({ after: first.cursor, follow: false })), isLost);
  const forged = `${first.cursor.split(".").slice(0, 3).join(".")}.1`;
  await assert.rejects(all(sync.changes({ after: forged, follow: false })), isLost);
  await sync.stop();
});
