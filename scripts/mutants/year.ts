import type { Mutant } from "./mutant.ts";

const of =
  (file: string, test: string) =>
  (id: string, removes: string, find: string, replace: string): Mutant => ({
    ...{ id, file, removes, find, replace, tests: [`test/${test}.test.ts`] },
  });
const judge = of("test/year/judge.ts", "year/judge");
const tables = of("test/year/tables.ts", "year/judge");
const change = of("src/change.ts", "year");
const types = of("src/health/types.ts", "left");

/** The year's judge, without which a zero says nothing; and what the year found. */
export const year: readonly Mutant[] = [
  judge("year-gap", "positions follow each other", "if (at !== position + 1)", "if (at < position)"),
  judge("year-twice", "no position comes twice", "if (at !== position + 1)", "if (at > position + 1)"),
  judge("year-before", "`before` is what was told", "(before?.rev ?? null) !== (history", "null !== null && (history"),
  judge("year-order", "nothing older after something newer", "i > known && (state", "i > -1 && (state"),
  judge("year-again", "nothing is told twice", "i > known && (state", "i >= known && (state"),
  judge("year-due", "what was true long ago is told", "if (due >= 0 &&", "if (due > 99 &&"),
  judge("year-fed", "a feed tells sooner than a sweep", "isFed ? fed : -1", "isFed ? -1 : -1"),
  judge("year-owed", "an acknowledged webhook is worth something", "told.get(key), place))", "told.get(key), 0))"),
  judge("year-anew", "a rolled back log is another one", "told.clear();", ""),
  judge("year-whole", "what is compacted may be left out", "whole = compacted;", ""),
  tables("year-growth", "tables stop growing", "middle * MORE, middle", "middle * 9, middle"),
  change("year-lost", "a log that was rolled back is told, also when it has grown again", "if (!there)", "if (false)"),
  types("health-left-owed", "what is owed in a scope that left has no age", "? NOTHING : survey", "? survey : survey"),
];
