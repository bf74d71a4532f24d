import type { Mutant } from "./mutant.ts";

const of =
  (file: string, test: string) =>
  (id: string, removes: string, find: string, replace: string): Mutant => ({
    ...{ id, file, removes, find, replace, tests: [`test/${test}.test.ts`] },
  });
const access = of("src/http/access.ts", "http");
const query = of("src/http/query.ts", "http");
const http = of("src/http.ts", "http");
const follow = of("src/http/follow.ts", "http");
const tail = of("src/http/tail.ts", "http");
const print = of("cli/print.ts", "cli");
const program = of("cli/program.ts", "cli");
const spans = of("src/otel/spans.ts", "otel");
const stream = of("src/stream.ts", "gaps");
const sync = of("src/sync.ts", "gaps");

/** Guards of what stands around the engine: the handler over HTTP, the command line, telemetry. */
export const edges: readonly Mutant[] = [
  access("http-closed", "closed by default", `digests.length === 0 ? refusal(403, CLOSED) : unauthorized()`, `{}`),
  access("http-short", "a token is no word", `one.length < SHORTEST`, `one.length < 1`),
  access("http-fits", "a token must fit", `.length > 0;`, `.length >= 0;`),
  access("http-grant", "false grants nothing", `return grant || unauthorized();`, `return grant || {};`),
  query("http-scope", "a scope that is not granted", `scope !== view.scope) return`, `scope === undefined) return`),
  query("http-types", "what is granted narrows", `[types ?? view.types, scope ?? view.scope]`, `[types, scope]`),
  query("http-unknown", "a parameter that is typed wrongly", `if (unknown !== undefined)`, `if (unknown === "")`),
  http(
    "http-health",
    "health is for who sees all",
    `if (scope !== undefined || types !== undefined)`,
    `if (scope === "")`,
  ),
  http("http-lost", "a lost cursor is 410", `refusal(410, describe(error))`, `refusal(500, describe(error))`),
  http("http-own", "no route is one of every object", `Object.hasOwn(of, name) ? of[name] : undefined`, `of[name]`),
  follow("http-begin", "a stream begins at once", `if (text !== "" || first) yield`, `if (text !== "") yield`),
  follow("http-over", "a stream ends with the engine", `!signal.aborted && !tail.over) {`, `!signal.aborted) {`),
  tail(
    "http-gone",
    "who fell behind reads by itself",
    `if (place < this.#first || place > this.end) return undefined;`,
    ``,
  ),
  tail("http-view", "the tail is read through the view", `if (frame && mayBeSeen(frame, view))`, `if (frame)`),
  print("cli-plain", "a terminal is not written on by others", `text.replace(`, `text || text.replace(`),
  program("cli-usage", "a typo is exit code 2", `error.exitCode === 0 ? 0 : 2`, `error.exitCode`),
  spans("otel-webhook", "a read is below its webhook", `webhooks.take(key) ?? ROOT_CONTEXT`, `ROOT_CONTEXT`),
  spans("otel-change", "a handler is below its read", `changes.get(\`\${position}\`) ?? ROOT_CONTEXT`, `ROOT_CONTEXT`),
  stream("cursor-old", "an old cursor starts no sweep", `error instanceof CursorLost && error.rolledBack`, `error`),
  sync(
    "cursor-once",
    "a rollback is swept once for all readers",
    `time.now() - sweptAll < SWEPT && `,
    `sweptAll < 0 && `,
  ),
];
