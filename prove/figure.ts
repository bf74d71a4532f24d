/**
 * What is proved, as data: each figure names a campaign, what must come of it, and the tests that say it.
 *
 *     figures/*.ts ──► main.ts ──► run.ts: node --test … ──► reporter.ts ──► judge.ts ──► table.ts: docs/reliability.md
 *
 * @module
 */

/** How much is run: with every commit, before a change lands, or in a night. */
export type Tier = "commit" | "ci" | "night";
export const TIERS: readonly Tier[] = ["commit", "ci", "night"];

export interface Figure {
  id: `F${number}`;
  /** What is done. */
  title: string;
  /** What must come of it. */
  goal: string;
  /** The test files that say the figure; or a script with its options, whose last line does. */
  run: readonly string[];
  /** How much of it, as the environment tells the tests. A tier that is left out runs as the one before; `commit` as `npm test`. */
  sizes?: Partial<Record<Tier, Readonly<Record<string, string>>>>;
  /** The first tier that has time for it. Default `commit`. */
  from?: Tier;
  /**
   * What must be said, each in one line of its own: `"{KILLS} kills"`, so that a campaign of another size than was asked for
   * does not pass for it. Default: anything, once.
   */
  says?: readonly string[];
  /** Its tests say nothing: so many of them passed, and this is what they are called. */
  counts?: string;
  /** What a machine may lack, in words: then the figure is not to be had there. Others may not be skipped. */
  needs?: string;
}

/** The size of a figure in a tier, or null where that has no time for it. */
export function sizeOf({ sizes = {}, from = "commit" }: Figure, tier: Tier): Readonly<Record<string, string>> | null {
  const known = TIERS.slice(0, TIERS.indexOf(tier) + 1);
  if (!known.includes(from)) return null;
  return Object.assign({}, ...known.map((one) => sizes[one]));
}

/** Whether these are test files, and not a script. */
export const isTest = ([file = ""]: readonly string[]): boolean => /\.(test|page)\.ts$/.test(file);
