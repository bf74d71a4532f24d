/**
 * Runs the steps of a group on what it holds, in memory: what is to be saved is known before anything is written, so that one
 * that throws has written nothing. Pure but for the steps themselves.
 * @module
 */
import { type Checkpoint, fresh } from "../../checkpoint.ts";
import { blank, type Ref, type Row } from "../../row.ts";
import type { Draft, Move, Selection, Step } from "../../store.ts";
import type { Tick } from "../../time.ts";
import { rowNames } from "../schema.ts";
import type { Granted, Wish } from "./batch.ts";
import { keyOf, type Locked } from "./lock.ts";
import { isUnseen } from "./unseen.ts";

/** A position of this group that is not known yet: above it by the place among its entries, from 1. */
export const PENDING = 2 ** 52;

/** An entry of this group. */
export interface Appended extends Draft {
  ref: Ref;
  tick: Tick;
  previous: number | null;
}

/** What a group has to save. */
export interface Outcome {
  results: PromiseSettledResult<Granted>[];
  /** By key. */
  rows: Map<string, Row>;
  entries: Appended[];
  checkpoints: Map<string, Checkpoint>;
  /** The tick of the latest wish. */
  tick: Tick;
}

/**
 * @param tick of the first wish; each next one has the next tick
 * @param rows what is to be saved already, by key
 */
export function runSteps(wishes: readonly Wish[], locked: Locked, tick: Tick, rows: Map<string, Row>): Outcome {
  const latest = tick + wishes.length - 1;
  const outcome: Outcome = { results: [], rows, entries: [], checkpoints: new Map(), tick: latest };
  for (const [i, wish] of wishes.entries()) {
    try {
      outcome.results.push({ status: "fulfilled", value: grant(wish, i, locked, tick + i, outcome) });
    } catch (reason) {
      outcome.results.push({ status: "rejected", reason });
    }
  }
  return outcome;
}

function grant(wish: Wish, at: number, locked: Locked, tick: Tick, outcome: Outcome): Granted {
  const { select, step, move } = wish;
  const rowOf = (key: string) => outcome.rows.get(key) ?? locked.rows.get(key);
  const made = (select ? chosen(select, locked.selected.get(at) ?? [], rowOf, tick) : []).flatMap((row) => {
    const result = step?.(row, tick);
    return result ? [{ before: row, result }] : [];
  });
  const moved = move && moveCheckpoint(move, locked, tick, outcome);
  const rows = made.map(({ before, result }) => save(before, result, tick, locked, outcome));
  return { rows, at: moved, tick };
}

/** The rows of a wish as they are now: an earlier wish of the group may have changed them. */
function chosen(
  select: Selection,
  keys: readonly string[],
  rowOf: (key: string) => Row | undefined,
  tick: Tick,
): Row[] {
  if ("refs" in select) {
    const refs = new Map(select.refs.map((ref) => [keyOf(ref), ref]));
    return [...refs].map(([key, ref]) => rowOf(key) ?? blank(ref)).sort(byRef);
  }
  const rows = [...new Set(keys)].flatMap((key) => rowOf(key) ?? []);
  if ("class" in select) {
    const due = rows.filter((row) => row.class === select.class && isDue(row, tick));
    return due.sort((a, b) => (a.due ?? 0) - (b.due ?? 0)).slice(0, select.limit);
  }
  return rows.filter((row) => isUnseen(row, select.unseen)).slice(0, select.limit);
}

const isDue = ({ due, lease }: Row, tick: Tick): boolean =>
  due !== null && due <= tick && (lease === null || lease <= tick);

const byRef = (a: Ref, b: Ref): number => order(a.type, b.type) || order(a.scope, b.scope) || order(a.id, b.id);
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function moveCheckpoint({ name, step }: Move, locked: Locked, tick: Tick, outcome: Outcome): Checkpoint {
  const at = outcome.checkpoints.get(name) ?? locked.checkpoints.get(name) ?? fresh(name);
  const moved = step(at, tick);
  if (moved === undefined) return at;
  const saved = { ...moved, name };
  outcome.checkpoints.set(name, saved);
  return saved;
}

function save(before: Row, { row, append = [] }: Step, tick: Tick, locked: Locked, outcome: Outcome): Row {
  let { position } = row;
  const { type, scope, id } = row;
  for (const draft of append) {
    const place = outcome.entries.push({ ...draft, ref: { type, scope, id }, tick, previous: position });
    position = PENDING + place;
  }
  const saved = position === row.position ? row : { ...row, position };
  const key = keyOf(row);
  const there = locked.rows.has(key) || outcome.rows.has(key);
  if (!there || !isSame(before, saved)) outcome.rows.set(key, saved);
  return saved;
}

const isSame = (a: Row, b: Row): boolean => a === b || rowNames.every((name) => a[name] === b[name]);

/** The rows of a wish with the positions that their entries were given. */
export const placed = (granted: Granted, base: number): Granted => ({
  ...granted,
  rows: granted.rows.map((row) =>
    row.position !== null && row.position > PENDING ? { ...row, position: base + row.position - PENDING } : row,
  ),
});
