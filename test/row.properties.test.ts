/**
 * A million random steps on one resource: writes at the provider, hints, and reads that show the truth of some instant
 * of their interval. What row.ts appends must be states that there were, in their order (S1), never the same twice in
 * a row (S3), created before deleted (S4); and when the provider is quiet, a few fetches end it (L1, L4).
 *
 * `SEED=7` draws other histories; a failure names its seed and path, and `SEED=… AT=<path>` begins with it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  accept,
  blank,
  CAUSES,
  hint,
  lease,
  type Observation,
  type Relation,
  type Row,
  type Rules,
  settle,
  sight,
  suspect,
} from "../src/row.ts";
import { figure } from "./figure.ts";

const { SEED = "1", AT = "" } = process.env;
const RUNS = 15_000;
const LENGTH = 140;
/** Fetches that may be needed at the end; with a version that went back, as many as a backoff of PATIENCE takes. */
const FEW = { normal: 5, wentBack: 12 };

interface State {
  at: number;
  print: string | null;
  version: number;
  incarnation: number;
}
interface Read {
  start: number;
  certain: boolean;
}
interface World {
  rules: Rules;
  incarnations: boolean;
  /** The provider may be restored from a backup: versions fall, against its word. Then S1 cannot be promised. */
  goesBack: boolean;
  now: number;
  lost: number;
  states: State[];
  row: Row;
  /** Index in the history of what was appended last. */
  embedded: number;
  last: string | null;
  reads: Read[];
}

const worlds = fc.record({
  versions: fc.constantFrom("strict" as const, "coarse" as const, "none" as const),
  grain: fc.constantFrom(1, 3),
  lag: fc.constantFrom(0, 0, 3, 12),
  incarnations: fc.boolean(),
  goesBack: fc.constantFrom(false, false, false, true),
  ops: fc.array(fc.tuple(fc.nat(9), fc.nat(1_000), fc.nat(5)), { minLength: LENGTH, maxLength: LENGTH, size: "max" }),
});

const counts: Record<string, number> = {};
const count = (what: string) => {
  counts[what] = (counts[what] ?? 0) + 1;
};

/** Nothing given to row.ts may be changed by it: an assignment throws. */
function freeze(row: Row): Row {
  for (const cause of row.causes) Object.freeze(cause);
  Object.freeze(row.causes);
  return Object.freeze(row);
}

const latest = ({ states }: World): State => states.at(-1) ?? { at: 0, print: null, version: 0, incarnation: 0 };
const demand = ({ now }: World) => ({ tick: now, class: "live", via: "webhook", due: now }) as const;

function write(world: World, draw: number): void {
  const { print, incarnation, version } = latest(world);
  if (world.goesBack && draw % 10 === 0) world.lost = version + 5;
  const jitter = world.rules.grain === 3 ? (Math.floor(draw / 16) % 3) - 1 : 0;
  const coarse = Math.floor(world.now / 4) + jitter - world.lost;
  const next = { at: world.now, version: world.rules.versions === "strict" ? version + 1 : coarse };
  if (world.goesBack && draw % 10 === 0 && world.rules.versions === "strict") next.version = version - 5;
  if (print === null) world.states.push({ ...next, print: `p${draw % 3}`, incarnation: world.now });
  else if (draw % 4 === 0) world.states.push({ ...next, print: null, incarnation });
  else world.states.push({ ...next, print: `p${draw % 3}`, incarnation });
  count("write");
}

/** What a read that ends now shows: the truth of one instant of its interval. */
function look(world: World, { start, certain }: Read, draw: number): Observation {
  const from = start - world.rules.lag;
  const instant = from + Math.floor((draw / 1_000) * (world.now - from));
  const { print, version, incarnation } = world.states.findLast(({ at }) => at <= instant) ?? latest(world);
  const present = print !== null;
  return Object.freeze({
    ...{ present, print, raw: print, start, from, to: world.now, certain },
    version: present && world.rules.versions !== "none" ? version : null,
    incarnation: present && world.incarnations ? incarnation : null,
  });
}

function check(world: World, print: string | null): void {
  assert.ok(print !== null || world.last !== null, "S4 deleted while absent");
  assert.notEqual(print, world.last, "S3 a change of nothing");
  world.last = print;
  count("change");
  if (world.goesBack) return;
  const index = world.states.findIndex((state, i) => i > world.embedded && state.print === print);
  assert.ok(index > 0, `S1 ${print} is not later in the history`);
  world.embedded = index;
}

function observe(world: World, read: Read, draw: number): Relation {
  const o = look(world, read, draw);
  const { row, relation, changes } = accept(world.row, o, world.rules);
  count(relation);
  for (const { present } of changes) check(world, present ? o.print : null);
  const placed = freeze(changes.length > 0 ? { ...row, position: world.now } : row);
  // A transaction whose answer was lost runs again. Only a contradiction may then count twice.
  if (relation !== "regressed") {
    assert.equal(accept(placed, o, world.rules).changes.length, 0, "an observation is recorded once");
  }
  world.row = freeze(read.certain ? settle(placed, { o, relation }, world.rules, draw / 1_000) : placed);
  return relation;
}

function hinted(world: World, draw: number): Row {
  const { print, version } = latest(world);
  const named = world.rules.versions === "none" || print === null ? {} : { version };
  const event = draw % 2 === 0 ? {} : { event: { id: `evt_${draw % 60}`, name: "x" } };
  return hint(world.row, { ...named, ...event }, demand(world));
}

function step(world: World, [kind, draw, pace]: [number, number, number]): void {
  world.now += 1 + pace;
  const { row, now } = world;
  if (kind <= 1) write(world, draw);
  else if (kind <= 3) world.row = hinted(world, draw);
  else if (kind === 4) world.row = suspect(row, { ...demand(world), class: "suspect", via: "sweep" });
  else if (kind === 5)
    world.row = sight(row, { start: now - 1, version: latest(world).version }, demand(world), world.rules);
  else if (kind <= 7) {
    world.reads.push({ start: now, certain: kind === 6 });
    world.row = lease(row, now + 100);
  } else {
    // The one that began first ends first, or the one that began last.
    const read = kind === 8 ? world.reads.shift() : world.reads.pop();
    if (read) observe(world, read, draw);
  }
  freeze(world.row);
  assert.ok(world.row.causes.length <= CAUSES);
  if (kind > 1 && kind < 8) count("demand");
}

/** The provider is quiet: every read shows the last state. What is owed must be met by a few fetches. */
function finish(world: World): void {
  for (const read of world.reads.splice(0)) observe(world, read, 999);
  world.now += 1 + world.rules.lag;
  world.row = freeze(hint(world.row, {}, demand(world)));
  for (let fetches = 1; world.row.due !== null; fetches++) {
    assert.ok(fetches <= (world.goesBack ? FEW.wentBack : FEW.normal), "L4 fetches without an end");
    const start = Math.max(world.now, world.row.due) + 1;
    world.now = start + 3;
    observe(world, { start, certain: true }, 1_000);
  }
  assert.equal(world.row.print, latest(world).print, "L1 the record is the truth");
  assert.equal(world.last, latest(world).print, "L1 the log says so");
  if (world.incarnations && world.row.present) assert.equal(world.row.incarnation, latest(world).incarnation, "L1");
}

test(`${RUNS} random histories: only true states, in their order, and the last one in the end (S1 S3 S4 L1 L4)`, (t) => {
  const property = fc.property(worlds, ({ versions, grain, lag, incarnations, goesBack, ops }) => {
    const world: World = {
      ...{ rules: { versions, grain, lag }, incarnations, goesBack, now: 1_000_000, lost: 0 },
      ...{ states: [{ at: 0, print: null, version: 0, incarnation: 0 }], embedded: 0, last: null, reads: [] },
      row: freeze(blank({ type: "a.b", scope: "", id: "x" })),
    };
    for (const one of ops) step(world, one);
    finish(world);
  });
  fc.assert(property, { numRuns: RUNS, seed: Number(SEED), path: AT, endOnFailure: true });
  const { write = 0, demand = 0, change = 0, ...reads } = counts;
  const steps = write + demand + Object.values(reads).reduce((sum, n) => sum + n, 0);
  t.diagnostic(`${steps} steps, ${change} changes, ${JSON.stringify(reads)}`);
  if (AT !== "") return;
  assert.ok(steps >= 1_000_000, `${steps} steps`);
  // What the histories are for must have happened.
  for (const relation of ["same", "newer", "older", "regressed", "unordered"] as const) {
    assert.ok((reads[relation] ?? 0) >= 2_000, `"${relation}" came ${reads[relation] ?? 0} times`);
  }
  figure(t, "F1", `${steps} steps, ${change} changes: 0 violations`);
});
