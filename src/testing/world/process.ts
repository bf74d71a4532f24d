/**
 * A process that runs the engine: it can be frozen, and it can die. What it asked for goes on without it: a commit that
 * was sent is made, an answer that comes finds nobody, or is found much later.
 */
import { createSync, type EngineEvent, type Provider, type Store, type Sync, type Time } from "tidemark";
import { incoming, type Receiver } from "../../api.ts";
import type { Gate } from "./request.ts";

export interface Process {
  readonly sync: Sync<Record<string, Provider>>;
  /** Neither dead nor frozen. */
  up(): boolean;
  /** Posts a webhook. Answers the status; undefined if nobody answers. */
  post(provider: string, body: unknown, signature: string): Promise<number | undefined>;
  freeze(): void;
  thaw(): void;
  kill(): void;
}

/** What a process is given. */
export interface Setting {
  time: Time;
  store: Store;
  sweepEvery: number;
  /** Ms between polls, at the least and at the most. */
  pollEvery: { min: number; max: number } | undefined;
  providers(gate: Gate): Record<string, Provider>;
  observe(event: EngineEvent): void;
}

/** How long a sender waits for an answer, in ms. */
const PATIENCE = 10_000;

export function createProcess({ time, store, sweepEvery, pollEvery, providers, observe }: Setting): Process {
  let dead = false;
  let frozen = false;
  let held: (() => void)[] = [];
  const gate = (run: () => void) => {
    if (dead) return;
    if (frozen) held.push(() => gate(run));
    else run();
  };
  const own: Time = { ...time, after: (ms, run) => time.after(ms, () => gate(run)) };
  const sync = createSync({
    providers: providers(gate),
    store: behind(gate, store, () => dead),
    sweepEvery,
    ...(pollEvery && { pollEvery }),
    time: own,
    observe: (event) => {
      if (!dead) observe(event);
    },
  });
  const receiver = sync as typeof sync & Receiver;

  return {
    sync,
    up: () => !dead && !frozen,
    post(provider, body, signature) {
      if (dead || frozen) return Promise.resolve(undefined);
      const read = async () => Buffer.from(JSON.stringify(body));
      const headers = { get: (name: string) => (name === "signature" ? signature : null) };
      const answered = receiver[incoming](provider, { method: "POST", url: "/", headers, read });
      // A process that dies or freezes in between answers nobody in time.
      return new Promise((resolve) => {
        const cancel = time.after(PATIENCE, () => resolve(undefined));
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

/** The store as a process has it: its calls leave, and their answers come, when the process can. */
function behind(gate: Gate, store: Store, dead: () => boolean): Store {
  const pass = <A extends unknown[], T>(method: (...args: A) => Promise<T>) => {
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
  const { transaction } = store;
  // Without `listen`: that only wakes up, and is never needed.
  return {
    open: pass(store.open),
    post: pass(store.post),
    update: pass(store.update),
    checkpoint: pass(store.checkpoint),
    checkpoints: pass(store.checkpoints),
    rows: pass(store.rows),
    entries: pass(store.entries),
    survey: pass(store.survey),
    head: pass(store.head),
    compact: pass(store.compact),
    erase: pass(store.erase),
    ...(transaction && {
      transaction: pass((work, move) => {
        // Its connection died with it, and the database rolls back.
        const check = <T>(value: T): T => {
          if (dead()) throw new Error("the process died within its transaction");
          return value;
        };
        const run: typeof work = (handle) => {
          const value = work(handle);
          return value instanceof Promise ? value.then(check) : check(value);
        };
        return transaction.call(store, run, move);
      }) as NonNullable<Store["transaction"]>,
    }),
    close: async () => {},
  };
}
