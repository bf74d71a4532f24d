import type { Mutant } from "./mutant.ts";

/** Guards of the loops. */
export const loops: readonly Mutant[] = [];
