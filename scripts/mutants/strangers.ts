import type { Mutant } from "./mutant.ts";

const of =
  (file: string, test: string) =>
  (id: string, removes: string, find: string, replace: string): Mutant => ({
    ...{ id: `stranger-${id}`, file, removes, find, replace, tests: [`test/${test}.test.ts`] },
  });

/** Guards of what those may say who may see a part, or nothing. */
export const strangers: readonly Mutant[] = [
  of("src/http/access.ts", "http")(
    "null",
    "what is no text is no scope",
    `given(narrow.safeParse(grant).data ?? {})`,
    `given(grant as View)`,
  ),
  of("outlets/zapier/handler.ts", "outlets/zapier")(
    "zapier-null",
    "what is no list is no types",
    `narrow.safeParse(grant).data`,
    `(grant as View)`,
  ),
  of("src/http/read.ts", "http")(
    "cursor",
    "a cursor that was made up has nothing swept",
    `isNarrow(view) ? told : sync`,
    `isNarrow(view) ? sync : sync`,
  ),
  of("src/http/read.ts", "http")(
    "cursor-all",
    "who sees everything is believed",
    `isNarrow(view) ? told : sync`,
    `isNarrow(view) ? told : told`,
  ),
  of("src/sync.ts", "http")(
    "scope",
    "a scope that there is not is not asked in",
    `if (options[hearsay]) await checkScope`,
    `if (!options) await checkScope`,
  ),
  of("src/inspector/page.ts", "inspector")(
    "markup",
    "no text becomes markup",
    `require-trusted-types-for 'script'; `,
    ``,
  ),
  of("src/sweep/page.ts", "hostile")(
    "id",
    "an id is text",
    `if (typeof id !== "string") throw`,
    `if (id === "") throw`,
  ),
  of("src/sweep/page.ts", "hostile")(
    "kept",
    "what no store keeps is left out",
    `return isRef({ type, scope, id });`,
    `return true;`,
  ),
  of("src/reconcile/plan.ts", "hostile")(
    "next",
    "a next page is text",
    `if (typeof next !== "string") throw`,
    `if (state === next) throw`,
  ),
  of("src/poll.ts", "hostile")("feed", "a cursor is text", `typeof answer.cursor !== "string"`, `answer.cursor === ""`),
  of("src/scopes.ts", "hostile")(
    "scopes",
    "a scope is text",
    `if (typeof scope !== "string") throw`,
    `if (scope === "") throw`,
  ),
  of("src/scopes.ts", "hostile")(
    "scopes-kept",
    "what no store keeps is no scope",
    `if (isRef({ type: provider, scope, id: "" })) scopes`,
    `scopes`,
  ),
  of("src/store/sqlite.ts", "store/sqlite")(
    "sqlite",
    "SQLite makes no other text of it",
    `select.refs.forEach(checkRef);`,
    `void select;`,
  ),
  of("src/inspector/page.ts", "inspector")("long", "a name has a length", `(?=.{1,200}$)`, ``),
  of("soak/report.ts", "soak.report")(
    "soak",
    "nothing was proved by nothing",
    `written > 0 && acknowledged`,
    `acknowledged`,
  ),
  of("soak/report.ts", "soak.report")("soak-all", "all were acknowledged", ` && acknowledged === written`, ``),
  of("cli/print.ts", "cli.print")(
    "json",
    "a terminal obeys no JSON",
    `const NOT_JSON = new RegExp(\`[${"$"}{HIDDEN}]\`, "g");`,
    `const NOT_JSON = /[]/g;`,
  ),
  of("cli/print.ts", "cli.print")("turned", "no line is turned around", String.raw`\\u202a-\\u202e`, ``),
  of("src/budget.ts", "hostile")(
    "rest",
    "no scope is another with its type",
    `\`\${type}|\${scopeKey(provider, scope)}\``,
    `\`\${scopeKey(provider, scope)}|\${type}\``,
  ),
  of("src/health.ts", "hostile")(
    "health",
    "all of them are told",
    `await allCheckpoints(engine, "subscriber|")`,
    `await engine.store.checkpoints("subscriber|", "", 1_000)`,
  ),
  of("src/log.ts", "log")(
    "console",
    "a terminal obeys no line of a log",
    `logger[own](escaped(`,
    `logger[own](((json: string) => json)(`,
  ),
];
