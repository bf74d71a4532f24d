/**
 * What happens at the provider in a hostile world: each seed draws what is written, how fast, and what is odd about it,
 * beside what the world itself draws.
 */
import type { Random } from "tidemark/testing";
import { type Conditions, drawConditions } from "../../src/testing/world/conditions.ts";

export interface Workload {
  keys: number;
  scopes: number;
  /** Mean ms between writes. */
  pace: number;
  /** One resource gets most of the writes. */
  hot: boolean;
  /** One resource changes faster than it can be fetched, for a while. */
  storm: boolean;
  /** The chance that a write deletes. */
  deletes: number;
  /** A deleted resource may be created again. */
  recreate: boolean;
  /** A deletion may be undone: the resource is back, as the same one. */
  undelete: boolean;
  /** The chance that a write restores an older state, version and all. */
  rewind: number;
  /** States come back. */
  aba: boolean;
  /** Each resource has so many others within it; 0: there is no such type. */
  parts: number;
  /** Everything is deleted at once, now and then. */
  wipe: boolean;
  /** History is forgotten as far as the reader has come. */
  compact: boolean;
}

export interface Drawn {
  conditions: Conditions;
  workload: Workload;
  /** The resources, and the scope of each. */
  homes: ReadonlyMap<string, string>;
}

export function draw(random: Random): Drawn {
  const { int, pick, chance } = random;
  const conditions = drawConditions(random);
  const workload: Workload = {
    keys: int(1, 8),
    scopes: int(1, 3),
    pace: pick([30, 100, 300, 2_000]),
    hot: chance(0.5),
    storm: chance(0.15),
    deletes: chance(0.8) ? 0.12 : 0.4,
    recreate: chance(0.6),
    undelete: chance(0.2),
    rewind: chance(0.15) ? pick([0.03, 0.15]) : 0,
    aba: chance(0.4),
    parts: chance(0.25) ? int(1, 3) : 0,
    wipe: chance(0.1),
    compact: chance(0.6),
  };
  // What was created while nobody was told of it can only be listed.
  conditions.listed = chance(0.85);
  if (!conditions.listed) Object.assign(conditions, { drop: 0, hintRetry: true, connect: false });
  conditions.cascade = chance(0.6);
  if (conditions.connect) Object.assign(workload, { scopes: int(4, 12), keys: int(8, 16) });
  // Few enough scopes that more than ten vanish in one.
  if (workload.wipe) Object.assign(workload, { scopes: 1, keys: int(14, 24) });
  if (workload.wipe) conditions.connect = false;
  if (conditions.versions === "strict" && chance(0.2)) {
    // Reads older than the plugin declares: a strict version keeps the order, and the hinted one the promptness. An
    // absence has no version, so nothing is deleted here.
    Object.assign(conditions, { undeclaredLag: int(200, 1_400), lag: pick([0, 40]), hintVersions: true, noBump: 0 });
    Object.assign(conditions, { revoke: false });
    Object.assign(workload, { deletes: 0, wipe: false, rewind: 0, storm: false });
  }
  // A collection is read twice where a lag is declared: with sweeps as often as that something would always be owed.
  const { lag, latency, sweep } = conditions;
  if (workload.parts > 0) conditions.sweep = Math.max(sweep, 10 * lag, 60 * latency);
  const ids = Array.from({ length: workload.keys }, (_, i) => `k${String(i).padStart(2, "0")}`);
  return { conditions, workload, homes: new Map(ids.map((id) => [id, `s${int(1, workload.scopes)}`])) };
}
