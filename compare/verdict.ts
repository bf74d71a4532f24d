/**
 * What is wrong with what a subject has, beside what there is.
 * @module
 */

/**
 * @param states what it had, as far as it keeps them; the last one is what it has now
 * @param truth the number of what there is; null: there is nothing
 * @returns a few words; undefined: it is right
 */
export function differenceOf(states: readonly (number | null)[], truth: number | null): string | undefined {
  const last = states.at(-1) ?? null;
  const numbers = states.filter((n) => n !== null);
  if (numbers.some(Number.isNaN)) return "a state that the API does not have";
  if (numbers.some((n, i) => i > 0 && n < (numbers[i - 1] ?? 0))) return "an older state after a newer one";
  if (last === truth) return undefined;
  if (truth === null) return "what was deleted is there";
  if (last === null) return "it is not there";
  return last < truth ? "the older state" : "a state that never was";
}
