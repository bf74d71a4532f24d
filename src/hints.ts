/**
 * Saves hints: the rows they name become dirty, in one transaction.
 * @module
 */
import type { Engine } from "./engine.ts";
import { want } from "./plan.ts";
import type { Hint } from "./provider.ts";
import { hint as apply, type Class, type Ref, type Row, type Via } from "./row.ts";
import type { Move } from "./store.ts";
import type { Tick } from "./time.ts";

/** A hint with the full name of its type, in its scope. */
export interface Located {
  type: string;
  scope: string;
  hint: Hint;
}

/** Hints as a plugin gives them, with its own type names, become located; unknown types are left out. */
export function locate({ kinds }: Pick<Engine, "kinds">, provider: string, scope: string, hints: readonly Hint[]) {
  const located: Located[] = [];
  for (const hint of hints) {
    const type = `${provider}.${hint.type}`;
    if (kinds.has(type)) located.push({ type, scope: hint.scope ?? scope, hint });
  }
  return located;
}

/** How many rows one transaction takes. */
const CHUNK = 1_000;

/**
 * Saves hints, and with the last of them moves a checkpoint. Rows that were clean take their place in the queue.
 *
 * @param how why, for the queue and the ledger
 * @param also saved together with the last hints, and only if all before it are saved
 * @returns the tick of the last transaction; 0 if there was nothing to save
 */
export async function saveHints(
  engine: Engine,
  hints: readonly Located[],
  how: { class: Class; via: Via },
  also?: Move,
): Promise<Tick> {
  const byRef = new Map<string, { ref: Ref; hints: Hint[] }>();
  for (const { type, scope, hint } of hints) {
    if (hint.id === undefined) {
      await want(engine, type, scope);
      continue;
    }
    const ref = { type, scope, id: hint.id };
    const key = keyOf(ref);
    const group = byRef.get(key);
    if (group) group.hints.push(hint);
    else byRef.set(key, { ref, hints: [hint] });
  }
  const groups = [...byRef.values()];
  let tick: Tick = 0;
  for (let i = 0; i < groups.length || (i === 0 && also); i += CHUNK) {
    const last = i + CHUNK >= groups.length;
    tick = await saveChunk(engine, groups.slice(i, i + CHUNK), how, last ? also : undefined);
  }
  return tick;
}

async function saveChunk(
  engine: Engine,
  groups: readonly { ref: Ref; hints: readonly Hint[] }[],
  { class: cls, via }: { class: Class; via: Via },
  also: Move | undefined,
): Promise<Tick> {
  const [only] = groups;
  // A webhook is about one resource as a rule, and then no key is needed.
  const byKey = groups.length > 1 ? new Map(groups.map(({ ref, hints }) => [keyOf(ref), hints])) : undefined;
  const hintsOf = (row: Row) => (byKey ? byKey.get(keyOf(row)) : only?.hints) ?? [];
  const step = (row: Row, tick: number) => {
    const provider = providerOf(row.type);
    const due = row.due === null ? engine.budget.reserve(provider, row.scope, cls, tick) : tick;
    const hinted = hintsOf(row).reduce((at, hint) => apply(at, hint, { tick, class: cls, via, due }), row);
    return hinted === row ? undefined : { row: hinted };
  };
  const { rows, tick } = await engine.store.update({ refs: groups.map(({ ref }) => ref) }, step, also);
  const due = rows.reduce(
    (least, row) => Math.min(least, row.due ?? Number.POSITIVE_INFINITY),
    Number.POSITIVE_INFINITY,
  );
  if (Number.isFinite(due)) engine.workDue(Math.max(0, (due - tick) / 1_000));
  return tick;
}

/** The provider's key of a full type name: what stands before the first dot. */
export const providerOf = (type: string): string => type.slice(0, type.indexOf("."));

/** A ref as a key of a map. */
export const keyOf = ({ type, scope, id }: Ref): string => JSON.stringify([type, scope, id]);
