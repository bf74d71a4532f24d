/**
 * Saves hints: the rows they name become dirty, in one transaction.
 * @module
 */

import type { Engine } from "./engine.ts";
import type { Cause, Hint } from "./provider.ts";
import { want } from "./reconcile/plan.ts";
import { type Class, isRef, type Note, put, type Ref, type Via } from "./row.ts";
import type { Fold, Move } from "./store.ts";
import { type Tick, ticks } from "./time.ts";
import { batchOf } from "./work/batch.ts";
import { isTold, keepCause, worthReading } from "./work/news.ts";

/** A hint with the full name of its type, in its scope. */
export interface Located {
  type: string;
  scope: string;
  hint: Hint;
}

/** Hints as a plugin gives them, with its own type names, become located; unknown types are left out, and what no store can keep. */
export function locate({ kinds }: Pick<Engine, "kinds">, provider: string, scope: string, hints: readonly Hint[]) {
  const located: Located[] = [];
  for (const hint of hints) {
    const type = `${provider}.${hint.type}`;
    const ref = { type, scope: hint.scope ?? scope, id: hint.id ?? "" };
    // An id that is no text is the plugin's mistake, and said to be one when it is to be saved.
    if (kinds.has(type) && (typeof ref.id !== "string" || isRef(ref))) located.push({ type, scope: ref.scope, hint });
  }
  return located;
}

/**
 * Saves hints, and moves a checkpoint in the same transaction.
 *
 * @param how why, for the queue and the ledger. `judgedSince`: webhooks bring these events too, and one that happened since
 *   then is lost if none does
 * @returns the tick of the transaction; 0 if there was nothing to save
 */
export async function saveHints(
  engine: Engine,
  hints: readonly Located[],
  { class: cls, via, judgedSince }: { class: Class; via: Via; judgedSince?: Tick },
  also?: Move,
): Promise<Tick> {
  const notes: Note[] = [];
  for (const { type, scope, hint } of hints) {
    if (hint.id === undefined) {
      if (via === "webhook") engine.losses.heard(type, scope);
      await want(engine, type, scope);
    } else notes.push({ type, scope, id: hint.id, class: cls, via, ...saidBy(hint, judgedSince) });
  }
  if (notes.length === 0 && !also) return 0;
  const posted = engine.store.post(notes, also);
  // Not after it: the rows are leased in the same transaction, and read while the disk writes.
  if (notes.length > 0) engine.workDue(0);
  return posted;
}

const saidBy = ({ version, event }: Hint, judgedSince: Tick | undefined): Pick<Note, "version" | "event"> => ({
  version: version ?? null,
  event: event
    ? { id: event.id, name: event.name, at: event.at?.getTime() ?? null, ...judge(event, judgedSince) }
    : null,
});

/** One without a time is taken to be from after the first poll. */
const judge = ({ at }: Cause, since: Tick | undefined): { judged?: true } =>
  since !== undefined && (at === undefined || ticks(at.getTime()) >= since) ? { judged: true } : {};

/** How a note is put to its row: one that was clean takes its place in the queue. */
export const foldFor =
  (
    { budget, kinds, workDue, losses }: Pick<Engine, "budget" | "kinds" | "workDue" | "losses">,
    mayWait: () => boolean,
  ): Fold =>
  (row, note, tick) => {
    const kind = kinds.get(row.type);
    const rules = kind?.rules;
    if (rules && isTold(row, note, rules, tick)) {
      const told = keepCause(row, note, tick);
      losses.judge(row, told, note, tick);
      return told;
    }
    const reserve = () => {
      const batch = kind && batchOf(kind, { ...row, class: note.class });
      return budget.reserve(providerOf(row.type), row.scope, note.class, tick, batch);
    };
    const place = row.due === null ? reserve() : tick;
    const due = rules && mayWait() ? Math.max(place, worthReading(row, note, rules, tick)) : place;
    const hinted = put(row, note, tick, due);
    losses.judge(row, hinted, note, tick);
    if (hinted !== row && due > tick) workDue((due - tick) / 1_000);
    return hinted;
  };

/** The provider's key of a full type name: what stands before the first dot. */
export const providerOf = (type: string): string => type.slice(0, type.indexOf("."));

/** A ref as a key of a map. */
export const keyOf = ({ type, scope, id }: Ref): string => JSON.stringify([type, scope, id]);
