/**
 * Judges what a reader of the log is told, in whatever order things go wrong:
 *
 *   no gap         positions follow each other, and `before` is what was told before
 *   order          never an older state after a newer one, never the same twice, nothing before it was true
 *   promptness     what was true long ago is told, deletions too; an acknowledged webhook's, soon
 *
 * A reader whose cursor is lost begins anew, and so does the judge.
 */
import type { Change } from "tidemark";
import type { Write } from "./network.ts";
import type { Service, Standing, State } from "./service.ts";

export type Seen = Pick<Change<string, State>, "cursor" | "type" | "scope" | "id" | "before" | "after">;

/** Milliseconds within which something must be told. */
export interface Bounds {
  /** After its webhook was acknowledged. */
  acknowledged: number;
  /** After it was true, where a feed tells of it; and where only a sweep finds it. */
  fed: number;
  swept: number;
}

export interface Judge {
  /** What was wrong, a sentence each; the first of many. */
  readonly violations: readonly string[];
  accuse(sentence: string): void;
  saw(change: Seen, now: number): void;
  acknowledged(write: Write, now: number): void;
  /** The log was rolled back: the reader begins anew, in a log of which all up to `compacted` may be left out. */
  rolledBack(compacted: number): void;
  /** The application is connected to a scope, or it was rolled back: what was true before counts from now on. */
  begins(now: number, service?: string, scope?: string): void;
  /** Accuses what is not told in time. */
  check(now: number, bounds: Bounds): void;
}

const MOST = 20;

export function createJudge(services: readonly Service[]): Judge {
  const violations: string[] = [];
  /** The place in its history of what was told last of each resource. */
  const told = new Map<string, number>();
  const owed = new Map<string, { write: Write; at: number }>();
  const since = new Map<string, number>();
  let start = 0;
  let position = 0;
  let whole = 0;
  const joinedAt = ({ name }: Service, scope: string) => Math.max(start, since.get(`${name}/${scope}`) ?? 0);
  const accuse = (sentence: string) => void (violations.length < MOST && violations.push(sentence));
  const byName = new Map(services.map((service) => [service.name, service]));

  function saw({ cursor, type, scope, id, before, after }: Seen, now: number): void {
    const key = `${type}/${scope}/${id}`;
    const history = byName.get(type.split(".")[0] ?? "")?.history(scope, id) ?? [];
    const known = told.get(key) ?? -1;
    const at = Number(cursor.split(".")[1]);
    if (at > whole) {
      if (at !== position + 1) accuse(`position ${at} came after ${position}`);
      if ((before?.rev ?? null) !== (history[known]?.state?.rev ?? null)) accuse(`${key} before is not what was told`);
      position = at;
    }
    const place = placeOf(history, known, after);
    if (place < 0) accuse(`${key} ${after ? `rev ${after.rev}` : "a deletion"} is not later than place ${known}`);
    else if ((history[place]?.at ?? 0) > now) accuse(`${key} was told before it was true`);
    else told.set(key, place);
  }

  function check(now: number, bounds: Bounds): void {
    for (const [key, { write, at }] of owed) {
      const { service, scope, id, place } = write;
      if (at > now - bounds.acknowledged) continue;
      owed.delete(key);
      if (!service.scopes.has(scope) || at < joinedAt(service, scope)) continue;
      if (!isTold(service.history(scope, id), told.get(key), place))
        accuse(`${key} a webhook was acknowledged, and nothing came of it`);
    }
    for (const service of services)
      for (const scope of service.scopes)
        for (const id of service.ids) {
          const key = `${service.name}.note/${scope}/${id}`;
          const history = service.history(scope, id);
          const due = dueAt(service, history, now - joinedAt(service, scope), now, bounds);
          if (due >= 0 && !isTold(history, told.get(key), due))
            accuse(`${key} what was true at place ${due} is not told`);
        }
  }
  return {
    ...{ violations, accuse, saw, check },
    acknowledged(write, now) {
      const key = `${write.service.name}.note/${write.scope}/${write.id}`;
      const before = owed.get(key);
      if (before === undefined || before.write.place < write.place) owed.set(key, { write, at: now });
    },
    rolledBack(compacted) {
      told.clear();
      whole = compacted;
      position = compacted;
    },
    begins(now, service, scope) {
      if (service !== undefined) since.set(`${service}/${scope}`, now);
      else {
        start = now;
        owed.clear();
      }
    },
  };
}

/** Where in its history a state is that was told after the one at `known`; -1: nowhere. */
function placeOf(history: readonly Standing[], known: number, after: State | null): number {
  return history.findIndex(({ state }, i) => i > known && (state?.rev ?? null) === (after?.rev ?? null));
}

/** Whether what was told last is as new as a place: that it is gone may have been said of an earlier deletion. */
function isTold(history: readonly Standing[], known = -1, place: number): boolean {
  if (known >= place) return true;
  return (history[known]?.state ?? null) === null && history.some(({ state }, i) => i >= place && state === null);
}

/** The place that must be told by now, `age` ms after the application was connected; -1: there is none. */
function dueAt(service: Service, history: readonly Standing[], age: number, now: number, bounds: Bounds): number {
  const before = (ms: number) => (age < ms ? -1 : history.findLastIndex(({ at }) => at <= now - ms));
  const fed = service.feed ? before(bounds.fed) : -1;
  const isFed = history[fed]?.state !== null || service.feed?.deletions;
  return Math.max(before(bounds.swept), isFed ? fed : -1);
}
