import type { Mutant } from "./mutant.ts";

const of =
  (area: string, file: string, test: string) =>
  (id: string, removes: string, find: string, replace: string): Mutant => ({
    ...{ id: `docs-${area}-${id}`, file, removes, find, replace, tests: [`test/${test}.test.ts`] },
  });
const budget = of("runbook", "src/budget/budgets.ts", "operations");
const hook = of("runbook", "src/hook/health.ts", "operations");
const known = of("runbook", "src/hook/known.ts", "operations");
const health = of("runbook", "src/health.ts", "operations");
const sync = of("runbook", "src/sync.ts", "operations");
const rules = of("runbook", "docs/grafana/alerts.yaml", "operations");
const options = of("api", "src/options.ts", "api");
const api = of("api", "src/api.ts", "api");
const link = of("link", "docs/concepts.md", "docs");
const recipe = of("recipe", "docs/recipes.md", "cases/recipes");
const start = of("start", "docs/get-started.md", "get-started");
const config = of("cli", "cli/config.ts", "config");

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
