import type { Mutant } from "./mutant.ts";

const of =
  (file: string, test = "http.events") =>
  (id: string, removes: string, find: string, replace: string): Mutant => ({
    ...{ id: `events-${id}`, file, removes, find, replace, tests: [`test/${test}.test.ts`] },
  });
const query = of("src/http/query.ts");
const frame = of("src/http/frame.ts");
const follow = of("src/http/follow.ts");
const flood = of("src/http/follow.ts", "http.events.flood");
const http = of("src/http/failure.ts");
const listener = of("src/listener.ts");
const access = of("src/http/access.ts");

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
  {
    ...{ id: "events-opened", file: "src/store/postgres/client.ts", tests: ["test/postgres/pool.test.ts"] },
    removes: "a connection that is ended as it is opened ends no process",
    find: `  pool.on?.("connect", (client) => void client.on("error", ignore));\n`,
    replace: "",
  },
  access("session", "who has no session gets nothing", `if (!grant) return unauthorized();`, `if (!grant) return {};`),
];
