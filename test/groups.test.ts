/** `subscribe` with `partitions`: processes under one name share the work, the order of each resource is kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, type Store, type SubscribeOptions } from "tidemark";
import type { Checkpoint } from "../src/checkpoint.ts";
import { fresh } from "../src/checkpoint.ts";
import {
  divide,
  type Group,
  groupOf,
  isSurplus,
  mayTake,
  type Part,
  partitionOf,
  passEmpty,
  shareOf,
  withGroup,
} from "../src/deliver/partition.ts";
import { upTo } from "../src/deliver/push.ts";
import { holdSeat } from "../src/deliver/seat.ts";
import type { Entry } from "../src/store.ts";
import { createDesk, handClock, memory } from "./desk.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const HOLD = 90_000;

/** Of no provider here, so that nothing of it is read again. */
const refOf = (id: string) => ({ type: "other.note", scope: "", id });

interface Call {
  who: string;
  id: string;
  n: number;
}

/** A store with a log, and members that note what they handle. */
async function setUp(t: { after(run: () => unknown): void }, { resources = 40, changes = 400, quick = 1 } = {}) {
  const desk = createDesk({ feed: false });
  const hand = handClock();
  // Timers that are quicker than the clock: members look more often than their holds are over.
  const time = { ...hand, after: (ms: number, run: () => void, keep?: boolean) => hand.after(ms / quick, run, keep) };
  const inner = memory(time);
  const store: Store = { ...inner, close: async () => {} };
  t.after(() => inner.close());
  let written = 0;
  const write = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const ref = refOf(`${written % resources}`);
      const state = JSON.stringify({ id: ref.id, text: `${++written}` });
      await store.update({ refs: [ref] }, (row, tick) => ({
        row: { ...row, present: true, print: state, first: tick, last: tick, seen: tick },
        append: [{ state, at: tick, via: "webhook", causes: [] }],
      }));
    }
  };
  await write(changes);
  const calls: Call[] = [];
  const active = new Set<string>();
  /** Is asked before a change is done; may wait, or throw. */
  const desks = { before: async (_: Call): Promise<unknown> => turn() };
  const join = (who: string, options: SubscribeOptions<"desk.note"> & { transaction?: false }) => {
    const sync = createSync({ providers: { desk: desk.provider }, store, time });
    t.after(() => sync.stop());
    sync.subscribe("mail", options, async ({ id, after }) => {
      const call = { who, id, n: Number(after?.text) };
      assert.ok(!active.has(id), `${id} is handled by two at once`);
      active.add(id);
      try {
        await desks.before(call);
        calls.push(call);
      } finally {
        active.delete(id);
      }
    });
    return sync;
  };
  const group = async (): Promise<Group> => {
    const [at] = await store.checkpoints("subscriber|mail", "", 1);
    return (at && groupOf(at)) ?? { parts: [], members: {}, wanted: null };
  };
  /** Every change once, and those of each resource in their order. */
  const checkAll = () => {
    assert.deepEqual(
      calls.map(({ n }) => n).sort((a, b) => a - b),
      Array.from({ length: written }, (_, i) => i + 1),
    );
    const last = new Map<string, number>();
    for (const { id, n } of calls) {
      assert.ok(n > (last.get(id) ?? 0), `${id}: ${n} came after ${last.get(id)}`);
      last.set(id, n);
    }
  };
  const by = (who: string) => calls.filter((call) => call.who === who).length;
  return { store, time, write, calls, join, group, checkAll, by, desks, active };
}

test("three members share the work: each change once, in order for each resource, and none has more than its share", async (t) => {
  const { join, group, checkAll, by, desks, write, calls } = await setUp(t, { changes: 0, quick: 100 });
  let most = 0;
  desks.before = async () => {
    await turn();
    const held = (await group()).parts.flatMap(({ holder }) => holder?.split(":")[0] ?? []);
    most = Math.max(most, ...[...Map.groupBy(held, (who) => who).values()].map((ones) => ones.length));
  };
  const members = ["a", "b", "c"].map((who) => join(who, { partitions: 6 }));
  for (const member of members) await member.start();
  while (Object.keys((await group()).members).length < 3) await turn();
  await write(400);
  while (calls.length < 400) await turn();
  checkAll();
  for (const who of ["a", "b", "c"]) assert.ok(by(who) > 0, `${who}: ${by(who)}`);
  assert.equal(most, 2);
  const [health] = (await members[0]?.health())?.subscriptions ?? [];
  assert.deepEqual([health?.name, health?.error, health?.partitions, health?.members], ["mail", null, 6, 3]);
  for (const member of members) await member.stop();
  checkAll();
});

test("an idle member writes nothing, but that it is there", async (t) => {
  const { join, store, time } = await setUp(t, { changes: 20 });
  const sync = join("a", { partitions: 4 });
  await sync.drain();
  const value = async () => (await store.checkpoints("subscriber|mail", "", 1))[0]?.value;
  const before = await value();
  for (let i = 0; i < 20; i++) {
    time.advance(1_000);
    await sync.drain();
  }
  assert.equal(await value(), before);
  time.advance(20_000);
  await sync.drain();
  assert.notEqual(await value(), before);
});

test("partitions that have nothing of theirs are passed with one move, whatever grows the log", async (t) => {
  const { join, store, group, checkAll, write } = await setUp(t, { resources: 1, changes: 3 });
  const sync = join("a", { partitions: 8 });
  await sync.drain();
  await write(1);
  await sync.drain();
  checkAll();
  const { position } = await store.head();
  assert.ok((await group()).parts.every((part) => part.position === position));
});

test("a member that died is taken over when its hold is over, and what it had begun is not saved", async (t) => {
  const { join, time, write, calls, desks, active, group, by } = await setUp(t, { changes: 100 });
  let release = () => {};
  const hung = new Promise<void>((resolve) => {
    release = resolve;
  });
  desks.before = ({ who, n }) => (who === "a" && n === 10 ? hung : turn());
  const stuck = partitionOf(refOf("9"), 4);
  const ofStuck = (calls: Call[]) => calls.filter(({ id }) => partitionOf(refOf(id), 4) === stuck).map(({ n }) => n);
  const dead = join("a", { partitions: 4 }).drain();
  for (let i = 0; i < 2_000; i++) await turn();
  const before = [...calls];
  const b = join("b", { partitions: 4 });
  time.advance(HOLD - 1_000);
  await b.drain();
  assert.equal(by("b"), 0, "it is held, and the rest is done");
  // As if it were dead: nothing of it runs any more.
  active.clear();
  time.advance(1_001);
  await b.drain();
  const taken = ofStuck(calls.filter(({ who }) => who === "b"));
  assert.ok(taken.includes(10) && ofStuck(before).every((n) => taken.includes(n)), "what was not saved comes again");
  assert.deepEqual(
    taken,
    [...taken].sort((x, y) => x - y),
  );
  assert.equal(new Set(calls.map(({ n }) => n)).size, 100);
  const saved = (await group()).parts.map(({ position }) => position);
  release();
  await assert.rejects(dead, /another process took over/);
  assert.deepEqual(
    (await group()).parts.map(({ position }) => position),
    saved,
  );
  await write(4);
  await b.drain();
  assert.equal(new Set(calls.map(({ n }) => n)).size, 104);
});

test("a member that joins takes its share: who has more lets go of the rest", async (t) => {
  const { join, group, checkAll, by, desks, calls } = await setUp(t, { changes: 3_000, quick: 100 });
  const held = { alone: 0, together: 0 };
  const b = join("b", { partitions: 8 });
  let joined: Promise<void> | undefined;
  desks.before = async () => {
    await turn();
    const holders = (await group()).parts.flatMap(({ holder }) => holder?.split(":")[0] ?? []);
    const most = Math.max(...[...Map.groupBy(holders, (who) => who).values()].map((ones) => ones.length));
    if (!joined) held.alone = Math.max(held.alone, most);
    // Once it has its whole share, nobody has more.
    if (by("b") > 200) held.together = Math.max(held.together, most);
    if (by("a") === 500) joined ??= b.start();
  };
  const a = join("a", { partitions: 8 });
  await a.start();
  while (calls.length < 3_000) await turn();
  checkAll();
  assert.deepEqual(held, { alone: 8, together: 4 });
  assert.ok(by("b") > 500, `${by("b")} of 3000`);
  assert.equal(Object.keys((await group()).members).length, 2);
  await b.stop();
  assert.equal(Object.keys((await group()).members).length, 1, "who stops leaves");
  await a.stop();
});

test("another number of partitions: all come to one place first, nothing twice and nothing left out", async (t) => {
  const { join, group, checkAll, write, time, desks } = await setUp(t);
  await join("one", {}).drain();
  assert.equal((await group()).parts.length, 1);
  for (const partitions of [4, 7, 3, 1, 2, 1]) {
    await write(300);
    let left = 40;
    desks.before = () => {
      if (left-- <= 0) throw new Error("enough");
      return turn();
    };
    const some = join(`some of ${partitions}`, { partitions });
    await some.drain();
    desks.before = () => turn();
    await some.retry("mail");
    const rest = join(`${partitions}`, { partitions });
    time.advance(2 * HOLD);
    await Promise.all([some.drain(), rest.drain()]);
    time.advance(3_600_000);
    await rest.drain();
    checkAll();
    const { parts, wanted } = await group();
    assert.deepEqual([parts.length, wanted], [partitions, null]);
  }
});

test("members of two numbers at once: the last that started decides, nothing twice and nothing left out", async (t) => {
  const { join, group, checkAll, desks } = await setUp(t, { changes: 1_500 });
  let later: Promise<unknown>[] | undefined;
  let handled = 0;
  desks.before = async () => {
    await turn();
    if (++handled === 200) later = ["b", "c"].map((who) => join(who, { partitions: 5 }).drain());
  };
  const a = join("a", { partitions: 8 });
  const whole = join("whole", { partitions: 8 });
  await Promise.all([a.drain(), whole.drain()]);
  await Promise.all(later ?? []);
  await Promise.all([a.drain(), whole.drain()]);
  checkAll();
  assert.equal((await group()).parts.length, 5);
});

test("a process without partitions and one with: the one waits for the other, nothing twice", async (t) => {
  const { join, checkAll, desks, write } = await setUp(t);
  let other: Promise<unknown> | undefined;
  let handled = 0;
  const plain = join("plain", {});
  desks.before = async () => {
    await turn();
    if (++handled === 10) other = join("shared", { partitions: 4 }).drain();
  };
  await plain.drain();
  await other;
  checkAll();
  await write(50);
  await plain.drain();
  checkAll();
});

test("parked, retry, skip, rewind and health are those of all partitions", async (t) => {
  const { join, desks, calls, time, checkAll } = await setUp(t, { resources: 8, changes: 16 });
  let broken = true;
  desks.before = async ({ id }) => {
    if (broken && Number(id) < 4) throw new Error("not now");
  };
  const sync = join("a", { partitions: 4 });
  await sync.drain();
  assert.deepEqual((await sync.parked("mail")).map(({ id }) => id).sort(), ["0", "1", "2", "3"]);
  const [health] = (await sync.health()).subscriptions;
  assert.deepEqual([health?.parked, health?.behind, health?.partitions], [4, 0, 4]);
  assert.equal(await sync.skip("mail", { type: "other.note" as "desk.note", id: "1" }), true);
  broken = false;
  assert.equal(await sync.retry("mail"), 4);
  await sync.drain();
  assert.deepEqual(
    calls.filter(({ id }) => id === "1").map(({ n }) => n),
    [10],
  );
  assert.deepEqual([await sync.parked("mail"), calls.length], [[], 15]);
  calls.length = 0;
  await sync.rewind("mail", null);
  await sync.drain();
  checkAll();
  time.advance(1_000);
});

test("a rewind while partitions are at work is not lost", async (t) => {
  const { join, desks, calls } = await setUp(t, { changes: 100 });
  let rewound: Promise<unknown> | undefined;
  const sync = join("a", { partitions: 4 });
  desks.before = async ({ n }) => {
    await turn();
    if (n === 90) rewound ??= sync.rewind("mail", null);
    await rewound;
  };
  await sync.drain();
  await sync.drain();
  const counts = Map.groupBy(calls, ({ n }) => n);
  assert.ok(counts.size === 100 && [...counts.values()].every((times) => times.length >= 1));
  assert.ok(calls.length > 150 && calls.length <= 200, `${calls.length}`);
});

test("from now: every partition of a new subscription begins at the end of the log", async (t) => {
  const { join, calls, write } = await setUp(t);
  const sync = join("a", { partitions: 4, from: "now" });
  await sync.drain();
  await write(2);
  await sync.drain();
  assert.equal(calls.length, 2);
});

test("history that any partition has still to read is kept", async (t) => {
  const { join, desks, store, time, write } = await setUp(t, { resources: 8, changes: 8 });
  desks.before = async ({ id }) => {
    if (id === "0") throw new Error("not now");
  };
  const sync = join("a", { partitions: 4 });
  await sync.drain();
  for (let day = 0; day < 40; day++) {
    time.advance(86_400_000);
    await write(1);
    await sync.drain();
  }
  assert.equal((await store.head()).compacted, 0);
});

test("the pure part: even, stable, and one partition is stored as none", () => {
  const counts = Array.from({ length: 8 }, () => 0);
  for (let i = 0; i < 8_000; i++) {
    const to = partitionOf(refOf(`in_${i}`), 8);
    counts[to] = (counts[to] ?? 0) + 1;
  }
  assert.ok(
    counts.every((count) => count > 850 && count < 1_150),
    `${counts}`,
  );
  assert.deepEqual(
    ["a", "b", "c", "é"].map((id) => partitionOf(refOf(id), 100)),
    [36, 17, 57, 73],
  );
  const part = (position: number, over: Partial<Part> = {}): Part => {
    return { log: "l", position, tick: position, parked: [], rewound: 0, halt: null, holder: null, until: 0, ...over };
  };
  const plain: Checkpoint = {
    ...fresh("subscriber|x"),
    value: JSON.stringify({ log: "l", position: 3, tick: 3, parked: [], rewound: 1, halt: null }),
  };
  const read = groupOf(plain) as Group;
  assert.deepEqual(withGroup(plain, read), plain);
  const held = (n: number) => ({ holder: `me:${n}`, until: 50 });
  const group: Group = {
    parts: [part(1, held(1)), part(2, held(2)), part(3, held(3)), part(3)],
    members: { me: 90, you: 90, old: 10 },
    wanted: null,
  };
  assert.deepEqual([shareOf(group, 20, "me"), shareOf(group, 5, "me"), shareOf(group, 95, "me")], [2, 2, 4]);
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => isSurplus(group, i, 20, "me")),
    [false, false, true, false],
  );
  assert.deepEqual(
    [mayTake(group, 3, 20, "me"), mayTake(group, 3, 20, "you"), mayTake(group, 0, 20, "you")],
    [false, true, false],
  );
  assert.equal(mayTake(group, 0, 51, "you"), true, "its hold is over");
  const empty = { from: { position: 1, tick: 1 }, to: { position: 9, tick: 9 }, count: 4, busy: new Set([1]) };
  const loose = { ...group, parts: [part(1), part(2), part(0), part(3, held(3))] };
  const placesOf = ({ parts }: Group) => parts.map(({ position }) => position);
  assert.deepEqual(placesOf(passEmpty(loose, empty)), [9, 2, 0, 3], "not what is busy, behind, or held");
  assert.equal(passEmpty(loose, { ...empty, count: 8 }), loose, "divided anew meanwhile: other resources");
  const moving = { ...group, wanted: 2 };
  assert.equal(mayTake(moving, 3, 20, "you"), false, "it is where all are to come");
  assert.equal(divide(moving, 20), moving);
  const there = { ...moving, parts: group.parts.map((one) => ({ ...one, position: 3 })) };
  assert.equal(divide(there, 20), there, "they are held");
  assert.equal(divide(moving, 51), moving, "they are not at one place");
  const parked = Array.from({ length: 12 }, (_, i) => {
    return { ...refOf(`${i}`), position: 1, attempts: 1, due: 1, error: "x" };
  });
  const failing = there.parts.map((one, i) => ({ ...one, parked: parked.filter((ref) => partitionOf(ref, 4) === i) }));
  const [even, odd] = divide({ ...there, parts: failing }, 51).parts;
  assert.equal((even?.parked.length ?? 0) + (odd?.parked.length ?? 0), 12, "what is parked comes along");
  assert.ok(
    even?.parked.every((one) => partitionOf(one, 2) === 0) && odd?.parked.every((one) => partitionOf(one, 2) === 1),
  );
});

test("a partition of another division is not taken", async (t) => {
  const { join, store, time } = await setUp(t, { changes: 20 });
  await join("a", { partitions: 4 }).drain();
  let taken = 0;
  const take = (count: number) => {
    const seat = { subscription: "mail", index: 1, count, member: "b" };
    return holdSeat({ store, time }, seat, "b:1", async () => void taken++);
  };
  await take(8);
  assert.equal(taken, 0);
  await take(4);
  assert.equal(taken, 1);
});

test("a page is cut where all partitions are to come", () => {
  const entries = [1, 3, 5].map((position) => ({ position }) as Entry);
  const page = { entries, end: { position: 6, tick: 6 } };
  assert.deepEqual(upTo(page, { position: 3, tick: 3 }), {
    entries: entries.slice(0, 2),
    end: { position: 3, tick: 3 },
  });
  for (const limit of [undefined, { position: 6, tick: 6 }, { position: 9, tick: 9 }])
    assert.equal(upTo(page, limit), page);
});
