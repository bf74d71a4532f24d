/** The engine, a process of its own, as an application would run it: it is killed every minute. */
import { createServer } from "node:http";
import { createSync } from "tidemark";
import { createHandler } from "tidemark/http";
import { listener } from "tidemark/node";
import { sqlite } from "tidemark/sqlite";
import { things } from "./thing.ts";

/** How it is started: the only argument, as JSON. */
export interface EngineOptions {
  file: string;
  api: string;
  port: number;
  token: string;
  /** Milliseconds of history that are kept. */
  retention: number;
}

const { file, api, port, token, retention }: EngineOptions = JSON.parse(process.argv[2] ?? "{}");
const sync = createSync({ providers: { a: things(api) }, store: sqlite(file), retention, concurrency: 16 });
createServer(listener(createHandler(sync, { token }))).listen(port, "127.0.0.1");
await sync.start();
process.on("disconnect", () => process.exit());
