/**
 * Reads checkpoints for the reconciler: they are the only truth of when a poll or a sweep is due; what is kept in
 * memory is a copy.
 *
 *   survey    all of them, when scopes become known
 *   patrol    a page at a time, round and round: what other processes did, and what is left of scopes that left
 *   wanted    the few names of what somebody asked for
 * @module
 */
import type { Checkpoint } from "../checkpoint.ts";
import type { Engine } from "../engine.ts";
import { HOOKS } from "../hook/known.ts";
import { FORGET } from "../row.ts";
import type { Tick } from "../time.ts";
import { GAPS, gapOf } from "./gap.ts";
import { tendGap } from "./gaps.ts";
import { learn, wantJob } from "./lane.ts";
import type { Line } from "./line.ts";
import { allCheckpoints, feedName, type Place, placeOf, sweepName, WANTED } from "./plan.ts";

/** Checkpoints in a page of the patrol. */
const PAGE = 1_000;
const ROUND = ["poll|", "sweep|", "guard|", HOOKS, GAPS, WANTED] as const;
/** Gaps looked at in a page of the patrol: after an outage each scope has some, and each is a query or more. */
const TENDED = 100;
/** Milliseconds for which a scope must be seen to have left before what it leaves behind is forgotten. */
const SURE = 3_600_000;

/** Where the lanes of a place are, and what time it is there. */
export interface Field {
  lineOf(place: Place): Line | undefined;
  /** In ms by the store's clock. */
  now(): number;
}

export interface Patrol {
  /** Reads all that is known of a provider's polls and sweeps; with `scopes`, of the polls of these alone. */
  survey(provider: string, scopes?: readonly string[]): Promise<void>;
  /** Takes note of what a poll or a sweep became. */
  take(at: Checkpoint): void;
  /** Reads the next page; all, where they are few. */
  round(): Promise<void>;
  /** Reads what was asked for, by whatever process. */
  wanted(): Promise<void>;
}

export function createPatrol(engine: Engine, { lineOf, now }: Field): Patrol {
  let from = { prefix: 0, after: "" };
  /** Since when the scope of a checkpoint is seen to have left, in ms by our own clock. */
  const leftSince = new Map<string, number>();

  const laneOf = (place: Place) => {
    const line = lineOf(place);
    const lane = line?.lane(place.scope);
    const i = line?.jobs.findIndex(({ key }) => key === place.job) ?? -1;
    return line && lane && !lane.busy && i >= 0 ? { line, lane, i } : undefined;
  };

  function take(at: Checkpoint): void {
    const place = placeOf(at.name);
    if (place?.kind === "hook") engine.hooks.learn(place, at);
    const known = place && laneOf(place);
    const plan = place && known?.line.jobs[known.i]?.planOf(at, place.scope);
    if (!known || !plan) return;
    learn(known.lane, known.i, plan, now(), engine.time.random());
    known.line.plan(known.lane, now());
  }

  /** A scope may come back, and then goes on where it was: what it left is forgotten only after {@link FORGET}. */
  const isOld = (at: Checkpoint, tick: Tick) => at.holder === null && tick - at.at > FORGET;

  async function tidy(known: Checkpoint): Promise<void> {
    const { name, value } = known;
    const place = placeOf(name);
    if (!place || !engine.scopes.left(place.provider, place.scope)) return void leftSince.delete(name);
    const since = leftSince.get(name) ?? engine.time.now();
    leftSince.set(name, since);
    if (value === null || engine.time.now() - since < SURE) return;
    // Without a transaction for each of what thousands of scopes have left, once a round for a week.
    if (!isOld(known, now() * 1_000)) return;
    const step = (at: Checkpoint, tick: Tick) => (isOld(at, tick) ? { ...at, value: null } : undefined);
    const { at } = await engine.store.checkpoint({ name, step }, { lazy: true });
    if (at.value === null) leftSince.delete(name);
  }

  /** What a crash left between a gap and its sweeps, or between their end and its own. */
  async function tend(at: Checkpoint): Promise<void> {
    const place = placeOf(at.name);
    if (place && gapOf(at) && !engine.scopes.left(place.provider, place.scope)) await tendGap(engine, at);
  }

  return {
    take,
    async survey(provider, scopes) {
      if (scopes) {
        for (const scope of scopes)
          for (const at of await allCheckpoints(engine, feedName(provider, scope, ""))) take(at);
        return;
      }
      const types = [...engine.kinds.values()].filter((kind) => kind.provider === provider);
      for (const prefix of [
        `poll|${provider}|`,
        `${HOOKS}${provider}|`,
        ...types.map(({ name }) => sweepName(name, "")),
      ]) {
        for (const at of await allCheckpoints(engine, prefix)) take(at);
      }
    },
    async round() {
      for (let more = true; more; ) {
        const page = await engine.store.checkpoints(ROUND[from.prefix] ?? "", from.after, PAGE);
        for (const at of page) {
          take(at);
          await tidy(at);
          if (at.name.startsWith(GAPS) && engine.time.random() < TENDED / page.length) await tend(at);
        }
        more = page.length < PAGE && from.prefix + 1 < ROUND.length;
        if (page.length === PAGE) from.after = page.at(-1)?.name ?? "";
        else from = { prefix: (from.prefix + 1) % ROUND.length, after: "" };
      }
    },
    async wanted() {
      for (const { name, value } of await allCheckpoints(engine, WANTED)) {
        const place = value === null ? undefined : placeOf(name);
        const known = place && laneOf(place);
        if (!known) continue;
        wantJob(known.lane, known.i, now());
        known.line.plan(known.lane, now());
      }
    },
  };
}
