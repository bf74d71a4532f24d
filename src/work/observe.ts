/**
 * From what a plugin answered to what a row and the log make of it: the step of `fetch` and `list` alike.
 * @module
 */
import { type Fingerprint, fingerprint } from "../canonical.ts";
import type { Kind } from "../kind.ts";
import { accept, explains, type Observation, type Relation, type Row, type Told, type Via } from "../row.ts";
import type { Step } from "../store.ts";
import type { Tick } from "../time.ts";

/** What a read showed of one resource. */
export interface Reading {
  /** Null: absent, and that is believed. */
  state: object | null;
  /** Null with the state. */
  finger: Fingerprint | null;
  start: Tick;
  lag: Tick;
  /** A fetch of this one, not a page of a list. */
  certain: boolean;
  /** What found it, if nothing had made the row dirty. */
  via: Via;
}

/** Fingerprints a state, or an absence. */
export function reading(kind: Kind, state: object | null, how: Omit<Reading, "state" | "finger">): Reading {
  return { ...how, state, finger: state === null ? null : fingerprint(state, kind.volatile) };
}

/** What a reading comes to, for the row as it is in this transaction. */
export interface Observed {
  step: Step;
  o: Observation;
  relation: Relation;
  /** Ms from the earliest event that it is the answer to, by the provider's clock, where there is a change and that is known. */
  lag?: number;
  /** The ids of the events that it is the answer to; left out: none is known. */
  causes?: string[];
}

/** Accepts a reading in the transaction of tick `to`. Pure. */
export function observe(kind: Kind, row: Row, read: Reading, to: Tick): Observed {
  const o = observation(kind, row, read, to);
  const { row: next, relation, changes } = accept(row, o, kind.rules);
  if (changes.length === 0) return { step: { row: next }, o, relation, ...askedBy(row, o.start) };
  const causes = row.causes.filter((cause) => explains(cause, o));
  const via = row.via ?? read.via;
  const append = changes.map(({ present }) => ({
    state: present && read.finger ? read.finger.text : null,
    at: o.from,
    via,
    causes,
  }));
  const lag = lagOf(row, causes, to);
  return { step: { row: next, append }, o, relation, ...(lag !== undefined && { lag }), ...idsOf(causes) };
}

/** What a read that began then was asked for by, where it brings no change: events that no read has answered before. */
export const askedBy = (row: Row, start: Tick): { causes?: string[] } =>
  idsOf(row.causes.filter((cause) => explains(cause, { start }) && isNews(row, cause)));

const idsOf = (causes: readonly Told[]) => (causes.length > 0 ? { causes: causes.map(({ id }) => id) } : {});

/** What an earlier read has answered already, and found the same, is no news. */
const isNews = ({ seen }: Row, { tick }: Told): boolean => tick > (seen ?? 0);

/** How long a change took is told by the events that are news. */
function lagOf(row: Row, causes: readonly Told[], to: Tick): number | undefined {
  const times = causes.flatMap((cause) => (cause.at !== null && isNews(row, cause) ? [cause.at] : []));
  return times.length > 0 ? Math.max(0, to / 1_000 - Math.min(...times)) : undefined;
}

function observation({ resource }: Kind, row: Row, read: Reading, to: Tick): Observation {
  const { state, finger, start, lag, certain } = read;
  const base = { start, from: start - lag, to, certain };
  if (state === null || finger === null) {
    return { ...base, present: false, print: null, raw: null, version: null, incarnation: null };
  }
  return {
    ...base,
    present: true,
    // Equal text, equal print: the canonical form is not needed.
    print: row.present && row.raw === finger.raw ? row.print : finger.print,
    raw: finger.raw,
    version: finite(resource.version?.(state)),
    incarnation: finite(resource.incarnation?.(state)),
  };
}

const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;
