import { type Mutant, mutantsOf } from "./mutant.ts";

const verdict = mutantsOf("compare-", "compare/verdict.ts", ["test/compare.test.ts"]);
const run = mutantsOf("compare-", "compare/run.ts", ["test/compare.test.ts"]);
const table = mutantsOf("compare-", "compare/table.ts", ["test/compare.test.ts"]);

/** What `npm run compare` takes for right, and for whose task. */
export const compare: readonly Mutant[] = [
  verdict("older", "a state that is not the last one is wrong", `if (last === truth) return`, `if (last) return`),
  verdict("deleted", "what was deleted may not be there", `if (truth === null) return`, `if (truth === 0) return`),
  verdict("order", "a history that went back is wrong", `n < (numbers[i - 1] ?? 0)`, `n < -1`),
  verdict("shape", "a state of another shape is wrong", `numbers.some(Number.isNaN)`, `numbers.length < 0`),
  run("task", "what is not its task is not run", `does.includes(needs) ? undefined`, `does ? undefined`),
  run("place", "what cannot happen at its service is not run", `on !== dialect.name`, `on === needs`),
  table(
    "worst",
    "a column is as its worst subject",
    `["wrong", "right", "none"] as const`,
    `["right", "wrong", "none"] as const`,
  ),
  table("marks", "a page without its marks is not written", `if (begin < 0 || end < 0)`, `if (begin < -1)`),
];
