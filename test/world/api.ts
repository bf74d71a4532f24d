/**
 * The provider's API and its plugin: answers what was true at one instant between request and answer, less the lag,
 * and does everything that an API does wrong.
 */

import type { Random, VirtualTime } from "tidemark/testing";
import {
  AccessLost,
  type Context,
  gone,
  type Page,
  type Provider,
  type Resource,
  RetryLater,
  WebhookRejected,
} from "../../src/index.ts";
import type { WorldOptions } from "./draw.ts";
import { parentOf, type Truth, type TruthBook } from "./truth.ts";

/** A state as the API gives it. Everything but the value differs between reads without meaning anything. */
export interface Thing {
  id: string;
  value: number;
  version: number | null;
  incarnation: number | null;
  noise: number;
}

/** What is wrong just now. */
export interface Weather {
  quiet: boolean;
  denied: boolean;
  down: boolean;
  /** Scopes that are not connected now. */
  away: ReadonlySet<string>;
}

/** Runs what came back for a process: later if it is frozen, never if it is dead. */
export type Gate = (run: () => void) => void;

export interface Api {
  calls: { fetch: number; list: number; poll: number; probe: number };
  /** The plugin, as one process has it. */
  provider(gate: Gate): Provider<{ thing: Thing }>;
}

export function createApi(
  world: WorldOptions,
  truth: TruthBook,
  time: VirtualTime,
  { int, chance }: Random,
  weather: Weather,
): Api {
  const calls = { fetch: 0, list: 0, poll: 0, probe: 0 };
  let noise = 0;

  const latency = () => int(1, world.latency) + (chance(world.slow) ? int(0, 3_000) : 0);
  const behind = () => (chance(0.6) ? int(0, world.lag + (weather.quiet ? 0 : world.undeclaredLag)) : 0);
  const show = (id: string, { state, version, incarnation }: Truth): Thing | null =>
    state && { id, value: state.value, version, incarnation: world.incarnations ? incarnation : null, noise: ++noise };

  function request<T>(gate: Gate, scope: string, read: (seenAt: number) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      time.after(latency(), () => {
        if (!weather.quiet && chance(world.hang)) return;
        const answer = attempt(() => {
          if (!weather.quiet && chance(world.throttle)) throw new RetryLater(int(100, 5_000));
          if (weather.away.has(scope)) throw new AccessLost(`${scope} is not connected`);
          if (weather.down || (!weather.quiet && chance(world.errors))) throw new Error("502");
          return read(time.now() - behind());
        });
        time.after(latency(), () => gate(() => ("error" in answer ? reject(answer.error) : resolve(answer.value))));
      });
    });
  }

  const fetch = (gate: Gate, id: string, { scope }: Context) => {
    calls.fetch++;
    return request(gate, scope, (seenAt) => {
      if (weather.denied) return deny(null);
      const others = truth.ids.filter((other) => other !== id);
      const mistaken = !weather.quiet && others[0] !== undefined && chance(world.mistaken);
      const other = mistaken ? (others[int(0, others.length - 1)] ?? id) : id;
      // Only a state says whose it is. The absence of another one, answered as this one's, nobody could tell from it.
      const wrong = show(other, truth.at(other, seenAt));
      return wrong ?? show(id, truth.at(id, seenAt)) ?? (chance(world.saysGone) ? gone : null);
    });
  };
  const deny = <T>(missing: T): T => {
    if (world.revoked === "forbidden") throw new AccessLost("403");
    return missing;
  };

  const list = (gate: Gate, ids: readonly string[], page: string | null, { scope }: Context): Promise<Page<Thing>> => {
    calls.list++;
    return request(gate, scope, (seenAt): Page<Thing> => {
      if (weather.denied) return deny({ items: [], next: null });
      const all = ids
        .filter((id) => truth.scopeOf(id) === scope)
        .map((id) => show(id, truth.at(id, seenAt)))
        .filter((thing) => thing !== null);
      const { items, next } = cut(all, page);
      const short = !weather.quiet && chance(world.truncate);
      const shown = short ? items.slice(1) : items;
      const end = short ? null : next;
      if (!world.refs) return { items: shown, next: end };
      // A version that a change may leave as it is says nothing in a list of refs.
      const tells = world.noBump === 0;
      const refs = shown.map(({ id, version }) => (version === null || !tells ? { id } : { id, version }));
      return { refs, next: end };
    });
  };
  const cut = (all: readonly Thing[], page: string | null): { items: Thing[]; next: string | null } => {
    if (world.paging === "keyset") {
      const rest = all.filter(({ id }) => id > (page ?? ""));
      const items = rest.slice(0, world.page);
      return { items, next: rest.length > world.page ? (items.at(-1)?.id ?? null) : null };
    }
    const from = Number(page ?? 0);
    const end = from + world.page;
    return { items: all.slice(from, end), next: end < all.length ? String(end) : null };
  };

  /** What is within a resource is listed while that is there; else there is nothing to list, or no such list. */
  const listWithin = (gate: Gate, parent: string, page: string | null, context: Context) => {
    const ids = truth.parts.filter((part) => parentOf(part) === parent);
    const there = truth.at(parent, time.now()).state !== null;
    if (!there && world.saysGone > 0) return request(gate, context.scope, (): Page<Thing> => missing());
    return list(gate, there ? ids : [], page, context);
  };
  const missing = (): never => {
    throw new Error("404");
  };

  const poll = (gate: Gate, cursor: string | null, { scope }: Context) => {
    calls.poll++;
    return request(gate, scope, () => {
      if (weather.denied) throw new AccessLost("403");
      // Up to where everything has become visible; whoever asks later asks from there.
      const to = time.now() - world.lag - world.undeclaredLag - 1;
      const from = Number(cursor ?? to);
      const hints = truth.ids
        .filter((id) => truth.scopeOf(id) === scope)
        .flatMap((id) =>
          truth
            .history(id)
            .map((state, i) => ({ ...state, event: eventOf(id, i) }))
            .filter(({ at, state }) => at > from && at <= to && (state !== null || world.pollDeletes))
            .map(({ event }) => ({ type: "thing" as const, id, ...(world.hintEvents && { event }) })),
        );
      return { hints, cursor: String(Math.max(from, to)) };
    });
  };

  const within = (gate: Gate): NonNullable<Resource<Thing, "thing">["within"]> => ({
    type: "thing",
    list: (parent, page, context) => listWithin(gate, parent, page, context),
  });
  const provider = (gate: Gate): Provider<{ thing: Thing }> => ({
    rate: 1_000,
    scopes: () => [...new Set(truth.ids.map(truth.scopeOf))].filter((scope) => !weather.away.has(scope)),
    probe: (_, { scope }) => {
      calls.probe++;
      return request(gate, scope, () => {
        if (weather.denied) throw new AccessLost(`no access to ${scope}`);
      });
    },
    webhook({ body, headers }) {
      if (headers.get("signature") !== "good") throw new WebhookRejected("bad signature");
      return [JSON.parse(Buffer.from(body).toString())];
    },
    ...(world.poll > 0 && {
      feeds: {
        events: { types: ["thing"], every: world.poll, poll: (cursor, context) => poll(gate, cursor, context) },
      },
    }),
    resources: {
      thing: {
        ...resource(gate),
        ...(world.many && {
          fetchMany: (ids: string[], context: Context) => Promise.all(ids.map((id) => fetch(gate, id, context))),
        }),
        ...(world.listed && {
          list: (page: string | null, context: Context) => list(gate, truth.ids, page, context),
        }),
      },
      ...(world.parts > 0 && { part: { ...resource(gate), within: within(gate) } }),
    },
  });
  const resource = (gate: Gate): Resource<Thing, "thing"> => ({
    fetch: (id, context) => fetch(gate, id, context),
    id: ({ id }) => id,
    ...(world.versions !== "none" && { version: ({ version }: Thing) => version ?? undefined }),
    versionKind: world.versions === "strict" && world.noBump === 0 ? "strict" : "coarse",
    grain: world.versions === "second" ? 1 + (2 * world.skew) / 1_000 : 1,
    incarnation: ({ incarnation }) => incarnation ?? undefined,
    readLag: { fetch: world.lag, list: world.lag },
    volatile: ["noise", "version", "incarnation"],
  });
  return { calls, provider };
}

export const eventOf = (id: string, index: number) => ({ id: `${id}:${index}`, name: "changed" });

function attempt<T>(run: () => T): { value: T } | { error: unknown } {
  try {
    return { value: run() };
  } catch (error) {
    return { error };
  }
}
