/**
 * A process that runs the engine: it can be frozen, and it can die. What it asked for goes on without it: a commit that
 * was sent is made, an answer that comes finds nobody, or is found much later.
 */

import type { VirtualTime } from "tidemark/testing";
import { createSync, type EngineEvent, type Store, type Sync, type Time } from "../../src/index.ts";
import type { Provider } from "../../src/provider.ts";
import { incoming, type Receiver } from "../../src/sync.ts";
import type { Api, Thing } from "./api.ts";
import type { WorldOptions } from "./draw.ts";

export type WorldSync = Sync<{ w: Provider<{ thing: Thing }> }>;

export interface Host {
  sync: WorldSync;
  up(): boolean;
  /** Posts a webhook. Answers the status; undefined if nobody answers. */
  post(body: unknown, signature?: string): Promise<number | undefined>;
  freeze(): void;
  thaw(): void;
  kill(): void;
}

export function createHost(
  world: WorldOptions,
  api: Api,
  time: VirtualTime,
  store: Store,
  observe: (event: EngineEvent) => void,
): Host {
  let dead = false;
  let frozen = false;
  let held: (() => void)[] = [];
  const gate = (run: () => void) => {
    if (dead) return;
    if (frozen) held.push(() => gate(run));
    else run();
  };
  const own: Time = {
    now: time.now,
    random: time.random,
    after: (ms, run) => time.after(ms, () => gate(run)),
  };
  /** Passes a call on, and its answer back, when the process can. */
  const throughGate = <A extends unknown[], T>(method: (...args: A) => Promise<T>) => {
    return (...args: A) =>
      new Promise<T>((resolve, reject) => {
        gate(() => {
          method.apply(store, args).then(
            (value) => gate(() => resolve(value)),
            (error: unknown) => gate(() => reject(error)),
          );
        });
      });
  };
  const gated: Store = {
    open: throughGate(store.open),
    post: throughGate(store.post),
    update: throughGate(store.update),
    checkpoint: throughGate(store.checkpoint),
    checkpoints: throughGate(store.checkpoints),
    rows: throughGate(store.rows),
    entries: throughGate(store.entries),
    survey: throughGate(store.survey),
    head: throughGate(store.head),
    compact: throughGate(store.compact),
    erase: throughGate(store.erase),
    close: async () => {},
  };
  const sync = createSync({
    providers: { w: api.provider(gate) },
    store: gated,
    sweepEvery: world.sweep,
    time: own,
    observe: (event) => {
      if (!dead) observe(event);
    },
  });
  const receiver = sync as WorldSync & Receiver;

  return {
    sync,
    up: () => !dead && !frozen,
    post(body, signature = "good") {
      if (dead || frozen) return Promise.resolve(undefined);
      const read = async () => Buffer.from(JSON.stringify(body));
      const headers = { get: (name: string) => (name === "signature" ? signature : null) };
      const answered = receiver[incoming]("w", { method: "POST", url: "/", headers, read });
      // A process that dies or freezes in between answers nobody in time.
      return new Promise((resolve) => {
        const cancel = time.after(10_000, () => resolve(undefined));
        answered.then(({ status }) => {
          cancel();
          resolve(status);
        });
      });
    },
    freeze() {
      frozen = true;
    },
    thaw() {
      frozen = false;
      const run = held;
      held = [];
      for (const next of run) next();
    },
    kill() {
      dead = true;
      held = [];
    },
  };
}
