/**
 * Types that can only be listed per parent: `within`.
 *
 * The children of one parent are a *collection*. What is owed of it is a row like any other, of the children's type,
 * with the id `parent/`: it is hinted when its parent changed and by each sweep, waits its turn, backs off when its
 * list fails. To read it is to list it (`children.ts`).
 * @module
 */
import type { Engine } from "./engine.ts";
import { type Located, saveHints } from "./hints.ts";
import type { Kind } from "./kind.ts";
import type { Class, Via } from "./row.ts";

/** The id of a parent's collection. */
export const collectionOf = (parent: string): string => `${parent}/`;
/** The first id after all those that begin with `parent/`: a slash is followed by a zero. */
export const afterCollection = (parent: string): string => `${parent}0`;
/** The parent whose collection it is. */
export const parentOfCollection = (id: string): string => id.slice(0, -1);

/** Whether an id is that of a collection. No child has such a one: something follows its parent's. */
export const isCollection = ({ resource }: Kind, id: string): boolean =>
  resource.within !== undefined && id.endsWith("/");

/** The collections of some parents, as hints. */
export const collectionsOf = ({ children }: Kind, scope: string, parents: readonly string[]): Located[] =>
  children.flatMap((child) =>
    parents.map((id) => ({ type: child.name, scope, hint: { type: child.type, id: collectionOf(id) } })),
  );

/** What is within these parents must be listed. */
export async function hintChildren(
  engine: Engine,
  kind: Kind,
  scope: string,
  parents: readonly string[],
  how: { class: Class; via: Via },
): Promise<void> {
  const hints = collectionsOf(kind, scope, parents);
  if (hints.length > 0) await saveHints(engine, hints, how);
}
