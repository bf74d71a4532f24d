/**
 * What a change costs in requests, while a service is under load: changes in bursts of 40, webhooks that come late, twice
 * and out of order. Polls and sweeps are left out; each absence with its probes, each list of what is within is counted.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { figure } from "./figure.ts";
import { type Cost, type Load, runLoad } from "./load.ts";

/** Requests that were answered in full, or 304. */
const callsOf = ({ fetch, fetchMany, unchanged, list, probe }: Cost) => fetch + fetchMany + unchanged + list + probe;

interface Case {
  name: string;
  load: Omit<Load, "seed">;
  /** At most so many requests for each entry of the log; and for each of the provider's writes. */
  change: number;
  write: number;
}

const cases: readonly Case[] = [
  { name: "read together", load: { versions: "coarse", many: 100 }, change: 1.05, write: 1 },
  { name: "strict versions, half of it to three", load: { versions: "strict", hot: 0.5 }, change: 1.05, write: 1 },
  {
    name: "strict versions, 3 to 6 events each",
    load: { versions: "strict", events: [3, 6], writes: 100 },
    change: 1.05,
    write: 1,
  },
  { name: "strict versions, and a feed", load: { versions: "strict", feed: true }, change: 1.05, write: 1 },
  { name: "versions of a second, half of it to three", load: { versions: "coarse", hot: 0.5 }, change: 1.3, write: 1 },
  { name: "no versions", load: { versions: "none" }, change: 1.3, write: 1 },
  { name: "a read lag", load: { versions: "none", lag: 5_000 }, change: 2.1, write: 2 },
  { name: "a read lag, half of it to three", load: { versions: "none", lag: 5_000, hot: 0.5 }, change: 2.1, write: 2 },
  { name: "a read lag, read together", load: { versions: "none", lag: 5_000, many: 100 }, change: 1.5, write: 1.5 },
  { name: "a third of it deletes", load: { versions: "coarse", deletes: 0.33 }, change: 2.2, write: 2.2 },
  {
    name: "with two parts each",
    load: { versions: "coarse", parts: true, things: 60, writes: 100 },
    change: 0.75,
    write: 2.05,
  },
];

for (const { name, load, change, write } of cases) {
  test(`${name}: at most ${change} requests a change, and ${write} a write`, async (t) => {
    const cost = await runLoad({ seed: 7, writes: 200, ...load });
    const calls = callsOf(cost);
    assert.equal(cost.right, true, "the log ends with what there is");
    assert.ok(calls / cost.changes <= change, `${calls} requests for ${cost.changes} changes`);
    assert.ok(calls / cost.writes <= write, `${calls} requests for ${cost.writes} writes`);
    assert.ok(cost.p50 < 6_000, `${cost.p50} ms from a write to the log`);
    figure(t, "F19", `${name}: ${(calls / cost.changes).toFixed(2)}`);
  });
}

test("a flood is read together: one request for three writes", async () => {
  const load = { versions: "coarse", many: 100, writes: 400, burst: 400, between: 2 } as const;
  const cost = await runLoad({ seed: 7, ...load });
  assert.equal(cost.right, true);
  assert.ok(callsOf(cost) * 3 <= cost.writes, `${callsOf(cost)} requests for ${cost.writes} writes`);
  assert.ok(cost.ids >= 0.7 * cost.writes, `${cost.ids} were read together`);
});

test("with validators the second read of a lag is answered 304", async () => {
  const load = { seed: 7, writes: 200, versions: "none", lag: 5_000 } as const;
  const cost = await runLoad({ ...load, etags: true });
  assert.equal(cost.right, true);
  assert.ok(callsOf(cost) <= 2.1 * cost.changes, `${callsOf(cost)} requests for ${cost.changes} changes`);
  // What the first read did not show yet, the second must answer in full.
  assert.ok(cost.fetch <= 1.35 * cost.changes, `${cost.fetch} in full for ${cost.changes} changes`);
});
