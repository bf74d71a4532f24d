import { type Mutant, mutantsKilledBy } from "./mutant.ts";

const http = mutantsKilledBy("stranger-", ["test/http.test.ts"]);
const zapier = mutantsKilledBy("stranger-", ["test/outlets/zapier.test.ts"]);
const inspector = mutantsKilledBy("stranger-", ["test/inspector.test.ts"]);
const hostile = mutantsKilledBy("stranger-", ["test/hostile.test.ts"]);
const sqlite = mutantsKilledBy("stranger-", ["test/store/sqlite.test.ts"]);
const soak = mutantsKilledBy("stranger-", ["test/soak.report.test.ts"]);
const print = mutantsKilledBy("stranger-", ["test/cli.print.test.ts"]);
const log = mutantsKilledBy("stranger-", ["test/log.test.ts"]);

/** Guards of what those may say who may see a part, or nothing. */
export const strangers: readonly Mutant[] = [
  http(
    "null",
    "src/http/access.ts",
    "what is no text is no scope",
    `given(narrow.safeParse(grant).data ?? {})`,
    `given(grant as View)`,
  ),
  zapier(
    "zapier-null",
    "outlets/zapier/handler.ts",
    "what is no list is no types",
    `narrow.safeParse(grant).data`,
    `(grant as View)`,
  ),
  http(
    "cursor",
    "src/http/read.ts",
    "a cursor that was made up has nothing swept",
    `isNarrow(view) ? told : sync`,
    `isNarrow(view) ? sync : sync`,
  ),
  http(
    "cursor-all",
    "src/http/read.ts",
    "who sees everything is believed",
    `isNarrow(view) ? told : sync`,
    `isNarrow(view) ? told : told`,
  ),
  http(
    "scope",
    "src/sync.ts",
    "a scope that there is not is not asked in",
    `if (options[hearsay]) await checkScope`,
    `if (!options) await checkScope`,
  ),
  inspector("markup", "src/inspector/page.ts", "no text becomes markup", `require-trusted-types-for 'script'; `, ``),
  hostile("id", "src/sweep/page.ts", "an id is text", `if (typeof id !== "string") throw`, `if (id === "") throw`),
  hostile(
    "kept",
    "src/sweep/page.ts",
    "what no store keeps is left out",
    `return isRef({ type, scope, id });`,
    `return true;`,
  ),
  hostile(
    "next",
    "src/reconcile/plan.ts",
    "a next page is text",
    `if (typeof next !== "string") throw`,
    `if (state === next) throw`,
  ),
  hostile("feed", "src/poll.ts", "a cursor is text", `typeof answer.cursor !== "string"`, `answer.cursor === ""`),
  hostile(
    "scopes",
    "src/scopes.ts",
    "a scope is text",
    `if (typeof scope !== "string") throw`,
    `if (scope === "") throw`,
  ),
  hostile(
    "scopes-kept",
    "src/scopes.ts",
    "what no store keeps is no scope",
    `if (isRef({ type: provider, scope, id: "" })) scopes`,
    `scopes`,
  ),
  sqlite(
    "sqlite",
    "src/store/sqlite.ts",
    "SQLite makes no other text of it",
    `select.refs.forEach(checkRef);`,
    `void select;`,
  ),
  inspector("long", "src/inspector/page.ts", "a name has a length", `(?=.{1,200}$)`, ``),
  soak("soak", "soak/report.ts", "nothing was proved by nothing", `written > 0 && acknowledged`, `acknowledged`),
  soak("soak-all", "soak/report.ts", "all were acknowledged", ` && acknowledged === written`, ``),
  print(
    "json",
    "cli/print.ts",
    "a terminal obeys no JSON",
    `const NOT_JSON = new RegExp(\`[${"$"}{HIDDEN}]\`, "g");`,
    `const NOT_JSON = /[]/g;`,
  ),
  print("turned", "cli/print.ts", "no line is turned around", String.raw`\\u202a-\\u202e`, ``),
  hostile(
    "rest",
    "src/budget.ts",
    "no scope is another with its type",
    `\`\${type}|\${scopeKey(provider, scope)}\``,
    `\`\${scopeKey(provider, scope)}|\${type}\``,
  ),
  hostile(
    "health",
    "src/health.ts",
    "all of them are told",
    `await allCheckpoints(engine, "subscriber|")`,
    `await engine.store.checkpoints("subscriber|", "", 1_000)`,
  ),
  log(
    "console",
    "src/log.ts",
    "a terminal obeys no line of a log",
    `logger[own](escaped(`,
    `logger[own](((json: string) => json)(`,
  ),
];
