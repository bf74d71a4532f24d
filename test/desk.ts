/** A provider at hand: a map is the truth, every call is counted, and a test says what goes wrong. */
import type { DatabaseSync } from "node:sqlite";
import { type Context, type Gone, type Hint, type Provider, type Store, WebhookRejected } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { createRandom } from "tidemark/testing";
import { systemTime, type Time } from "../src/time.ts";

export interface Note {
  id: string;
  text: string;
  rev?: number;
}

export interface Desk {
  /** The truth, per scope. */
  notes: Map<string, Map<string, Note>>;
  put(id: string, text: string, scope?: string): Hint<"note">;
  remove(id: string, scope?: string): Hint<"note">;
  /** What the feed tells. */
  events: Hint<"note">[];
  calls: string[];
  count(prefix: string): number;
  /** Is asked before each call; may throw, or wait. */
  before: (call: string) => unknown;
  /** What absence looks like. */
  absent: null | Gone;
  provider: Provider<{ note: Note }>;
}

export function createDesk({ scopes = [""], feed = true }: { scopes?: string[]; feed?: boolean } = {}): Desk {
  const notes = new Map(scopes.map((scope) => [scope, new Map<string, Note>()]));
  let rev = 0;
  const of = (scope: string) => notes.get(scope) ?? new Map<string, Note>();
  const call = async (name: string) => {
    desk.calls.push(name);
    await desk.before(name);
  };
  const desk: Desk = {
    ...{ notes, events: [], calls: [], before: () => {}, absent: null },
    count: (prefix) => desk.calls.filter((name) => name.startsWith(prefix)).length,
    put(id, text, scope = "") {
      of(scope).set(id, { id, text, rev: ++rev });
      return {
        type: "note",
        id,
        scope,
        event: { id: `evt_${rev}`, name: "note.changed", at: new Date(1_700_000_000_000) },
      };
    },
    remove(id, scope = "") {
      of(scope).delete(id);
      return { type: "note", id, scope, event: { id: `evt_${++rev}`, name: "note.deleted" } };
    },
    provider: {
      limits: { rate: 1_000_000 },
      scopes: () => notes.keys(),
      probe: (_, { scope }) => call(`probe ${scope}`),
      webhook({ headers, body }) {
        if (headers.get("signature") !== "good") throw new WebhookRejected("bad signature");
        const dated = (key: string, value: unknown) => (key === "at" ? new Date(String(value)) : value);
        return JSON.parse(Buffer.from(body).toString(), dated);
      },
      resources: {
        note: {
          async fetch(id: string, { scope }: Context) {
            await call(`fetch ${scope}/${id}`);
            const note = of(scope).get(id);
            return note ? { ...note } : desk.absent;
          },
          async list(page: string | null, { scope }: Context) {
            await call(`list ${scope} ${page ?? ""}`);
            const all = [...of(scope).values()]
              .filter(({ id }) => id > (page ?? ""))
              .sort((a, b) => (a.id < b.id ? -1 : 1));
            const items = all.slice(0, 2).map((note) => ({ ...note }));
            return { items, next: all.length > 2 ? (items[1]?.id ?? null) : null };
          },
          id: ({ id }) => id,
          version: ({ rev }) => rev,
          versionKind: "strict",
          volatile: ["rev"],
        },
      },
      ...(feed && {
        feeds: {
          events: {
            types: ["note"],
            every: 60_000,
            horizon: 3_600_000,
            async poll(cursor: string | null, { scope }: Context) {
              await call(`poll ${scope}`);
              const from = Number(cursor ?? 0);
              const hints = desk.events.slice(from, from + 2).filter((hint) => (hint.scope ?? "") === scope);
              return { hints, cursor: String(Math.min(from + 2, desk.events.length)) };
            },
          },
        },
      }),
    },
  };
  return desk;
}

export const memory = (time: Time = systemTime): Store<DatabaseSync> => sqlite(":memory:", { time });

/** Clocks that this process made: each draws from a seed of its own, so that engines beside each other have names of their own. */
let clocks = 0;

/** The machine's timers, a clock that a test sets on, in ms, and chance that is the same in each run. */
export function handClock(start = 1_800_000_000_000): Time & { advance(ms: number): void } {
  let now = start;
  const random = createRandom(++clocks);
  return {
    ...systemTime,
    random: () => random.next(),
    now: () => now,
    advance(ms) {
      now += ms;
    },
  };
}

/** A signed webhook that carries these hints. */
export const webhookOf = (hints: unknown, signature = "good") =>
  new Request("http://x/", { method: "POST", body: JSON.stringify(hints), headers: { signature } });

/** What the log holds. */
export async function take<C>(changes: AsyncIterable<C>): Promise<C[]> {
  const all: C[] = [];
  for await (const change of changes) all.push(change);
  return all;
}

/** What an iteration that ends gives. */
export async function all<T>(given: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of given) found.push(one);
  return found;
}
