/**
 * A provider whose every instant can be met: before a call is asked, when the API reads its truth, before its answer
 * arrives, and before and after each call of the store. One small list of notes, in pages of four.
 */
import type { DatabaseSync } from "node:sqlite";
import { createSync, type Hint, type Provider, type Store, type Sync, type SyncOptions } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { createRandom, createVirtualTime, type VirtualTime } from "tidemark/testing";
import { sleep } from "../src/time.ts";
import { webhookOf } from "./desk.ts";

export interface Note {
  id: string;
  text: string;
  rev: number;
}

export interface Shelf {
  time: VirtualTime;
  store: Store<DatabaseSync>;
  truth: Map<string, Note>;
  put(id: string, text: string): Hint;
  remove(id: string): Hint;
  /** Pages that were asked for, in their order. */
  pages: string[];
  /** Milliseconds that a page takes, and any other call. */
  slow: { list: number; other: number };
  /** A process at this shelf. */
  open(options?: Opening): Process;
}

type Shelves = { it: Provider<{ note: Note }> };

export interface Opening extends Partial<Omit<SyncOptions, "providers" | "store" | "time">> {
  /** Is told of each instant, in its order. */
  at?: (instant: string) => void;
  /** With a feed, asked so often. */
  feedEvery?: number;
  /** The feed tells nothing that is older, in ms. */
  horizon?: number;
  /** Without a version reads are ordered by their times alone. */
  versioned?: boolean;
}

export interface Process {
  sync: Sync<Shelves>;
  hear(hint: Hint): Promise<Response>;
  /** From now on nothing that it asked is answered, and nothing that it asks is done. */
  kill(): void;
  readonly dead: boolean;
}

/** Nobody answers. */
const never = () => new Promise<never>(() => {});

export function createShelf(notes: number, { size = 4 }: { size?: number } = {}): Shelf {
  const time = createVirtualTime({ random: createRandom(1) });
  const store = sqlite(":memory:", { time });
  const truth = new Map<string, Note>();
  const told: { hint: Hint; at: number }[] = [];
  let rev = 0;
  const tell = (id: string): Hint => {
    const hint = { type: "note", id, event: { id: `evt_${rev}`, name: "note.changed" } };
    told.push({ hint, at: time.now() });
    return hint;
  };
  const shelf: Shelf = {
    ...{ time, store, truth, pages: [], slow: { list: 20, other: 20 } },
    put(id, text) {
      truth.set(id, { id, text, rev: ++rev });
      return tell(id);
    },
    remove(id) {
      truth.delete(id);
      rev++;
      return tell(id);
    },
    open: ({ at = () => {}, feedEvery, horizon, versioned = true, ...options } = {}) => {
      let dead = false;
      const call = async <T>(name: string, ms: number, read: () => T): Promise<T> => {
        if (dead) return never();
        at(`${name} is asked`);
        await sleep(time, ms / 2);
        at(`${name} is read`);
        const answer = read();
        await sleep(time, ms / 2);
        at(`${name} is answered`);
        return dead ? never() : answer;
      };
      const list = (page: string | null) =>
        call(`list ${page ?? ""}`, shelf.slow.list, () => {
          shelf.pages.push(page ?? "");
          const all = [...truth.values()].filter(({ id }) => id > (page ?? "")).sort((a, b) => (a.id < b.id ? -1 : 1));
          const items = all.slice(0, size).map((note) => ({ ...note }));
          return { items, next: all.length > size ? (items.at(-1)?.id ?? null) : null, total: truth.size };
        });
      const poll = (cursor: string | null) =>
        call("poll", shelf.slow.other, () => ({
          hints: told.slice(Number(cursor ?? told.length)).flatMap(({ hint, at }) => {
            return time.now() - at > (horizon ?? Number.POSITIVE_INFINITY) ? [] : [hint as Hint<"note">];
          }),
          cursor: String(told.length),
        }));
      const fetch = (id: string) => call(`fetch ${id}`, shelf.slow.other, () => copyOf(truth.get(id)));
      const provider: Provider<{ note: Note }> = {
        limits: { rate: 1_000 },
        webhook: ({ body }) => JSON.parse(Buffer.from(body).toString()),
        probe: () => call("probe", shelf.slow.other, () => {}),
        resources: {
          note: {
            ...{ fetch, list, id: ({ id }: Note) => id, volatile: ["rev"] },
            ...(versioned
              ? { version: ({ rev }: Note) => rev, versionKind: "strict" as const }
              : { readLag: { fetch: 0, list: 0 } }),
          },
        },
        ...(feedEvery && {
          feeds: { events: { types: ["note"], every: feedEvery, poll, ...(horizon && { horizon }) } },
        }),
      };
      const gate = <Args extends unknown[], T>(name: string, run: (...args: Args) => Promise<T>) => {
        return async (...args: Args): Promise<T> => {
          if (dead) return never();
          at(`${name} is begun`);
          const answer = await run(...args);
          at(`${name} is saved`);
          return dead ? never() : answer;
        };
      };
      const own: Store<DatabaseSync> = {
        ...store,
        update: gate("update", store.update),
        post: gate("post", store.post),
        checkpoint: gate("checkpoint", store.checkpoint),
        close: async () => {},
      };
      const sync = createSync<Shelves>({ providers: { it: provider }, store: own, time, ...options });
      return {
        sync,
        hear: (hint) => sync.webhook("it", webhookOf([hint])),
        kill() {
          dead = true;
        },
        get dead() {
          return dead;
        },
      };
    },
  };
  for (let i = 0; i < notes; i++) shelf.put(`n${String(i).padStart(2, "0")}`, "old");
  told.length = 0;
  return shelf;
}

const copyOf = (note: Note | undefined): Note | null => (note ? { ...note } : null);

/** Milliseconds in which whatever is asked of a store or a process is answered. */
const LONG = 600_000;

/** What it resolves to, with as much virtual time as that takes: who waits for it alone waits for a clock that stands. */
export async function settle<T>({ time }: Pick<Shelf, "time">, promise: Promise<T>): Promise<T> {
  let over = false;
  const done = promise.finally(() => {
    over = true;
  });
  done.catch(() => {});
  await time.run(time.now() + LONG, () => over);
  if (!over) throw new Error(`it is not over after ${LONG / 1_000} s of virtual time`);
  return done;
}

/** Starts a process and lets its time pass. Answers what stops it. */
export async function startAt(shelf: Shelf, { sync }: Process): Promise<() => Promise<void>> {
  await settle(shelf, sync.start());
  return () => settle(shelf, sync.stop());
}
