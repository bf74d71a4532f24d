/**
 * The invariants, as a checker runs them on what a reader of the log sees.
 *
 *   S1  the changes of a resource are states that it had, in their order, and were true before they were recorded
 *   S2  the log has no gaps, and nothing appears below what was read
 *   S3  no change of nothing
 *   S4  created, updated …, deleted
 *   S9  the changes, folded, are what is recorded
 *   L1  in the end what is recorded is what is
 *   L3  deletions, too
 *   L4  in the end nothing is owed
 */
import type { Change } from "../../src/index.ts";
import type { Row } from "../../src/row.ts";
import { parentOf, type Thing, typeOf, type Writes } from "./writes.ts";

export type Seen = Change<string, Thing>;

export interface Checker {
  readonly failures: readonly string[];
  fail(message: string): void;
  /** A change that a reader saw at `now`. */
  saw(change: Seen, now: number): void;
  /** Whether the log says what is, and nothing is owed; with `report`, what is missing becomes a failure. */
  converged(rows: readonly Row[], report?: boolean): boolean;
}

/** How long a provider that broke its own order may not be believed yet: PATIENCE, and what reads and backoffs add. */
const UNBELIEVED = 400_000;

export function createChecker(truth: Writes, { incarnations }: { incarnations: boolean }): Checker {
  const failures: string[] = [];
  const embedded = new Map<string, number>();
  const newest = new Map<string, Thing | null>();
  let position = 0;
  const fail = (message: string) => {
    if (failures.length < 3) failures.push(message);
  };

  const saw = ({ id, before, after, cursor, initial }: Seen, now: number) => {
    const at = Number(cursor.split(".")[1]);
    if (at !== position + 1) fail(`S2 position ${at} after ${position}`);
    position = at;
    const known = newest.get(id) ?? null;
    if ((before?.value ?? null) !== (known?.value ?? null)) fail(`S2 ${id} before is not what was there before`);
    if (before !== null && after !== null && before.value === after.value) fail(`S3 ${id} a change of nothing`);
    if (before === null && after === null) fail(`S4 ${id} deleted while absent`);
    if (initial && before !== null) fail(`S4 ${id} initial, but known before`);
    newest.set(id, after);

    const states = truth.history(id);
    const matches = (i: number) =>
      (states[i]?.state?.value ?? null) === (after?.value ?? null) && (states[i]?.at ?? 0) <= now;
    let index = states.findIndex((_, i) => i > (embedded.get(id) ?? -1) && matches(i));
    const odd = states.map(({ at }, i) => ({ at, ...truth.mark(id, i) }));
    const broken = odd.some(({ back, restored, at }) => (back || restored) && at > now - UNBELIEVED);
    if (index < 0 && broken) index = states.findLastIndex((_, i) => matches(i));
    // Where a restored backup changes the incarnation without an absence, a tombstone says only that the other is gone.
    if (index < 0 && after === null && incarnations && odd.some(({ restored }) => restored)) return;
    if (index < 0) fail(`S1 ${id} ${after === null ? "deleted" : `value ${after.value}`} is not later in its history`);
    else embedded.set(id, index);
  };

  const converged = (rows: readonly Row[], report = false): boolean => {
    let good = true;
    const miss = (message: string) => {
      good = false;
      if (report) fail(message);
    };
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const id of [...truth.ids, ...truth.parts]) {
      const is = truth.history(id).at(-1)?.state?.value ?? null;
      const told = newest.get(id)?.value ?? null;
      // What outlives what it was within, and was not seen before, is listed nowhere.
      if (told === null && typeOf(id) === "w.part" && truth.history(parentOf(id)).at(-1)?.state === null) continue;
      const row = byId.get(id);
      if (told !== is) miss(`${is === null ? "L3" : "L1"} ${id} the log says ${told}, the provider ${is}`);
      if ((row?.present ?? false) !== (told !== null)) miss(`S9 ${id} the log does not fold to what is recorded`);
    }
    for (const { id, due, error, class: cls } of rows) {
      if (due !== null) miss(`L4 ${id} still owes something: ${error ?? cls}`);
    }
    return good;
  };
  return { failures, fail, saw, converged };
}
