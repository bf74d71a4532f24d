import type { Mutant } from "./mutant.ts";

const of =
  (name: string) =>
  (id: string, removes: string, find: string, replace: string): Mutant => ({
    ...{ id: `compare-${id}`, file: `compare/${name}.ts`, removes, find, replace, tests: ["test/compare.test.ts"] },
  });
const verdict = of("verdict");
const run = of("run");
const table = of("table");

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
