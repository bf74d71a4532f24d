/**
 * Numbers that look random and are the same for the same seed, on every machine.
 * @module
 */

/** A source of numbers that a seed decides. */
export interface Random {
  /** A number from 0 (included) to 1 (not included). */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  /** One of the list. Throws `RangeError` if it is empty. */
  pick<T>(list: readonly T[]): T;
  /** `true` with the probability `p`, 0 to 1. */
  chance(p: number): boolean;
}

/** The numbers of a seed, a whole number. The generator is sfc32: small, fast, and the same everywhere. Not for secrets. */
export function createRandom(seed: number): Random {
  let [a, b, c, d] = [seed >>> 0, 0x9e3779b9 ^ seed, 0x85ebca6b, 1];
  const next = (): number => {
    const t = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) next();
  return {
    next,
    int: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick<T>(list: readonly T[]): T {
      if (list.length === 0) throw new RangeError("nothing to pick from: the list is empty");
      return list[Math.floor(next() * list.length)] as T;
    },
    chance: (p) => next() < p,
  };
}
