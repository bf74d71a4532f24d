/** The provider's writes: states that change, go, come back, and are restored from a backup. */
import type { World } from "tidemark/testing";
import type { Provider } from "../../src/index.ts";
import type { Standing } from "../../src/testing/world/service.ts";
import type { Workload } from "./workload.ts";

/** A state as the API gives it. The noise differs between reads without meaning anything. */
export interface Thing {
  value: number;
  noise?: number;
}
export type Services = { w: Provider<{ thing: Thing; part: Thing }> };
export type Type = "w.thing" | "w.part";

/** What is odd about a state. */
export interface Mark {
  /** An older state came back, version and all: only convergence is promised until that is believed. */
  back: boolean;
  /** It came back without an absence in between. */
  restored: boolean;
}

export interface Writes {
  readonly ids: readonly string[];
  /** What is within them, `id/part`. */
  readonly parts: readonly string[];
  scopeOf(id: string): string;
  history(id: string): readonly Standing<Thing>[];
  /** Of the state at a place of the history. */
  mark(id: string, place: number): Mark;
  /** Something happens to a resource. */
  write(id: string): void;
  /** It goes, and no webhook tells of it. */
  remove(id: string): void;
}

/** The resource that another one is within. */
export const parentOf = (part: string): string => part.split("/")[0] ?? "";
export const typeOf = (id: string): Type => (id.includes("/") ? "w.part" : "w.thing");
const PLAIN: Mark = { back: false, restored: false };

/**
 * @param homes the ids of the things, and the scope of each
 * @param clock the provider's own, in ms, which may be put back: its versions are whole seconds of that
 */
export function createWrites(
  world: World<Services, unknown>,
  workload: Workload,
  homes: ReadonlyMap<string, string>,
  clock?: () => number,
): Writes {
  const { int, pick, chance } = world.random;
  const ids = [...homes.keys()];
  const parts = ids.flatMap((id) => Array.from({ length: workload.parts }, (_, i) => `${id}/p${i}`));
  const marks = new Map<string, Mark>();
  let values = 0;

  const scopeOf = (id: string): string => homes.get(parentOf(id)) ?? "";
  const history = (id: string) => world.history(typeOf(id), id, { scope: scopeOf(id) });
  const is = (id: string) => history(id).at(-1) as Standing<Thing>;
  const fresh = (): Thing => ({ value: workload.aba && chance(0.5) ? int(0, 2) : ++values + 10 });
  const set = (id: string, state: Thing, stamp: { version?: number | null; incarnation?: number }, mark = PLAIN) => {
    const version = clock && stamp.version === undefined ? { version: Math.floor(clock() / 1_000) } : {};
    const back = version.version !== undefined && version.version < highest(id);
    world.write(typeOf(id), id, state, { scope: scopeOf(id), ...version, ...stamp });
    const odd = back ? { back, restored: false } : mark;
    if (odd !== PLAIN) marks.set(`${id} ${history(id).length - 1}`, odd);
  };
  const highest = (id: string): number => Math.max(0, ...history(id).map(({ version }) => version ?? 0));
  /** An older state, and all that it was stamped with. */
  const rewind = (id: string): boolean => {
    const before = is(id);
    const older = history(id).filter(({ state }) => state !== null && state.value !== before.state?.value);
    if (older.length === 0) return false;
    const { state, version, incarnation } = pick(older);
    const back = (version ?? 0) < (before.version ?? 0) || incarnation < before.incarnation;
    set(id, state as Thing, { version, incarnation }, { back, restored: true });
    return true;
  };
  const create = (id: string): void => {
    const { incarnation } = is(id);
    const undeleted = workload.undelete && incarnation > 0 && chance(0.3);
    if (!workload.recreate && incarnation > 0 && !undeleted) return;
    if (undeleted) set(id, fresh(), { incarnation }, { back: false, restored: true });
    else set(id, fresh(), {});
  };

  return {
    ids,
    parts,
    scopeOf,
    history,
    mark: (id, place) => marks.get(`${id} ${place}`) ?? PLAIN,
    write(id) {
      // Nobody could find what is within nothing.
      if (typeOf(id) === "w.part" && is(parentOf(id)).state === null) return;
      if (chance(workload.rewind) && rewind(id)) return;
      if (is(id).state === null) create(id);
      else if (chance(workload.deletes)) world.delete(typeOf(id), id, { scope: scopeOf(id) });
      else set(id, fresh(), {});
    },
    remove: (id) => world.delete(typeOf(id), id, { scope: scopeOf(id), webhook: false }),
  };
}
