/** The provider of a week: its truth, the requests it is asked, and what became of each write. */
import type { EngineEvent, Hint, Provider } from "tidemark";
import type { Random, VirtualTime } from "tidemark/testing";
import type { Wait, Week, WeekOptions } from "./week.ts";

interface Note {
  id: string;
  rev: number;
}

/** Resources of the busy scope, and of each that sleeps. */
const NOTES = { busy: 40, sleeping: 3 };

export type Service = ReturnType<typeof createService>;

/** @param random what the provider's answers take */
export function createService(time: VirtualTime, random: Random, every: number, options: WeekOptions) {
  const { mode = "both", named = true, feed = true } = options;
  const begin = time.now();
  const notes = new Map<string, Note[]>();
  const events = new Map<string, Hint<"note">[]>();
  const waiting = new Map<string, { rev: number; scope: string; at: number }[]>();
  const waits: Wait[] = [];
  /** The revision that was last read of each. */
  const read = new Map<string, number>();
  const trace: { call: string; at: number }[] = [];
  let rev = 0;
  let changes = 0;

  const call = async (kind: string, scope: string) => {
    trace.push({ call: `${kind} ${scope}`, at: time.now() - begin });
    await new Promise<void>((resolve) => time.after(random.int(50, 250), resolve));
  };
  const show = (scope: string, note: Note): Note => {
    read.set(`${scope}/${note.id}`, note.rev);
    return { ...note };
  };
  async function poll(cursor: string | null, scope: string) {
    await call("poll", scope);
    const all = events.get(scope) ?? [];
    const told = all.slice(Number(cursor ?? 0));
    // A list of what was updated names no event.
    const hints = named ? told : told.map(({ type, id }) => ({ type, ...(id !== undefined && { id }) }));
    return { hints, cursor: String(all.length) };
  }
  const provider: Provider<{ note: Note }> = {
    limits: { rate: 1_000 },
    scopes: () => notes.keys(),
    probe: (_, { scope }) => call("probe", scope),
    ...(mode !== "poll" && { webhook: ({ body }) => JSON.parse(Buffer.from(body).toString(), dated) }),
    resources: {
      note: {
        async fetch(id, { scope }) {
          await call("fetch", scope);
          const note = notes.get(scope)?.[Number(id)];
          return note ? show(scope, note) : null;
        },
        async list(_, { scope }) {
          await call("list", scope);
          return { items: (notes.get(scope) ?? []).map((note) => show(scope, note)), next: null };
        },
        id: ({ id }) => id,
        version: (note) => note.rev,
        versionKind: "strict",
      },
    },
    ...(feed &&
      mode !== "webhook" && {
        feeds: {
          events: { types: ["note"], every, webhooks: named, poll: (cursor, { scope }) => poll(cursor, scope) },
        },
      }),
  };

  return {
    provider,
    open(scope: string): void {
      const count = scope === "busy" ? NOTES.busy : NOTES.sleeping;
      notes.set(
        scope,
        Array.from({ length: count }, (_, i) => ({ id: `${i}`, rev: ++rev })),
      );
      events.set(scope, []);
    },
    /** Changes a resource, as `draw` says from 0 to 1. Answers what a webhook tells of it. */
    write(scope: string, draw: number): Hint<"note"> {
      const of = notes.get(scope) ?? [];
      const id = `${Math.floor(draw * of.length)}`;
      of[Number(id)] = { id, rev: ++rev };
      const key = `${scope}/${id}`;
      waiting.set(key, [...(waiting.get(key) ?? []), { rev, scope, at: time.now() }]);
      const hint = { type: "note", id, scope, event: { id: `evt_${rev}`, name: "changed", at: new Date(time.now()) } };
      events.get(scope)?.push(hint as Hint<"note">);
      return hint as Hint<"note">;
    },
    /** What the engine tells: a change that is in the log is what was last read of its resource. */
    observe(event: EngineEvent): void {
      if (event.kind !== "change") return;
      changes++;
      const key = `${event.scope}/${event.id}`;
      const known = read.get(key) ?? 0;
      const left = waiting.get(key) ?? [];
      for (const { rev, scope, at } of left)
        if (rev <= known) waits.push({ scope, at: at - begin, ms: time.now() - at });
      waiting.set(
        key,
        left.filter((one) => one.rev > known),
      );
    },
    told(): Omit<Week, "lost"> {
      const calls = { poll: 0, list: 0, fetch: 0, probe: 0 };
      const polls: Record<string, number> = {};
      for (const { call } of trace) {
        const [kind = "", scope = ""] = call.split(" ");
        calls[kind as keyof typeof calls]++;
        if (kind === "poll") polls[scope] = (polls[scope] ?? 0) + 1;
      }
      const never = [...waiting.values()].flat();
      const all = [
        ...waits,
        ...never.map(({ scope, at }) => ({ scope, at: at - begin, ms: Number.POSITIVE_INFINITY })),
      ];
      return {
        ...{ calls, polls, trace, changes, total: trace.length, missing: never.length, writes: all.length },
        staleness: quantiles(waits.map(({ ms }) => ms)),
        waits: all.sort((a, b) => a.at - b.at),
      };
    },
  };
}

/** Of times in ms; 0 of none. */
export function quantiles(times: readonly number[]): Week["staleness"] {
  const sorted = times.toSorted((a, b) => a - b);
  const part = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: part(0.5), p90: part(0.9), p99: part(0.99), max: part(1) };
}

const dated = (key: string, value: unknown) => (key === "at" ? new Date(String(value)) : value);
