/**
 * Types that can only be listed per parent: `within`.
 *
 * The children of one parent are a *collection*. What is owed of it is a row like any other, of the children's type,
 * with the id `parent/`: it is hinted when its parent changed and by each sweep, waits its turn, backs off when its
 * list fails. To read it is to list it (`children.ts`).
 * @module
 */
import type { Engine } from "../engine.ts";
import { type Located, saveHints } from "../hints.ts";
import type { Kind } from "../kind.ts";
import { sweepName, sweepOf } from "../reconcile/plan.ts";
import type { Via } from "../row.ts";

/** The id of a parent's collection. */
export const collectionOf = (parent: string): string => `${parent}/`;
/** The first id after all those that begin with `parent/`: a slash is followed by a zero. */
export const afterCollection = (parent: string): string => `${parent}0`;
/** The parent whose collection it is. */
export const parentOfCollection = (id: string): string => id.slice(0, -1);

/** The collections of some parents, as hints. */
export const collectionsOf = (
  { children }: Pick<Kind, "children">,
  scope: string,
  parents: readonly string[],
): Located[] =>
  children.flatMap((child) =>
    parents.map((id) => ({ type: child.name, scope, hint: { type: child.type, id: collectionOf(id) } })),
  );

/** What is within these parents, which a read found changed, must be listed. */
export async function hintChildren(
  engine: Engine,
  kind: Kind,
  scope: string,
  parents: readonly string[],
  via: Via,
): Promise<void> {
  if (kind.children.length === 0 || parents.length === 0) return;
  const children: Kind[] = [];
  // A first sweep of the children is still to come, and lists each parent anyway.
  for (const child of kind.children)
    if (via !== "backfill" || (await wasSwept(engine, child, scope))) children.push(child);
  const hints = collectionsOf({ children }, scope, parents);
  if (hints.length > 0) await saveHints(engine, hints, { class: "sweep", via });
}

async function wasSwept({ store }: Engine, { name }: Kind, scope: string): Promise<boolean> {
  const full = sweepName(name, scope);
  const at = (await store.checkpoints(full, "", 1)).find((one) => one.name === full);
  return at !== undefined && sweepOf(at).completed !== null;
}
