/**
 * When each poll and sweep of this engine is due: the bounds that the application and the providers give, and how far
 * webhooks are trusted. What it decides is decided in tempo.ts.
 * @module
 */
import type { Engine, Schedule } from "../engine.ts";
import { providerOf } from "../hints.ts";
import type { Feed } from "../provider.ts";
import { EVERY } from "./plan.ts";
import {
  afterPoll,
  afterSweep,
  type Bounds,
  type Every,
  pollBounds,
  pollInterval,
  shortestSweep,
  sweepBounds,
  sweepInterval,
} from "./tempo.ts";
import type { Trust } from "./trust.ts";

/** What the application says. */
export interface Intervals {
  pollEvery: Every | undefined;
  sweepEvery: Every | undefined;
}

type Needed = Pick<Engine, "providers" | "kinds">;

export function createSchedule(
  { providers, kinds }: Needed,
  trust: Trust,
  { pollEvery, sweepEvery }: Intervals,
): Schedule {
  const sweeps = sweepBounds(sweepEvery);
  const feedsOf = (type: string): Feed[] => {
    const provider = providerOf(type);
    const short = type.slice(provider.length + 1);
    return Object.values(providers[provider]?.feeds ?? {}).filter(({ types }) => types.includes(short));
  };
  const takesWebhooks = (provider: string) => providers[provider]?.webhook !== undefined;
  const boundsOf = (provider: string, { every = EVERY, horizon }: Feed): Bounds =>
    pollBounds(every, horizon, takesWebhooks(provider), pollEvery);
  // A log of deliveries that failed does not know of those that were never tried.
  const isCovered = (type: string) => feedsOf(type).some(({ webhooks }) => webhooks !== "failed");

  return {
    pollBounds: boundsOf,
    poll: (provider, scope, feed, state) =>
      pollInterval(state, boundsOf(provider, feed), { trusted: trust.of(provider, scope) }),
    polled(provider, scope, feed, state, busy) {
      const types = feed.types.map((type) => `${provider}.${type}`).filter((type) => kinds.has(type));
      const ground = { trusted: trust.of(provider, scope), missed: trust.missed(provider, types) };
      return afterPoll(state, boundsOf(provider, feed), busy, ground);
    },
    sweep: (state) => sweepInterval(state, sweeps),
    shortestSweep: (state) => shortestSweep(state, sweeps),
    swept: (type, state, now, draw) => afterSweep(state, sweeps, { covered: isCovered(type), now, draw }),
    isNamed: (type) => feedsOf(type).some(({ webhooks }) => webhooks === true),
    mayMiss: (type) => takesWebhooks(providerOf(type)) || !isCovered(type),
    quickest: (type) => Math.min(HOUR, ...feedsOf(type).map((feed) => boundsOf(providerOf(type), feed).min)),
  };
}

/** Of a type that no feed covers: quicker than its sweeps, and long beside what a webhook may take. */
const HOUR = 3_600_000;
