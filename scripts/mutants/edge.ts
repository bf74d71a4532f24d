import { type Mutant, mutantsOf } from "./mutant.ts";

const errors = mutantsOf("errors-", "src/errors.ts", ["test/errors.test.ts"]);

/** Guards of what comes from outside and of what is shown. */
export const edge: readonly Mutant[] = [
  errors("least", "a wait is no less than nothing", `ms >= 0 ? Math.min(ms, HOUR) : MINUTE`, `Math.min(ms, HOUR)`),
  errors("most", "and no more than an hour", `ms >= 0 ? Math.min(ms, HOUR) : MINUTE`, `ms >= 0 ? ms : MINUTE`),
  errors(
    "class",
    "ours are known by class, not by name",
    `error instanceof kind)`,
    `error.name === kind.name || error.name === "TimeoutError")`,
  ),
  errors(
    "foreign",
    "the message of a foreign error is not shown",
    `if (OWN.some((kind) => error instanceof kind)) {`,
    `{`,
  ),
  errors("line", "one line", `.replace(/[\\s\\p{Cc}]+/gu, " ")`, ""),
  errors("control", "without what a store cannot keep", `[\\s\\p{Cc}]+/gu`, `\\s+/gu`),
  errors("length", "of bounded length", `.slice(0, 500)`, ""),
  errors(
    "word",
    "a code is a word",
    `(typeof value === "string" && /^[\\w.-]{1,64}$/.test(value))`,
    `typeof value === "string"`,
  ),
  errors("name", "so is a name", `word(error.name) ?? "Error"`, `error.name`),
  errors(
    "thrown",
    "what is not an Error is not shown",
    `return "something that is not an Error was thrown";`,
    `return String(error);`,
  ),
];
