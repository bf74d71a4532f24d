/** A service of the year: its truth, with all that it ever was, and what its API says of it. */
import type { Random } from "tidemark/testing";

/** How a service is: how its states can be ordered, how far its reads are behind, and how cheaply it tells what it sent. */
export interface Character {
  name: string;
  versions: "strict" | "second" | "none";
  /** How far a read may be behind, in ms, as the plugin declares it. */
  lag: number;
  /** Its feed of changes, and whether deletions are in it. Left out: it has none. */
  feed?: { deletions: boolean };
  /** Lists give refs instead of items. */
  refs?: boolean;
  /** An absence is answered as gone. */
  saysGone?: boolean;
}

export const CHARACTERS: readonly Character[] = [
  { name: "pay", versions: "strict", lag: 0, feed: { deletions: true } },
  { name: "code", versions: "second", lag: 0, feed: { deletions: true } },
  { name: "shop", versions: "strict", lag: 4_000, feed: { deletions: false } },
  { name: "mail", versions: "none", lag: 0 },
  { name: "book", versions: "second", lag: 2_000, feed: { deletions: false } },
  { name: "crm", versions: "none", lag: 10_000, feed: { deletions: true } },
  { name: "wiki", versions: "strict", lag: 0, refs: true },
  { name: "chat", versions: "strict", lag: 0, feed: { deletions: true }, refs: true },
  { name: "desk", versions: "second", lag: 1_000, saysGone: true },
];

/** What a resource was from a time on, in ms. `rev`, of which no two are the same, tells which write that was. */
export interface Standing {
  at: number;
  state: State | null;
}

export interface State {
  id: string;
  rev: number;
  version?: number;
  text: string;
}

/** Where the feed of a scope tells of a change. */
interface Told {
  at: number;
  id: string;
  place: number;
}

export interface Service extends Character {
  /** The scopes that the application is connected to. */
  readonly scopes: Set<string>;
  readonly ids: readonly string[];
  history(scope: string, id: string): readonly Standing[];
  /** Changes a resource, creates it, or deletes it. Answers its place in the history. */
  write(scope: string, id: string, how: "put" | "remove", now: number): number;
  /** What a read at a time sees. */
  seen(scope: string, id: string, at: number): State | null;
  /** What the feed tells after a place in it, up to a time, and the place after that. */
  told(scope: string, from: number, to: number): { all: Told[]; next: number };
}

/** @param all its scopes, whether the application is connected to them or not */
export function createService(
  character: Character,
  all: readonly string[],
  ids: readonly string[],
  begin: number,
): Service {
  const histories = new Map<string, Standing[]>();
  const feeds = new Map<string, Told[]>(all.map((scope) => [scope, []]));
  let revs = 0;
  const stateOf = (id: string, now: number): State => {
    const rev = ++revs;
    const version = character.versions === "strict" ? rev : Math.floor(now / 1_000);
    return { id, rev, ...(character.versions !== "none" && { version }), text: `written ${rev} times here before` };
  };
  const historyOf = (scope: string, id: string) => histories.get(`${scope}/${id}`) ?? [];
  for (const scope of all)
    for (const id of ids) histories.set(`${scope}/${id}`, [{ at: begin, state: stateOf(id, begin) }]);

  return {
    ...character,
    scopes: new Set(all),
    ids,
    history: historyOf,
    write(scope, id, how, now) {
      const place = historyOf(scope, id).push({ at: now, state: how === "put" ? stateOf(id, now) : null }) - 1;
      if (how === "put" || character.feed?.deletions) feeds.get(scope)?.push({ at: now, id, place });
      return place;
    },
    seen: (scope, id, at) => historyOf(scope, id).findLast((one) => one.at <= at)?.state ?? null,
    told(scope, from, to) {
      const feed = feeds.get(scope) ?? [];
      const end = feed.findIndex(({ at }, i) => i >= from && at > to);
      const next = end < 0 ? feed.length : end;
      return { all: feed.slice(from, next), next };
    },
  };
}

/** What is written: most of it in few scopes, and some of it deletions, which somebody may undo by creating it again. */
export function writeSomething(services: readonly Service[], all: readonly string[], random: Random, now: number) {
  const service = random.pick(services);
  const busy = Math.ceil(all.length / 5);
  const scope = random.chance(0.8) ? (all[random.int(0, busy - 1)] ?? "") : random.pick(all);
  const id = random.pick(service.ids);
  const is = service.history(scope, id).at(-1)?.state ?? null;
  const how = is !== null && random.chance(0.06) ? "remove" : "put";
  return { service, scope, id, place: service.write(scope, id, how, now) };
}
