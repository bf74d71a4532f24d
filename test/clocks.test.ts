/**
 * Hostile worlds in which a clock is wrong as well: that of the processes, of the store, or of the provider, by a day or twice
 * as fast. The order holds all the same, and in the end the log says what is. `CLOCKS=500` runs more seeds of each.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { calm, createWorld, type VirtualTime } from "tidemark/testing";
import { figure } from "./figure.ts";
import { type SimulateOptions, simulate } from "./world/world.ts";

const SEEDS = Number(process.env["CLOCKS"] ?? 5);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** Wrong by so much for half of each minute, until ten of them are over; then right. */
const nowAndThen = (by: number) => (ms: number) => (ms < 10 * MINUTE && ms % MINUTE > MINUTE / 2 ? ms + by : ms);
/** Put to another time once, and never mended. */
const once = (by: number) => (ms: number) => (ms > 20 * SECOND ? ms + by : ms);
const fast = (ms: number) => 2 * ms;
/** What a read lag is measured by is the store's clock: one that runs ahead ends it too early. */
const unlagged = { lag: 0 };
/** Versions that come from a clock. */
const dated = { versions: "second", skew: 0, commitLag: 0, undeclaredLag: 0 } as const;

const cases: readonly [name: string, options: SimulateOptions][] = [
  ["the processes' are a day behind now and then", { clocks: { engine: nowAndThen(-DAY) } }],
  ["the processes' are a day ahead now and then", { clocks: { engine: nowAndThen(DAY) } }],
  ["the processes' run twice as fast", { clocks: { engine: fast, rate: 2 } }],
  ["the store's is a day behind for a while", { clocks: { store: nowAndThen(-DAY) } }],
  ["the store's is put ahead by a day", { clocks: { store: once(DAY) }, conditions: unlagged }],
  ["the store's runs twice as fast", { clocks: { store: fast }, conditions: unlagged }],
  ["the provider's is put back by a day", { clocks: { provider: once(-DAY) }, conditions: dated }],
  ["the provider's is put ahead by a day", { clocks: { provider: once(DAY) }, conditions: dated }],
  ["the provider's runs twice as fast", { clocks: { provider: fast }, conditions: dated }],
];

let worlds = 0;
let changes = 0;
for (const [name, options] of cases) {
  test(`${SEEDS} worlds, and of the clocks ${name}: the order holds, and the log comes to say what is`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const result = await simulate(seed, { ...options, ops: 300 });
      assert.deepEqual(result.failures, [], `seed ${seed}`);
      worlds++;
      changes += result.changes;
    }
  });
}

test("a process goes by the clock that its world was told to give it", async () => {
  let asked = 0;
  const clock = (time: VirtualTime) => ({
    ...time,
    now() {
      asked++;
      return time.now() + DAY;
    },
  });
  const world = createWorld({ types: ["notes.note"], conditions: calm, clock });
  await world.start(() => {});
  world.write("notes.note", "1", { text: "a" });
  await world.settle();
  await world.stop();
  assert.ok(asked > 10, `the clock was asked ${asked} times`);
});

test("all clocks were tried", (t) => {
  assert.equal(worlds, cases.length * SEEDS);
  figure(t, "F12", `${cases.length} wrong clocks x ${SEEDS} worlds: ${changes} changes, 0 violations`);
});
