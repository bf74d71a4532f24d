import { type Mutant, mutantsOf } from "./mutant.ts";

const untracked = mutantsOf("suite-untracked-", "scripts/untracked.mjs", ["test/untracked.test.ts"]);

/** Guards of the suite itself. */
export const suite: readonly Mutant[] = [
  untracked(
    "thrown",
    "an error that nobody catches is told with its stack",
    `  process.on("uncaughtExceptionMonitor", tell);\n`,
    ``,
  ),
  untracked(
    "rejected",
    "a rejection that nobody handles is told with its stack",
    `  process.on("unhandledRejection", tell);\n`,
    ``,
  ),
];
