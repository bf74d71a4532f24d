import { type Mutant, mutantsOf } from "./mutant.ts";

const query = mutantsOf("events-", "src/http/query.ts", ["test/http.events.test.ts"]);
const frame = mutantsOf("events-", "src/http/frame.ts", ["test/http.events.test.ts"]);
const follow = mutantsOf("events-", "src/http/follow.ts", ["test/http.events.test.ts"]);
const flood = mutantsOf("events-", "src/http/follow.ts", ["test/http.events.flood.test.ts"]);
const http = mutantsOf("events-", "src/http/failure.ts", ["test/http.events.test.ts"]);
const listener = mutantsOf("events-", "src/listener.ts", ["test/http.events.test.ts"]);
const access = mutantsOf("events-", "src/http/access.ts", ["test/http.events.test.ts"]);
const pool = mutantsOf("events-", "src/store/postgres/client.ts", ["test/postgres/pool.test.ts"]);

/** Guards of Server-Sent Events, seen by a browser's `EventSource` across a real connection. */
export const events: readonly Mutant[] = [
  query(
    "resume",
    "what was seen last is later than what was asked for",
    `request.headers.get("last-event-id") || query.get("after")`,
    `query.get("after")`,
  ),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of one
  frame("id", "each change has its cursor as id", "text: `id: ${change.cursor}\\ndata:", "text: `data:"),
  follow(
    "place",
    "who has seen nothing knows where it began",
    `cursor === null ? HEARTBEAT : placeFrame(cursor));\n    let`,
    `HEARTBEAT);\n    let`,
  ),
  flood("bounded", "nothing is read ahead of its reader", `{ highWaterMark: 0 }`, `{ highWaterMark: 1e9 }`),
  flood(
    "lost",
    "in the midst of a stream it is told, too",
    `if (error instanceof CursorLost) return`,
    `if (!error) return`,
  ),
  http("away", "who follows is told to come again", `follows ? events(AWAY) : `, ``),
  listener("close", "a server that ends waits for no reader", `!incoming.complete || isStream`, `!incoming.complete`),
  pool(
    "opened",
    "a connection that is ended as it is opened ends no process",
    `  pool.on?.("connect", (client) => void client.on("error", ignore));\n`,
    "",
  ),
  access("session", "who has no session gets nothing", `if (!grant) return unauthorized();`, `if (!grant) return {};`),
];
