import { type Mutant, mutantsOf } from "./mutant.ts";

const judge = mutantsOf("year-", "test/year/judge.ts", ["test/year/judge.test.ts"]);
const tables = mutantsOf("year-", "test/year/tables.ts", ["test/year/judge.test.ts"]);
const change = mutantsOf("year-", "src/change.ts", ["test/year.test.ts"]);
const types = mutantsOf("health-", "src/health/types.ts", ["test/left.test.ts"]);

/** The year's judge, without which a zero says nothing; and what the year found. */
export const year: readonly Mutant[] = [
  judge("gap", "positions follow each other", "if (at !== position + 1)", "if (at < position)"),
  judge("twice", "no position comes twice", "if (at !== position + 1)", "if (at > position + 1)"),
  judge("before", "`before` is what was told", "(before?.rev ?? null) !== (history", "null !== null && (history"),
  judge("order", "nothing older after something newer", "i > known && (state", "i > -1 && (state"),
  judge("again", "nothing is told twice", "i > known && (state", "i >= known && (state"),
  judge("due", "what was true long ago is told", "if (due >= 0 &&", "if (due > 99 &&"),
  judge("fed", "a feed tells sooner than a sweep", "isFed ? fed : -1", "isFed ? -1 : -1"),
  judge("owed", "an acknowledged webhook is worth something", "told.get(key), place))", "told.get(key), 0))"),
  judge("anew", "a rolled back log is another one", "told.clear();", ""),
  judge("whole", "what is compacted may be left out", "whole = compacted;", ""),
  tables("growth", "tables stop growing", "middle * MORE, middle", "middle * 9, middle"),
  change("lost", "a log that was rolled back is told, also when it has grown again", "if (!there)", "if (false)"),
  types("left-owed", "what is owed in a scope that left has no age", "? NOTHING : survey", "? survey : survey"),
];
