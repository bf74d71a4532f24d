import assert from "node:assert/strict";
import { test } from "node:test";
import { createVirtualTime } from "tidemark/testing";
import { type Committed, createGroup, type Job } from "../../src/store/group.ts";

const settle = (jobs: readonly Job<null>[]): Committed => ({
  results: jobs.map((job) => {
    try {
      return { status: "fulfilled", value: job(null) };
    } catch (reason) {
      return { status: "rejected", reason };
    }
  }),
});

/** A group whose commits are counted, in virtual time. `fails` says what the next commit throws. */
function setUp(commit = (jobs: readonly Job<null>[]): Committed | Promise<Committed> => settle(jobs)) {
  const time = createVirtualTime({ start: 0 });
  const sizes: number[] = [];
  const group = createGroup<null>((jobs) => {
    sizes.push(jobs.length);
    return commit(jobs);
  }, time);
  return { time, sizes, group };
}

test("what one turn brought is one group; what the next one brings is another", async () => {
  const { time, sizes, group } = setUp();
  const first = [group(() => 1), group(() => 2)];
  await Promise.resolve().then(() => first.push(group(() => 3)));
  assert.deepEqual(sizes, [], "nothing before the turn is over");
  await time.run(1);
  assert.deepEqual([await Promise.all(first), sizes], [[1, 2, 3], [3]]);
  const second = group(() => 4);
  await time.run(2);
  assert.deepEqual([await second, sizes], [4, [3, 1]]);
});

test("what arrives while a commit runs is the next group, and commits never overlap", async () => {
  let running = 0;
  const gates: (() => void)[] = [];
  const { time, sizes, group } = setUp(async (jobs) => {
    assert.equal(++running, 1);
    await new Promise<void>((open) => gates.push(open));
    running--;
    return settle(jobs);
  });
  const first = group(() => "first");
  await time.run(1);
  const rest = [group(() => "a"), group(() => "b")];
  await time.run(2);
  assert.deepEqual(sizes, [1], "not before the first is committed");
  gates.shift()?.();
  assert.equal(await first, "first");
  await time.run(3);
  gates.shift()?.();
  assert.deepEqual(
    [await Promise.all(rest), sizes],
    [
      ["a", "b"],
      [1, 2],
    ],
  );
});

test("a job that throws fails alone, with its own error", async () => {
  const { time, group } = setUp();
  const own = new RangeError("own");
  const results = Promise.allSettled([
    group(() => 1),
    group(() => {
      throw own;
    }),
    group(() => 3),
  ]);
  await time.run(1);
  assert.deepEqual(await results, [
    { status: "fulfilled", value: 1 },
    { status: "rejected", reason: own },
    { status: "fulfilled", value: 3 },
  ]);
});

for (const [how, fail] of [
  [
    "throws",
    (error: Error) => {
      throw error;
    },
  ],
  ["rejects", (error: Error) => Promise.reject(error)],
] as const) {
  test(`a commit that ${how} fails all of its group, and the next one works`, async () => {
    let broken = true;
    const full = new Error("full");
    const { time, group } = setUp((jobs) => (broken ? fail(full) : settle(jobs)));
    const lost = Promise.allSettled([group(() => 1), group(() => 2)]);
    await time.run(1);
    const reason = { status: "rejected", reason: full };
    assert.deepEqual(await lost, [reason, reason]);
    broken = false;
    const good = group(() => 3);
    await time.run(2);
    assert.equal(await good, 3);
  });
}

test("a flood is committed in bounded groups, and the event loop has a turn between them", async () => {
  const { time, sizes, group } = setUp();
  const all = Promise.all(Array.from({ length: 2_500 }, (_, n) => group(() => n)));
  const turns: number[] = [];
  const look = () => {
    turns.push(sizes.length);
    if (turns.length < 9) time.after(0, look);
  };
  time.after(0, look);
  await time.run(1);
  assert.equal((await all).length, 2_500);
  assert.deepEqual(sizes, [1_000, 1_000, 500]);
  assert.ok(turns.includes(1) && turns.includes(2), `what else ran saw ${turns}`);
});

for (const ahead of [true, false]) {
  test(`who asked for what lasts is told then, others before; the next group ${ahead ? "goes on" : "waits"}`, async () => {
    const gates: { resolve(): void; reject(error: Error): void }[] = [];
    const { time, sizes, group } = setUp((jobs) => ({
      ...settle(jobs),
      ...{ lasting: new Promise<void>((resolve, reject) => gates.push({ resolve, reject })), ahead },
    }));
    const told: string[] = [];
    const ask = (name: string, lazy?: boolean) =>
      group(() => name, lazy).then(
        () => told.push(name),
        (error: Error) => told.push(`${name} ${error.message}`),
      );
    const first = [ask("lasting"), ask("lazy", true)];
    await time.run(1);
    assert.deepEqual(told, ["lazy"]);
    const second = [ask("next")];
    await time.run(2);
    assert.equal(sizes.length, ahead ? 2 : 1);
    const idle = group.idle().then(() => told.push("idle"));
    if (ahead) gates[1]?.resolve();
    await time.run(3);
    assert.deepEqual(told, ahead ? ["lazy", "next"] : ["lazy"], "groups that are ahead are told as they last");
    gates[0]?.reject(new Error("full"));
    await time.run(4);
    gates[1]?.resolve();
    await Promise.all([...first, ...second, idle]);
    assert.deepEqual(told, ahead ? ["lazy", "next", "lasting full", "idle"] : ["lazy", "lasting full", "next", "idle"]);
  });
}

test("idle: resolves when all that was asked for is settled", async () => {
  const { time, group } = setUp();
  await group.idle();
  const order: string[] = [];
  const job = group(() => "x").then(() => order.push("job"));
  const idle = group.idle().then(() => order.push("idle"));
  await time.run(1);
  await Promise.all([job, idle]);
  assert.deepEqual(order, ["job", "idle"]);
  assert.equal(time.pending(), 0);
});
