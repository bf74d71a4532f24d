import { type Mutant, mutantsOf } from "./mutant.ts";

const judge = mutantsOf("prove-", "prove/judge.ts", ["test/prove.test.ts"]);
const stream = mutantsOf("prove-", "src/stream.ts", ["test/rollback.test.ts"]);
const world = mutantsOf("prove-", "src/testing/world/create.ts", ["test/clocks.test.ts"], { CLOCKS: "1" });

/** What is taken for proved, and what its campaigns rely on. */
export const prove: readonly Mutant[] = [
  judge("failed", "what failed is short", `if (failed) return`, `if (false) return`),
  judge("ended", "a process that failed is short", `if (told.code !== 0)`, `if (false)`),
  judge("size", "a campaign of another size is short", `missing === undefined && said`, `said`),
  judge("silent", "who says nothing is short", `Math.max(1, wanted.length)`, `0`),
  judge("other", "another figure is not this one", ` && one.id === id`, ``),
  judge(
    "beside",
    "what was skipped beside it is short",
    `if (skipped) return`,
    `if (skipped && said.length === 0) return`,
  ),
  judge("number", "another number is another size", `!/\\d$/.test(before)`, `true || before`),
  judge("skipped", "what may not be skipped is short", `needs ? "absent" : "short"`, `"absent"`),
  stream(
    "shorter",
    "a reader whose place the log does not reach any more is told",
    `  if (place.position > position) await checkPlace(store, place, log);\n`,
    ``,
  ),
  stream(
    "regrown",
    "a reader whose place has another entry now is told",
    `if (page.end.position > place.position) await checkPlace(engine.store, place, page.log);`,
    ``,
  ),
  world("clock", "a process has the clock that it was given", `time: own?.(time, index) ?? time,`, `time,`),
];
