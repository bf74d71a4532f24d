/** The service of load.ts: what it has, what it sends, and what its API answers. */
import type { Context, Gone, Hint, Provider, Resource } from "tidemark";
import type { Random, VirtualTime } from "tidemark/testing";
import { sleep } from "../src/time.ts";
import type { Load } from "./load.ts";

/** Requests by kind. Those that were answered 304 are `unchanged`, and are not among the others. */
export interface Counts {
  fetch: number;
  fetchMany: number;
  unchanged: number;
  list: number;
  probe: number;
  poll: number;
  /** Ids that all `fetchMany` asked for. */
  ids: number;
}

/** A state, as it is answered. */
interface Thing {
  id: string;
  text: string;
  /** When it was written, in whole seconds, as most services say it; or which write that was. */
  version: number;
}

/** A webhook on its way. */
interface Sent {
  body: string;
  after: number;
}

export interface Service {
  provider: Provider;
  counts: Counts;
  /** Something is written. Answers the webhooks that tell of it. */
  write(): Sent[];
  /** What was counted so far does not count. */
  forget(): void;
  /** What there is, by type and id. */
  truth(): Map<string, string>;
  /** When each text was written, in ms. */
  writtenAt: ReadonlyMap<string, number>;
}

const nothing = (): Counts => ({ fetch: 0, fetchMany: 0, unchanged: 0, list: 0, probe: 0, poll: 0, ids: 0 });

/** One way, in ms. */
const LATENCY = [20, 80] as const;
/** A webhook comes so soon; a late one so late; a repeat so long after it. */
const SOON = [50, 900] as const;
const LATE = [2_000, 60_000] as const;
const AGAIN = [1_000, 60_000] as const;
/** Milliseconds in which one action sends its events. */
const ACTION = 1_500;
const PAGE = 100;

export function createService(load: Load, random: Random, time: VirtualTime): Service {
  const { versions, lag = 0, many = 1, etags = false, parts = false, events = [1, 1], deletes = 0, hot = 0 } = load;
  const { things = 300 } = load;
  /** What each was, the newest last. */
  const histories = new Map<string, { at: number; thing: Thing | null }[]>();
  const partsOf = new Map<string, Thing[]>();
  const writtenAt = new Map<string, number>();
  /** What the feed tells. */
  const told: { at: number; hint: Hint }[] = [];
  const counts = nothing();
  let writes = 0;
  let sent = 0;

  const put = (id: string): Thing => {
    writes++;
    const version = versions === "strict" ? writes : Math.floor(time.now() / 1_000) * 1_000;
    const thing = { id, text: `text ${writes}`, version };
    histories.set(id, [...(histories.get(id) ?? []), { at: histories.has(id) ? time.now() : 0, thing }]);
    if (parts)
      partsOf.set(id, [
        { ...thing, id: `${id}/a` },
        { ...thing, id: `${id}/b` },
      ]);
    return thing;
  };
  for (let i = 0; i < things; i++) put(`t${i}`);

  const at = (id: string, when: number): Thing | null =>
    histories.get(id)?.findLast(({ at }) => at <= when)?.thing ?? null;

  /** A request: it takes its time, and shows one instant of it, or of the lag before. */
  async function request<T>(read: (when: number) => T): Promise<T> {
    await sleep(time, random.int(...LATENCY));
    const answer = read(time.now() - (lag > 0 && random.chance(0.5) ? random.int(0, lag) : 0));
    await sleep(time, random.int(...LATENCY));
    return answer;
  }

  async function fetch(id: string, { cache, fresh }: Context): Promise<Thing | null | Gone> {
    const kept = etags && !fresh ? ((await cache.get(id)) as Thing | undefined) : undefined;
    const state = await request((when) => at(id, when));
    if (state !== null && kept?.text === state.text) {
      counts.unchanged++;
      return { ...kept };
    }
    counts.fetch++;
    if (etags && state !== null) await cache.set(id, state);
    return state && { ...state };
  }

  const versioned = { ...(versions !== "none" && { version: (one: object) => (one as Thing).version }) };
  const thing: Resource<object> = {
    fetch,
    ...(many > 1 && {
      batch: many,
      async fetchMany(ids: string[]) {
        counts.fetchMany++;
        counts.ids += ids.length;
        return request((when) => ids.map((id) => at(id, when)));
      },
    }),
    async list(page) {
      counts.list++;
      return request((when) => {
        const all = [...histories.keys()].sort().filter((id) => id > (page ?? ""));
        const items = all.flatMap((id) => at(id, when) ?? []).slice(0, PAGE);
        return { items, next: items.length === PAGE ? (items.at(-1)?.id ?? null) : null };
      });
    },
    id: (one) => (one as Thing).id,
    ...versioned,
    versionKind: versions === "strict" ? "strict" : "coarse",
    readLag: { fetch: lag, list: lag },
  };
  const part: Resource<object> = {
    ...{ id: thing.id, ...versioned, versionKind: thing.versionKind ?? "coarse", readLag: { fetch: lag, list: lag } },
    async fetch(id) {
      counts.fetch++;
      const [parent = ""] = id.split("/");
      return request(() => partsOf.get(parent)?.find((one) => one.id === id) ?? null);
    },
    within: {
      type: "thing",
      async list(parent) {
        counts.list++;
        return request(() => ({ items: partsOf.get(parent) ?? [], next: null }));
      },
    },
  };

  const pickId = (): string => `t${random.chance(hot) ? random.int(0, 2) : random.int(0, things - 1)}`;

  const hintOf = (id: string, state: Thing | null): Hint => ({
    ...{ type: "thing", id, event: { id: `evt_${++sent}`, name: "changed", at: new Date(time.now()) } },
    ...(state !== null && versions !== "none" && { version: state.version }),
  });

  return {
    counts,
    writtenAt,
    write() {
      const id = pickId();
      const isDeleted = random.chance(deletes) && at(id, time.now()) !== null;
      const state = isDeleted ? null : put(id);
      if (state) writtenAt.set(state.text, time.now());
      else {
        histories.get(id)?.push({ at: time.now(), thing: null });
        partsOf.delete(id);
      }
      if (state) told.push({ at: time.now(), hint: hintOf(id, state) });
      return Array.from({ length: random.int(...events) }, (_, i): Sent[] => {
        const body = JSON.stringify([hintOf(id, state)]);
        const [least, most] = random.chance(0.03) ? LATE : SOON;
        const after = random.int(least, most) + (i === 0 ? 0 : random.int(0, ACTION));
        const again = random.chance(0.05) ? [{ body, after: after + random.int(...AGAIN) }] : [];
        return [{ body, after }, ...again];
      }).flat();
    },
    forget: () => void Object.assign(counts, nothing()),
    truth() {
      const now = time.now();
      const there = [...histories.keys()].flatMap((id) => at(id, now) ?? []);
      const within = [...partsOf.values()].flat();
      return new Map([
        ...there.map(({ id, text }) => [`shop.thing ${id}`, text] as const),
        ...within.map(({ id, text }) => [`shop.part ${id}`, text] as const),
      ]);
    },
    provider: {
      scopes: () => [""],
      async probe() {
        counts.probe++;
        await request(() => {});
      },
      webhook: ({ body }) =>
        JSON.parse(Buffer.from(body).toString(), (key, value) => (key === "at" ? new Date(value) : value)),
      resources: { thing, ...(parts && { part }) },
      ...(load.feed && {
        feeds: {
          updated: {
            types: ["thing"],
            every: 300_000,
            async poll(cursor: string | null) {
              counts.poll++;
              const from = Number(cursor ?? time.now());
              const to = time.now() - lag;
              const found = told.filter(({ at }) => at > from && at <= to);
              await request(() => {});
              return { hints: found.map(({ hint }) => hint), cursor: String(to) };
            },
          },
        },
      }),
    },
  };
}
