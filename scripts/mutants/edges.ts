import { type Mutant, mutantsOf } from "./mutant.ts";

const access = mutantsOf("http-", "src/http/access.ts", ["test/http.test.ts"]);
const query = mutantsOf("http-", "src/http/query.ts", ["test/http.test.ts"]);
const http = mutantsOf("http-", "src/http/failure.ts", ["test/http.test.ts"]);
const follow = mutantsOf("http-", "src/http/follow.ts", ["test/http.test.ts"]);
const tail = mutantsOf("http-", "src/http/tail.ts", ["test/http.test.ts"]);
const tailed = mutantsOf("http-", "src/http/tail.ts", ["test/http.tail.test.ts"]);
const followed = mutantsOf("http-", "src/http/follow.ts", ["test/http.tail.test.ts"]);
const print = mutantsOf("cli-", "cli/print.ts", ["test/cli.print.test.ts"]);
const asks = mutantsOf("cli-", "cli/ask.ts", ["test/cli.words.test.ts"]);
const program = mutantsOf("cli-", "cli/program.ts", ["test/cli.words.test.ts"]);
const replay = mutantsOf("cli-", "cli/commands/replay.ts", ["test/cli.words.test.ts"]);
const health = mutantsOf("cli-", "cli/commands/health.ts", ["test/cli.words.test.ts"]);
const config = mutantsOf("cli-", "cli/config.ts", ["test/cli.words.test.ts"]);
const setup = mutantsOf("cli-", "cli/commands/setup.ts", ["test/cli.words.test.ts"]);
const stream = mutantsOf("cursor-", "src/stream.ts", ["test/gaps.test.ts"]);
const sync = mutantsOf("cursor-", "src/sync.ts", ["test/gaps.test.ts"]);

/** Guards of what stands around the engine: the handler over HTTP, the command line. */
export const edges: readonly Mutant[] = [
  access("closed", "closed by default", `digests.length === 0 ? refusal(403, CLOSED) : unauthorized()`, `{}`),
  access("short", "a token is no word", `one.length < SHORTEST`, `one.length < 1`),
  access("carried", "a token can be sent", "if (!/^[\\x21-\\x7e]+$/.test(one)) {", "if (false) {"),
  access("fits", "a token must fit", `.length > 0;`, `.length >= 0;`),
  access("grant", "false grants nothing", `if (!grant) return unauthorized();`, `if (!grant) return {};`),
  access("neither", "no scope is not all scopes", `? refusal(403, NOTHING) : grant`, `? grant : grant`),
  query("scope", "a scope that is not granted", `scope !== view.scope) return`, `scope === undefined) return`),
  query("types", "what is granted narrows", `[types ?? view.types, scope ?? view.scope]`, `[types, scope]`),
  query("unknown", "a parameter that is typed wrongly", `if (unknown !== undefined)`, `if (unknown === "")`),
  http("lost", "a lost cursor is 410", `refusal(410, describe(error))`, `refusal(500, describe(error))`),
  follow("begin", "a stream begins at once", `if (text !== "" || first) yield`, `if (text !== "") yield`),
  follow("over", "a stream ends with the engine", `!signal.aborted && !tail.over) {`, `!signal.aborted) {`),
  tail("gone", "who fell behind reads by itself", `if (place < this.#first || place > this.end) return undefined;`, ``),
  tail("view", "the tail is read through the view", `if (frame && mayBeSeen(frame, view))`, `if (frame)`),
  tailed(
    "back",
    "nor calls anybody back",
    `        if (signal.aborted) return;\n        over = true;`,
    `        over = !signal.aborted;`,
  ),
  tailed("late", "a follower that is late moves nobody", `    if (signal.aborted) return;\n    // What`, `    // What`),
  tailed("woken", "who waited while the log was away is woken", `    bell.ring();\n    for await`, `    for await`),
  followed(
    "left",
    "a broken stream is no reader",
    `      end();\n      throw error;\n    });`,
    `      throw error;\n    });`,
  ),
  print("plain", "a terminal is not written on by others", `text.replace(`, `text || text.replace(`),
  replay("replay", "a typo is no subscription", `if (url === undefined) await source.parked(name);`, ``),
  health("health", "what a store cannot know is not said", `= url !== undefined;`, `= true;`),
  config("beside", "a store is beside its configuration", `process.chdir(dirname(path));`, `{}`),
  setup("setup", "nothing to do is said", `if (names.length === 0)`, `if (false)`),
  program("mistyped", "a command may say that it is a typo", `error instanceof Mistyped ? 2 : 1`, `1`),
  asks("answer", "nor by what a process elsewhere says", `const why = plain(`, `const why = String(`),
  program("usage", "a typo is exit code 2", `error.exitCode === 0 ? 0 : 2`, `error.exitCode`),
  stream("old", "an old cursor starts no sweep", `error instanceof CursorLost && error.rolledBack`, `error`),
  sync("once", "a rollback is swept once for all readers", `time.now() - sweptAll < SWEPT && `, `sweptAll < 0 && `),
];
