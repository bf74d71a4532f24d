import type { Mutant } from "./mutant.ts";

/** Guards of the stores. */
export const store: readonly Mutant[] = [];
