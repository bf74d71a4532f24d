/**
 * A server of its own for readers of Server-Sent Events: `http.events.server.ts <file> <port>`. It changes nothing: another
 * process writes into the log.
 */
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createSync } from "tidemark";
import { createHandler, type Grant } from "tidemark/http";
import { listener } from "tidemark/node";
import { sqlite } from "tidemark/sqlite";
import { createDesk } from "./desk.ts";

/**
 * What it is told to do: cut all its connections, end the session of the scope "one", not know any session for a while, say
 * what it holds in memory, end in peace.
 */
export type Word = "cut" | "revoke" | "ail" | "heal" | "tell" | "stop";
export interface Told {
  port?: number;
  /** Bytes of the heap and of buffers, after garbage was collected. */
  bytes?: number;
  /** Bytes that wait to be taken by readers. */
  waiting?: number;
  /** Requests that came while it ended. */
  late?: number;
}

const [, , file = "", port = "0"] = process.argv;
const provider = () => createDesk({ scopes: ["one", "two"], feed: false }).provider;
const sync = createSync({ providers: { desk: provider(), board: provider() }, store: sqlite(file) });

const sessions = new Map<string | null, Grant>([
  ["session=all", true],
  ["session=one", { scope: "one" }],
]);
let ails = false;
const handler = createHandler(sync, {
  base: "/sync",
  authorize(request) {
    if (ails) throw new Error("the sessions are out of reach");
    return sessions.get(request.headers.get("cookie")) ?? false;
  },
});

const sockets = new Set<Socket>();
const server = createServer(listener(handler));
server.on("connection", (socket) => {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
});

let cuts = 0;
const does: Record<Word, () => Told | Promise<Told>> = {
  cut() {
    // A line that is cut ends without a word, or with a reset.
    const reset = cuts++ % 2 === 1;
    for (const socket of sockets) void (reset ? socket.resetAndDestroy() : socket.destroy());
    return {};
  },
  revoke() {
    sessions.delete("session=one");
    return {};
  },
  ail() {
    ails = true;
    return {};
  },
  heal() {
    ails = false;
    return {};
  },
  tell() {
    // Twice: what the first finds free of buffers is given back by the second.
    globalThis.gc?.();
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return { bytes: heapUsed + external, waiting: [...sockets].reduce((sum, one) => sum + one.writableLength, 0) };
  },
  async stop() {
    let late = 0;
    server.on("request", () => late++);
    const closed = new Promise((done) => server.close(done));
    await sync.stop();
    await closed;
    return { late };
  },
};
process.on("message", async (word: Word) => process.send?.(await does[word]()));
process.on("disconnect", () => process.exit());
server.listen(Number(port), "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
