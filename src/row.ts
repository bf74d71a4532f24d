/**
 * What can happen to a resource: pure functions on values. Stores and loops only carry them.
 *
 *            hint / suspect / confirm                lease
 *   clean ─────────────────────────► dirty ───────────────────► leased
 *     ▲                                ▲                           │
 *     │                                └── below the floor, unordered, overtaken, failed
 *     └────────────────── changed, or the same ────────────────────┘
 *
 *   hint      something may have changed: it must be read by a request that begins later
 *   lease     one worker reads it now; another may when the lease is over. Leases only save calls: what a forgotten
 *             worker brings late is judged like any other read
 *   accept    a read came back: does it say something new, and is that certainly newer than what is recorded?
 *   settle    what is still owed after it
 *
 * A read is an interval `[from, to]`: what it shows was true at one unknown instant in it. `from` is its start less the
 * read lag of its source, `to` the transaction that accepts it. Two reads are ordered only by the provider's version,
 * by the incarnation, or by disjoint intervals. Where none of these orders them nothing is recorded, and the resource
 * is read once more: an error of judgement would put an older state after a newer one.
 *
 * All times are ticks: microseconds, issued by the store after what they stamp, in one order for all processes.
 * @module
 */
import type { Cause, Hint } from "./provider.ts";
import { type Tick, ticks } from "./time.ts";

/** Names one thing with a current state. `type` begins with the provider's key: `stripe.invoice`. */
export interface Ref {
  type: string;
  scope: string;
  id: string;
}

/** Bytes of a type, a scope and an id together: Postgres has no room for more in an index. */
export const LONGEST_REF = 2_500;

/** Whether every store can keep it: text, without what some databases refuse or change, and not too long. */
export function isRef({ type, scope, id }: Ref): boolean {
  const parts: unknown[] = [type, scope, id];
  if (!parts.every((part) => typeof part === "string" && part.isWellFormed() && !part.includes("\0"))) return false;
  const length = type.length + scope.length + id.length;
  return length * 3 <= LONGEST_REF || Buffer.byteLength(type + scope + id) <= LONGEST_REF;
}

/** All classes, the most urgent first. */
export const classes = ["live", "confirm", "suspect", "poll", "sweep"] as const;
/** What a read is for. */
export type Class = (typeof classes)[number];

/** What found a change. `backfill` is a sweep that is the first of its type and scope. */
export type Via = "webhook" | "poll" | "sweep" | "backfill" | "app";

/** A cause as a row keeps it. */
export interface Told {
  id: string;
  name: string;
  /** When it happened by the provider's clock, in ms; null if it did not say. */
  at: number | null;
  /** When we were told. */
  tick: Tick;
  /** An entry of the log names it already. Kept only to recognise a repeat. */
  used: boolean;
  /**
   * A feed named it first, and no webhook has brought it since. `judged`: the feed names what webhooks bring, so that it is
   * lost if none ever does.
   */
  awaited?: "named" | "judged";
}

/** All that is known and owed of one resource: small fields only. The state itself is in the log, at `position`. */
export interface Row extends Ref {
  /** The newest entry; null: nothing recorded yet. */
  position: number | null;
  /** Whether the recorded state is a state, or a tombstone. */
  present: boolean;
  /** Fingerprint of the recorded state without its volatile paths; null where there is none. */
  print: string | null;
  /** Fingerprint of the text as received when `print` was last confirmed: equal text needs no canonical form. */
  raw: string | null;
  version: number | null;
  incarnation: number | null;
  /** End of the earliest read that showed what is recorded. */
  first: Tick | null;
  /** End of the latest one. */
  last: Tick | null;
  /** End of the read with which a version that went back was believed; older reads are placed without versions. */
  epoch: Tick | null;
  /** Fetches in a row, certainly later than `last`, that contradict the recorded version. */
  regressions: number;
  regressedAt: Tick | null;
  /** Start of the latest read that found it. A sweep suspects what has none since it began. */
  seen: Tick | null;
  /** The latest hint. Met by a read that began after it. */
  hinted: Tick | null;
  /** The highest version that a hint named. */
  floor: number | null;
  /** A hint without a version came too: the floor proves nothing until clean. */
  unversioned: boolean;
  /** A read could not be ordered: met by a fetch that began after this. */
  confirm: Tick | null;
  class: Class | null;
  /** When it is to be read; null: clean. */
  due: Tick | null;
  /** Failed reads in a row. */
  attempts: number;
  /** Being read until then. */
  lease: Tick | null;
  /** Why the last read failed, in one line without payload. */
  error: string | null;
  /** What made it dirty first; null when clean. */
  via: Via | null;
  /** The latest events that hinted at it, oldest first, at most 16. */
  causes: readonly Told[];
}

/** An event as a note tells it. `judged`: a feed names it that names what webhooks bring. */
export interface NotedEvent extends Pick<Told, "id" | "name" | "at"> {
  judged?: true;
}

/** A hint as an inbox keeps it, until it is put to its row. */
export interface Note extends Ref {
  /** The version that it named; null if it named none. */
  version: number | null;
  event: NotedEvent | null;
  class: Class;
  via: Via;
}

/** The result of a read: state or absence, version, incarnation, interval. */
export interface Observation {
  present: boolean;
  /** Fingerprint of the state less its volatile paths; null for an absence. */
  print: string | null;
  raw: string | null;
  version: number | null;
  incarnation: number | null;
  /** Start of the read. */
  start: Tick;
  /** Start less the read lag of its source. */
  from: Tick;
  /** The transaction that accepts it. */
  to: Tick;
  /** A fetch of this one, not a page of a list: only a fetch can believe a version that went back. */
  certain: boolean;
}

/** How reads of a type can be ordered, as its plugin declares it. */
export interface Rules {
  versions: "strict" | "coarse" | "none";
  /** Coarse versions closer than this do not order two states. */
  grain: number;
  /** Read lag of a fetch. */
  lag: Tick;
}

/** How an observation relates to what is recorded. */
export type Relation = "same" | "newer" | "older" | "regressed" | "unordered";

/** What the log is to say next of a resource. `present: false` is a tombstone. */
export interface Change {
  present: boolean;
}

/** Tombstones and reads older than this may be forgotten, so a read from before then cannot be placed. */
export const FORGET: Tick = ticks(7 * 24 * 3_600_000);
/** How long a contradiction must last before it is believed. */
export const PATIENCE: Tick = ticks(60_000);
/** Shortest and longest pause after failed reads; doubled each time, full jitter. */
export const BACKOFF: readonly [least: Tick, most: Tick] = [ticks(1_000), ticks(3_600_000)];
/** A webhook's repeat is ignored for this long; after it the resource is looked at again. */
export const REPEAT: Tick = ticks(3_600_000);
/** How many causes a row keeps. */
export const CAUSES = 16;

/** What a row says that is not to be read. */
const OWES_NOTHING = {
  hinted: null,
  floor: null,
  unversioned: false,
  confirm: null,
  class: null,
  due: null,
  attempts: 0,
  lease: null,
  error: null,
  via: null,
} as const satisfies Partial<Row>;

/** A resource of which nothing is known. */
export const blank = ({ type, scope, id }: Ref): Row => ({
  type,
  scope,
  id,
  position: null,
  present: false,
  print: null,
  raw: null,
  version: null,
  incarnation: null,
  first: null,
  last: null,
  epoch: null,
  regressions: 0,
  regressedAt: null,
  seen: null,
  ...OWES_NOTHING,
  causes: [],
});

/** Nothing is owed any more. */
export const clean = (row: Row): Row => ({ ...row, ...OWES_NOTHING });

/** Something may have changed: the row is dirty until a read that begins after `tick`. A repeated event changes nothing. */
export function hint(row: Row, { version, event }: Pick<Hint, "version" | "event">, how: Demand): Row {
  const { tick, via } = how;
  if (event && repeated(row, event.id, tick, via)) return row;
  return {
    ...demand(row, how),
    hinted: tick,
    floor: later(row.floor, version ?? null),
    // A deletion has no version, so a read that still shows the floor's version would not answer it.
    unversioned: row.unversioned || version === undefined,
    causes: event ? told(row.causes, event, tick) : row.causes,
  };
}

/** Puts a note to its row, as {@link hint} does. `tick` is when it was kept, `due` its place in the queue. */
export function put(row: Row, { version, event, class: cls, via }: Note, tick: Tick, due: Tick): Row {
  const told = event && { id: event.id, name: event.name, ...(event.at !== null && { at: new Date(event.at) }) };
  const given = { ...(version !== null && { version }), ...(told && { event: told }) };
  const hinted = hint(row, given, { tick, class: cls, via, due });
  if (event === null) return hinted;
  if (via === "webhook") return arrived(hinted, event.id);
  return via === "poll" && hinted !== row ? awaiting(hinted, event.id, mayBeJudged(row, event)) : hinted;
}

/** The webhook of an event that a feed had named. What is recorded, and owed, stays as it is. */
function arrived(row: Row, event: string): Row {
  if (!row.causes.some(({ id, awaited }) => awaited && id === event)) return row;
  const causes = row.causes.map((cause) => (cause.id === event ? withoutAwaited(cause) : cause));
  return { ...row, causes };
}

const withoutAwaited = ({ awaited: _, ...cause }: Told): Told => cause;

const awaiting = (row: Row, event: string, judged: boolean): Row => ({
  ...row,
  causes: row.causes.map((cause) => (cause.id === event ? { ...cause, awaited: judged ? "judged" : "named" } : cause)),
});

/**
 * Whether it is certain that no webhook brought an event that the row does not know. A full row may have forgotten it, but
 * not one that happened after the oldest that it remembers was told.
 */
export function mayBeJudged({ causes }: Pick<Row, "causes">, { judged, at }: NotedEvent): boolean {
  const [oldest] = causes;
  return (
    judged === true && (oldest === undefined || causes.length < CAUSES || (at !== null && ticks(at) > oldest.tick))
  );
}

/** A sweep did not see it: it may be gone. Only a fetch can tell. */
export const suspect = (row: Row, how: Demand): Row => ({
  ...demand(row, how),
  confirm: later(row.confirm, how.tick),
});

/**
 * A sweep comes by: it is to be read once by a request that begins later, however far behind its source may be. It names
 * no version, and so is no hint: sweeps that came more often than {@link PATIENCE} kept a version that nobody serves
 * from ever being given up.
 */
export const visit = (row: Row, how: Demand, lag: Tick): Row => ({
  ...demand(row, how),
  confirm: later(row.confirm, how.tick - lag),
});

/** A page named it without its state: seen, and read unless that very version is certainly what is recorded. */
export function sight(row: Row, { start, version }: { start: Tick; version?: number }, how: Demand, rules: Rules): Row {
  const seen = { ...row, seen: later(row.seen, start) };
  if (version === undefined) return visit(seen, how, rules.lag);
  if (!row.present || row.version === null || version > row.version) return hint(seen, { version }, how);
  // A lower one is of a list that is behind, or the provider went back: a fetch tells which.
  const known = version === row.version && (rules.versions === "strict" || outlived(row));
  return known ? seen : visit(seen, how, rules.lag);
}

/** Two states may share a coarse version: the recorded one is the latest if it was there long after it was first seen. */
const outlived = ({ first, last }: Row): boolean => first !== null && last !== null && last - first > PATIENCE;

/** Why a row becomes dirty, and when it may be read. */
export interface Demand {
  tick: Tick;
  class: Class;
  via: Via;
  /** The place in the queue. */
  due: Tick;
}

function demand(row: Row, { class: cls, via, due }: Demand): Row {
  if (row.due === null || row.class === null) return { ...row, class: cls, via, due };
  const urgent = classes.indexOf(cls) < classes.indexOf(row.class) ? cls : row.class;
  return { ...row, class: urgent, due: Math.min(row.due, due) };
}

/** One worker reads it now, until `until`. */
export const lease = (row: Row, until: Tick): Row => ({ ...row, lease: until });

/** -1, 0 or 1: which of two versions is certainly the later one. Coarse ones nearer than the grain prove nothing. */
export function compareVersions(a: number | null, b: number | null, rules: Rules): number {
  if (rules.versions === "none" || a === null || b === null) return 0;
  const grain = rules.versions === "coarse" ? rules.grain : 0;
  return Math.abs(a - b) < grain ? 0 : Math.sign(a - b);
}

const certainlyAfter = (o: Observation, tick: Tick | null): boolean => tick === null || o.from > tick;
const later = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.max(a, b));

/** How an observation relates to what is recorded. */
export function relate(row: Row, o: Observation, rules: Rules): Relation {
  if (o.from <= o.to - FORGET) return "unordered";
  if (row.position === null) return o.present ? "newer" : "same";

  const otherIncarnation =
    row.incarnation !== null && o.incarnation !== null && row.incarnation !== o.incarnation ? o.incarnation : null;
  if (row.present === o.present && row.print === o.print && (!o.present || otherIncarnation === null)) return "same";

  // A read that may be from before the provider went back is placed by the clock alone.
  const beforeEpoch = row.epoch !== null && o.from <= row.epoch;
  if (o.present && !beforeEpoch) {
    const back: Relation = certainlyAfter(o, row.last) ? "regressed" : "older";
    if (otherIncarnation !== null) return otherIncarnation > (row.incarnation ?? 0) ? "newer" : back;
    // Never across a tombstone, which has no version: a late page would resurrect what was deleted.
    const order = row.present ? compareVersions(o.version, row.version, rules) : 0;
    if (order > 0) return "newer";
    if (order < 0) return back;
  }
  return certainlyAfter(o, row.first) ? "newer" : "unordered";
}

/** What an observation makes of a row. */
export interface Accepted {
  row: Row;
  relation: Relation;
  /** The next entries of the log, in this order. */
  changes: Change[];
}

/** Applies an observation in the transaction that holds the row. */
export function accept(row: Row, o: Observation, rules: Rules): Accepted {
  const overlap = row.last !== null && row.last >= o.from;
  const seen = o.present ? later(row.seen, o.start) : row.seen;
  const relation = relate(row, o, rules);

  if (relation === "regressed") {
    const [regressed, believed] = regress({ ...row, seen }, o);
    if (!believed) return { row: confirmed(regressed, o.to, o.to), relation, changes: [] };
    return { ...record({ ...regressed, epoch: o.to }, o, overlap), relation: "newer" };
  }
  if (relation === "newer") return { ...record({ ...row, seen }, o, overlap), relation };
  if (relation === "unordered") {
    return { row: confirmed({ ...row, seen }, later(row.last, o.to) ?? o.to, o.to), relation, changes: [] };
  }
  return { row: relation === "same" ? confirmSame({ ...row, seen }, o) : { ...row, seen }, relation, changes: [] };
}

/** A version that fell although the read is certainly later: believed from the third fetch on, after PATIENCE. */
function regress(row: Row, o: Observation): [row: Row, believed: boolean] {
  if (!o.certain) return [row, false];
  const regressedAt = row.regressions === 0 ? o.to : (row.regressedAt ?? o.to);
  const regressions = row.regressions + 1;
  return [{ ...row, regressions, regressedAt }, regressions >= 3 && o.to - regressedAt >= PATIENCE];
}

/** The state is new: to the log with it. */
function record(row: Row, o: Observation, overlap: boolean): { row: Row; changes: Change[] } {
  const replaced =
    row.present && o.present && row.incarnation !== null && o.incarnation !== null && row.incarnation !== o.incarnation;
  const changes = replaced ? [{ present: false }, { present: o.present }] : [{ present: o.present }];
  const next: Row = {
    ...row,
    present: o.present,
    print: o.print,
    raw: o.raw,
    version: o.present ? o.version : row.version,
    incarnation: o.present ? (o.incarnation ?? row.incarnation) : row.incarnation,
    first: o.to,
    last: o.to,
    regressions: 0,
    regressedAt: null,
    causes: row.causes.map((cause) => (explains(cause, o) ? { ...cause, used: true } : cause)),
  };
  // Newer than the record, yet there is evidence for the record that may be younger still: look once more.
  return { row: overlap ? confirmed(next, later(o.to, row.last) ?? o.to, o.to) : next, changes };
}

/** Whether an event may have led to what this read shows, and no entry names it yet. */
export const explains = (cause: Told, o: Pick<Observation, "start">): boolean => !cause.used && cause.tick <= o.start;

/** The state is what is recorded. */
function confirmSame(row: Row, o: Observation): Row {
  const same: Row = { ...row, last: o.to, regressions: 0, regressedAt: null };
  // Nothing recorded, and absent: evidence all the same, so that a page that overlaps it is confirmed.
  if (row.position === null) return { ...same, first: o.to };
  if (!o.present) return same;
  const counts = row.epoch === null || o.from > row.epoch;
  return {
    ...same,
    raw: o.raw,
    version: counts ? later(row.version, o.version) : row.version,
    incarnation: o.incarnation ?? row.incarnation,
  };
}

/** A read that began after `after` is owed. */
const confirmed = (row: Row, after: Tick, due: Tick): Row => ({
  // A dirty row keeps its `via`; a clean one was shown by a page of a sweep.
  ...demand(row, { tick: due, class: "confirm", via: "sweep", due }),
  confirm: later(row.confirm, after),
});

/** What a fetch came to: how its observation related, or why it failed. `until`: not to be read again before then. */
export type Outcome = { o: Observation; relation: Relation } | { failed: string; at: Tick; until?: Tick };

/** After a fetch: is what was owed now met? `random` is from 0 to 1. */
export function settle(row: Row, outcome: Outcome, rules: Rules, random: number): Row {
  if (row.due === null) return { ...row, lease: null };
  // The first tick at which a read can begin that decides: not before the lag has passed.
  const owed = later(row.hinted, row.confirm);
  const decidable = owed === null ? Number.NEGATIVE_INFINITY : owed + rules.lag + 1;
  const backoff = (now: Tick) =>
    Math.max(decidable, now + random * Math.min(BACKOFF[1], BACKOFF[0] * 2 ** row.attempts));

  if ("failed" in outcome) {
    const { failed, at, until } = outcome;
    // Being told to wait is no failure of the resource.
    if (until !== undefined) return { ...row, lease: null, error: failed, due: Math.max(decidable, until) };
    return { ...row, lease: null, error: failed, attempts: row.attempts + 1, due: Math.round(backoff(at)) };
  }

  const { o, relation } = outcome;
  // Waiting for a read that can decide is no failure either: no backoff, or a hot resource would earn an hour of it.
  const overtaken: Row = { ...row, lease: null, error: null, attempts: 0, due: decidable };
  // What was not applied proves nothing: an unordered read leaves a confirmation behind that it cannot meet itself.
  if (relation !== "regressed") {
    const confirmMet = certainlyAfter(o, row.confirm);
    if (hintMet(row, o, rules) && confirmMet) return clean(row);
    if (!certainlyAfter(o, row.hinted) || !confirmMet) return overtaken;
  }
  return { ...row, lease: null, error: null, attempts: row.attempts + 1, due: Math.round(backoff(o.to)) };
}

/** The hint is met by a read that began after it and is not below the floor, or by a strict version that reached it. */
function hintMet(row: Row, o: Observation, rules: Rules): boolean {
  const floor = row.unversioned ? null : row.floor;
  const below = floor !== null && (!o.present || compareVersions(o.version, floor, rules) < 0);
  // A read below a hinted version is stale, whatever lag was declared; a version that nobody serves must not wedge.
  const patient = !(o.from > (row.hinted ?? 0) + PATIENCE);
  if (certainlyAfter(o, row.hinted) && !(below && patient)) return true;
  const strict = rules.versions === "strict" && certainlyAfter(o, row.epoch);
  return strict && floor !== null && o.present && o.version !== null && o.version >= floor;
}

/** A feed repeats itself by design; a webhook's repeat is looked at again after an hour, as an operator's resend should. */
function repeated(row: Row, event: string, tick: Tick, via: Via): boolean {
  const known = row.causes.find(({ id }) => id === event);
  return known !== undefined && (via !== "webhook" || tick - known.tick < REPEAT);
}

function told(causes: readonly Told[], { id, name, at }: Cause, tick: Tick): Told[] {
  const others = causes.filter((cause) => cause.id !== id);
  return [...others, { id, name, at: at?.getTime() ?? null, tick, used: false }].slice(-CAUSES);
}
