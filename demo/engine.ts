/**
 * The engine's process: Tidemark as an application has it, over SQLite, with a plain `node:http` server for webhooks and the
 * inspector. It tells the demo what it does. The demo keeps the cursor, and may kill this process at any moment.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSync } from "tidemark";
import { createHandler } from "tidemark/http";
import { listener } from "tidemark/node";
import { sqlite } from "tidemark/sqlite";
import type { Order, Report, Settings } from "./messages.ts";
import { providersOf } from "./providers.ts";

/** Resolves when the demo has it, whatever happens to this process then. */
const report = (message: Report) =>
  new Promise<void>((resolve) => {
    if (process.connected && process.send) process.send(message, undefined, {}, () => resolve());
    else resolve();
  });

/** @returns what ends it in good order */
async function start(settings: Settings): Promise<() => Promise<void>> {
  const sync = createSync({
    providers: providersOf(settings, () => void report({ kind: "request" })),
    store: sqlite(settings.file),
    pollEvery: settings.pollEvery,
    sweepEvery: settings.sweepEvery,
    observe: (event) => void report({ kind: "event", event }),
  });

  const handler = createHandler(sync, { token: settings.token, operate: true, inspector: true });
  const server = createServer(listener(handler));
  await new Promise<void>((resolve) => server.listen(settings.port, "127.0.0.1", resolve));
  await sync.start();
  void report({ kind: "listening", port: (server.address() as AddressInfo).port });

  const stopper = new AbortController();
  const following = (async () => {
    for await (const change of sync.changes({ after: settings.after, signal: stopper.signal })) {
      await report({ kind: "change", change });
    }
  })();
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    stopper.abort();
    await following;
    await sync.stop();
  };
}

let stop: (() => Promise<void>) | undefined;
process.on("message", async (order: Order) => {
  if (order.do === "start") {
    stop = await start(order.settings);
    return;
  }
  await stop?.();
  process.disconnect();
});
// Ctrl-C reaches every process of the terminal; the demo says when this one ends, and its own end is that, too.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit());
