import type { Mutant } from "./mutant.ts";

const of =
  (file: string, test: string) =>
  (id: string, removes: string, find: string, replace: string): Mutant => ({
    ...{ id, file, removes, find, replace, tests: [`test/${test}.test.ts`] },
  });
const access = of("src/http/access.ts", "http");
const query = of("src/http/query.ts", "http");
const http = of("src/http/failure.ts", "http");
const follow = of("src/http/follow.ts", "http");
const tail = of("src/http/tail.ts", "http");
const tailed = of("src/http/tail.ts", "http.tail");
const followed = of("src/http/follow.ts", "http.tail");
const print = of("cli/print.ts", "cli.print");
const asks = of("cli/ask.ts", "cli.words");
const program = of("cli/program.ts", "cli.words");
const replay = of("cli/commands/replay.ts", "cli.words");
const health = of("cli/commands/health.ts", "cli.words");
const config = of("cli/config.ts", "cli.words");
const setup = of("cli/commands/setup.ts", "cli.words");
const stream = of("src/stream.ts", "gaps");
const sync = of("src/sync.ts", "gaps");

/** Guards of what stands around the engine: the handler over HTTP, the command line. */
export const edges: readonly Mutant[] = [
  access("http-closed", "closed by default", `digests.length === 0 ? refusal(403, CLOSED) : unauthorized()`, `{}`),
  access("http-short", "a token is no word", `one.length < SHORTEST`, `one.length < 1`),
  access("http-carried", "a token can be sent", "if (!/^[\\x21-\\x7e]+$/.test(one)) {", "if (false) {"),
  access("http-fits", "a token must fit", `.length > 0;`, `.length >= 0;`),
  access("http-grant", "false grants nothing", `if (!grant) return unauthorized();`, `if (!grant) return {};`),
  access("http-neither", "no scope is not all scopes", `? refusal(403, NOTHING) : grant`, `? grant : grant`),
  query("http-scope", "a scope that is not granted", `scope !== view.scope) return`, `scope === undefined) return`),
  query("http-types", "what is granted narrows", `[types ?? view.types, scope ?? view.scope]`, `[types, scope]`),
  query("http-unknown", "a parameter that is typed wrongly", `if (unknown !== undefined)`, `if (unknown === "")`),
  http("http-lost", "a lost cursor is 410", `refusal(410, describe(error))`, `refusal(500, describe(error))`),
  follow("http-begin", "a stream begins at once", `if (text !== "" || first) yield`, `if (text !== "") yield`),
  follow("http-over", "a stream ends with the engine", `!signal.aborted && !tail.over) {`, `!signal.aborted) {`),
  tail(
    "http-gone",
    "who fell behind reads by itself",
    `if (place < this.#first || place > this.end) return undefined;`,
    ``,
  ),
  tail("http-view", "the tail is read through the view", `if (frame && mayBeSeen(frame, view))`, `if (frame)`),
  tailed(
    "http-back",
    "nor calls anybody back",
    `        if (signal.aborted) return;\n        over = true;`,
    `        over = !signal.aborted;`,
  ),
  tailed(
    "http-late",
    "a follower that is late moves nobody",
    `    if (signal.aborted) return;\n    // What`,
    `    // What`,
  ),
  tailed(
    "http-woken",
    "who waited while the log was away is woken",
    `    bell.ring();\n    for await`,
    `    for await`,
  ),
  followed(
    "http-left",
    "a broken stream is no reader",
    `      end();\n      throw error;\n    });`,
    `      throw error;\n    });`,
  ),
  print("cli-plain", "a terminal is not written on by others", `text.replace(`, `text || text.replace(`),
  replay("cli-replay", "a typo is no subscription", `if (url === undefined) await source.parked(name);`, ``),
  health("cli-health", "what a store cannot know is not said", `= url !== undefined;`, `= true;`),
  config("cli-beside", "a store is beside its configuration", `process.chdir(dirname(path));`, `{}`),
  setup("cli-setup", "nothing to do is said", `if (names.length === 0)`, `if (false)`),
  program("cli-mistyped", "a command may say that it is a typo", `error instanceof Mistyped ? 2 : 1`, `1`),
  asks("cli-answer", "nor by what a process elsewhere says", `const why = plain(`, `const why = String(`),
  program("cli-usage", "a typo is exit code 2", `error.exitCode === 0 ? 0 : 2`, `error.exitCode`),
  stream("cursor-old", "an old cursor starts no sweep", `error instanceof CursorLost && error.rolledBack`, `error`),
  sync(
    "cursor-once",
    "a rollback is swept once for all readers",
    `time.now() - sweptAll < SWEPT && `,
    `sweptAll < 0 && `,
  ),
];
