/**
 * A million random steps on one resource: writes at the provider, hints, and reads that show the truth of some instant
 * of their interval. What row.ts appends must be states that there were, in their order (S1), never the same twice in
 * a row (S3), created before deleted (S4); and when the provider is quiet, a few fetches end it (L1, L4).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  accept,
  blank,
  hint,
  lease,
  type Observation,
  type Row,
  type Rules,
  settle,
  sight,
  suspect,
} from "../src/row.ts";

const RUNS = 8_000;
const LENGTH = 140;
const REF = { type: "a.b", scope: "", id: "x" };

interface State {
  at: number;
  print: string | null;
  version: number;
  incarnation: number;
}
interface World {
  rules: Rules;
  incarnations: boolean;
  now: number;
  states: State[];
  row: Row;
  /** Index in the history of what was appended last. */
  embedded: number;
  last: string | null;
  reads: { start: number; certain: boolean }[];
  steps: number;
}

const op = fc.tuple(fc.nat(9), fc.nat(1_000), fc.nat(5));
const worlds = fc.record({
  versions: fc.constantFrom("strict" as const, "coarse" as const, "none" as const),
  lag: fc.constantFrom(0, 0, 3, 12),
  incarnations: fc.boolean(),
  ops: fc.array(op, { minLength: LENGTH, maxLength: LENGTH, size: "max" }),
});

const latest = (world: World): State => world.states.at(-1) as State;
const put = (world: World, row: Row) => {
  world.row = Object.freeze({ ...row, causes: Object.freeze(row.causes) });
  world.steps++;
};
const demand = (world: World) => ({ tick: world.now, class: "live", via: "webhook", due: world.now }) as const;

function write(world: World, kind: number): void {
  const { print, incarnation, version } = latest(world);
  const next = { at: world.now, version: world.rules.versions === "strict" ? version + 1 : Math.floor(world.now / 4) };
  if (print === null) world.states.push({ ...next, print: `p${kind % 3}`, incarnation: world.now });
  else if (kind % 4 === 0) world.states.push({ ...next, print: null, incarnation });
  else world.states.push({ ...next, print: `p${kind % 3}`, incarnation });
}

/** What a read that ends now shows: the truth of one instant of its interval. */
function look(world: World, { start, certain }: { start: number; certain: boolean }, draw: number): Observation {
  const from = start - world.rules.lag;
  const instant = from + Math.floor((draw / 1_000) * (world.now - from));
  const state = world.states.findLast(({ at }) => at <= instant) as State;
  const present = state.print !== null;
  return {
    ...{ present, print: state.print, raw: null, start, from, to: world.now, certain },
    version: present && world.rules.versions !== "none" ? state.version : null,
    incarnation: present && world.incarnations ? state.incarnation : null,
  };
}

function observe(world: World, read: { start: number; certain: boolean }, draw: number): void {
  const o = look(world, read, draw);
  const { row, relation, changes } = accept(world.row, o, world.rules);
  for (const { present } of changes) {
    const print = present ? o.print : null;
    assert.ok(print !== null || world.last !== null, "S4 deleted while absent");
    assert.notEqual(print, world.last, "S3 a change of nothing");
    const index = world.states.findIndex(
      (state, i) => i > world.embedded && state.print === print && state.at <= world.now,
    );
    assert.ok(index > 0, `S1 ${print} is not later in the history`);
    world.embedded = index;
    world.last = print;
  }
  const placed = changes.length > 0 ? { ...row, position: world.now } : row;
  assert.equal(accept(placed, o, world.rules).changes.length, 0, "an observation is recorded once");
  put(world, placed);
  if (read.certain) put(world, settle(placed, { o, relation }, world.rules, draw / 1_000));
}

function step(world: World, [kind, draw, pace]: [number, number, number]): void {
  world.now += 1 + pace;
  const { row } = world;
  const [read] = world.reads;
  if (kind <= 1) write(world, draw);
  else if (kind <= 3)
    put(
      world,
      hint(
        row,
        world.rules.versions !== "none" && latest(world).print !== null ? { version: latest(world).version } : {},
        demand(world),
      ),
    );
  else if (kind === 4) put(world, suspect(row, { ...demand(world), class: "suspect", via: "sweep" }));
  else if (kind === 5) put(world, sight(row, { start: world.now - 1, version: latest(world).version }, demand(world)));
  else if (kind <= 7) {
    world.reads.push({ start: world.now, certain: kind === 6 });
    put(world, lease(row, world.now + 100));
  } else if (read && kind === 8) {
    world.reads.shift();
    observe(world, read, draw);
  } else if (read) {
    // The one that began last ends first.
    const late = world.reads.pop();
    if (late) observe(world, late, draw);
  }
}

/** The provider is quiet: every read shows the last state. What is owed must be met by a few fetches. */
function finish(world: World): void {
  for (const read of world.reads.splice(0)) observe(world, read, 999);
  world.now += 1 + world.rules.lag;
  put(world, hint(world.row, {}, demand(world)));
  let fetches = 0;
  while (world.row.due !== null) {
    assert.ok(fetches++ < 5, "L4 fetches without an end");
    world.now = Math.max(world.now, world.row.due, world.row.hinted ?? 0, world.row.confirm ?? 0) + world.rules.lag + 2;
    const start = world.now;
    world.now += 3;
    observe(world, { start, certain: true }, 1_000);
  }
  assert.equal(world.row.print, latest(world).print, "L1 the record is the truth");
}

test(`${RUNS} random histories: only true states, in their order, and the last one in the end (S1 S3 S4 L1 L4)`, (t) => {
  let steps = 0;
  fc.assert(
    fc.property(worlds, ({ versions, lag, incarnations, ops }) => {
      const start: State = { at: 0, print: null, version: 0, incarnation: 0 };
      const rules = { versions, grain: 1, lag };
      const row = Object.freeze(blank(REF));
      const world: World = {
        rules,
        incarnations,
        now: 1_000_000,
        states: [start],
        row,
        embedded: 0,
        last: null,
        reads: [],
        steps: 0,
      };
      for (const one of ops) step(world, one);
      finish(world);
      steps += ops.length;
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  t.diagnostic(`${steps} steps`);
  assert.ok(steps >= 1_000_000);
});
