/**
 * Leases dirty rows, has them read, and records what came back.
 * @module
 */

import { Rooms } from "./budget/rooms.ts";
import { scopeKey, typeKey } from "./budget.ts";
import type { Engine } from "./engine.ts";
import { describe } from "./errors.ts";
import { providerOf } from "./hints.ts";
import { isCollection } from "./kind.ts";
import { lease, type Ref, type Row } from "./row.ts";
import { listCollection } from "./sweep/children.ts";
import { sleep, type Tick, ticks } from "./time.ts";
import { Batches, batchOf, jobsOf, widest } from "./work/batch.ts";
import { createProbes } from "./work/probe.ts";
import { type Answer, classOf, type Job, LEASE, read } from "./work/read.ts";
import { recordAnswer, recordFailure } from "./work/record.ts";

/** Reads under way at once, in all scopes together. */
const SLOTS = 64;
/** Reads and what they brought, on the way to the store. */
const MOST = 4 * SLOTS;
/** Milliseconds after which the store is asked for due rows though nobody rang: other processes write, too. */
export const LOOK = 1_000;
/**
 * Milliseconds until all of a crowded head is looked at again. In between a read that ends looks for one other: to look
 * at 64 rows for each of them, and to move half of those back, took more than the reads (4 at once in one scope).
 */
const CROWDED = 20;
/** How long the rows of a full scope are moved back at least when they crowd the head of the queue. */
const BACK = ticks(500);
/** Milliseconds for which a row is put aside at most that the budget has no room for. */
const LONGEST = 60_000;
/** How long the rows of a type that no plugin here knows are put aside. */
const UNKNOWN = ticks(3_600_000);
/** How long those of a scope that has left are: it may come back. */
const LEFT = ticks(300_000);
/** How long the rows of a paused scope are put aside. */
const PAUSED = ticks(60_000);

export interface Worker {
  /** Starts the reads that are due. Answers how many milliseconds to sleep. */
  run(): Promise<number>;
  /** Reads one resource now, if it is due, its scope does not rest, and nobody else does. Answers whether it did. */
  readNow(ref: Ref): Promise<boolean>;
  /** Starts what is due and waits until nothing is under way. Answers how many reads that were. `enough`: no more. */
  drain(enough?: () => boolean): Promise<number>;
  /** Starts what is due, and waits until one read of what is under way has ended. Answers whether there was one. */
  some(): Promise<boolean>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export function createWorker(engine: Engine): Worker {
  const { budget, kinds, store, time } = engine;
  const providers = Object.keys(engine.providers);
  const probe = createProbes(engine);
  const flying = new Set<Promise<void>>();
  /** Rows that one call may read: so many are looked at, or batches would be small whenever much is due. */
  const width = widest(kinds.values());
  /** In ms by our own clock; and for how many rows there is room by the reads that ended since the queue was looked at. */
  let crowdedUntil = 0;
  let ended = 0;

  let reading = 0;
  const freeSlots = () => Math.min(SLOTS - reading, MOST - flying.size);

  /** How many milliseconds a scope, or a type of it, is still to be left alone. */
  function restOf(provider: string, scope: string, type: string): number | undefined {
    const now = time.now();
    const until = budget.resting(provider, scope, now) ?? budget.restingAt(typeKey(provider, scope, type), now);
    return until === undefined ? undefined : until - now;
  }

  /**
   * Leases what is due; the rest of a full or resting scope is moved back, a full one's to the end of its line: moved by
   * a moment, a thousand of them hid another scope's hint for good. `crowded`:
   * some was, and others may have been hidden behind it. Without `back` it is left where it is.
   *
   * @param limit rows that are looked at in each class
   * @param slots calls that may be made for them
   * @param aside what the budget has no room for is put aside: whoever drains is done with it
   */
  async function claim(limit: number, slots: number, back: Tick | undefined, aside = false): Promise<Claim> {
    const taken = new Map<string, number>();
    const calls = new Map<string, number>();
    const batches = new Batches();
    const rooms = new Rooms(budget);
    let crowded = false;
    let passed = 0;
    let put = 0;
    /** It is not to be read yet. A head that is full of such rows hides others. */
    const later = (row: Row, due: Tick) => {
      crowded ||= ++put >= limit / 2;
      return { row: { ...row, due } };
    };
    const step = (row: Row, tick: Tick) => {
      const kind = kinds.get(row.type);
      if (!kind) return later(row, tick + UNKNOWN);
      if (engine.scopes.left(kind.provider, row.scope)) return later(row, tick + LEFT);
      if (engine.pauses.has(kind.provider, row.scope)) return later(row, tick + PAUSED);
      const key = scopeKey(kind.provider, row.scope);
      const rest = restOf(kind.provider, row.scope, row.type);
      if (rest !== undefined) return later(row, tick + ticks(rest + time.random() * 1_000));
      const wait = row.attempts > 0 ? engine.outages.wait(`${key}|${row.type}`, time.now()) : 0;
      if (wait > 0) return later(row, tick + ticks(wait + time.random() * 1_000));
      const cls = row.class ?? "sweep";
      const batch = batchOf(kind, row);
      if (batches.takes(batch)) return { row: lease(row, tick + LEASE) };
      const begun = calls.get(cls) ?? 0;
      if (begun >= slots) return undefined;
      const beside = taken.get(key) ?? 0;
      const full = !budget.admits(key, cls, beside);
      if (full || !rooms.admits(kind.provider, row)) {
        passed++;
        const turn = full ? 0 : Math.min(budget.wallet(kind.provider, row.scope).wait(cls), LONGEST);
        if (turn > 0 && aside) return later(row, tick + ticks(turn));
        if (passed <= limit / 2 || back === undefined) return undefined;
        crowded = true;
        const place = back > 0 ? budget.place(kind.provider, row.scope, cls, tick, batch) : tick;
        return { row: { ...row, due: Math.max(place, tick + back, tick + ticks(turn)) } };
      }
      taken.set(key, beside + 1);
      calls.set(cls, begun + 1);
      batches.begin(batch);
      return { row: lease(row, tick + LEASE) };
    };
    const order = budget.order(time.random());
    const awake = providers.filter((provider) => !engine.pauses.hasAll(provider));
    const claims = await Promise.all(
      order.map((cls) => store.update({ class: cls, providers: awake, limit }, step, undefined, LAZY)),
    );
    const leased = (rows: readonly Row[], tick: Tick) => rows.filter((row) => row.lease === tick + LEASE);
    const jobs = claims.flatMap(({ rows, tick }) => jobsOf(engine, leased(rows, tick), tick));
    return { jobs: jobs.map(admitted), crowded, rooms };
  }

  const admitted = (job: Job): Job => ({
    ...job,
    permit: budget.wallet(job.kind.provider, job.scope).begin(classOf(job)),
  });

  function begin(job: Job): Promise<void> {
    const done = perform(job).finally(() => {
      flying.delete(done);
      if (flying.size + 1 === MOST) engine.workDue(0);
    });
    flying.add(done);
    return done;
  }

  /** A read is over when it is answered: while what it brought is being saved another one may be made. */
  async function ask(job: Job): Promise<Answer | Failure | undefined> {
    const key = scopeKey(job.kind.provider, job.scope);
    budget.enter(key);
    reading++;
    try {
      return await (isList(job) ? listCollection(engine, job) : read(engine, probe, job));
    } catch (error) {
      return { error };
    } finally {
      job.permit?.end();
      budget.leave(key);
      reading--;
      ended += job.kind.resource.fetchMany ? width : 1;
      engine.workDue(0);
    }
  }

  async function perform(job: Job): Promise<void> {
    try {
      const answer = await ask(job);
      if (answer && "error" in answer) await recordFailure(engine, job, answer.error);
      else if (answer) await recordAnswer(engine, job, answer);
    } catch (error) {
      // The store refused: the lease runs out, and the rows are read again.
      const { kind, scope } = job;
      const source = { provider: kind.provider, scope };
      engine.emit({ kind: "failed", what: "recording a read", ...source, error: describe(error), ms: LEASE / 1_000 });
    }
  }

  /** Resolves when a read has ended, or when others may be seen behind those that were moved back. */
  async function otherwise(): Promise<void> {
    const over = new AbortController();
    await Promise.race([...flying, sleep(time, CROWDED, over.signal)]);
    over.abort();
  }

  return {
    async run() {
      const free = freeSlots();
      if (free <= 0 || engine.stopping.aborted) return Number.POSITIVE_INFINITY;
      const rest = crowdedUntil - time.now();
      const whole = rest <= 0 || rest > CROWDED;
      const limit = Math.min(Math.max(free, width), whole ? Number.POSITIVE_INFINITY : ended);
      ended = 0;
      const { jobs, crowded, rooms } = limit === 0 ? NOTHING : await claim(limit, free, whole ? BACK : undefined);
      for (const job of jobs) begin(job);
      if (whole) crowdedUntil = crowded ? time.now() + CROWDED : 0;
      // Whoever is answered rings.
      void rooms?.ask();
      return Math.min(rooms?.wait || LOOK, whole ? (crowded ? CROWDED : LOOK) : rest);
    },
    async readNow(ref) {
      const provider = providerOf(ref.type);
      if (restOf(provider, ref.scope, ref.type) !== undefined) return false;
      const wallet = budget.wallet(provider, ref.scope);
      if (wallet.room("live") <= 0) {
        await wallet.want("live", 1);
        return false;
      }
      const step = (row: Row, tick: Tick) => {
        const free = row.due !== null && row.due <= tick && (row.lease ?? 0) <= tick;
        return free ? { row: lease(row, tick + LEASE) } : undefined;
      };
      const { rows, tick } = await store.update({ refs: [ref] }, step, undefined, LAZY);
      await Promise.all(jobsOf(engine, rows, tick).map(admitted).map(begin));
      return rows.length > 0;
    },
    async drain(enough = () => false) {
      let reads = 0;
      for (;;) {
        const limit = enough() ? 0 : Math.max(1, freeSlots());
        const { jobs, crowded, rooms } = limit === 0 ? NOTHING : await claim(Math.max(limit, width), limit, 0, true);
        for (const job of jobs) begin(job);
        reads += jobs.length;
        const asked = rooms?.wait === 0;
        if (asked) await rooms?.ask();
        if (flying.size === 0 && !crowded && !asked) return reads;
        if (!asked) await (crowded ? otherwise() : Promise.race(flying));
      }
    },
    async some() {
      const limit = Math.max(1, freeSlots());
      const { jobs, rooms } = await claim(Math.max(limit, width), limit, 0);
      for (const job of jobs) begin(job);
      if (rooms?.wait === 0) await rooms.ask();
      if (flying.size === 0) return false;
      await Promise.race(flying);
      return true;
    },
    async idle() {
      while (flying.size > 0) await Promise.all(flying);
    },
  };
}

/** A lease that a power cut undid costs one more read. */
const LAZY = { lazy: true };

const NOTHING: Claim = { jobs: [], crowded: false, rooms: undefined };

interface Claim {
  jobs: Job[];
  crowded: boolean;
  rooms: Rooms | undefined;
}

interface Failure {
  error: unknown;
}

const isList = ({ kind, rows }: Job): boolean => rows.some(({ id }) => isCollection(kind, id));
