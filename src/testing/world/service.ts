/**
 * The services' side: what each resource really was, and when. Every state is kept, so that a read can be behind, and
 * a test can ask whether what was told was ever true.
 */
import type { Ref } from "../../row.ts";
import type { Time } from "../../time.ts";
import type { Random } from "../random.ts";
import type { Conditions } from "./conditions.ts";

/** A state of a resource, from `at` (ms since 1970) on until the next one. `state: null`: there is no such resource. */
export interface Standing<State = object> {
  readonly at: number;
  readonly state: State | null;
  /** What a read gives as its version; null where the service stamps none. */
  readonly version: number | null;
  /** Another one, and greater, when the resource is created again. */
  readonly incarnation: number;
}

/** How a write is stamped. What is left out, the service decides. */
export interface Stamp {
  version?: number | null;
  incarnation?: number;
}

export interface Service {
  /** Makes this the state from now on. Answers its place in the history. */
  write(ref: Ref, state: object, stamp?: Stamp): number;
  /** Answers the deletion's place in the history; undefined if there is no such resource. */
  remove(ref: Ref): number | undefined;
  /** All that it ever was, the oldest first; at the beginning it was not there. */
  history(ref: Ref): readonly Standing[];
  newest(ref: Ref): Standing;
  /** What was so at a time. */
  at(ref: Ref, time: number): Standing;
  /** All resources of a type in a scope that there ever were, in the order of their ids. */
  all(type: string, scope: string): readonly Ref[];
}

const keyOf = (type: string, scope: string) => JSON.stringify([type, scope]);
/** What is within it has an id that begins so. */
export const parentOf = (id: string): string => id.slice(0, id.indexOf("/"));

export function createService(conditions: Conditions, { int, chance }: Random, time: Time): Service {
  const nothing: Standing = { at: time.now() - 1e9, state: null, version: null, incarnation: 0 };
  const collections = new Map<string, { refs: Ref[]; histories: Map<string, Standing[]> }>();
  let sequence = 0;
  let incarnations = 0;

  function historyOf({ type, scope, id }: Ref): Standing[] {
    return collections.get(keyOf(type, scope))?.histories.get(id) ?? [nothing];
  }
  function add(ref: Ref, standing: Standing): number {
    const key = keyOf(ref.type, ref.scope);
    const collection = collections.get(key) ?? { refs: [], histories: new Map<string, Standing[]>() };
    collections.set(key, collection);
    const history = collection.histories.get(ref.id) ?? [nothing];
    if (!collection.histories.has(ref.id)) {
      collection.histories.set(ref.id, history);
      collection.refs.push(ref);
      collection.refs.sort((a, b) => (a.id < b.id ? -1 : 1));
    }
    return history.push(standing) - 1;
  }
  /** A transaction that began after `since`, as one of a resource waits for the one before. */
  function stampOf(since: number): number | null {
    if (conditions.versions === "none") return null;
    if (conditions.versions === "strict") return ++sequence;
    const long = conditions.commitLag > 0 && chance(0.5) ? int(0, conditions.commitLag) : 0;
    const clock = conditions.skew > 0 ? int(-conditions.skew, conditions.skew) : 0;
    return Math.floor((Math.max(since, time.now() - long) + clock) / 1_000);
  }

  return {
    history: historyOf,
    newest: (ref) => historyOf(ref).at(-1) ?? nothing,
    all: (type, scope) => collections.get(keyOf(type, scope))?.refs ?? [],
    write(ref, state, stamp = {}) {
      const before = historyOf(ref).at(-1) ?? nothing;
      const created = before.state === null;
      const kept = !created && chance(conditions.noBump);
      return add(ref, {
        ...{ at: time.now(), state },
        version: stamp.version !== undefined ? stamp.version : kept ? before.version : stampOf(before.at),
        incarnation: stamp.incarnation ?? (created ? ++incarnations : before.incarnation),
      });
    },
    remove(ref) {
      const { state, incarnation } = historyOf(ref).at(-1) ?? nothing;
      if (state === null) return undefined;
      return add(ref, { at: time.now(), state: null, version: null, incarnation });
    },
    at(ref, when) {
      const history = historyOf(ref);
      let low = 0;
      let high = history.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((history[middle] as Standing).at <= when) low = middle;
        else high = middle - 1;
      }
      // A lag that was not declared never hides a resource: without a version a false absence looks like a true one.
      if (conditions.undeclaredLag > 0 && low === 0) low = Math.min(1, history.length - 1);
      return history[low] as Standing;
    },
  };
}
