/**
 * Looks by itself where no webhook came: decides which polls and sweeps are due, and has them run. In each scope one
 * poll at a time and one sweep at a time: a backfill of hours holds up no poll.
 * @module
 */
import { scopeKey } from "./budget.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Engine } from "./engine.ts";
import { AccessLost, describe, RetryLater } from "./errors.ts";
import { type Kind, parentOf } from "./kind.ts";
import { allCheckpoints, feedName, feedOf, pollDue, sweepDue, sweepName, sweepOf } from "./plan.ts";
import { pollFeed } from "./poll.ts";
import { sweepType } from "./sweep.ts";
import type { Tick } from "./time.ts";

/** Polls at once, and sweeps at once: backfills of hours hold up no poll. */
const LANES = 16;
/** Milliseconds after which a sweep lets others have its place for a while. */
const TURN = 30_000;
/** Looking at all lanes takes its time where there are thousands: it may take a twentieth of ours, but no more than this. */
const GAP = 1_000;
/** The longest sleep: other processes may want a poll, and the scopes may have changed. */
const LOOK = 30_000;
/** Milliseconds until a sweep whose reads do not keep up, or that another process holds, is looked at again. */
const SOON = 2_000;
/** Shortest and longest pause after failures in a row, in milliseconds. */
const PAUSE = [1_000, 300_000] as const;
/** Milliseconds after lost access. */
const ACCESS_PAUSE = 60_000;

/** A checkpoint that was never moved. */
const NOTHING = { value: null };

/** A poll or a sweep, due in `wait` milliseconds. `run` answers how long it is to be left alone; 0: as its checkpoint says. */
interface Task {
  name: string;
  what: string;
  wait: number;
  run(enough: () => boolean): Promise<number>;
}

/** Tasks that run one after another: the polls, or the sweeps, of one scope. */
interface Lane {
  kind: "poll" | "sweep";
  key: string;
  provider: string;
  scope: string;
  tasks: Task[];
}

export interface Reconciler {
  /** Starts what is due. Answers how many milliseconds to sleep. */
  run(): Promise<number>;
  /** Runs what is due and waits for it. Answers how many tasks that were. `enough`: begins no more, and no page more. */
  drain(enough?: () => boolean): Promise<number>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/** @param woken is called when a lane has ended, so that what became due meanwhile is looked at */
export function createReconciler(engine: Engine, woken: () => void): Reconciler {
  const { time } = engine;
  const busy = new Map<string, { kind: Lane["kind"]; done: Promise<number> }>();
  /** When each lane ended last, in ms by our own clock: who had a place least lately comes first. */
  const served = new Map<string, number>();
  let looked = { at: Number.NEGATIVE_INFINITY, took: 0 };
  /** In ms by our own clock. */
  const notBefore = new Map<string, number>();
  const failures = new Map<string, number>();
  /** Providers that are naming their scopes. */
  const asking = new Set<string>();

  async function lanes(patient: boolean): Promise<Lane[]> {
    // What checkpoints say is in the store's time; only how long it is until then is compared with our own clock.
    const { tick } = await engine.store.checkpoint({ name: "clock", step: () => undefined });
    const at = new Map<string, Checkpoint>();
    await engine.pauses.look();
    for (const prefix of ["poll|", "sweep|"]) {
      for (const checkpoint of await allCheckpoints(engine, prefix)) at.set(checkpoint.name, checkpoint);
    }
    const all: Lane[] = [];
    for (const provider of Object.keys(engine.providers)) {
      for (const scope of await scopesOf(provider, patient)) {
        if (engine.pauses.has(provider, scope)) continue;
        const key = scopeKey(provider, scope);
        all.push({ kind: "poll", key: `poll|${key}`, provider, scope, tasks: pollsOf(provider, scope, at, tick) });
        all.push({ kind: "sweep", key: `sweep|${key}`, provider, scope, tasks: sweepsOf(provider, scope, at, tick) });
      }
    }
    return all;
  }

  /** A provider that takes long to name its scopes holds up no other: unless `patient`, what is known of them serves. */
  async function scopesOf(provider: string, patient: boolean): Promise<Iterable<string>> {
    const name = `scopes|${provider}`;
    if ((notBefore.get(name) ?? 0) > time.now()) return engine.scopes.known(provider) ?? [];
    const ask = () =>
      engine.scopes.of(provider).then(
        (scopes) => {
          failures.delete(name);
          return scopes;
        },
        (error: unknown) => {
          pause({ provider, scope: "", name, what: "asking for the scopes" }, error);
          return [];
        },
      );
    if (patient || !engine.scopes.isStale(provider)) return ask();
    if (!asking.has(provider)) {
      asking.add(provider);
      void ask().then(() => {
        asking.delete(provider);
        // Without an answer nothing is due that was not before.
        if (!engine.scopes.isStale(provider)) woken();
      });
    }
    return engine.scopes.known(provider) ?? [];
  }

  type Known = ReadonlyMap<string, Checkpoint>;
  const feedAt = (at: Known, name: string) => feedOf(at.get(name) ?? NOTHING);
  const waitFor = (name: string, due: Tick, now: Tick) =>
    Math.max(0, (due - now) / 1_000, (notBefore.get(name) ?? 0) - time.now());

  function pollsOf(provider: string, scope: string, at: Known, now: Tick): Task[] {
    return Object.entries(engine.providers[provider]?.feeds ?? {}).map(([key, feed]) => {
      const name = feedName(provider, scope, key);
      const wait = waitFor(name, pollDue(feedAt(at, name), feed, time.random()), now);
      const run = async (enough: () => boolean) =>
        (await pollFeed(engine, provider, scope, key, feed, enough)) ? 0 : SOON;
      return { name, what: `the poll of ${key}`, wait, run };
    });
  }

  function sweepsOf(provider: string, scope: string, at: Known, now: Tick): Task[] {
    const least = feedsBegun(provider, scope, at) ? 0 : SOON;
    return [...engine.kinds.values()]
      .filter((kind) => kind.provider === provider)
      .map((kind) => {
        const name = sweepName(kind.name, scope);
        const state = sweepOf(at.get(name) ?? NOTHING);
        const due = sweepDue(state, engine.sweepEvery, time.random());
        const wait = Math.max(least, parentSwept(kind, scope, at) ? 0 : SOON, waitFor(name, due, now));
        const run = async (enough: () => boolean) =>
          (await sweepType(engine, kind, scope, enough)) === "done" ? 0 : SOON;
        return { name, what: `the sweep of ${kind.name}`, wait, run };
      });
  }

  /** What is listed within another type comes after that one's first sweep: before it there are no parents to ask. */
  function parentSwept(kind: Kind, scope: string, at: Known): boolean {
    const parent = parentOf(engine.kinds, kind);
    return parent === undefined || sweepOf(at.get(sweepName(parent.name, scope)) ?? NOTHING).completed !== null;
  }

  /** A feed's first cursor should be older than the first page of a backfill; but a feed that fails holds up no sweep. */
  function feedsBegun(provider: string, scope: string, at: Known): boolean {
    const names = Object.keys(engine.providers[provider]?.feeds ?? {}).map((key) => feedName(provider, scope, key));
    return names.every((name) => feedAt(at, name).polled !== null || failures.has(name));
  }

  /** Runs the due tasks of a scope in turn. A scope that rests, or an engine that stops, ends it. */
  async function work({ kind, provider, scope, tasks }: Lane, over: () => boolean): Promise<number> {
    let ran = 0;
    const end = kind === "sweep" ? time.now() + TURN : Number.POSITIVE_INFINITY;
    const enough = () => over() || time.now() >= end || engine.stopping.aborted || engine.pauses.has(provider, scope);
    for (const { name, what, run } of tasks) {
      const now = time.now();
      const rest = engine.budget.resting(scopeKey(provider, scope), now);
      if (rest !== undefined) notBefore.set(name, rest);
      if (rest !== undefined || enough()) continue;
      ran++;
      try {
        const wait = await run(enough);
        failures.delete(name);
        if (wait > 0) notBefore.set(name, now + wait);
        else notBefore.delete(name);
      } catch (error) {
        pause({ provider, scope, name, what }, error);
      }
    }
    return ran;
  }

  function pause(
    { provider, scope, name, what }: { provider: string; scope: string; name: string; what: string },
    error: unknown,
  ) {
    const now = time.now();
    const before = failures.get(name) ?? 0;
    failures.set(name, before + 1);
    let ms = time.random() * Math.min(PAUSE[1], PAUSE[0] * 2 ** (before + 1));
    if (error instanceof AccessLost) {
      ms = ACCESS_PAUSE * (1 + time.random());
      engine.scopes.doubt(provider);
    }
    if (error instanceof RetryLater) {
      ms = error.ms;
      engine.budget.rest(scopeKey(provider, scope), now + ms);
    }
    notBefore.set(name, now + ms);
    if (!engine.stopping.aborted) engine.emit({ kind: "failed", what, provider, scope, error: describe(error), ms });
  }

  function begin(lane: Lane, enough: () => boolean): Promise<number> {
    const due = { ...lane, tasks: lane.tasks.filter(({ wait }) => wait <= 0) };
    const done = work(due, enough).finally(() => {
      busy.delete(lane.key);
      served.set(lane.key, time.now());
      woken();
    });
    busy.set(lane.key, { kind: lane.kind, done });
    return done;
  }

  /** Starts what is due where nothing is under way. Answers how many milliseconds until the next of the rest. */
  async function start(patient: boolean, enough = () => false): Promise<{ begun: Promise<number>[]; next: number }> {
    const begun: Promise<number>[] = [];
    let next = Number.POSITIVE_INFINITY;
    const due: Lane[] = [];
    for (const lane of await lanes(patient)) {
      if (busy.has(lane.key)) continue;
      const wait = Math.min(...lane.tasks.map((task) => task.wait));
      if (wait > 0) next = Math.min(next, wait);
      else due.push(lane);
    }
    const lastOf = ({ key }: Lane) => served.get(key) ?? Number.NEGATIVE_INFINITY;
    for (const lane of due.sort((a, b) => lastOf(a) - lastOf(b) || 0)) {
      const beside = [...busy.values()].filter(({ kind }) => kind === lane.kind).length;
      if (beside < LANES) begun.push(begin(lane, enough));
    }
    return { begun, next };
  }

  return {
    async run() {
      if (engine.stopping.aborted) return Number.POSITIVE_INFINITY;
      const early = looked.at + Math.min(GAP, 20 * looked.took) - time.now();
      if (early > 0) return early;
      const at = time.now();
      const { next } = await start(false);
      looked = { at: time.now(), took: time.now() - at };
      return Math.min(LOOK, next);
    },
    async drain(enough = () => false) {
      const { begun } = await start(true, enough);
      const ran = await Promise.all([...begun, ...[...busy.values()].map(({ done }) => done)]);
      return ran.reduce((sum, n) => sum + n, 0);
    },
    async idle() {
      while (busy.size > 0) await Promise.all([...busy.values()].map(({ done }) => done));
    },
  };
}
