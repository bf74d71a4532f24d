/** Virtual time and the numbers of a seed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom, createVirtualTime } from "tidemark/testing";

test("what is planned happens in order of its time, then of its planning; what is cancelled does not", async () => {
  const time = createVirtualTime({ start: 1_000 });
  const seen: string[] = [];
  const plan = (ms: number, name: string) => time.after(ms, () => void seen.push(`${name} ${time.now()}`));
  for (const [ms, name] of [
    [30, "c"],
    [10, "a"],
    [20, "b"],
    [10, "a again"],
    [-5, "now"],
    [40, "late"],
  ] as const) {
    plan(ms, name);
  }
  plan(20, "never")();
  assert.deepEqual(seen, [], "nothing moves by itself");
  assert.equal(await time.run(1_030), 5);
  assert.deepEqual(seen, ["now 1000", "a 1010", "a again 1010", "b 1020", "c 1030"]);
  assert.deepEqual([time.now(), time.pending()], [1_030, 1]);
  assert.equal(await time.run(2_000), 1);
  assert.deepEqual([time.now(), time.pending()], [2_000, 0]);
  await time.run(500);
  assert.equal(time.now(), 2_000, "the clock never steps back");
});

test("a thousand timers in any order come in theirs", async () => {
  const { int } = createRandom(3);
  const time = createVirtualTime();
  const seen: number[] = [];
  for (let i = 0; i < 1_000; i++) time.after(int(0, 5_000), () => seen.push(time.now()));
  await time.run(Number.POSITIVE_INFINITY);
  assert.equal(seen.length, 1_000);
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  );
  assert.equal(time.now(), seen.at(-1));
});

test("what is planned for one moment happens in the order of its planning, however much that is", async () => {
  const time = createVirtualTime();
  const seen: number[] = [];
  for (let i = 0; i < 100; i++) time.after(5, () => seen.push(i));
  await time.run(time.now() + 5);
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  );
  assert.equal(seen.length, 100);
});

test("promises go on before time does, and what a step throws is thrown", async () => {
  const time = createVirtualTime();
  const seen: string[] = [];
  time.after(1, async () => {
    for (let i = 0; i < 50; i++) await undefined;
    seen.push("settled");
  });
  time.after(2, () => seen.push("next"));
  await time.run(time.now() + 2);
  assert.deepEqual(seen, ["settled", "next"]);
  time.after(1, () => {
    throw new RangeError("no");
  });
  await assert.rejects(time.run(time.now() + 1), RangeError);
});

test("a run stops where it is told to, and leaves the rest planned", async () => {
  const time = createVirtualTime({ start: 0 });
  let count = 0;
  for (let i = 1; i <= 5; i++) time.after(i, () => count++);
  assert.equal(await time.run(100, () => count === 3), 3);
  assert.deepEqual([time.now(), time.pending()], [3, 2]);
});

test("who asks something real is waited for", async () => {
  let asked = 0;
  const quiet = async () => {
    asked++;
    await new Promise((resolve) => setImmediate(resolve));
  };
  const time = createVirtualTime({ quiet });
  time.after(1, () => {});
  await time.run(time.now() + 1);
  assert.equal(asked, 2, "before the first step and after each");
});

test("a seed gives its numbers on every machine, and others give others", () => {
  const numbers = (seed: number) => {
    const { int } = createRandom(seed);
    return [int(0, 99), int(0, 99), int(0, 99), int(0, 99)];
  };
  assert.deepEqual(numbers(1), numbers(1));
  assert.notDeepEqual(numbers(1), numbers(2));
  assert.deepEqual(
    [numbers(1), numbers(2)],
    [
      [23, 31, 33, 11],
      [66, 96, 77, 96],
    ],
  );
});

test("its numbers lie where they should, and all come", () => {
  const { next, int, pick, chance } = createRandom(1);
  const many = Array.from({ length: 2_000 }, next);
  assert.ok(many.every((n) => n >= 0 && n < 1));
  assert.deepEqual([...new Set(Array.from({ length: 200 }, () => int(3, 5)))].sort(), [3, 4, 5]);
  assert.deepEqual([...new Set(Array.from({ length: 200 }, () => pick(["a", "b"])))].sort(), ["a", "b"]);
  const heads = Array.from({ length: 2_000 }, () => chance(0.3)).filter(Boolean).length;
  assert.ok(heads > 500 && heads < 700, `${heads} of 2,000`);
  assert.throws(() => pick([]), RangeError);
});
