/**
 * The services' API, as one process asks it: it answers what was true at one instant, less the lag, and does
 * everything wrong that an API does.
 */
import { AccessLost, type Gone, gone, type Page } from "tidemark";
import type { Ref } from "../../row.ts";
import type { Random } from "../random.ts";
import type { VirtualTime } from "../time.ts";
import type { Conditions } from "./conditions.ts";
import type { Gate, Request, Weather } from "./request.ts";
import { parentOf, type Service, type Standing } from "./service.ts";

/** What all services of a world share. */
export interface Ground {
  conditions: Conditions;
  service: Service;
  weather: Weather;
  time: VirtualTime;
  random: Random;
  request: Request;
  calls: Calls;
  /** Fields that differ on every read. */
  volatile: readonly string[];
}

/** How often the services were asked, by all processes together. */
export interface Calls {
  fetch: number;
  list: number;
  poll: number;
  probe: number;
  /** To look at a hook, to make or mend it. */
  hook: number;
  /** Those of them that were told to wait, because of `limit`. */
  refused: number;
}

/** All resources of a type in a scope. */
export type Collection = Omit<Ref, "id">;

export interface Api {
  fetch(ref: Ref): Promise<object | Gone | null>;
  list(of: Collection, page: string | null): Promise<Page<object>>;
  listWithin(parent: Ref, of: Collection, page: string | null): Promise<Page<object>>;
  poll(of: readonly Collection[], cursor: string | null): Promise<{ told: [Ref, place: number][]; cursor: string }>;
  probe(scope: string): Promise<void>;
  /** Whose state that is which was answered, and which of all: an application's states are given as they are. */
  known(state: object): Identity | undefined;
}
type Identity = Standing & { id: string };

export function createApi(ground: Ground, gate: Gate): Api {
  const { conditions, service, weather, time, random, request, calls } = ground;
  const { chance, pick } = random;
  const identities = new WeakMap<object, Identity>();
  let noise = 0;

  const show = (ref: Ref, seenAt: number): object | null => {
    const standing = service.at(ref, seenAt);
    if (standing.state === null) return null;
    const state = { ...standing.state, ...Object.fromEntries(ground.volatile.map((field) => [field, ++noise])) };
    identities.set(state, { ...standing, id: ref.id });
    return state;
  };
  const deny = <T>(missing: T): T => {
    if (conditions.revoked === "forbidden") throw new AccessLost("the service answers 403");
    return missing;
  };

  /** A page of the gateway's own is what is answered, and it looks like an answer. */
  const isOther = () => weather.down && conditions.outage === "page";

  const pages = (scope: string, refs: readonly Ref[], page: string | null): Promise<Page<object>> => {
    calls.list++;
    return request(gate, scope, (seenAt): Page<object> => {
      if (weather.denied) return deny({ items: [], next: null });
      if (isOther()) return { items: [], next: null };
      const all = refs.map((ref) => show(ref, seenAt)).filter((state) => state !== null);
      const whole = cut(all, page);
      const torn = !weather.calm && chance(conditions.truncate);
      const { items, next } = torn ? tear(whole.items, page) : whole;
      return conditions.refs ? { refs: items.map(refOf), next } : { items, next };
    });
  };
  const idOf = (state: object): string => identities.get(state)?.id ?? "";
  const refOf = (state: object): { id: string; version?: number } => {
    const { id = "", version = null } = identities.get(state) ?? {};
    // A version that a change may leave as it is says nothing in a list of refs.
    return version === null || conditions.noBump > 0 ? { id } : { id, version };
  };
  const cut = (all: readonly object[], page: string | null): { items: object[]; next: string | null } => {
    if (conditions.paging === "keyset") {
      const rest = all.filter((state) => idOf(state) > (page ?? ""));
      const items = rest.slice(0, conditions.page);
      return { items, next: rest.length > conditions.page ? idOf(items.at(-1) ?? {}) : null };
    }
    const from = Number(page ?? 0);
    const end = from + conditions.page;
    return { items: all.slice(from, end), next: end < all.length ? String(end) : null };
  };
  const tear = (items: object[], page: string | null): { items: object[]; next: string | null } => {
    const first = conditions.paging === "keyset" ? "" : "0";
    switch (conditions.truncated) {
      case "short":
        return { items: items.slice(1), next: null };
      case "ended":
        return { items, next: null };
      case "empty":
        return { items: [], next: null };
      case "repeated":
        return { items, next: page ?? first };
    }
  };
  const missing = (): never => {
    throw new Error("the service answers 404");
  };

  return {
    known: (state) => identities.get(state),
    fetch(ref) {
      calls.fetch++;
      return request(gate, ref.scope, (seenAt) => {
        if (weather.denied) return deny(null);
        if (isOther()) return {};
        const others = weather.calm ? [] : service.all(ref.type, ref.scope).filter(({ id }) => id !== ref.id);
        const other = others.length > 0 && chance(conditions.mistaken) ? pick(others) : ref;
        // Only a state says whose it is. The absence of another one, answered as this one's, nobody could tell from it.
        return show(other, seenAt) ?? show(ref, seenAt) ?? (chance(conditions.saysGone) ? gone : null);
      });
    },
    list: ({ type, scope }, page) => pages(scope, service.all(type, scope), page),
    /** What is within a resource is listed while that is there; else there is nothing to list, or no such list. */
    listWithin(parent, { type, scope }, page) {
      const there = service.newest(parent).state !== null;
      if (!there && conditions.saysGone > 0) return request(gate, scope, (): Page<object> => missing());
      const parts = there ? service.all(type, scope).filter(({ id }) => parentOf(id) === parent.id) : [];
      return pages(scope, parts, page);
    },
    poll(of, cursor) {
      calls.poll++;
      return request(gate, of[0]?.scope ?? "", () => {
        if (weather.denied) throw new AccessLost("the service answers 403");
        // Up to where everything has become visible; whoever asks later asks from there.
        const to = time.now() - conditions.lag - conditions.undeclaredLag - 1;
        const from = Number(cursor ?? to);
        if (isOther()) return { told: [], cursor: String(from) };
        const refs = of.flatMap(({ type, scope }) => service.all(type, scope));
        const told = refs.flatMap((ref) =>
          between(service.history(ref), from, to)
            .filter(([{ state }]) => state !== null || conditions.pollDeletes)
            .map(([, place]): [Ref, number] => [ref, place]),
        );
        return { told, cursor: String(Math.max(from, to)) };
      });
    },
    probe(scope) {
      calls.probe++;
      return request(gate, scope, () => {
        if (weather.denied) throw new AccessLost(`the service gives no access to "${scope}"`);
      });
    },
  };
}

/** What came after one time and not after the other, with its place, the oldest first. */
function between(history: readonly Standing[], from: number, to: number): [Standing, place: number][] {
  const found: [Standing, number][] = [];
  for (let place = history.length - 1; place >= 0; place--) {
    const standing = history[place] as Standing;
    if (standing.at <= from) break;
    if (standing.at <= to) found.unshift([standing, place]);
  }
  return found;
}
