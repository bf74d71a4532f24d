/**
 * A week of one provider with a busy scope and some that sleep, on the real engine and the real store, in virtual time:
 * what it costs in requests, and how long after a write the log has it.
 */
import { createSync, type Provider, type SyncOptions } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { createRandom, createVirtualTime, type Random } from "tidemark/testing";
import { createLeap } from "./leap.ts";
import { createService } from "./service.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday, midnight UTC. */
const BEGIN = Date.UTC(2027, 0, 18);

/**
 * How changes are found. `poll`: by the feed and sweeps, without webhooks. `webhook`: by webhooks alone, without a feed and
 * without sweeps. `both`: by all of them.
 */
export type Mode = "poll" | "webhook" | "both";

export interface WeekOptions {
  /** Decides what is left to chance: the writes, and which webhooks are lost, are the same in each mode. Default 1. */
  seed?: number;
  /** Default `both`. */
  mode?: Mode;
  /** Default 7. */
  days?: number;
  /** The chance that a webhook is lost, by the ms since the beginning and the scope. Default 0.01. */
  loss?: number | ((ms: number, scope: string) => number);
  /** Scopes in which next to nothing is written. Default 5. */
  sleeping?: number;
  /** Ms between two writes in the busy scope on average, by day (8 to 20 h) and by night. Default 4 and 40 minutes. */
  busy?: { day: number; night: number };
  /** The same in each scope that sleeps. Default two days. */
  asleep?: number;
  /** The feed names the events that the webhooks carry. Default true. */
  named?: boolean;
  /** There is a feed; without one only sweeps find what webhooks lost. Default true. */
  feed?: boolean;
  /** Ms between the polls of the feed that the provider bears. Default one minute. */
  every?: number;
  /** Options of `createSync`. Default: its own, but no sweeps in mode `webhook`. */
  options?: Omit<SyncOptions, "providers" | "store" | "time" | "observe">;
}

/** What became of a write: when it was, in ms since the beginning, and how long it took until the log had it. */
export interface Wait {
  scope: string;
  at: number;
  /** Infinite: the log has neither it nor a later one of its resource. */
  ms: number;
}

export interface Week {
  /** Requests: `poll` of the feed, `list` for a page of a sweep, `fetch` for a read. */
  calls: Record<"poll" | "list" | "fetch" | "probe", number>;
  total: number;
  /** Polls by scope: `busy`, `s1`, `s2` and so on. */
  polls: Record<string, number>;
  /** Each request, as `poll busy`, and when it was, in ms since the beginning. */
  trace: readonly { call: string; at: number }[];
  writes: number;
  /** Webhooks that were lost. */
  lost: number;
  /** Entries of the log. */
  changes: number;
  /** Writes of which neither they nor a later one of their resource are in the log at the end. */
  missing: number;
  /** Ms from a write to the log, of those that are in it. */
  staleness: { p50: number; p90: number; p99: number; max: number };
  waits: readonly Wait[];
}

/** Runs it. With the same options it is the same week. */
export async function runWeek(options: WeekOptions = {}): Promise<Week> {
  const { seed = 1, mode = "both", days = 7, loss = 0.01, sleeping = 5, every = MINUTE } = options;
  const time = createVirtualTime({ random: createRandom(seed), start: BEGIN });
  const service = createService(time, createRandom(seed + 1_000), every, options);
  const leap = createLeap(time, sqlite(":memory:", { time }), every);
  const sync = createSync({
    ...{ providers: { it: service.provider as Provider }, store: leap.store, time: leap.time },
    ...(mode === "webhook" && { sweepEvery: 3_650 * DAY }),
    ...{ ...options.options, observe: service.observe },
  });
  const scopes = ["busy", ...Array.from({ length: sleeping }, (_, i) => `s${i + 1}`)];
  for (const scope of scopes) service.open(scope);
  const started = sync.start();
  await time.run(BEGIN + MINUTE);
  await started;

  let lost = 0;
  for (const [i, scope] of scopes.entries()) {
    const random = createRandom(seed * 10_000 + i);
    repeat(
      time,
      random,
      (now) => meanOf(options, scope, now),
      () => {
        const hint = service.write(scope, random.next());
        const chance = typeof loss === "number" ? loss : loss(time.now() - BEGIN, scope);
        const [isLost, delay] = [random.next() < chance, random.int(500, 3_000)];
        if (mode === "poll") return;
        if (isLost) lost++;
        else time.after(delay, () => void sync.webhook("it", webhookOf(hint)));
      },
    );
  }
  await time.run(BEGIN + days * DAY);
  const stopped = sync.stop();
  await time.run(time.now() + MINUTE);
  await stopped;
  return { ...service.told(), lost };
}

const webhookOf = (hint: unknown) => new Request("http://x/", { method: "POST", body: JSON.stringify([hint]) });

/** Ms between two writes on average. */
function meanOf(
  { busy = { day: 4 * MINUTE, night: 40 * MINUTE }, asleep = 2 * DAY }: WeekOptions,
  scope: string,
  now: number,
): number {
  if (scope !== "busy") return asleep;
  const hour = Math.floor(now / HOUR) % 24;
  return hour >= 8 && hour < 20 ? busy.day : busy.night;
}

/** Does it again and again, at times as those of a Poisson process. */
function repeat(
  time: { now(): number; after(ms: number, run: () => void): unknown },
  random: Random,
  mean: (now: number) => number,
  run: () => void,
): void {
  time.after(1 - Math.log(1 - random.next()) * mean(time.now()), () => {
    run();
    repeat(time, random, mean, run);
  });
}
