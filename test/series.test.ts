/** What was counted of webhooks, hour by hour. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR, SLOT, type Slot } from "../src/loss/hour.ts";
import { seriesOf } from "../src/loss/series.ts";
import type { Counts } from "../src/loss/tally.ts";

const FIRST = 500_000;
const slotAt = (hour: number, tenMinutes = 0) => (hour * HOUR) / SLOT + tenMinutes;
const slot = (types: Record<string, Counts>): Slot => ({
  types: Object.fromEntries(Object.entries(types).map(([type, counts]) => [type, { counts, lag: {}, lateness: {} }])),
  // Those that lost most have counts of their own, which are in those of all.
  scopes: Object.entries(types).map(([type, counts]) => [type, "one", counts]),
});
const zero = { webhook: 0, poll: 0, sweep: 0, came: 0, named: 0, lost: 0, late: 0, unsure: 0 };

test("the slots of an hour are one, hours come in their order and types in theirs, scopes count once", () => {
  const slots: [number, Slot][] = [
    [slotAt(FIRST + 1), slot({ "a.b": { webhook: 1 }, "a.a": { sweep: 2 } })],
    [slotAt(FIRST, 5), slot({ "a.a": { came: 3, named: 2, mended: 1, late: 1, unsure: 1 } })],
    [slotAt(FIRST), slot({ "a.a": { poll: 4, named: 1 } })],
  ];
  assert.deepEqual(seriesOf(slots, FIRST, (FIRST + 9) * HOUR), [
    { ...zero, hour: new Date(FIRST * HOUR), type: "a.a", poll: 4, came: 3, named: 3, lost: 2, late: 1, unsure: 1 },
    { ...zero, hour: new Date((FIRST + 1) * HOUR), type: "a.a", sweep: 2 },
    { ...zero, hour: new Date((FIRST + 1) * HOUR), type: "a.b", webhook: 1 },
  ]);
});

test("an hour before the first is left out, also one to which something was just added", () => {
  const slots: [number, Slot][] = [[slotAt(FIRST - 1, 5), slot({ "a.a": { late: 1 } })]];
  assert.deepEqual(seriesOf(slots, FIRST, FIRST * HOUR), []);
  assert.equal(seriesOf(slots, FIRST - 1, FIRST * HOUR).length, 1);
});

test("what was named may still come for ten minutes after its slot", () => {
  const slots: [number, Slot][] = [
    [slotAt(FIRST, 0), slot({ "a.a": { named: 1 } })],
    [slotAt(FIRST, 1), slot({ "a.a": { named: 1 } })],
  ];
  const lost = (now: number) => seriesOf(slots, FIRST, FIRST * HOUR + now).map((one) => [one.named, one.lost]);
  assert.deepEqual(lost(2 * SLOT - 1), [[2, 0]]);
  assert.deepEqual(lost(2 * SLOT), [[2, 1]]);
  assert.deepEqual(lost(3 * SLOT), [[2, 2]]);
});
