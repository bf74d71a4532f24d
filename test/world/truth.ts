/**
 * The provider's side: what each resource really was, and when. Every state is kept, so that a checker can ask whether
 * a change in the log shows a state that was true, in the order in which they were.
 */

import type { Random } from "tidemark/testing";
import type { WorldOptions } from "./draw.ts";

export interface Value {
  id: string;
  value: number;
}

/** A state from `at` on, until the next one. `state: null`: there is no such resource. */
export interface Truth {
  at: number;
  state: Value | null;
  version: number | null;
  incarnation: number;
  /** An older state came back, version and all: only convergence is promised until that is believed. */
  back: boolean;
  /** It came back without an absence in between. */
  restored: boolean;
}

export interface TruthBook {
  readonly ids: readonly string[];
  /** What is within them, `id/part`. */
  readonly parts: readonly string[];
  scopeOf(id: string): string;
  history(id: string): readonly Truth[];
  at(id: string, time: number): Truth;
  /** What comes after the newest state, when the transaction began at `started`; null: nothing happens. */
  next(id: string, started: number): Omit<Truth, "at"> | null;
  commit(id: string, at: number, truth: Omit<Truth, "at">): number;
}

/** The resource that another one is within. */
export const parentOf = (part: string): string => part.split("/")[0] ?? "";
export const typeOf = (id: string): "thing" | "part" => (id.includes("/") ? "part" : "thing");

export function createTruth(world: WorldOptions, { int, pick, chance }: Random, begin: number): TruthBook {
  const ids = Array.from({ length: world.keys }, (_, i) => `k${String(i).padStart(2, "0")}`);
  const scopes = Array.from({ length: world.scopes }, (_, i) => `s${i}`);
  const scopeOf = new Map(ids.map((id) => [id, pick(scopes)]));
  const nothing: Truth = { at: begin - 1e9, state: null, version: null, incarnation: 0, back: false, restored: false };
  const histories = new Map(ids.map((id) => [id, [nothing]]));
  const parts = ids.flatMap((id) => Array.from({ length: world.parts }, (_, i) => `${id}/p${i}`));
  for (const part of parts) {
    scopeOf.set(part, scopeOf.get(parentOf(part)) ?? "");
    histories.set(part, [nothing]);
  }
  let sequence = 0;
  let incarnations = 0;
  let values = 0;

  const history = (id: string): Truth[] => histories.get(id) ?? [nothing];
  const stamp = (started: number): number | null => {
    if (world.versions === "none") return null;
    if (world.versions === "strict") return ++sequence;
    return Math.floor((started + (world.skew ? int(-world.skew, world.skew) : 0)) / 1_000);
  };
  const fresh = (id: string): Value => ({ id, value: world.aba && chance(0.5) ? int(0, 2) : ++values + 10 });

  const rewind = (id: string, before: Truth): Omit<Truth, "at"> | null => {
    const older = history(id).filter((truth) => truth.state !== null && truth.state.value !== before.state?.value);
    if (older.length === 0) return null;
    const { state, version, incarnation } = pick(older);
    const back = (version ?? 0) < (before.version ?? 0) || incarnation < before.incarnation;
    return { state, version, incarnation, back, restored: true };
  };

  return {
    ids,
    parts,
    scopeOf: (id) => scopeOf.get(id) ?? "",
    history,
    at(id, time) {
      const states = history(id);
      let low = 0;
      let high = states.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((states[middle] as Truth).at <= time) low = middle;
        else high = middle - 1;
      }
      // A lag that was not declared never hides a resource: without a version a false absence looks like a true one.
      if (world.undeclaredLag && low === 0) low = Math.min(1, states.length - 1);
      return states[low] as Truth;
    },
    next(id, started) {
      const before = history(id).at(-1) ?? nothing;
      // Nobody could find what is within nothing.
      if (typeOf(id) === "part" && history(parentOf(id)).at(-1)?.state === null) return null;
      if (chance(world.rewind)) {
        const restored = rewind(id, before);
        if (restored) return restored;
      }
      if (before.state === null) {
        const undeleted = world.undelete && before.incarnation > 0 && chance(0.3);
        if (!world.recreate && before.incarnation > 0 && !undeleted) return null;
        const incarnation = undeleted ? before.incarnation : ++incarnations;
        return { state: fresh(id), version: stamp(started), incarnation, back: false, restored: undeleted };
      }
      const { incarnation } = before;
      const same = { incarnation, back: false, restored: false };
      if (chance(world.deletes)) return { ...same, state: null, version: null };
      const version = chance(world.noBump) ? before.version : stamp(started);
      return { ...same, state: fresh(id), version };
    },
    commit(id, at, truth) {
      return history(id).push({ at, ...truth }) - 1;
    },
  };
}
