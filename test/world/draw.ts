/**
 * Each seed switches faults on or off and draws their strength (swarm testing): rare pairs of faults meet more often so.
 */
import type { Random } from "tidemark/testing";

export interface WorldOptions {
  /** How the provider stamps states. `second`: whole seconds of when the transaction began, by one of several clocks. */
  versions: "strict" | "second" | "none";
  /** Milliseconds by which a read may be behind, declared. */
  lag: number;
  /** Milliseconds beyond the declared lag. */
  undeclaredLag: number;
  /** Milliseconds by which the provider's clocks differ. */
  skew: number;
  keys: number;
  scopes: number;
  page: number;
  paging: "offset" | "keyset";
  /** Lists give refs instead of items. */
  refs: boolean;
  /** The type can be listed at all. */
  listed: boolean;
  /** `fetchMany` is there. */
  many: boolean;
  drop: number;
  duplicate: number;
  /** Webhooks come between 0 and so many ms late, so out of order. */
  hintDelay: number;
  hintVersions: boolean;
  /** Webhooks carry the id of their event. */
  hintEvents: boolean;
  /** The sender tries again when it is not answered 2xx. */
  hintRetry: boolean;
  /** There is a feed, asked every so many ms; 0: none. */
  poll: number;
  /** The feed tells of deletions. */
  pollDeletes: boolean;
  sweep: number;
  errors: number;
  /** 429, with a time to wait. */
  throttle: number;
  /** A call that is never answered. */
  hang: number;
  outages: boolean;
  latency: number;
  slow: number;
  /** A page that ends the list though there is more. */
  truncate: number;
  /** Another resource's state is answered. */
  mistaken: number;
  crash: boolean;
  /** Longest time a process is frozen; 0: never. Another takes over when its leases are over. */
  freeze: number;
  revoke: boolean;
  /** How a lost credential looks: everything is not found, or forbidden. */
  revoked: "missing" | "forbidden";
  /** The chance that a write restores an older state, version and all. */
  rewind: number;
  commitLag: number;
  /** The chance that a write does not raise the version. */
  noBump: number;
  recreate: boolean;
  undelete: boolean;
  deletes: number;
  aba: boolean;
  incarnations: boolean;
  /** Absence is answered as gone rather than as not found. */
  saysGone: number;
  hot: boolean;
  /** One resource changes faster than it can be fetched, for a while. */
  storm: boolean;
  compact: boolean;
  calm: boolean;
  /** Mean ms between writes. */
  pace: number;
  /** Each resource has so many others within it, of a type that is listed per parent only; 0: there is no such type. */
  parts: number;
  /** What is within a resource goes with it. Otherwise it can still be fetched. */
  cascade: boolean;
  /** Scopes join, lose access and come back while the engine runs. */
  connect: boolean;
  /** Everything in a scope is deleted at once, now and then. */
  wipe: boolean;
}

export function drawWorld({ int, pick, chance }: Random): WorldOptions {
  const world: WorldOptions = {
    versions: pick(["strict", "strict", "second", "second", "none"]),
    lag: pick([0, 0, 40, 400, 4_000]),
    undeclaredLag: 0,
    skew: 0,
    keys: int(1, 8),
    scopes: int(1, 3),
    page: int(1, 4),
    paging: pick(["offset", "keyset"]),
    refs: chance(0.25),
    listed: chance(0.85),
    many: chance(0.3),
    drop: pick([0, 0.1, 0.5, 1]),
    duplicate: chance(0.5) ? 0.3 : 0,
    hintDelay: pick([5, 50, 2_000, 20_000]),
    hintVersions: chance(0.6),
    hintEvents: chance(0.7),
    hintRetry: chance(0.5),
    poll: pick([0, 3_000, 10_000]),
    pollDeletes: chance(0.5),
    sweep: pick([5_000, 20_000, 60_000]),
    errors: chance(0.5) ? pick([0.05, 0.3]) : 0,
    throttle: chance(0.3) ? pick([0.02, 0.1]) : 0,
    hang: chance(0.2) ? 0.01 : 0,
    outages: chance(0.2),
    latency: pick([2, 30, 300]),
    slow: chance(0.4) ? 0.1 : 0,
    truncate: chance(0.2) ? 0.1 : 0,
    mistaken: chance(0.1) ? 0.05 : 0,
    crash: chance(0.5),
    freeze: chance(0.3) ? pick([9_000, 60_000, 250_000]) : 0,
    revoke: chance(0.25),
    revoked: pick(["missing", "forbidden"]),
    rewind: chance(0.15) ? pick([0.03, 0.15]) : 0,
    commitLag: chance(0.4) ? int(1, 1_500) : 0,
    noBump: chance(0.2) ? 0.3 : 0,
    recreate: chance(0.6),
    undelete: chance(0.2),
    deletes: chance(0.8) ? 0.12 : 0.4,
    aba: chance(0.4),
    incarnations: chance(0.5),
    saysGone: pick([0, 0.5, 1]),
    hot: chance(0.5),
    storm: chance(0.15),
    compact: chance(0.6),
    calm: chance(0.4),
    pace: pick([30, 100, 300, 2_000]),
    parts: chance(0.25) ? int(1, 3) : 0,
    cascade: chance(0.6),
    connect: chance(0.2),
    wipe: chance(0.1),
  };
  // What was created while nobody was told of it can only be listed.
  if (!world.listed) Object.assign(world, { connect: false });
  if (world.connect) Object.assign(world, { scopes: int(4, 12), keys: int(8, 16) });
  // A collection is read twice where a lag is declared: with sweeps as often as that something would always be owed.
  if (world.parts > 0) Object.assign(world, { sweep: Math.max(world.sweep, 10 * world.lag) });
  // Few enough scopes that more than ten vanish in one.
  if (world.wipe) Object.assign(world, { scopes: 1, keys: int(14, 24), connect: false });
  if (world.versions === "second" && chance(0.5)) world.skew = int(200, 1_500);
  if (world.versions === "strict" && chance(0.2)) {
    // Reads older than the plugin declares: a strict version keeps the order, and the hinted one the promptness. An
    // absence has no version, so nothing is deleted here.
    Object.assign(world, { undeclaredLag: int(200, 1_400), lag: pick([0, 40]), hintVersions: true, deletes: 0 });
    Object.assign(world, { rewind: 0, noBump: 0, revoke: false, storm: false });
  }
  // Access that is lost and found again within one read between two good probes cannot be told from a deletion.
  if (world.revoke) Object.assign(world, { freeze: Math.min(world.freeze, 9_000) });
  if (world.calm) {
    Object.assign(world, { errors: 0, throttle: 0, hang: 0, outages: false, crash: false, freeze: 0 });
    Object.assign(world, { revoke: false, slow: 0, truncate: 0, mistaken: 0 });
  }
  return world;
}
