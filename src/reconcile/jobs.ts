/**
 * What is done in each scope of a provider by itself: a poll of each feed, a sweep of each type, a look at the hook.
 * @module
 */
import type { Checkpoint } from "../checkpoint.ts";
import type { Engine } from "../engine.ts";
import { RetryLater } from "../errors.ts";
import type { Turn } from "../hold.ts";
import { hookDue, hookName, knownOf, EVERY as LOOK } from "../hook/known.ts";
import { tendHook } from "../hook/tend.ts";
import { parentOf } from "../kind.ts";
import { pollFeed } from "../poll.ts";
import { sweepType } from "../sweep.ts";
import type { Tick } from "../time.ts";
import { type Job, MOMENT, type Next, type Plan } from "./lane.ts";
import { feedName, feedOf, pollDue, sweepDue, sweepName, sweepOf } from "./plan.ts";

/** Milliseconds until a sweep is looked at again whose reads do not keep up. */
const SOON = 2_000;
/** Milliseconds after the end of a hold within which those who wait for it come, each at a moment of its own. */
const AFTER = 1_000;

/** What came of a job's last turn. */
interface Last extends Pick<Turn, "at" | "tick"> {
  how: string;
}

/** Another may let go of it at any time; who died does so when the hold is over. */
const heldFor = ({ until }: Checkpoint, tick: Tick, draw: number): number =>
  Math.min(MOMENT * (0.5 + draw / 2), Math.max(0, until - tick) / 1_000 + draw * AFTER);

/** When a job is to be looked at again, by the checkpoint that its turn left. */
function nextOf({ how, at, tick }: Last, plan: Plan, draw: number): Next {
  const due = Math.max(0, (plan.due(draw) - tick) / 1_000);
  const wait = how === "held" ? heldFor(at, tick, draw) : how === "waiting" ? SOON : due;
  const met = (how === "done" || how === "early") && !plan.wanted;
  return { wait, begun: plan.begun, met: met ? tick : 0, held: how === "held" };
}

export function pollJobs(engine: Engine, provider: string): Job[] {
  const { schedule } = engine;
  const feeds = Object.entries(engine.providers[provider]?.feeds ?? {});
  return feeds.map(([key, feed]) => {
    const planOf: Job["planOf"] = (at, scope) => {
      const state = feedOf(at);
      const { polled, wanted } = state;
      const every = schedule.poll(provider, scope, feed, state);
      return { due: (spread) => pollDue(state, every, spread), begun: polled !== null, wanted: wanted !== null };
    };
    return {
      ...{ key, what: `the poll of ${key}`, every: schedule.pollBounds(provider, feed).min, planOf },
      nameIn: (scope) => feedName(provider, scope, key),
      async run(scope, enough) {
        const turn = await pollFeed(engine, provider, scope, key, feed, enough);
        return nextOf(turn, planOf(turn.at, scope), engine.time.random());
      },
    };
  });
}

export function sweepJobs(engine: Engine, provider: string): Job[] {
  const kinds = [...engine.kinds.values()].filter((kind) => kind.provider === provider);
  return kinds.map((kind) => {
    const planOf: Job["planOf"] = (at) => {
      const state = sweepOf(at);
      const { begun, completed, wanted } = state;
      return {
        due: (spread) => sweepDue(state, engine.schedule.sweep(state), spread),
        begun: completed !== null,
        wanted: wanted !== null && wanted >= (begun ?? 0),
      };
    };
    const parent = parentOf(engine.kinds, kind);
    return {
      ...{ key: kind.name, what: `the sweep of ${kind.name}`, every: engine.sweepEvery, planOf },
      // What is listed within another type comes after that one's first sweep: before it there are no parents to ask.
      ...(parent && { after: kinds.indexOf(parent) }),
      nameIn: (scope) => sweepName(kind.name, scope),
      async run(scope, enough) {
        const turn = await sweepType(engine, kind, scope, enough);
        return nextOf(turn, planOf(turn.at, scope), engine.time.random());
      },
    };
  });
}

/** A provider whose hooks cannot be seen has none; one whose hooks nobody set up has no lanes for it. */
export function hookJobs(engine: Engine, provider: string): Job[] {
  const endpoint = engine.providers[provider]?.endpoint;
  if (!endpoint) return [];
  const planOf: Job["planOf"] = (at, scope) => {
    const hook = knownOf(at);
    const slowness = engine.hooks.slowness(provider, scope);
    return {
      due: (spread) => hookDue(hook, spread, slowness),
      begun: hook.checked !== null,
      wanted: hook.wanted !== null,
    };
  };
  const job: Job = {
    ...{ key: "", what: "the look at the hook", every: LOOK, planOf },
    nameIn: (scope) => hookName(provider, scope),
    async run(scope) {
      const setup = engine.hooks.setupOf(provider, scope);
      if (!setup) return { wait: LOOK, begun: false, met: 0 };
      const turn = await tendHook(engine, { provider, scope, endpoint, setup, asked: false });
      // It was told to wait: so does the rest of the scope.
      if (turn.tended?.error instanceof RetryLater) throw turn.tended.error;
      return nextOf(turn, planOf(turn.at, scope), engine.time.random());
    },
  };
  return [job];
}
