import { type Mutant, mutantsOf } from "./mutant.ts";

const budget = mutantsOf("docs-runbook-", "src/budget/budgets.ts", ["test/operations.test.ts"]);
const hook = mutantsOf("docs-runbook-", "src/hook/health.ts", ["test/operations.test.ts"]);
const known = mutantsOf("docs-runbook-", "src/hook/known.ts", ["test/operations.test.ts"]);
const health = mutantsOf("docs-runbook-", "src/health.ts", ["test/operations.test.ts"]);
const sync = mutantsOf("docs-runbook-", "src/sync.ts", ["test/operations.test.ts"]);
const rules = mutantsOf("docs-runbook-", "docs/grafana/alerts.yaml", ["test/operations.test.ts"]);
const options = mutantsOf("docs-api-", "src/options.ts", ["test/api.test.ts"]);
const api = mutantsOf("docs-api-", "src/api.ts", ["test/api.test.ts"]);
const link = mutantsOf("docs-link-", "docs/concepts.md", ["test/docs.test.ts"]);
const recipe = mutantsOf("docs-recipe-", "docs/recipes.md", ["test/cases/recipes.test.ts"]);
const start = mutantsOf("docs-start-", "docs/get-started.md", ["test/get-started.test.ts"]);
const config = mutantsOf("docs-cli-", "cli/config.ts", ["test/config.test.ts"]);

/** What keeps the docs true: an alarm, an option or a member that they do not tell of, and programs that do not do what is said. */
export const docs: readonly Mutant[] = [
  budget("budget", "an alarm that says something else has an entry", "is used up: webhooks' reads", "is spent: reads"),
  hook("hook", "so has one of a hook", "may not be seen$", "is out of sight$"),
  known("fault", "and a new fault", '"silent"] as const', '"silent", "slow"] as const'),
  health(
    "source",
    "a new source of alarms is not overlooked",
    "    ...gapAlarms(gaps),\n",
    "    ...gapAlarms(gaps),\n    ...oddAlarms(gaps),\n",
  ),
  sync("failed", "what fails in the background has an entry", 'failed("the compaction")', 'failed("the tidying up")'),
  rules("rule", "and an alert rule", "alert: TidemarkParked", "alert: TidemarkHandlers"),
  options(
    "option",
    "an option stands in its page",
    "  concurrency?: number;\n",
    "  concurrency?: number;\n  patience?: number;\n",
  ),
  api(
    "member",
    "and a member",
    "  health(): Promise<Health>;\n",
    "  health(): Promise<Health>;\n  pulse(): Promise<Health>;\n",
  ),

  link(
    "heading",
    "no link leads to a heading that there is not",
    "(operations.md#deletions-are-held-back)",
    "(operations.md#held-back)",
  ),
  recipe("once", "what was published before is not announced again", " && !isPublished(before)", ""),
  recipe(
    "down",
    "an index that is down parks nothing",
    "if (index.isDown(error)) throw new RetryLater",
    "if (false) throw new RetryLater",
  ),
  recipe("clear", "after a rollback nobody knows which keys are old", "      cache.clear();", "      "),
  recipe("renew", "a token is renewed once for all who ask", "asked.get(id) ?? current(id)", "current(id)"),
  recipe(
    "left",
    "who is not connected any more has lost access",
    "if (!account) throw new AccessLost",
    "if (!account) throw new Error",
  ),
  recipe("gone", "what is gone leaves the table", "if (after === null) await tx", "if (after === undefined) await tx"),
  start(
    "old",
    "what is older than a poll looks back is found by the first sweep",
    "Date.now() - 3_600_000",
    "Date.now()",
  ),
  start("initial", "what was there before is not greeted", ", initial: false }", " }"),
  config(
    "commonjs",
    "who wrote a module into a CommonJS package is told so",
    "if (cause instanceof SyntaxError &&",
    "if (cause instanceof RangeError &&",
  ),
];
