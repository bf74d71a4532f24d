import type { Mutant } from "./mutant.ts";

const judge = (id: string, removes: string, find: string, replace: string): Mutant => ({
  ...{ id: `prove-${id}`, file: "prove/judge.ts", removes, find, replace, tests: ["test/prove.test.ts"] },
});

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
  {
    ...{ id: "prove-shorter", file: "src/stream.ts", tests: ["test/rollback.test.ts"] },
    removes: "a reader whose place the log does not reach any more is told",
    ...{ find: `  if (place.position > position) await checkPlace(store, place, log);\n`, replace: `` },
  },
  {
    ...{ id: "prove-regrown", file: "src/stream.ts", tests: ["test/rollback.test.ts"] },
    removes: "a reader whose place has another entry now is told",
    ...{
      find: `if (page.end.position > place.position) await checkPlace(engine.store, place, page.log);`,
      replace: ``,
    },
  },
  {
    ...{ id: "prove-clock", file: "src/testing/world/create.ts", tests: ["test/clocks.test.ts"] },
    ...{ removes: "a process has the clock that it was given", env: { CLOCKS: "1" } },
    ...{ find: `time: own?.(time, index) ?? time,`, replace: `time,` },
  },
];
