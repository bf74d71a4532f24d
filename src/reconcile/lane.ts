/**
 * A lane: the polls, or the sweeps, of one scope, which run one after another. Pure functions on its times.
 *
 * There may be ten thousand, so a lane that is idle is a few numbers. What it knows of its jobs is a copy of what their
 * checkpoints say, made when they were last read; whether a job is really due is decided again when it is begun.
 *
 * Times are ms by the store's clock: schedules compare the store's time with the store's time.
 * @module
 */

import type { Checkpoint } from "../checkpoint.ts";
import type { Tick } from "../time.ts";
import type { Timed } from "./agenda.ts";

export interface Lane extends Timed {
  readonly scope: string;
  /** When each job is to be looked at. */
  readonly at: number[];
  /** Jobs that were never done, as far as is known; undefined: none, as for the three sets after it. */
  first: Set<number> | undefined;
  /** Jobs that a hint or a person asked for: they come before what is only due. */
  wanted: Set<number> | undefined;
  /** How often in a row a job has failed. */
  failed: Map<number, number> | undefined;
  /** Under way. */
  busy: boolean;
}

/** What each lane of a line does: one feed to ask, or one type to sweep. */
export interface Job {
  /** The feed, or the full type. */
  key: string;
  /** In words, for what fails. */
  what: string;
  /** Milliseconds from one to the next. */
  every: number;
  /** The place of the job that must have been done once before this one. */
  after?: number;
  nameIn(scope: string): string;
  planOf(at: Pick<Checkpoint, "value">, scope: string): Plan;
  /** Runs it, if its checkpoint says that it is due. */
  run(scope: string, enough: () => boolean): Promise<Next>;
}

/** What a checkpoint says of its job. */
export interface Plan {
  /** When it is due, as a tick; 0: now. `spread` is from 0 to 1. */
  due(spread: number): Tick;
  /** It was done at least once. */
  begun: boolean;
  /** It was asked for, and that is still to be done. */
  wanted: boolean;
}

/** What came of a job. */
export interface Next {
  /** Milliseconds until it is to be looked at again. */
  wait: number;
  begun: boolean;
  /** What was asked for before this tick is met; 0: nothing is. */
  met: Tick;
  /** Another process is at it, so nothing was done. */
  held?: boolean;
}

/** Added to what is wanted, so that it comes before all that is only due, and among itself in order. */
const AHEAD = 1e14;

/** The longest for which a job that is due is put off, in ms: its reads do not keep up, or another process is at it. */
export const MOMENT = 15_000;

/** A lane of which nothing is known but its scope: all of it is to be looked at now. */
export const openLane = (scope: string, jobs: readonly Job[], now: number): Lane => ({
  scope,
  at: jobs.map(() => now),
  first: jobs.length > 0 ? new Set(jobs.keys()) : undefined,
  wanted: undefined,
  failed: undefined,
  busy: false,
  when: now,
  place: -1,
});

/** Whether each job was done once, or at least tried. */
export const isTried = ({ first, failed }: Lane): boolean => [...(first ?? [])].every((i) => failed?.has(i));

const isOpen = ({ first }: Lane, { after }: Job): boolean => after === undefined || first?.has(after) !== true;

/** The jobs that can be begun now, in the order in which they are to be: what had its turn last comes last. */
export function readyJobs(lane: Lane, jobs: readonly Job[], now: number): number[] {
  const rank = (i: number) => (lane.wanted?.has(i) ? -AHEAD : 0) + (lane.at[i] ?? 0);
  return [...jobs.keys()].filter((i) => isReady(lane, jobs, i, now)).sort((a, b) => rank(a) - rank(b));
}

export function isReady(lane: Lane, jobs: readonly Job[], i: number, now: number): boolean {
  const job = jobs[i];
  return job !== undefined && isOpen(lane, job) && (lane.at[i] ?? now) <= now;
}

/** When the lane has something to do: below 0 if that is wanted, and can be done now. */
export function whenOf(lane: Lane, jobs: readonly Job[], now: number): number {
  let when = Number.POSITIVE_INFINITY;
  jobs.forEach((job, i) => {
    if (!isOpen(lane, job)) return;
    const at = lane.at[i] ?? now;
    when = Math.min(when, at <= now && lane.wanted?.has(i) ? at - AHEAD : at);
  });
  return when;
}

/** Asked for: it is looked at now. One that fails waits until it may be tried again. */
export function wantJob(lane: Lane, i: number, now: number): void {
  if (i < 0) return;
  lane.wanted = (lane.wanted ?? new Set()).add(i);
  if (!lane.failed?.has(i)) lane.at[i] = Math.min(lane.at[i] ?? now, now);
}

/** Takes note that a job is begun. Answers whether it was wanted; one that is wanted meanwhile is wanted again. */
export function beginJob(lane: Lane, i: number): boolean {
  const wanted = lane.wanted?.delete(i) ?? false;
  if (lane.wanted?.size === 0) lane.wanted = undefined;
  return wanted;
}

export function endJob(lane: Lane, i: number, { wait, begun }: Next, now: number): void {
  lane.at[i] = lane.wanted?.has(i) ? now : now + wait;
  if (begun) done(lane, i);
  lane.failed?.delete(i);
  if (lane.failed?.size === 0) lane.failed = undefined;
}

/** It could not begin: it is tried again then, and has not failed. */
export function putOff(lane: Lane, i: number, wanted: boolean, at: number): void {
  if (wanted) lane.wanted = (lane.wanted ?? new Set()).add(i);
  lane.at[i] = at;
}

/** Answers how often in a row it has failed now. */
export function failJob(lane: Lane, i: number, wanted: boolean): number {
  const failures = (lane.failed?.get(i) ?? 0) + 1;
  lane.failed = (lane.failed ?? new Map()).set(i, failures);
  if (wanted) lane.wanted = (lane.wanted ?? new Set()).add(i);
  return failures;
}

function done(lane: Lane, i: number): void {
  lane.first?.delete(i);
  if (lane.first?.size === 0) lane.first = undefined;
}

/** What another process may have changed: a time that the checkpoint allows is kept, so that it is drawn only once. */
export function learn(lane: Lane, i: number, plan: Plan, now: number, draw: number): void {
  if (plan.begun) done(lane, i);
  if (lane.failed?.has(i)) return;
  if (plan.wanted) wantJob(lane, i, now);
  const at = lane.at[i] ?? now;
  const [earliest, latest] = [plan.due(0) / 1_000, plan.due(1) / 1_000];
  if (latest === 0) lane.at[i] = at > now + MOMENT ? now : at;
  else if (at < earliest || at > latest) lane.at[i] = plan.due(draw) / 1_000;
}
