/**
 * What a world is like. Each seed switches faults on or off and draws their strength (swarm testing): rare pairs of
 * faults meet more often so than where all of them happen all the time.
 */
import type { Random } from "../random.ts";

/** How the simulated services are, and what goes wrong. Times are in ms, chances from 0 to 1. */
export interface Conditions {
  // -- The services ---------------------------------------------------------------------------------------------------
  /** How states are stamped. `second`: whole seconds of when the transaction began, by one of several clocks. */
  versions: "strict" | "second" | "none";
  /** How far those clocks differ. */
  skew: number;
  /** How long before its commit a transaction may have begun. */
  commitLag: number;
  /** The chance that a write leaves the version as it is. */
  noBump: number;
  /** States tell when their resource was created. */
  incarnations: boolean;
  /** How far a read may be behind, as the provider declares it. */
  lag: number;
  /** How far it may be behind beyond that. Drawn for no world: only strict versions without deletions bear it. */
  undeclaredLag: number;
  /** The longest a request takes, either way. */
  latency: number;
  /** The types can be listed. Drawn for no world: where they cannot, a webhook that is lost is lost for good. */
  listed: boolean;
  /** Items on a page. */
  page: number;
  paging: "offset" | "keyset";
  /** Lists give refs instead of items. */
  refs: boolean;
  /** There is a `fetchMany`. */
  many: boolean;
  /** The chance that an absence is answered as gone rather than as not found. */
  saysGone: number;
  /** What is within a resource goes with it. Drawn for no world: what outlives its parent unseen is listed nowhere. */
  cascade: boolean;
  /** Between two polls of the feed; up to four times as long while webhooks come. 0: there is none. */
  poll: number;
  /** The feed tells of deletions. */
  pollDeletes: boolean;
  /**
   * Webhooks come only through hooks, which `setup` makes, and `world.hooks` shows. Drawn for no world: there somebody has
   * registered them by hand.
   */
  hooks: boolean;
  /** Webhooks carry the version. */
  hintVersions: boolean;
  /** Webhooks carry the id of their event. */
  hintEvents: boolean;
  /** The sender tries again, at most six times, when it is not answered 2xx. */
  hintRetry: boolean;
  /** Between two sweeps: `sweepEvery` of the engine. */
  sweep: number;
  /** Requests that the services allow in a minute, all together; more are told to wait for the next one. 0: any number. */
  limit: number;

  // -- What goes wrong ------------------------------------------------------------------------------------------------
  /** The chance that a webhook is never sent. */
  drop: number;
  /** The chance that it is sent two or three times. */
  duplicate: number;
  /** It comes so late at most, and so out of order. */
  hintDelay: number;
  /** The chance that a forged one comes beside it. */
  forged: number;
  /** The chance that a request fails. */
  errors: number;
  /** The chance that it is told to wait (429). */
  throttle: number;
  /** The chance that it is never answered. */
  hang: number;
  /** The chance that an answer takes some seconds. */
  slow: number;
  /** The chance that a page of a list is not as it should be, and how: as `truncated` says. */
  truncate: number;
  /**
   * `short`: the page leaves one out, and ends the list. `ended`: it is whole, and ends the list. `empty`: it has nothing,
   * and ends the list. `repeated`: it is whole, and names itself as the next one. Only `short` is drawn.
   */
  truncated: "short" | "ended" | "empty" | "repeated";
  /** The chance that another resource's state is answered. */
  mistaken: number;
  /** The services are down for some seconds, now and then. */
  outages: boolean;
  /**
   * How that looks. `failing`: an error. `silent`: no answer. `page`: a page of the gateway's own, with status 200, in which
   * a careless plugin finds no resource, an empty list, and nothing new. Only `failing` is drawn.
   */
  outage: "failing" | "silent" | "page";
  /** The credential loses its access for some minutes, now and then. */
  revoke: boolean;
  /** How that looks: everything is not found, or forbidden. */
  revoked: "missing" | "forbidden";
  /** Scopes are disconnected and connected again. */
  connect: boolean;
  /** Processes die, and start again some seconds later. */
  crash: boolean;
  /** Processes stand still, so long at most, and go on as if nothing had been; 0: never. */
  freeze: number;
}

/** Nothing goes wrong, and every webhook comes at once: for a test of one course of things. */
export const calm: Readonly<Partial<Conditions>> = {
  ...{ skew: 0, commitLag: 0, noBump: 0, lag: 0, undeclaredLag: 0, latency: 2 },
  ...{ drop: 0, duplicate: 0, hintDelay: 0, forged: 0, errors: 0, throttle: 0, hang: 0, slow: 0, truncate: 0 },
  ...{ mistaken: 0, outages: false, revoke: false, connect: false, crash: false, freeze: 0 },
};

/** The conditions of a seed. */
export function drawConditions({ int, pick, chance }: Random): Conditions {
  const drawn: Conditions = {
    versions: pick(["strict", "strict", "second", "second", "none"]),
    skew: 0,
    commitLag: chance(0.4) ? int(1, 1_500) : 0,
    noBump: chance(0.2) ? 0.3 : 0,
    incarnations: chance(0.5),
    lag: pick([0, 0, 40, 400, 4_000]),
    undeclaredLag: 0,
    latency: pick([2, 30, 300]),
    listed: true,
    page: int(1, 4),
    paging: pick(["offset", "keyset"]),
    refs: chance(0.25),
    many: chance(0.3),
    saysGone: pick([0, 0.5, 1]),
    cascade: true,
    poll: pick([0, 3_000, 10_000]),
    pollDeletes: chance(0.5),
    hooks: false,
    hintVersions: chance(0.6),
    hintEvents: chance(0.7),
    hintRetry: chance(0.5),
    sweep: pick([5_000, 20_000, 60_000]),
    limit: 0,
    drop: pick([0, 0.1, 0.5, 1]),
    duplicate: chance(0.5) ? 0.3 : 0,
    hintDelay: pick([5, 50, 2_000, 20_000]),
    forged: 0.02,
    errors: chance(0.5) ? pick([0.05, 0.3]) : 0,
    throttle: chance(0.3) ? pick([0.02, 0.1]) : 0,
    hang: chance(0.2) ? 0.01 : 0,
    slow: chance(0.4) ? 0.1 : 0,
    truncate: chance(0.2) ? 0.1 : 0,
    truncated: "short",
    mistaken: chance(0.1) ? 0.05 : 0,
    outages: chance(0.2),
    outage: "failing",
    revoke: chance(0.25),
    revoked: pick(["missing", "forbidden"]),
    connect: chance(0.2),
    crash: chance(0.5),
    freeze: chance(0.3) ? pick([9_000, 60_000, 250_000]) : 0,
  };
  if (drawn.versions === "second" && chance(0.5)) drawn.skew = int(200, 1_500);
  // Some worlds have nothing wrong but their webhooks.
  if (chance(0.4)) {
    Object.assign(drawn, { errors: 0, throttle: 0, hang: 0, slow: 0, truncate: 0, mistaken: 0 });
    Object.assign(drawn, { outages: false, revoke: false, crash: false, freeze: 0 });
  }
  return drawn;
}

/**
 * What the seed drew and the test decided, together; what no engine could bear is taken out.
 * @throws TypeError for a condition that there is not
 */
export function decide(drawn: Conditions, decided: Partial<Conditions>): Conditions {
  const unknown = Object.keys(decided).find((name) => !(name in drawn));
  if (unknown !== undefined) throw new TypeError(`conditions: there is no "${unknown}"`);
  const conditions = { ...drawn, ...decided };
  // Access that is lost and found again within one read between two good probes cannot be told from a deletion.
  return { ...conditions, freeze: conditions.revoke ? Math.min(conditions.freeze, 9_000) : conditions.freeze };
}
