/**
 * Scopes and credentials come and go: what says nothing any more is forgotten.
 * @module
 */

/** So many are kept though they may say nothing any more. */
export const FEW = 1_024;

/** Answers how many may be kept until this is worth its while again. */
export function forget<T>(all: Map<string, T>, saysNothing: (one: T) => boolean): number {
  for (const [key, one] of all) if (saysNothing(one)) all.delete(key);
  return Math.max(FEW, 2 * all.size);
}
