/**
 * Seeded randomness: the same seed gives the same operations and the same fates of webhooks.
 * @module
 */

/** A number from 0 (included) to 1 (not included). */
export type Random = () => number;

/**
 * A generator of its own for each use, so that one does not shift the other: a Weyl sequence, its bits mixed by
 * multiplications (the constants are those of MurmurHash3's finalizer).
 */
export function seeded(seed: number, use: string): Random {
  let state = [...use].reduce((sum, letter) => Math.imul(sum, 31) + (letter.codePointAt(0) ?? 0), seed | 0);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** One of them; undefined if there is none. */
export const oneOf = <T>(random: Random, all: readonly T[]): T | undefined => all[Math.floor(random() * all.length)];

/** One of the keys, each as often as its weight says. */
export function weighted<K extends string>(random: Random, weights: Readonly<Record<K, number>>): K {
  const entries = Object.entries(weights) as [K, number][];
  let left = random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [key, weight] of entries) {
    left -= weight;
    if (left < 0) return key;
  }
  throw new RangeError("there is nothing to choose from");
}
