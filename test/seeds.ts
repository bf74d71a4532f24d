/**
 * Worlds that found something wrong, each with what that was: whoever mends what a seed shows adds it here. What worlds draw may
 * change, and a seed is another world then; so each has a test of its own as well.
 */
export interface Found {
  seed: number;
  /** Writes of that world. */
  ops: number;
  /** What was wrong. */
  what: string;
  /** The test that holds it whatever the seed draws. */
  test: string;
}

export const found: readonly Found[] = [
  {
    seed: 17,
    ops: 300,
    what: "one call in ten was refused by chance, and the rate that was learned from it stayed at one a second for five hours",
    test: "test/lesson.test.ts",
  },
  {
    seed: 128,
    ops: 300,
    what: "reads were further behind than their provider declares while everything was deleted at once: more than is promised, and drawn no more",
    test: "test/world/workload.ts",
  },
  {
    seed: 187,
    ops: 300,
    what: "sweeps that came often kept a version that nobody serves any more from being given up",
    test: "test/row.test.ts",
  },
];
