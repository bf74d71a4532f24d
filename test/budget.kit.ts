/** An API that bears so many calls in a window and refuses what is more, and engines that share what it bears. */
import {
  type Context,
  createSync,
  type Hint,
  type Limits,
  type Provider,
  RetryLater,
  type SyncOptions,
} from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { createRandom, createVirtualTime, type VirtualTime } from "tidemark/testing";
import type { EngineEvent } from "../src/events.ts";
import { sleep } from "../src/time.ts";

export const SECOND = 1_000;
export const MINUTE = 60_000;

interface Thing {
  id: string;
  rev: number;
}

export interface Call {
  what: "fetch" | "list" | "poll";
  id: string;
  at: number;
  refused: boolean;
}

export interface ServiceOptions {
  limits?: Limits;
  /** So many calls in any `window` ms; more are refused. */
  bears?: number;
  window?: number;
  /** Whether answers say what is left, and refusals when to come again. */
  headers?: boolean;
  /** Milliseconds that a call takes. */
  takes?: number;
  /** Objects that the list names without their states. */
  objects?: number;
  feed?: boolean;
}

/** What the feed names next, and what every call was. */
export interface Service {
  provider: Provider<{ thing: Thing }>;
  calls: Call[];
  events: Hint<"thing">[];
  /** Called by others: the application. */
  spend(calls: number): void;
  /** More of what a plugin is told with each answer. */
  tell: (context: Context) => void;
}

export function createService(time: VirtualTime, options: ServiceOptions): Service {
  const { bears = Number.POSITIVE_INFINITY, window = MINUTE, headers = false, takes = 50, objects = 0 } = options;
  const { limits = {}, feed = false } = options;
  let taken: number[] = [];
  const count = () => {
    taken = taken.filter((at) => at > time.now() - window);
    return taken.length;
  };
  async function ask(what: Call["what"], id: string, context: Context): Promise<void> {
    const refused = count() >= bears;
    service.calls.push({ what, id, at: time.now(), refused });
    if (!refused) taken.push(time.now());
    const resets = (taken[0] ?? time.now()) + window;
    await sleep(time, takes);
    service.tell(context);
    if (headers) context.limit({ left: Math.max(0, bears - count()), of: bears, resets: time.now() + window });
    if (refused) throw new RetryLater(headers ? resets - time.now() : 10 * SECOND);
  }
  const ids = Array.from({ length: objects }, (_, i) => `o${i}`);
  const service: Service = {
    ...{ calls: [], events: [], tell: () => {} },
    spend: (calls) => void taken.push(...Array.from({ length: calls }, () => time.now())),
    provider: {
      limits,
      probe: async () => {},
      ...(feed && {
        feeds: {
          events: {
            ...{ types: ["thing"], every: 30 * SECOND },
            async poll(cursor, context) {
              await ask("poll", "", context);
              const from = Number(cursor ?? 0);
              return {
                hints: service.events.slice(from, from + 50),
                cursor: String(Math.min(from + 50, service.events.length)),
              };
            },
          },
        },
      }),
      resources: {
        thing: {
          async fetch(id, context) {
            await ask("fetch", id, context);
            return { id, rev: 1 };
          },
          async list(page, context) {
            await ask("list", "", context);
            const from = Number(page ?? 0);
            const refs = ids.slice(from, from + 100).map((id) => ({ id }));
            return { refs, next: from + 100 < ids.length ? String(from + 100) : null };
          },
          id: ({ id }) => id,
          readLag: { fetch: 0, list: 0 },
        },
      },
    },
  };
  return service;
}

/** Engines on one store, in virtual time. */
export async function createRig(
  options: ServiceOptions & Partial<SyncOptions> & { engines?: number; seed?: number } = {},
) {
  const { engines = 1, seed = 1, reserve, concurrency, sweepEvery, ...rest } = options;
  const real = createVirtualTime({ random: createRandom(seed) });
  let off = 0;
  const time: VirtualTime = { ...real, now: () => real.now() + off };
  const store = sqlite(":memory:", { time });
  await store.open();
  const service = createService(time, rest);
  const events: EngineEvent[] = [];
  const settings = {
    ...{ store: { ...store, close: async () => {} }, time, observe: (event: EngineEvent) => void events.push(event) },
    ...(reserve !== undefined && { reserve }),
    ...(concurrency !== undefined && { concurrency }),
    ...(sweepEvery !== undefined && { sweepEvery }),
  };
  const open = () => createSync({ providers: { api: service.provider }, ...settings });
  const syncs = Array.from({ length: engines }, open);
  const run = (ms: number) => real.run(real.now() + ms);
  /** The clocks of store and engines are put back or forward, to so many ms off. */
  const step = (ms: number) => {
    off = ms;
  };
  /** What it resolves to, however much virtual time that takes. */
  async function settle<T>(promise: Promise<T>, most = 600 * SECOND): Promise<T> {
    let over = false;
    const done = promise.finally(() => {
      over = true;
    });
    done.catch(() => {});
    await real.run(real.now() + most, () => over);
    return done;
  }
  const [sync] = syncs;
  if (!sync) throw new Error("at least one engine");
  async function end(): Promise<void> {
    const stopped = Promise.all(syncs.map((one) => one.stop()));
    await run(MINUTE);
    await stopped;
    await store.close();
  }
  return { ...{ time, store, service, events, sync, syncs, open, run, step, settle, end } };
}

export const refusedOf = (calls: readonly Call[]): number => calls.filter(({ refused }) => refused).length;

/** The smallest value that so large a part of them does not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
