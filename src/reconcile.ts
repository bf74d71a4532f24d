/**
 * Looks by itself where no webhook came: has the polls and sweeps run that are due. In each scope one poll at a time
 * and one sweep at a time: a backfill of hours holds up no poll.
 *
 * When each is due is known without a look at all of them: an agenda in memory has the next time of each scope, and
 * whether a poll or a sweep is really due is decided in the transaction that takes hold of its checkpoint. So several
 * processes share the work without a word between them.
 * @module
 */
import type { Engine } from "./engine.ts";
import { AccessLost, BudgetSpent, describe, RetryLater } from "./errors.ts";
import { createWatch } from "./hook/watch.ts";
import { hookJobs, pollJobs, sweepJobs } from "./reconcile/jobs.ts";
import {
  beginJob,
  endJob,
  failJob,
  isReady,
  isTried,
  type Job,
  type Lane,
  putOff,
  readyJobs,
  wantJob,
} from "./reconcile/lane.ts";
import { Line, type LineKind } from "./reconcile/line.ts";
import type { Missed } from "./reconcile/missed.ts";
import { createPatrol } from "./reconcile/patrol.ts";
import { forgetWanted, type Place, placeOf } from "./reconcile/plan.ts";
import type { Trust } from "./reconcile/trust.ts";
import type { Time } from "./time.ts";

/** Milliseconds after which a sweep lets others have its place for a while. */
const TURN = 30_000;
/** Milliseconds from one look at what other processes want, and at the scopes, to the next: no more than that is slept. */
const LOOK = 10_000;
/** Milliseconds from one page of the patrol to the next. */
const PATROL = 60_000;
/** The part of a provider's scopes that must be new for all its checkpoints to be read, and not those of each by itself. */
const MANY = 0.1;
/** Shortest and longest pause after failures in a row, in milliseconds. */
const PAUSE = [1_000, 300_000] as const;
/** The same after lost access: a scope that is gone for good may be named for ever. */
const ACCESS_PAUSE = [60_000, 480_000] as const;

export interface Reconciler {
  /** Starts what is due. Answers how many milliseconds to sleep. */
  run(): Promise<number>;
  /** The poll or sweep of this checkpoint is wanted; without a name: what was paused may go on. */
  want(name?: string): void;
  /**
   * Runs what is due and waits for it. Answers how many tasks that were. `enough`: begins no more, and no page more. `first` runs
   * before any of it, when it is known which scopes there are; its answer is added.
   */
  drain(enough?: () => boolean, first?: () => Promise<number>): Promise<number>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/** What tells how quick polls and sweeps are to be. */
export interface Signs {
  trust: Trust;
  missed: Missed;
}

/** @param woken is called when a lane has ended, so that what became due meanwhile is looked at */
export function createReconciler(engine: Engine, { trust, missed }: Signs, woken: () => void): Reconciler {
  const { time, stopping } = engine;
  const lines = new Map<string, Line>();
  for (const provider of Object.keys(engine.providers)) {
    lines.set(`poll|${provider}`, new Line("poll", provider, pollJobs(engine, provider)));
    lines.set(`sweep|${provider}`, new Line("sweep", provider, sweepJobs(engine, provider)));
    lines.set(`hook|${provider}`, new Line("hook", provider, hookJobs(engine, provider)));
  }
  const lineOf = ({ kind, provider }: Pick<Place, "kind" | "provider">) => lines.get(`${kind}|${provider}`);
  const flying = new Set<Promise<void>>();
  /** Polls and sweeps that were begun. What another process is at, or the budget puts off, is not: a drain would wait for it. */
  let ran = 0;
  /** What the store's clock is ahead of ours, in ms, as of the last look. */
  let ahead = 0;
  const now = () => time.now() + ahead;
  const patrol = createPatrol(engine, { lineOf, now });
  const watch = createWatch(engine);
  /** In ms by our own clock. */
  let looked = Number.NEGATIVE_INFINITY;
  let patrolled = Number.NEGATIVE_INFINITY;
  const scopes = createAsking(engine, woken);

  /** Looks at the scopes, and now and then at what other processes did. */
  async function look(patient: boolean): Promise<void> {
    const due = patient || isPast(time, looked, LOOK);
    if (due) {
      const { tick } = await engine.store.checkpoint({ name: "clock", step: () => undefined });
      ahead = tick / 1_000 - time.now();
    }
    const fell = due ? await trust.look() : [];
    await follow(patient);
    if (!due) return;
    for (const [provider, doubted] of fell) await patrol.survey(provider, doubted);
    for (const at of await missed.look()) patrol.take(at);
    await engine.pauses.look();
    await patrol.wanted();
    if (isPast(time, patrolled, PATROL)) {
      patrolled = time.now();
      await patrol.round();
      await watch.look();
    }
    for (const line of lines.values()) line.callBack(now());
    looked = time.now();
  }

  /** Lanes for the scopes that there are now. Where many are new, what is known of them is read first. */
  async function follow(patient: boolean): Promise<void> {
    for (const provider of Object.keys(engine.providers)) {
      const there = await scopes.of(provider, patient);
      if (!there) continue;
      const kinds: LineKind[] = ["poll", "sweep", "hook"];
      const counts = kinds.map((kind) => {
        const line = lineOf({ kind, provider });
        const scopes = kind === "hook" ? engine.hooks.tended(provider, there) : there;
        return line ? line.follow(scopes, now()) / Math.max(1, line.size) : 0;
      });
      if (patient || Math.max(...counts) > MANY) await patrol.survey(provider);
    }
  }

  /** A feed's first cursor should be older than the first page of a backfill; but a feed that fails holds up no sweep. */
  function mayBegin({ kind, provider }: Line, { scope }: Lane): boolean {
    if (engine.pauses.has(provider, scope)) return false;
    const polls = kind === "sweep" ? lineOf({ kind: "poll", provider })?.lane(scope) : undefined;
    return polls === undefined || isTried(polls);
  }

  function start(enough: () => boolean, hurry: boolean): void {
    for (const line of lines.values()) {
      for (let lane = line.next(now(), hurry); lane && !enough(); lane = line.next(now(), hurry)) {
        if (mayBegin(line, lane)) begin(line, lane, enough);
        else line.setAside(lane);
      }
    }
  }

  function begin(line: Line, lane: Lane, enough: () => boolean): void {
    line.begin(lane, now());
    const done = work(line, lane, enough).finally(() => {
      flying.delete(done);
      line.end(lane, now());
      const sweeps = lineOf({ kind: "sweep", provider: line.provider });
      const sweep = line.kind === "poll" && isTried(lane) ? sweeps?.lane(lane.scope) : undefined;
      if (sweep) sweeps?.plan(sweep, now());
      woken();
    });
    flying.add(done);
  }

  /** Runs the due jobs of a lane in turn. A scope that rests, or an engine that stops, ends it. */
  async function work(line: Line, lane: Lane, over: () => boolean): Promise<void> {
    const { kind, provider, jobs } = line;
    const { scope } = lane;
    const end = kind === "sweep" ? time.now() + TURN : Number.POSITIVE_INFINITY;
    const enough = () => over() || time.now() >= end || engine.pauses.has(provider, scope);
    for (let left = readyJobs(lane, jobs, now()); left.length > 0; ) {
      const [i = 0, ...others] = left;
      const rest = engine.budget.resting(provider, scope, time.now());
      if (rest !== undefined) for (const one of left) lane.at[one] = rest + ahead;
      const job = jobs[i];
      if (rest !== undefined || enough() || !job) break;
      // After a failure it goes on among its like: scopes that hang have fewer places.
      if (!(await runJob(line, lane, i, job, enough))) break;
      // What waited for this one's first time has its turn now.
      const later = [...jobs.keys()].filter((one) => jobs[one]?.after === i && isReady(lane, jobs, one, now()));
      left = [...others, ...later.filter((one) => !others.includes(one))];
    }
  }

  /** Answers whether it worked. */
  async function runJob({ provider }: Line, lane: Lane, i: number, job: Job, enough: () => boolean): Promise<boolean> {
    const { scope } = lane;
    const wanted = beginJob(lane, i);
    try {
      const next = await job.run(scope, enough);
      endJob(lane, i, next, now());
      if (!next.held) ran++;
      if (wanted && next.met > 0) await forgetWanted(engine, job.nameIn(scope), next.met);
      return true;
    } catch (error) {
      if (error instanceof BudgetSpent) {
        putOff(lane, i, wanted, now() + error.ms);
        return true;
      }
      ran++;
      const ms = pauseAfter(engine, { provider, scope }, error, failJob(lane, i, wanted));
      lane.at[i] = now() + ms;
      if (!stopping.aborted) {
        engine.emit({ kind: "failed", what: job.what, provider, scope, error: describe(error), ms });
      }
      return false;
    }
  }

  return {
    async run() {
      if (stopping.aborted) return Number.POSITIVE_INFINITY;
      await look(false);
      start(() => stopping.aborted, false);
      const waits = [...lines.values()].map((line) => line.wait(now()));
      // Whole ms: what is too short to move the clock would be slept again and again.
      return Math.ceil(Math.min(LOOK, ...waits));
    },
    want(name) {
      if (name === undefined) {
        for (const line of lines.values()) line.callBack(now());
        return;
      }
      const place = placeOf(name);
      const line = place && lineOf(place);
      const lane = line?.lane(place?.scope ?? "");
      if (!line || !lane) return;
      const i = line.jobs.findIndex(({ key }) => key === place?.job);
      wantJob(lane, i, now());
      line.plan(lane, now());
    },
    async drain(until = () => false, first = async () => 0) {
      const enough = () => until() || stopping.aborted;
      await look(true);
      const done = await first();
      const before = ran;
      for (start(enough, true); flying.size > 0; start(enough, true)) await Promise.race(flying);
      return done + ran - before;
    },
    async idle() {
      while (flying.size > 0) await Promise.all(flying);
    },
  };
}

/** Whether so many ms have passed since then, or the clock was put back. */
const isPast = (time: Time, since: number, ms: number): boolean => time.now() - since >= ms || time.now() < since;

/** What an error means for the scope. Answers the milliseconds until it is tried again. */
function pauseAfter(
  { scopes, time }: Engine,
  { provider }: { provider: string; scope: string },
  error: unknown,
  failures: number,
): number {
  if (error instanceof AccessLost) {
    scopes.doubt(provider);
    return Math.min(ACCESS_PAUSE[1], ACCESS_PAUSE[0] * 2 ** (failures - 1)) * (1 + time.random());
  }
  if (error instanceof RetryLater) return error.ms;
  return time.random() * Math.min(PAUSE[1], PAUSE[0] * 2 ** failures);
}

/** A provider that takes long to name its scopes holds up no other: unless `patient`, what is known of them serves. */
function createAsking(engine: Engine, woken: () => void) {
  const { time, scopes } = engine;
  const failed = new Map<string, { count: number; at: number; ms: number }>();
  const asking = new Set<string>();

  async function ask(provider: string): Promise<void> {
    try {
      await scopes.of(provider);
      failed.delete(provider);
    } catch (error) {
      const count = (failed.get(provider)?.count ?? 0) + 1;
      const ms = pauseAfter(engine, { provider, scope: "" }, error, count);
      failed.set(provider, { count, at: time.now(), ms });
      if (engine.stopping.aborted) return;
      engine.emit({ kind: "failed", what: "asking for the scopes", provider, scope: "", error: describe(error), ms });
    }
  }

  return {
    async of(provider: string, patient: boolean): Promise<ReadonlySet<string> | undefined> {
      const { at, ms } = failed.get(provider) ?? { at: 0, ms: 0 };
      const mayAsk = isPast(time, at, ms);
      if (mayAsk && patient) await ask(provider);
      else if (mayAsk && scopes.isStale(provider) && !asking.has(provider)) {
        asking.add(provider);
        void ask(provider).then(() => {
          asking.delete(provider);
          // Without an answer nothing is due that was not before.
          if (!scopes.isStale(provider)) woken();
        });
      }
      return scopes.known(provider);
    },
  };
}
